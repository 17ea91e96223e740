"""Numbers as people read them, and a coverage that is the same wherever it stands."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from etl.pipeline.release_text import release_lines
from etl.pipeline.releases import MissingPledge, ReleaseSummary
from etl.quarter import SEOUL
from etl.shown import one_decimal
from tests.figures.publications import figure, publication


@pytest.mark.parametrize(
    ("share", "shown"), [("6.25", "6.3"), ("6.35", "6.4"), ("6.2499", "6.2"), ("100", "100.0")]
)
def test_a_share_is_rounded_half_up(share: str, shown: str) -> None:
    assert str(one_decimal(Decimal(share))) == shown


def test_a_coverage_is_the_same_in_the_summary_and_in_what_is_published() -> None:
    # 1 of 16 pledges is reported: 100 / 16 = 6.25, half-up 6.3.
    missing = MissingPledge("", "", "", None, None)
    summary = ReleaseSummary(
        "",
        "2021Q4",
        datetime(2022, 1, 31, tzinfo=SEOUL),
        None,
        [],
        False,
        [],
        16,
        [missing] * 15,
        [],
        [],
        [],
    )
    assert release_lines(summary)[0] == "보고율: 6.3 % (보고 대상 16건 가운데 1건)"
    plan = figure("PLAN", "0", None, None, "0", owing_count=16, coverage_pct=Decimal("6.25"))
    made = replace(publication(), figures=[plan], missing=[plan] * 15)
    assert made.coverage == "6.3 % (보고 대상 16건 가운데 1건)"

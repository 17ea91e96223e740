"""A release from before a recorded recheck, and one from after it, are both derived again."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from etl import pipeline
from etl.quarter import SEOUL
from etl.warehouse import transaction
from tests.factories import GOVERNMENT
from tests.flow.test_verify import DAY, FIRST, HALF_DONE, approve, register, send

pytestmark = pytest.mark.slow


def test_releases_from_before_and_after_a_recorded_recheck_come_out_again(home: Path) -> None:
    """A waiver let the report in, ended, and the file was judged again: then it counts no more."""
    register(home / "register.xlsx", datetime(2021, 1, 4, 9, tzinfo=SEOUL))
    waived = pipeline.Waiver(GOVERNMENT, "P-09", "D01", None, "2021Q4", None, date(2022, 12, 31),
                             "평가단", "정산만 남음")  # fmt: skip
    waiver_id = pipeline.waive(waived, at=FIRST - DAY).waiver_id
    send(home / "half.xlsx", FIRST, 1, progress=[HALF_DONE])
    approve(1, FIRST + DAY)
    pipeline.end_waiver(waiver_id, "평가단", "끝남", at=FIRST + 2 * DAY)
    pipeline.recheck("2021Q4", GOVERNMENT, record=True, at=FIRST + 3 * DAY)
    approve(2, FIRST + 4 * DAY)
    approve(3, FIRST + DAY)  # decided after the recheck, as it was known before it
    with transaction() as connection:
        counts = connection.execute(
            text("SELECT waiver_count FROM mart.released_figure WHERE figure_code = 'R1'"
                 " AND scope_type = 'all' ORDER BY revision")
        ).scalars().all()  # fmt: skip
    assert counts == [1, 0, 1]
    for revision in (1, 2, 3):
        facts = pipeline.verify("2021Q4", GOVERNMENT, revision)
        assert (facts.refused, facts.differences) == ([], [])

"""The second computation catches a figure that the first got wrong."""

from datetime import datetime

import pytest
from sqlalchemy import text

from etl import figures
from etl.figures.pledges import QuarterAsOf
from etl.problems import SystemFault
from etl.quarter import SEOUL, Quarter
from tests.figures.conftest import GU, World, secured

AS_OF = datetime(2030, 1, 1, tzinfo=SEOUL)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("UPDATE figure SET numerator = numerator + 1 WHERE figure_code = 'R1'", r"R1\("),
        ("UPDATE figure SET denominator = 7 WHERE figure_code = 'B1'", r"B1\("),
        ("UPDATE figure SET shown = '99.9' WHERE figure_code = 'R4'", r"R4\(all\).*99\.9.*100\.0"),
        ("UPDATE figure SET reported_count = 0 WHERE figure_code = 'R2'", r"R2\("),
        (
            "UPDATE figure SET with_amount_count = 0 WHERE scope_type = 'fiscal_year'",
            r"fiscal_year:",
        ),
        ("UPDATE figure SET coverage_pct = 99 WHERE figure_code = 'R3'", r"R3\("),
        ("UPDATE figure SET owing_count = 2 WHERE figure_code = 'PLAN'", r"PLAN\("),
        ("UPDATE figure SET waiver_count = 1 WHERE figure_code = 'B5'", r"B5\("),
        (
            "DELETE FROM figure WHERE figure_code = 'B6' AND scope_type = 'field'",
            r"B6\(field:경제\)",
        ),
        (
            "INSERT INTO figure SELECT quarter_id, government_id, 'R9', figure_name, scope_type,"
            " scope_id, scope_name, numerator FROM figure WHERE figure_code = 'R1'",
            r"R9\(",
        ),
    ],
)
def test_tampering_is_named(world: World, tampering: str, named: str) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", money=[secured(2021, 10, executed=5)])
    world.figures("2021Q4")
    world.connection.execute(text(tampering))
    with pytest.raises(SystemFault, match=named):
        figures.prove(world.connection, QuarterAsOf(GU, Quarter(2021, 4), AS_OF))


def test_a_refresh_that_does_not_agree_writes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", rate=50)
    world.figures("2021Q4")
    world.report("1", "2021Q4", rate=60, accepted="2022-03-01")
    monkeypatch.setattr(figures, "recount", lambda *_: {})
    with pytest.raises(SystemFault):
        world.figures("2021Q4")
    assert world.rows("mart.pledge_status", "pledge_id, declared_rate_pct") == [("1", 50)]

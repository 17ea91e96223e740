"""GRADE_SHARE: what share of the graded pledges each grade has, beside their statuses."""

from decimal import Decimal

from tests.figures.conftest import World


def _graded(world: World) -> None:
    """Seven graded of eight: 4 우수, 3 보통, none 미흡."""
    for number in range(1, 9):
        world.pledge(str(number))
        grade = "EXCELLENT" if number <= 4 else "FAIR" if number <= 7 else None
        world.report(str(number), "2021Q4", grade=grade)


def test_a_share_is_of_the_graded(world: World) -> None:
    _graded(world)
    figures = world.figures("2021Q4")
    shares = figures.scopes("GRADE_SHARE", "grade")
    assert shares == {"EXCELLENT": "57.1", "FAIR": "42.9", "POOR": "0.0"}
    one = figures["GRADE_SHARE", "grade:EXCELLENT"]
    assert (one.numerator, one.denominator, one.pledge_count) == (4, 7, 4)
    assert (one.scope_name, one.denominator_rule) == (
        "우수", "기준일 현재 공약 가운데 평가등급을 받은 공약(보류·폐기 포함)",
    )  # fmt: skip
    # No other figure is by grade, and no status is moved by one.
    assert {r.figure_code for r in figures.rows if r.scope_type == "grade"} == {"GRADE_SHARE"}
    assert figures["STATUS_SHARE", "status:ON_TRACK"].numerator == 8


def test_a_grade_stands_beside_the_status(world: World) -> None:
    _graded(world)
    world.figures("2021Q4")
    told = world.rows("mart.pledge_status", "pledge_id, status_code, grade_code, grade_name")
    assert told[0] == ("1", "ON_TRACK", "EXCELLENT", "우수")
    assert told[7] == ("8", "ON_TRACK", None, None)


def test_a_grade_stands_on_its_cell(world: World) -> None:
    _graded(world)
    world.figures("2021Q4")
    behind = world.behind("2021Q4", "GRADE_SHARE", "grade:FAIR")
    above = [(pledge, written, value) for pledge, part, _, written, value in behind
             if part == "numerator"]  # fmt: skip
    assert above == [(str(n), "보통", Decimal(1)) for n in (5, 6, 7)]
    assert len(behind) == 3 + 7
    assert all(cell.startswith("공약현황!L") for _, _, cell, _, _ in behind)


def test_a_carried_report_keeps_its_grade(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q3", grade="POOR")
    shares = world.figures("2021Q4").scopes("GRADE_SHARE", "grade")
    assert shares == {"EXCELLENT": "0.0", "FAIR": "0.0", "POOR": "100.0"}

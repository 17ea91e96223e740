"""Figures beside the quarter before, the same quarter a year before, and the term's first."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from etl.figures.comparison import ComparedFigure, compared_figures, shown_change
from etl.figures.pledges import QuarterAsOf
from etl.quarter import Quarter, parse_moment
from tests.figures.conftest import GU, Configure, World, secured

COLUMNS = (
    "is_small_denominator, previous_quarter_id, previous_value_pct, change_pp, no_change_reason,"
    " year_ago_quarter_id, year_ago_value_pct, year_ago_change_pp, year_ago_no_change_reason"
)


def compared(
    world: World, quarter: str, code: str = "R1", scope: str = "all:", as_of: str = "2030-01-01"
) -> ComparedFigure:
    asked = GU, Quarter.parse(quarter), parse_moment(as_of)
    rows = compared_figures(world.connection, QuarterAsOf(*asked))
    return next(
        r for r in rows
        if (r.figure_code, f"{r.scope_type}:{r.scope_id}") == (code, scope)
    )  # fmt: skip


@pytest.mark.slow
def test_last_quarter_last_year_and_the_terms_first(world: World) -> None:
    world.pledge("1")
    world.pledge("2")
    for quarter, rates in {"2020Q2": (1, 2), "2020Q4": (10, 20), "2021Q1": (20, 20),
                           "2021Q3": (40, 41), "2021Q4": (50, 60)}.items():  # fmt: skip
        for pledge_id, rate in zip("12", rates, strict=True):
            world.report(pledge_id, quarter, rate=rate)
        world.figures(quarter)
    # R1: 55.0 against 40.5 = +14.5 %p; against 15.0 = +40.0; against 1.5 (2020Q2) = +53.5
    found = compared(world, "2021Q4")
    assert (found.previous_value_pct, found.change_pp) == (
        Decimal("40.5"),
        Decimal("14.5"),
    )
    assert (found.year_ago_value_pct, found.year_ago_change_pp) == (15, 40)
    assert found.previous_quarter_id == "2021Q3"
    assert found.year_ago_quarter_id == "2020Q4"
    columns = "quarter_id, first_quarter_id, change_pp, year_ago_change_pp, term_change_pp"
    view = world.rows("mart.figure_comparison WHERE figure_code = 'R1' AND scope_type = 'all'",
                      columns)  # fmt: skip
    assert view == [
        ("2020Q2", "2020Q2", None, None, 0),
        ("2020Q4", "2020Q2", None, None, Decimal("13.5")),  # 2020Q3 was never computed
        ("2021Q1", "2020Q2", 5, None, Decimal("18.5")),  # 20.0 - 15.0
        ("2021Q3", "2020Q2", None, None, 39),
        ("2021Q4", "2020Q2", Decimal("14.5"), 40, Decimal("53.5")),
    ]


def test_a_change_comes_from_unrounded_values(world: World) -> None:
    """2 of 3 against 1 of 3: 66.67 and 33.33 shown, a third apart, not 33.34."""
    for pledge_id in "123":
        world.pledge(pledge_id)
        world.report(pledge_id, "2021Q3", "COMPLETED" if pledge_id == "1" else "ON_TRACK")
        world.report(pledge_id, "2021Q4", "ON_TRACK" if pledge_id == "3" else "COMPLETED")
    found = compared(world, "2021Q4", "R2")
    assert str(found.change_pp) == "33.33333333333333333333"
    assert shown_change(found.change_pp) == "+33.3"


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("0.05", "+0.1"), ("-0.05", "-0.1"), ("0.0499", "0.0"), ("-0.04", "0.0"), ("0", "0.0"),
        ("12.25", "+12.3"), ("-100", "-100.0"),
    ],
)  # fmt: skip
def test_a_change_is_shown_half_up_with_its_sign(change: str, shown: str) -> None:
    assert shown_change(Decimal(change)) == shown
    assert shown_change(None) is None


def test_an_exact_half_is_a_half(world: World) -> None:
    """R1 of thirds: 100/3 - (99.85)/3 = 0.05 exactly, which no 30 decimals of a third give."""
    for pledge_id, before, after in (("1", "33.85", 34), ("2", 33, 33), ("3", 33, 33)):
        world.pledge(pledge_id)
        world.report(pledge_id, "2021Q3", rate=before)
        world.report(pledge_id, "2021Q4", rate=after)
    assert compared(world, "2021Q4").change_pp == Decimal("0.05")


@pytest.mark.slow
def test_why_there_is_no_change(world: World) -> None:
    world.register("dim_term", term_number=8, start_date="2022-07-01", end_date="2026-06-30")
    world.pledge("1", department="A", valid_to="2021-10-01")
    world.pledge("1", department="B", valid_from="2021-10-01")
    world.pledge("2")
    world.pledge("1", term_number=8, valid_from="2022-07-01", confirmed_date="2022-07-01")
    world.report("1", "2021Q3", rate=10, money=[secured(2021, 10)])
    world.report("2", "2021Q4", rate=10)

    def reasons(quarter: str, code: str, scope: str = "all:") -> tuple[str | None, str | None]:
        found = compared(world, quarter, code, scope)
        return found.no_change_reason, found.year_ago_no_change_reason

    nothing = "견줄 분기에 효력 있는 보고가 없습니다"
    assert reasons("2021Q4", "R2") == (None, nothing)
    assert reasons("2021Q4", "R1") == (None, nothing)
    assert reasons("2021Q2", "R2")[0] == "효력 있는 보고가 없습니다"
    assert reasons("2021Q2", "R1")[0] == "분모가 0입니다: 이행률을 신고한 공약이 없습니다"
    world.report("1", "2020Q4", rate=None)
    assert reasons("2021Q4", "R1") == (
        None, "견줄 분기에 값이 없습니다: 분모가 0입니다: 이행률을 신고한 공약이 없습니다"
    )  # fmt: skip
    assert reasons("2021Q4", "R1", "department:B")[0] == "견줄 분기에는 이 범위가 없습니다"
    assert (
        reasons("2018Q3", "B1")
        == ("분모가 0입니다: 계획액이 없습니다(비예산 사업이거나 적히지 않음)",) * 2
    )
    assert reasons("2021Q4", "PLAN") == ("금액은 %p로 견주지 않습니다",) * 2
    world.insert(
        "core.pledge_report", government_id=GU, term_number=8, pledge_id="1",
        quarter_id="2022Q3", version=1, submission_id=world.submission_id,
        received_at="2022-10-08", accepted_at="2022-10-08", is_late=False,
    )  # fmt: skip
    world.connection.exec_driver_sql(
        "INSERT INTO core.fct_quarterly_progress (report_id, status_code, _table, _row)"
        " SELECT report_id, 'ON_TRACK', 1, 2 FROM core.pledge_report WHERE term_number = 8"
    )
    assert reasons("2022Q3", "R2") == ("견줄 분기는 다른 임기입니다",) * 2
    world.report("1", "2018Q3", rate=1)
    assert reasons("2018Q3", "R2") == ("견줄 분기의 지표가 없습니다",) * 2


def test_small_denominators_are_marked(world: World, configure: Configure) -> None:
    configure(small_denominator=3)
    for pledge_id, field in (("1", "가"), ("2", "나"), ("3", "나"), ("4", "나")):
        world.pledge(pledge_id, field_name=field)
        money = [secured(2021, 10)] if pledge_id in "12" else []
        world.report(pledge_id, "2021Q4", rate=None if pledge_id == "4" else 10, money=money)
    world.figures("2021Q4")
    marked = {
        (code, scope_id): is_small
        for code, scope_id, is_small in world.rows(
            "mart.figure_comparison WHERE scope_type IN ('all', 'field')",
            "figure_code, scope_id, is_small_denominator",
        )
    }
    assert marked["R2", ""] is False  # 4 pledges
    assert marked["R2", "나"] is False  # 3 are not below 3
    assert marked["R1", "나"] is True  # 2 have a rate
    assert marked["R2", "가"] is True
    assert marked["B1", ""] is True  # 2 pledges with money, however much
    assert marked["B6", "가"] is True
    assert compared(world, "2021Q4", "R1", "field:나").is_small_denominator
    assert not compared(world, "2021Q4", "R2", "field:나").is_small_denominator


def test_all_three_are_as_known_at_the_same_moment(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q3", rate=10, accepted="2021-10-08")
    world.report("1", "2021Q4", rate=50, accepted="2022-01-08")
    world.report("1", "2021Q3", rate=30, accepted="2022-02-01")
    assert compared(world, "2021Q4", as_of="2022-01-31").change_pp == 40
    assert compared(world, "2021Q4", as_of="2022-02-01").change_pp == 20


def test_the_comparison_leaves_the_quarter_asked(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", rate=50)
    compared(world, "2021Q4")
    assert world.rows("pg_temp.figure", "DISTINCT quarter_id, government_id") == [("2021Q4", GU)]


QUARTERS = ("2020Q3", "2020Q4", "2021Q1", "2021Q3", "2021Q4")
REPORTS = st.lists(
    st.dictionaries(
        st.sampled_from(QUARTERS),
        st.tuples(
            st.sampled_from(("COMPLETED", "ON_TRACK", "BEHIND")),
            st.one_of(st.none(), st.integers(0, 100)),
            st.integers(0, 50),
            st.integers(0, 50),
        ),
    ),
    min_size=1,
    max_size=4,
)
Reported = dict[str, tuple[str, int | None, int, int]]


@pytest.mark.slow
@settings(max_examples=8)
@given(reports=REPORTS)
def test_the_view_and_the_shell_say_the_same(
    make_world: Callable[[], World], reports: list[Reported]
) -> None:
    world = make_world()
    for number, of_quarter in enumerate(reports):
        world.pledge(str(number), department="AB"[number % 2], field_name="가나"[number % 2])
        for quarter, (status, rate, plan, executed) in sorted(of_quarter.items()):
            money = [secured(2020, plan, min(plan, executed))]
            world.report(str(number), quarter, status, rate, money)
    # the view sees what was computed, so everything that the shell looks at
    for year in (2019, 2020, 2021):
        for number in (1, 2, 3, 4):
            world.figures(f"{year}Q{number}")
    for quarter in ("2020Q4", "2021Q4"):
        assert _view(world, quarter) == _shell(world, quarter)


def _view(world: World, quarter: str) -> set[tuple[Any, ...]]:
    found = world.rows(
        f"mart.figure_comparison WHERE quarter_id = '{quarter}'",
        f"figure_code, scope_type, scope_id, {COLUMNS}",
    )
    assert found
    return set(found)


def _shell(world: World, quarter: str) -> set[tuple[Any, ...]]:
    rows = compared_figures(
        world.connection, QuarterAsOf(GU, Quarter.parse(quarter), parse_moment("2030-01-01"))
    )
    names = ("figure_code", "scope_type", "scope_id", *COLUMNS.replace(",", "").split())
    return {
        tuple(getattr(row, name) for name in names)
        for row in rows
        if row.figure_code not in ("PLAN", "SECURED", "EXECUTED")
    }


def test_the_terms_of_the_view_are_those_of_the_pledges(world: World) -> None:
    world.register("dim_term", term_number=8, start_date="2022-07-01", end_date="2026-06-30")
    world.pledge("1")
    world.pledge("1", term_number=8, valid_from="2022-07-01", confirmed_date="2022-07-01")
    world.report("1", "2022Q2", "COMPLETED", 100)
    world.figures("2022Q2")
    world.figures("2022Q3")
    found = world.rows(
        "mart.figure_comparison WHERE figure_code = 'R2' AND scope_type = 'all'",
        "quarter_id, first_quarter_id, no_change_reason",
    )
    assert found == [
        ("2022Q2", "2022Q2", "견줄 분기의 지표가 없습니다"),
        ("2022Q3", "2022Q3", "효력 있는 보고가 없습니다"),
    ]

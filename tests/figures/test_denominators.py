"""Why the number of pledges behind the rates changed between two quarters."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.figures.conftest import Configure, World

PANEL = {"reason": "중복", "approver": "공약이행평가단"}
COLUMNS = "pledge_id, change_kind, reason_code, decided_on::text, related_pledge_ids"


def history(world: World, quarter: str, columns: str = COLUMNS) -> list[tuple[Any, ...]]:
    world.figures(quarter)
    return world.rows(
        f"(SELECT {columns} FROM mart.denominator_history WHERE quarter_id = '{quarter}') AS found"
    )


@pytest.mark.slow
def test_a_merged_pledge_leaves_with_its_decision(world: World) -> None:
    for pledge_id in ("2-1", "2-2", "3"):
        world.pledge(pledge_id)
    world.change("2-2", "2021-08-01", "MERGED", after="2-1", **PANEL)
    assert history(world, "2021Q2") == []
    columns = "pledge_id, change_kind, reason_name, decided_on::text, related_pledge_ids, reason,"
    found = history(world, "2021Q3", f"{columns} approver, count_before, count_after")
    assert found == [
        ("2-2", "left", "통합", "2021-08-01", "2-1", "중복", "공약이행평가단", 3, 2)
    ]  # 3 - 1 = 2
    assert history(world, "2021Q4") == []


def test_a_split_replaces_one_pledge_by_its_parts(world: World) -> None:
    world.pledge("1")
    world.pledge("3")
    world.pledge("3-1", valid_from="2021-11-01", confirmed_date="2021-11-01")
    world.pledge("3-2", valid_from="2021-11-15", confirmed_date="2021-11-15")
    world.change("3", "2021-11-01", "SPLIT", after="3-1, 3-2", **PANEL)
    assert history(world, "2021Q4") == [
        ("3", "left", "SPLIT", "2021-11-01", "3-1, 3-2"),
        ("3-1", "entered", "SPLIT", "2021-11-01", "3"),
        ("3-2", "entered", "SPLIT", "2021-11-01", "3"),
    ]
    counts = world.rows("mart.denominator_history", "DISTINCT count_before, count_after")
    assert counts == [(2, 3)]  # 2 + 2 - 1 = 3


def test_a_pledge_confirmed_in_the_quarter_enters(world: World) -> None:
    world.pledge("1")
    world.pledge("2", valid_from="2021-10-01", confirmed_date="2021-10-01")
    assert history(world, "2021Q4") == [("2", "entered", "CONFIRMED", "2021-10-01", None)]


def test_the_days_are_those_of_the_reference_dates(world: World) -> None:
    """기준일 of 2021Q3 is moved to 5 October, so a decision of 2 October is the third quarter's."""
    world.pledge("1")
    world.pledge("2")
    world.window("2021Q3", reference="2021-10-05")
    world.change("2", "2021-10-02", "MERGED", after="1")
    assert [row[0] for row in history(world, "2021Q3")] == ["2"]
    assert history(world, "2021Q4") == []


def test_held_closed_and_kept_pledges_stay_and_are_told(world: World) -> None:
    for pledge_id in ("1", "2", "3", "4", "5", "6"):
        world.pledge(pledge_id)
    world.change("1", "2021-10-01", "HELD")
    world.change("2", "2021-10-02", "DROPPED")
    world.change("3", "2021-10-03", "COMPLETED")
    world.change("4", "2021-10-04", "MERGED", after="4")  # the one that remains
    world.change("5", "2021-10-05", "CHANGED")  # changes nothing about the denominators
    world.change("6", "2021-10-06", "HELD")
    world.change("6", "2021-11-06", "DROPPED")  # the last decision is the one that stands
    assert history(world, "2021Q4") == [
        ("1", "held", "HELD", "2021-10-01", None),
        ("2", "closed", "DROPPED", "2021-10-02", None),
        ("3", "closed", "COMPLETED", "2021-10-03", None),
        ("4", "kept", "MERGED", "2021-10-04", "4"),
        ("6", "closed", "DROPPED", "2021-11-06", None),
    ]
    counts = world.rows("mart.denominator_history", "DISTINCT count_before, count_after")
    assert counts == [(6, 6)]


def test_held_dropped_and_revived_pledges_where_the_rule_leaves_them_out(
    world: World, configure: Configure
) -> None:
    configure(held_and_dropped_count=False)
    for pledge_id in ("1", "2", "3", "4"):
        world.pledge(pledge_id)
    world.change("1", "2021-05-01", "HELD", **PANEL)
    world.change("1", "2021-11-01", "COMPLETED", **PANEL)  # taken up again and finished
    world.change("2", "2021-11-01", "DROPPED")
    world.report("3", "2021Q3", "ON_HOLD", 30)
    world.report("3", "2021Q4", "ON_TRACK", 40)  # revived by its department
    world.report("4", "2021Q3", "ON_TRACK", 30)
    world.report("4", "2021Q4", "DROPPED", 30)
    assert history(world, "2021Q4") == [
        ("1", "entered", "COMPLETED", "2021-11-01", None),
        ("2", "left", "DROPPED", "2021-11-01", None),
        ("3", "entered", "REPORTED", None, None),
        ("4", "left", "REPORTED", None, None),
    ]
    counts = world.rows("mart.denominator_history", "DISTINCT count_before, count_after")
    assert counts == [(2, 2)]  # 2 and 4, then 1 and 3


def test_a_new_term_counts_anew(world: World) -> None:
    world.register("dim_term", term_number=8, start_date="2022-07-01", end_date="2026-06-30")
    world.pledge("1")
    world.pledge("1", term_number=8, valid_from="2022-07-01", confirmed_date="2022-07-01")
    world.pledge("2", term_number=8, valid_from="2022-07-01", confirmed_date="2022-07-01")
    columns = "pledge_id, term_number, change_kind, reason_code, count_before, count_after"
    assert history(world, "2022Q3", columns) == [
        ("1", 7, "left", "TERM_ENDED", 1, 2),
        ("1", 8, "entered", "CONFIRMED", 1, 2),
        ("2", 8, "entered", "CONFIRMED", 1, 2),
    ]


def test_the_first_quarter_of_all_starts_from_nothing(world: World) -> None:
    world.pledge("1")
    columns = "pledge_id, change_kind, reason_code, count_before, count_after"
    assert history(world, "2018Q3", columns) == [("1", "entered", "CONFIRMED", 0, 1)]


def test_a_decision_that_the_register_took_back_never_was(world: World) -> None:
    """Both quarters are seen with the same knowledge: a mended register moves no denominator."""
    later = "2022-02-01T09:00:00+09:00"
    world.pledge("1")
    world.pledge("2")
    world.change("2", "2021-11-01", "MERGED", after="1", superseded_at=later)
    world.figures("2021Q4", "2022-01-31")
    assert world.rows("mart.denominator_history", "pledge_id, change_kind") == [("2", "left")]
    world.figures("2021Q4", "2022-02-01")
    assert world.rows("mart.denominator_history", "pledge_id, change_kind") == []


def test_merged_renamed_and_split_departments_as_of_then_and_as_of_today(world: World) -> None:
    world.department("C", end="2021-07-01", successor="M")
    world.department("D", end="2021-07-01", successor="M")
    world.department("M", start="2021-07-01", name="합친과")
    # renamed under its own code
    world.department("R", end="2021-10-01", name="옛이름과")
    world.department("R", start="2021-10-01", name="새이름과")
    # split: E ends, and a dated change of owner gives one of its pledges to F
    world.department("E", end="2021-10-01", successor="E1")
    world.department("E1", start="2021-10-01")
    world.department("F", start="2021-10-01")
    world.pledge("1", department="C")
    world.pledge("2", department="D")
    world.pledge("3", department="C,D")
    world.pledge("4", department="R")
    world.pledge("5", department="E")
    world.pledge("6", department="E", valid_to="2021-10-01")
    world.pledge("6", department="F", valid_from="2021-10-01")
    rates = {"1": 10, "2": 20, "3": 60, "4": 40, "5": 50, "6": 70}
    for pledge_id, rate in rates.items():
        world.report(pledge_id, "2021Q2", rate=rate)

    then = world.figures("2021Q2", as_of="2021-08-01")
    # C: (10+60)/2, D: (20+60)/2, E: (50+70)/2
    assert then.scopes("R1", "department") == {"C": "35.0", "D": "40.0", "R": "40.0", "E": "60.0"}
    assert then["R1", "department:R"].scope_name == "옛이름과"
    # by 1 August C and D are one: (10+20+60)/3, the pledge of both counted once
    assert then.scopes("R1", "department_current") == {"M": "30.0", "R": "40.0", "E": "60.0"}

    now = world.figures("2021Q2", as_of="2021-12-31")
    assert now.scopes("R1", "department") == then.scopes("R1", "department")
    # the pledges of 2021Q2 with the owners of that quarter, followed to today: E is E1
    assert now.scopes("R1", "department_current") == {"M": "30.0", "R": "40.0", "E1": "60.0"}
    assert now["R1", "department_current:R"].scope_name == "새이름과"
    assert now["R1", "department:R"].scope_name == "옛이름과"

    later = world.figures("2021Q4", as_of="2021-12-31")
    assert later.scopes("R1", "department") == {"M": "30.0", "R": "40.0", "E1": "50.0", "F": "70.0"}
    assert later["R1", "department:R"].scope_name == "새이름과"


KINDS = ("HELD", "DROPPED", "COMPLETED", "MERGED", "SPLIT", "CHANGED")
DAYS = ("2021-02-10", "2021-03-31", "2021-05-20", "2021-08-01", "2021-09-30", "2021-10-01")
PLEDGES = st.lists(
    st.tuples(
        st.sampled_from(("2018-07-01", *DAYS)),
        st.dictionaries(
            st.tuples(st.sampled_from(DAYS), st.sampled_from(KINDS)),
            st.integers(0, 4),
            max_size=3,
        ),
        st.dictionaries(
            st.sampled_from(("2021Q1", "2021Q2", "2021Q3")),
            st.sampled_from(("ON_TRACK", "ON_HOLD", "DROPPED")),
            max_size=2,
        ),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@settings(max_examples=25)
@given(pledges=PLEDGES, is_held_counted=st.booleans())
def test_entered_and_left_explain_every_denominator(
    make_world: Callable[[], World],
    configure: Configure,
    pledges: list[tuple[str, dict[tuple[str, str], int], dict[str, str]]],
    is_held_counted: bool,
) -> None:
    configure(held_and_dropped_count=is_held_counted)
    world = make_world()
    for number, (confirmed, decisions, reports) in enumerate(pledges):
        world.pledge(str(number), valid_from=confirmed, confirmed_date=confirmed)
        for (day, kind), other in decisions.items():
            world.change(str(number), day, kind, after=str(other))
        for quarter, status in reports.items():
            world.report(str(number), quarter, status)
    denominators = {}
    for quarter in ("2020Q4", "2021Q1", "2021Q2", "2021Q3", "2021Q4"):
        figures = world.figures(quarter)
        whole = [r for r in figures.rows if (r.figure_code, r.scope_type) == ("R2", "all")]
        denominators[quarter] = int(whole[0].denominator or 0) if whole else 0
    rows = world.rows(
        "mart.denominator_history",
        "quarter_id, previous_quarter_id, change_kind, count_before, count_after",
    )
    for quarter, before in zip(
        ("2021Q1", "2021Q2", "2021Q3", "2021Q4"), denominators.values(), strict=False
    ):
        of_quarter = [row for row in rows if row[0] == quarter]
        entered = sum(row[2] == "entered" for row in of_quarter)
        left = sum(row[2] == "left" for row in of_quarter)
        assert before + entered - left == denominators[quarter]
        assert {row[3:] for row in of_quarter} <= {(before, denominators[quarter])}
    reasons = {row[0] for row in world.rows("mart.denominator_history", "reason_code, quarter_id")}
    assert "CORRECTED" not in reasons  # everything here was decided, confirmed or reported

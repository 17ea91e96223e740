"""Which pledges, which report and which department a quarter sees, and as of when."""

import pytest

from etl.problems import UsageError
from tests.figures.conftest import World


def _in_force(world: World, quarter: str, as_of: str = "2030-01-01") -> set[str]:
    world.figures(quarter, as_of)
    return {row[0] for row in world.rows("pg_temp.pledge_status", "pledge_id, quarter_id")}


def test_a_pledge_is_in_force_from_its_confirmed_date_on_the_reference_date(world: World) -> None:
    world.pledge("1")
    world.pledge("2", confirmed_date="2021-12-31")
    world.pledge("3", confirmed_date="2022-01-01")
    assert _in_force(world, "2021Q4") == {"1", "2"}
    world.window("2021Q4", reference="2022-01-05")
    assert _in_force(world, "2021Q4") == {"1", "2", "3"}
    assert world.rows("mart.pledge_status", "pledge_id, as_of_date::text")[0] == ("1", "2022-01-05")


def test_merged_and_split_pledges_leave_on_their_day(world: World) -> None:
    for pledge_id in ("1", "2", "3", "3-1", "4", "5"):
        world.pledge(pledge_id)
    world.change("1", "2021-12-31", "MERGED", after="2")
    world.change("2", "2021-12-31", "MERGED", after="2")  # the one that remains
    world.change("3", "2021-12-31", "SPLIT", after="3-1, 3-2")
    world.change("4", "2021-12-31", "SPLIT", after="4, 4-1")  # lives on as one of its parts
    world.change("5", "2022-01-01", "MERGED", after="2")  # a day later
    assert _in_force(world, "2021Q4") == {"2", "3-1", "4", "5"}
    assert _in_force(world, "2021Q3") == {"1", "2", "3", "3-1", "4", "5"}
    assert _in_force(world, "2022Q1") == {"2", "3-1", "4"}


def test_decided_pledges_stay_in_force_but_owe_no_report(world: World) -> None:
    for pledge_id in ("1", "2", "3", "4", "5"):
        world.pledge(pledge_id)
    world.change("1", "2021-10-01", "COMPLETED")
    world.change("2", "2021-10-01", "DROPPED")
    world.change("3", "2021-10-01", "HELD")
    world.change("4", "2021-10-01", "CHANGED")
    world.change("5", "2022-01-01", "COMPLETED")  # after the reference date
    world.report("1", "2021Q3", "COMPLETED", 100)
    world.report("3", "2021Q4", "ON_HOLD", 30)
    figures = world.figures("2021Q4")
    assert figures["R2"].denominator == 5
    assert figures["R2"].owing_count == 3  # 3, 4 and 5
    assert f"{figures['R2'].coverage_pct:.2f}" == "33.33"  # 1 of 3
    assert figures["R1"].shown == "65.0"  # (100+30)/2: 1 is carried forward
    decisions = world.rows("mart.pledge_status", "pledge_id, decision_code")
    assert decisions == [
        ("1", "COMPLETED"),
        ("2", "DROPPED"),
        ("3", "HELD"),
        ("4", None),
        ("5", None),
    ]
    assert world.rows("mart.missing_report", "pledge_id, state") == [
        ("4", "missing"),
        ("5", "missing"),
    ]


def test_each_owner_counts_the_pledge_and_all_counts_it_once(world: World) -> None:
    world.pledge("1", department="A,B")
    world.pledge("2", department="B")
    world.report("1", "2021Q4", "COMPLETED", 100)
    world.report("2", "2021Q4", "ON_TRACK", 50)
    figures = world.figures("2021Q4")
    assert figures.scopes("R1", "department") == {"A": "100.0", "B": "75.0"}  # (100+50)/2
    assert figures["R1"].shown == "75.0"
    assert figures["R1"].pledge_count == 2
    assert world.rows("mart.pledge_status", "pledge_id, department_code") == [
        ("1", "A"),
        ("2", "B"),
    ]


def test_successors_are_followed_to_the_reference_date_and_to_the_asked_time(world: World) -> None:
    world.department("OLD", end="2021-07-01", successor="MID")
    world.department("MID", start="2021-07-01", end="2022-01-01", successor="NEW", name="중간과")
    world.department("NEW", start="2022-01-01", name="새과")
    world.pledge("1", department="OLD")
    world.pledge("2", department="OLD,MID")
    world.report("1", "2021Q4", rate=60)
    figures = world.figures("2021Q2")
    assert set(figures.scopes("R1", "department")) == {"OLD", "MID"}
    figures = world.figures("2021Q4")
    assert figures.scopes("R2", "department") == {"MID": "0.00"}
    assert figures["R2", "department:MID"].denominator == 2  # two owners became one: counted once
    assert figures["R2", "department:MID"].scope_name == "중간과"
    assert set(figures.scopes("R1", "department_current")) == {"NEW"}
    assert figures["R1", "department_current:NEW"].scope_name == "새과"
    figures = world.figures("2021Q4", as_of="2021-12-31")
    assert set(figures.scopes("R1", "department_current")) == {"MID"}


def test_departments_that_succeed_each_other_do_not_hang(world: World) -> None:
    world.department("X", end="2020-01-01", successor="Y")
    world.department("Y", end="2020-01-01", successor="X")
    world.pledge("1", department="X")
    assert len(world.figures("2021Q4").scopes("R2", "department")) == 1


def test_attributes_are_those_of_the_reference_date(world: World) -> None:
    world.pledge("1", valid_to="2021-10-01", department="A")
    world.pledge("1", valid_from="2021-10-01", department="B", field_name="교통")
    assert set(world.figures("2021Q3").scopes("R2", "department")) == {"A"}
    assert set(world.figures("2021Q4").scopes("R2", "department")) == {"B"}
    assert set(world.figures("2021Q4").scopes("R2", "field")) == {"교통"}


def test_as_of_sees_the_report_of_that_time(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", rate=40, accepted="2022-01-08")
    world.report("1", "2021Q4", rate=70, accepted="2022-02-01")
    assert world.figures("2021Q4", "2022-01-07")["R1"].shown == "해당 없음"
    assert world.figures("2021Q4", "2022-01-08")["R1"].shown == "40.0"  # the end of that day
    assert world.figures("2021Q4", "2022-02-02")["R1"].shown == "70.0"


def test_as_of_sees_the_register_of_that_time(world: World) -> None:
    late = "2021-11-01T09:00:00+09:00"
    world.pledge("1", superseded_at=late)
    world.pledge("1", recorded_at=late, field_name="교통")
    world.change("1", "2021-06-01", "DROPPED", recorded_at=late)
    assert set(world.figures("2021Q4", "2021-10-31").scopes("R2", "field")) == {"경제"}
    assert world.figures("2021Q4", "2021-10-31")["R2"].owing_count == 1
    assert set(world.figures("2021Q4", "2021-11-02").scopes("R2", "field")) == {"교통"}
    assert world.figures("2021Q4", "2021-11-02")["R2"].owing_count == 0


def test_a_report_of_another_term_is_not_carried_forward(world: World) -> None:
    world.register("dim_term", term_number=8, start_date="2022-07-01", end_date="2026-06-30")
    world.pledge("1")
    world.pledge("1", term_number=8, valid_from="2022-07-01", confirmed_date="2022-07-01")
    world.report("1", "2022Q1", "COMPLETED", 100)
    assert world.figures("2022Q2")["R1"].shown == "100.0"
    assert world.figures("2022Q3")["R1"].shown == "해당 없음"


def test_no_term_for_the_quarter_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="임기"):
        world.figures("2022Q3")
    with pytest.raises(UsageError, match="임기"):
        world.figures("2021Q4", as_of="2018-01-01")


def test_missing_reports_say_what_became_of_the_newest_submission(world: World) -> None:
    def verdict(pledge_id: str, verdict: str, received: str, **more: object) -> None:
        submission = world.submission("2021Q4", term_number=7, received_at=received, **more)
        world.insert(
            "audit.pledge_verdict", submission_id=submission, pledge_id=pledge_id, verdict=verdict,
            recorded_at=received,
        )  # fmt: skip

    for pledge_id in ("1", "2", "3", "4"):
        world.pledge(pledge_id)
    verdict("1", "needs_reason", "2022-01-03 09:00+09")
    verdict("1", "blocked", "2022-01-04 09:00+09")
    verdict("2", "needs_reason", "2022-01-03 09:00+09")
    verdict("3", "blocked", "2022-01-03 09:00+09", withdrawn_at="2022-01-05 09:00+09")
    verdict("4", "blocked", "2022-01-03 09:00+09", purpose="check")
    world.figures("2021Q4")
    assert world.rows("mart.missing_report", "pledge_id, state") == [
        ("1", "blocked"), ("2", "needs_reason"), ("3", "missing"), ("4", "missing")
    ]  # fmt: skip
    world.figures("2021Q4", as_of="2022-01-03")
    assert world.rows("mart.missing_report", "pledge_id, state") == [
        ("1", "needs_reason"), ("2", "needs_reason"), ("3", "blocked"), ("4", "missing")
    ]  # fmt: skip


def test_a_refresh_replaces_only_its_own_quarter(world: World) -> None:
    world.pledge("1")
    world.figures("2021Q3")
    world.report("1", "2021Q4")
    world.figures("2021Q4")
    world.figures("2021Q4")
    assert world.rows("mart.pledge_status", "quarter_id, report_state") == [
        ("2021Q3", "not_reported"),
        ("2021Q4", "reported"),
    ]

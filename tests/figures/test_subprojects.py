"""S2 and mart.subproject_status: sub-tasks count under their pledge, and are no pledges."""

from decimal import Decimal

import pytest

from tests.figures.conftest import Configure, World

DONE, ONGOING, OPEN = "COMPLETED", "COMPLETED_ONGOING", "ON_TRACK"


def _published_office(world: World) -> None:
    """A city that printed 84 of 132: two fields and departments, and a pledge without sub-tasks."""
    world.pledge("1", "A", field_name="경제")
    world.pledge("2", "B", field_name="환경")
    world.pledge("3", "B", field_name="환경")
    world.report("1", "2021Q4", rate=70, subprojects=[DONE] * 50 + [OPEN] * 26)
    world.report("2", "2021Q4", rate=60, subprojects=[DONE] * 30 + [ONGOING] * 4 + ["BEHIND"] * 22)
    world.report("3", "2021Q4", rate=50)


def test_84_of_132(world: World) -> None:
    _published_office(world)
    figures = world.figures("2021Q4")
    one = figures["S2"]
    assert (one.numerator, one.denominator, one.shown) == (84, 132, "63.64")
    assert one.denominator_rule == (
        "추진상황을 보고한 세부사업: 기준일 현재 공약(보류·폐기 포함), 이행후계속추진은 완료로 셈"
    )
    # Beside it stand pledges, and those of the rates are as if there were no sub-task.
    assert (one.pledge_count, one.reported_count) == (3, 3)
    assert (figures["R2"].numerator, figures["R2"].denominator) == (0, 3)
    assert (figures["R1"].numerator, figures["R1"].denominator) == (180, 3)
    assert figures.scopes("S2", "field") == {"경제": "65.79", "환경": "60.71"}  # 50/76, 34/56
    assert figures.scopes("S2", "department") == {"A": "65.79", "B": "60.71"}
    assert {row.scope_type for row in figures.rows if row.figure_code == "S2"} == {
        "all", "field", "department",
    }  # fmt: skip


def test_what_goes_on_counts_by_the_setting(world: World, configure: Configure) -> None:
    configure(completed_ongoing_counts=False)
    _published_office(world)
    one = world.figures("2021Q4")["S2"]
    assert (one.numerator, one.denominator, one.shown) == (80, 132, "60.61")


def test_sub_tasks_of_a_dropped_pledge_leave_with_it(world: World, configure: Configure) -> None:
    configure(held_and_dropped_count=False)
    world.pledge("1")
    world.pledge("2")
    world.report("1", "2021Q4", subprojects=[DONE, OPEN])
    world.report("2", "2021Q4", status="DROPPED", subprojects=[OPEN])
    one = world.figures("2021Q4")["S2"]
    assert (one.numerator, one.denominator) == (1, 2)
    assert len(world.rows("mart.subproject_status")) == 3


def test_nobody_tells_of_sub_tasks(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4")
    codes = {row.figure_code for row in world.figures("2021Q4").rows}
    assert codes.isdisjoint({"S2", "GRADE_SHARE"})
    assert world.rows("mart.subproject_status") == []


def test_a_field_without_sub_tasks_has_no_row(world: World) -> None:
    world.pledge("1", field_name="경제")
    world.pledge("2", field_name="환경")
    world.report("1", "2021Q4", subprojects=[OPEN])
    world.report("2", "2021Q4")
    figures = world.figures("2021Q4")
    assert figures.scopes("S2", "field") == {"경제": "0.00"}


def test_they_carry_forward_with_their_report(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q3", subprojects=[DONE, OPEN, OPEN])
    one = world.figures("2021Q4")["S2"]
    assert (one.numerator, one.denominator, one.carried_forward_count) == (1, 3, 1)
    told = world.rows(
        "mart.subproject_status",
        "subproject_number, subproject_name, status_name, report_state, reported_quarter_id",
    )
    assert told == [
        (1, "세부사업 1", "완료", "carried_forward", "2021Q3"),
        (2, "세부사업 2", "정상추진", "carried_forward", "2021Q3"),
        (3, "세부사업 3", "정상추진", "carried_forward", "2021Q3"),
    ]


def test_a_correction_holds_from_when_it_came(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", subprojects=[OPEN, OPEN], accepted="2022-01-05")
    world.report("1", "2021Q4", subprojects=[DONE, OPEN], accepted="2022-01-20")
    assert world.figures("2021Q4", as_of="2022-01-10", prove=False)["S2"].shown == "0.00"
    assert world.figures("2021Q4")["S2"].shown == "50.00"


def test_each_stands_on_its_cell(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", subprojects=[DONE, OPEN])
    world.figures("2021Q4")
    behind = world.behind("2021Q4", "S2")
    rows = sorted({cell for _, _, cell, _, _ in behind})
    assert [cell.partition("!")[0] for cell in rows] == ["세부사업현황"] * 2
    assert sorted((part, written, value) for _, part, _, written, value in behind) == [
        ("denominator", "완료", Decimal(1)),
        ("denominator", "정상추진", Decimal(1)),
        ("numerator", "완료", Decimal(1)),
    ]


def test_a_wrong_count_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second computation shares nothing with the SQL that counts."""
    from etl.figures import pledges
    from etl.problems import SystemFault

    world.pledge("1")
    world.report("1", "2021Q4", subprojects=[DONE, OPEN])
    monkeypatch.setattr(pledges, "_is_completed", lambda status, rules: False)
    with pytest.raises(SystemFault, match="두 계산이 다릅니다"):
        world.figures("2021Q4")

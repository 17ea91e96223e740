"""Rates over pledges: what counts, what stays in a denominator, what a setting changes."""

import json
from decimal import Decimal
from pathlib import Path

from tests.figures.conftest import Configure, World, secured

SAMPLE = Path(__file__).parents[2] / "samples" / "boryeong_2021.json"


def test_published_rates_of_boryeong(world: World) -> None:
    """65 rows as published for 2021-12-31: 77.66 → 77.7, and the rates of all seven fields."""
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for row in sample["pledges"]:
        world.pledge(
            row["id"],
            field_name=sample["fields"][str(row["field"])],
            due_code="IN_TERM" if row["due"] == "임기내" else "AFTER_TERM",
        )
        status = "COMPLETED" if row["status"] == "완료" else "ON_TRACK"
        world.report(row["id"], "2021Q4", status, str(row["rate"]))
    figures = world.figures("2021Q4")

    published = {
        figure["name"].removeprefix("추진율(%) "): f"{Decimal(str(figure['value'])):.1f}"
        for figure in sample["published_figures"]
        if figure["name"].startswith("추진율(%) ")
    }
    assert figures["R1"].shown == published.pop("전체") == "77.7"
    assert round(figures["R1"].value_pct or 0, 2) == Decimal("77.66")
    assert len(published) == 7
    assert figures.scopes("R1", "field") == published
    assert figures["R1"].denominator == 65
    assert figures["R2"].shown == "58.46"  # 38 완료 of 65: 58.4615…
    assert figures["R1_IN"].denominator == 53  # 65 - 12 임기후


def test_never_reported_stays_in_the_denominators_of_r2_to_r4(world: World) -> None:
    for pledge_id in ("1", "2", "3", "4"):
        world.pledge(pledge_id)
    world.report("1", "2021Q4", "COMPLETED", 100, met=True)
    world.report("2", "2021Q4", "ON_TRACK", 50, met=False)
    world.report("3", "2021Q4", "BEHIND", None)
    figures = world.figures("2021Q4")
    assert figures["R1"].shown == "75.0"  # (100+50)/2: no rate from 3 and 4
    assert (figures["R1"].numerator, figures["R1"].denominator) == (150, 2)
    assert figures["R2"].shown == "25.00"  # 1/4
    assert figures["R3"].shown == "25.00"  # 1/4: blank is not met
    assert figures["R4"].shown == "50.0"  # 2/4
    assert figures["R2"].pledge_count == 4
    assert figures["R2"].reported_count == 3
    assert figures["R1", "status:NOT_REPORTED"].no_value_reason
    assert figures["R1", "status:NOT_REPORTED"].shown == "해당 없음"


def test_half_up_and_two_decimals(world: World) -> None:
    """51/69 = 73.913… → 73.91, as the Manifesto centre prints it; 1/16 = 6.25 → 6.3."""
    for number in range(69):
        world.pledge(str(number), field_name="가" if number < 16 else "나")
        status = "COMPLETED" if 0 < number < 52 else "BEHIND"
        world.report(str(number), "2021Q4", status, 100 if number == 0 else 0)
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == "73.91"
    assert figures["R1", "field:가"].shown == "6.3"  # 100/16 = 6.25, half-up
    assert figures["R1", "field:가"].value_pct == Decimal("6.25")


def test_carried_forward_is_marked_and_counts(world: World) -> None:
    world.pledge("1")
    world.pledge("2")
    world.report("1", "2021Q2", "BEHIND", 20)
    world.report("1", "2021Q3", "ON_TRACK", 60, money=[secured(2021, 10, executed=4)])
    world.report("2", "2021Q4", "COMPLETED", 100)
    figures = world.figures("2021Q4")
    assert figures["R1"].shown == "80.0"  # (60+100)/2: the latest earlier report of pledge 1
    assert (figures["R1"].reported_count, figures["R1"].carried_forward_count) == (1, 1)
    assert figures["B6"].shown == "40.0"  # 4/10: the reporting year is that of the quarter asked
    assert figures["R1"].coverage_pct == 50
    assert world.rows("mart.missing_report", "pledge_id, state") == [("1", "missing")]
    assert world.rows("mart.pledge_status", "pledge_id, report_state, reported_quarter_id") == [
        ("1", "carried_forward", "2021Q3"),
        ("2", "reported", "2021Q4"),
    ]
    # a later quarter never reaches back
    assert world.figures("2021Q1")["R1"].shown == "해당 없음"


def test_reporting_year_of_a_carried_report_is_that_of_the_quarter_asked(world: World) -> None:
    world.pledge("1")
    world.report(
        "1", "2020Q4", money=[secured(2020, 10, executed=5), secured(2021, 20, executed=1)]
    )
    assert world.figures("2020Q4")["B6"].shown == "50.0"  # 5/10
    assert world.figures("2021Q1")["B6"].shown == "5.0"  # 1/20
    assert world.figures("2020Q4")["B5"].shown == "60.0"  # (5+1)/10
    assert world.figures("2021Q1")["B5"].shown == "20.0"  # (5+1)/30


def test_completed_ongoing_is_a_setting(world: World, configure: Configure) -> None:
    for number, status in enumerate(("COMPLETED", "COMPLETED_ONGOING", "ON_TRACK", "BEHIND")):
        world.pledge(str(number))
        world.report(str(number), "2021Q4", status, 50)
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == "50.00"  # 2/4
    assert figures["R4"].shown == "75.0"  # 3/4
    assert "완료로 셈" in figures["R2"].denominator_rule
    configure(completed_ongoing_counts=False)
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == "25.00"  # 1/4
    assert figures["R4"].shown == "50.0"  # 2/4
    assert "세지 않음" in figures["R2"].denominator_rule


def test_held_and_dropped_leave_the_denominators_by_setting(
    world: World, configure: Configure
) -> None:
    for pledge_id in ("1", "2", "3", "4", "5"):
        world.pledge(pledge_id)
    world.report("1", "2021Q4", "COMPLETED", 100, money=[secured(2021, 10)])
    world.report("2", "2021Q4", "ON_HOLD", 10, money=[secured(2021, 30)])
    world.report("3", "2021Q4", "DROPPED", 0)
    world.change("4", "2021-05-01", "HELD")
    world.report("5", "2021Q4", "ON_TRACK", 40)
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == "20.00"  # 1/5
    assert figures["R1"].shown == "37.5"  # (100+10+0+40)/4
    assert "포함" in figures["R2"].denominator_rule
    configure(held_and_dropped_count=False)
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == "50.00"  # 1/2: without 2, 3 and 4
    assert figures["R1"].shown == "70.0"  # (100+40)/2
    assert figures["R2"].pledge_count == 2
    assert "제외" in figures["R2"].denominator_rule
    # money and coverage follow the pledges in force, whatever the rule of the rates
    assert figures["PLAN"].shown == "40,000,000"
    assert figures["R2"].owing_count == 5
    assert figures["R2"].coverage_pct == 80  # 1, 2, 3 and 5 of 5


def test_decimals_are_settings(world: World, configure: Configure) -> None:
    configure(manifesto_decimals=3, other_decimals=0)
    for number in range(3):
        world.pledge(str(number))
        world.report(
            str(number), "2021Q4", "COMPLETED" if number else "BEHIND", 100 if number else 0
        )
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == "66.667"  # 2/3
    assert figures["R1"].shown == "67"  # 200/3


def test_scopes_of_attributes(world: World) -> None:
    world.pledge("1", novelty_code="NEW", actor_code="OWN", delivery_code="FACILITY")
    world.pledge("2", novelty_code="CONTINUED", due_code="AFTER_TERM", field_name="교통")
    world.pledge("3", field_name=None, due_code=None)
    world.report("1", "2021Q4", "COMPLETED", 100)
    world.report("2", "2021Q4", "ON_TRACK", 40)
    world.report("3", "2021Q4", "ON_TRACK", 10)
    figures = world.figures("2021Q4")
    assert figures.scopes("R1", "project_type") == {
        "novelty:NEW": "100.0", "actor:OWN": "100.0", "delivery:FACILITY": "100.0",
        "novelty:CONTINUED": "40.0",
    }  # fmt: skip
    assert figures["R1", "project_type:novelty:NEW"].scope_name == "신규"
    assert figures.scopes("R1", "due") == {"IN_TERM": "100.0", "AFTER_TERM": "40.0"}
    assert figures.scopes("R1", "field") == {"경제": "100.0", "교통": "40.0"}
    assert figures.scopes("R1", "status") == {"COMPLETED": "100.0", "ON_TRACK": "25.0"}  # 50/2
    assert figures["R1_IN"].shown == "100.0"
    assert figures["R1_IN", "field:교통"].no_value_reason
    by_status = {r.figure_code for r in figures.rows if r.scope_type == "status"}
    assert "R1" in by_status
    assert "R3" in by_status
    assert not by_status & {"R2", "R4"}


def test_status_counts(world: World) -> None:
    world.pledge("1")
    world.pledge("2", department="A,B")
    world.report("1", "2021Q4", "COMPLETED", 100)
    world.figures("2021Q4")
    counts = world.rows("mart.status_count", "scope_type, scope_id, status_code, pledge_count")
    assert ("all", "", "COMPLETED", 1) in counts
    assert ("all", "", "NOT_REPORTED", 1) in counts
    assert ("department", "B", "NOT_REPORTED", 1) in counts
    assert not [row for row in counts if row[0] == "status"]


def test_completed_alone_whatever_the_setting(world: World, configure: Configure) -> None:
    for pledge_id, status in {"1": "COMPLETED", "2": "COMPLETED_ONGOING", "3": "ON_TRACK"}.items():
        world.pledge(pledge_id)
        world.report(pledge_id, "2021Q4", status, 100)
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == "66.67"  # 2/3
    assert figures["R2_ONLY"].shown == "33.33"  # 1/3: 완료 alone
    assert figures.scopes("R2_ONLY", "status") == {}
    assert [line[0] for line in world.behind("2021Q4", "R2_ONLY") if line[1] == "numerator"] == [
        "1"
    ]
    configure(completed_ongoing_counts=False)
    figures = world.figures("2021Q4")
    assert figures["R2"].shown == figures["R2_ONLY"].shown == "33.33"


def test_every_status_has_its_share_of_all_pledges(world: World, configure: Configure) -> None:
    statuses = ["ON_TRACK"] * 3 + ["COMPLETED"] * 2 + ["ON_HOLD"]
    for number in range(7):
        world.pledge(str(number))
    for number, status in enumerate(statuses):
        world.report(str(number), "2021Q4", status, 50)
    # Of 7: three 42.857…, two 28.571…, one 14.285…, and one that never reported.
    shares = {
        "COMPLETED": "28.6", "COMPLETED_ONGOING": "0.0", "ON_TRACK": "42.9", "BEHIND": "0.0",
        "NOT_DUE": "0.0", "LONG_TERM": "0.0", "ON_HOLD": "14.3", "DROPPED": "0.0",
        "MERGED": "0.0", "OTHER": "0.0", "NOT_REPORTED": "14.3",
    }  # fmt: skip
    for counts in (True, False):  # held ones are out of R2's denominator, never out of these
        configure(held_and_dropped_count=counts)
        figures = world.figures("2021Q4")
        assert figures.scopes("STATUS_SHARE", "status") == shares
        told = [row for row in figures.rows if row.figure_code == "STATUS_SHARE"]
        assert {row.denominator for row in told} == {7}
        assert sum(row.numerator for row in told) == 7  # unrounded they are the whole
        assert abs(sum(row.value_pct or 0 for row in told) - 100) < Decimal("1e-25")
        assert figures["R2"].denominator == (7 if counts else 6)
    behind = world.behind("2021Q4", "STATUS_SHARE", "status:NOT_REPORTED")
    assert [line[1:3] for line in behind if line[0] == "6"] == [
        ("numerator", "공약!B9"), ("denominator", "공약!B9"),
    ]  # fmt: skip
    assert len(behind) == 1 + 7


def test_a_quarter_without_pledges_has_no_shares(world: World) -> None:
    assert world.figures("2021Q4").rows == []

"""What the forms of Airflow offer: what the warehouse knows now, by the names that people use."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

from etl import choices, pipeline
from etl.quarter import SEOUL
from tests.factories import GOVERNMENT, return_workbook

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)


def labels(name: str) -> dict[str, str]:
    """What a list offers, by value, beside the choice of none."""
    told: dict[str, str] = choices.offered(name)["values_display"]
    assert told.pop("None") == "(고르지 않음)"
    return told


def test_without_a_file_a_form_takes_what_is_typed(world: Path) -> None:
    assert choices.offered("quarters") == {}
    (world / "choices.json").write_text("{", encoding="utf-8")
    assert choices.offered("quarters") == {}


def test_what_is_known_is_offered_by_its_name(world: Path) -> None:
    sent = return_workbook(world / "가온과.xlsx", progress=[{"공약번호": "1-1"}])
    (number,) = pipeline.collect([str(sent)], at=AT).submission_ids
    waiver = pipeline.Waiver(
        GOVERNMENT, "B-12", "D01", None, "2021Q4", None, date(2022, 12, 31), "과장", "결재"
    )
    recorded = pipeline.waive(waiver, AT + timedelta(minutes=1))
    choices.write()

    assert labels("governments") == {GOVERNMENT: f"가람구 ({GOVERNMENT})"}
    quarters = choices.offered("quarters")
    assert quarters["enum"][0] is None  # may be left blank
    assert labels("quarters")["2021Q4"] == "2021년 4분기"
    assert labels("departments")["D01"] == "D01 · 가람구 가온과"
    submissions = choices.offered("submissions")
    assert submissions["enum"] == [None, number]
    assert labels("submissions") == {str(number): f"{number} · 2021Q4 가온과 · 가온과.xlsx"}
    told = f"{recorded.waiver_id} · B-12 D01 모든 공약 · 2022-12-31까지"
    assert labels("waivers") == {str(recorded.waiver_id): told}
    rules = labels("rules")
    assert rules["B-12"] == "B-12 · 부분의 합과 다른 합계"
    assert "P-07" not in rules  # may not be waived

    pipeline.withdraw(number, "과장", "다른 해의 것", AT + timedelta(minutes=2))
    pipeline.end_waiver(recorded.waiver_id, "과장", "끝", AT + timedelta(minutes=3))
    choices.write()
    assert choices.offered("submissions") == choices.offered("waivers") == {}


def test_what_did_not_change_is_not_written_again(world: Path) -> None:
    choices.write()
    path = world / "choices.json"
    before = path.stat().st_mtime_ns, path.stat().st_ino
    choices.write()
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert [*json.loads(path.read_text(encoding="utf-8"))] == [
        *choices.LISTS, choices.RULES, choices.APPROVERS,
    ]  # fmt: skip

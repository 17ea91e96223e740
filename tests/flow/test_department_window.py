"""A department may have its own 마감일 and 유예일; all else of the quarter is everyone's."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from etl import pipeline
from etl.quarter import SEOUL
from tests.factories import GOVERNMENT, register_workbook, return_workbook
from tests.flow.shell import run

pytestmark = pytest.mark.slow

# Everyone: until 2022-01-10, grace until the 17th. D02: until the 20th, grace until the 27th.
EVERYONE = {
    "분기": "2021Q4",
    "시작일": "2021-12-20",
    "마감일": "2022-01-10",
    "유예일": "2022-01-17",
}
OWN = {"분기": "2021Q4", "부서코드": "D02", "마감일": "2022-01-20", "유예일": "2022-01-27"}


def _register(home: Path, *windows: dict[str, str], at: str = "2021-01-04") -> None:
    book = register_workbook(home / f"register-{at}.xlsx", windows=windows)
    said = run("register", str(book), "--at", at)
    assert said.code == 0, said.err
    assert "점검 결과" not in said.out


def _moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=SEOUL)


def _status(*at: str) -> dict[str, tuple[str, str, str]]:
    rows = json.loads(run("status", "2021Q4", "--json", *at).out)
    return {r["department_code"]: (r["state"], r["due_date"], r["grace_date"]) for r in rows}


def test_lateness_is_judged_by_the_departments_own_grace_day(home: Path) -> None:
    _register(home, EVERYONE, OWN)
    ours = return_workbook(home / "d01.xlsx")
    theirs = return_workbook(home / "d02.xlsx", department="D02", progress=[{"공약번호": "2-1"}])
    assert run("collect", str(ours), str(theirs), "--at", "2022-01-27").code == 0
    assert _status() == {
        "D01": ("late", "2022-01-10", "2022-01-17"),
        "D02": ("submitted", "2022-01-20", "2022-01-27"),
        "D03": ("missing", "2022-01-10", "2022-01-17"),
    }
    again = return_workbook(home / "d02b.xlsx", department="D02",
                            progress=[{"공약번호": "2-1", "이행률(%)": 61}])  # fmt: skip
    assert run("collect", str(again), "--at", "2022-01-28").code == 0
    assert _status()["D02"][0] == "late"


def test_the_rule_says_which_day_is_past(home: Path) -> None:
    _register(home, EVERYONE, OWN)
    theirs = return_workbook(home / "d02.xlsx", department="D02", progress=[{"공약번호": "2-1"}])
    found = pipeline.dry_run([str(theirs)], at=_moment("2022-01-28")).findings
    assert [f.expected for f in found if f.rule_id == "F-17"] == ["2022-01-27"]
    found = pipeline.dry_run([str(theirs)], at=_moment("2022-01-18")).findings
    assert "F-17" not in {f.rule_id for f in found}


@pytest.mark.parametrize(
    ("own", "due", "grace"),
    [
        ({"마감일": "2022-01-12"}, "2022-01-12", "2022-01-17"),  # everyone's grace still holds
        ({"마감일": "2022-01-20"}, "2022-01-20", "2022-01-20"),  # never before the own due date
        ({"유예일": "2022-01-31"}, "2022-01-10", "2022-01-31"),
        ({}, "2022-01-10", "2022-01-17"),
    ],
)
def test_a_blank_is_everyones(home: Path, own: dict[str, str], due: str, grace: str) -> None:
    _register(home, EVERYONE, {"분기": "2021Q4", "부서코드": "D02", **own})
    assert _status()["D02"] == ("missing", due, grace)


def test_a_line_without_everyones_has_the_usual_days(home: Path) -> None:
    # 2021Q4 without a line: until 2022-01-10, no grace.
    _register(home, {"분기": "2021Q4", "부서코드": "D02", "유예일": "2022-01-15"})
    assert _status()["D02"] == ("missing", "2022-01-10", "2022-01-15")
    assert _status()["D01"] == ("missing", None, None)


def test_the_invitation_says_the_departments_own_days(home: Path) -> None:
    _register(home, EVERYONE, OWN)
    assert run("invite", "2021Q4", "--at", "2021-12-20").code == 0
    told = {}
    for path in (home / "outbox" / "2021Q4" / GOVERNMENT).glob("*.xlsx"):
        guide = load_workbook(path)["안내"]
        told[path.name[:3]] = " ".join(str(row[2]) for row in guide.iter_rows(values_only=True))
    assert "2022년 1월 20일(목)까지" in told["D02"]
    assert "2022년 1월 27일(목)까지" in told["D02"]
    assert "2022년 1월 10일(월)까지" in told["D01"]


def test_reminders_and_reports_wait_for_the_last_department(home: Path) -> None:
    _register(home, EVERYONE, OWN)

    def reminded(day: str) -> dict[str, int]:
        told = pipeline.remind(_moment(day)).reminders
        return {one.department: one.days_left for one in told}

    assert reminded("2022-01-08") == {"가온과": 2, "나래과": 12, "다솜과": 2}
    # After everyone's grace only D02 is still awaited: the 20th is a day away.
    assert reminded("2022-01-19") == {"나래과": 1}
    assert reminded("2022-01-28") == {}
    assert pipeline.quarters_to_report(_moment("2022-01-20")) == []
    assert [one.quarter_id for one in pipeline.quarters_to_report(_moment("2022-01-21"))] == [
        "2021Q4"
    ]


def test_a_line_that_is_taken_back_holds_no_more(home: Path) -> None:
    _register(home, EVERYONE, OWN)
    _register(home, EVERYONE, at="2021-02-01")
    assert _status()["D02"] == ("missing", "2022-01-10", "2022-01-17")
    assert _status("--at", "2021-01-31")["D02"] == ("missing", "2022-01-20", "2022-01-27")

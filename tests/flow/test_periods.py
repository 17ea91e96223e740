"""Reports of a half-year, a month and a day beside those of quarters, in one home.

Four pledges, all worked out by hand; what a period did not report comes from the report whose
기준일 is the latest up to its own, whatever kind of period that is of (* reported, - carried):

                        1-1    1-2    2-1    2-2     R1
2021H1     (06-30)      40*    20*    30*    80*     170 / 4 = 42.5     reported 4
2021Q3     (09-30)      50*    30*    30-    80-     190 / 4 = 47.5     reported 2
2021-11    (11-30)      50-    30-    45*    80-     205 / 4 = 51.25    reported 1
2021-12-06 (12-06)      60*    30-    45-    80-     215 / 4 = 53.75    reported 1
2021H2     (12-31)      70*    40*    55     80-     245 / 4 = 61.25    reported 3
2021Q4     (12-31)      70     40     55*    80-     245 / 4 = 61.25    reported 3
    2021H2 and 2021Q4 are as of one day, so the report of one counts as reported for the other.
Against the period before of the same kind: 2021H2 61.25 - 42.5 = +18.75, 2021Q4 61.25 - 47.5 =
    +13.75; 2021-11 against 2021-10, which nobody reported: the day is 10-31, so 47.5, and +3.75;
    2021-12-13 against the last day that the calendar names, 2021-12-06.
Money of 1-1: 100 million of 2021 secured, 60 executed on 2021-12-06, 90 in 2021H2:
    B6 60 / 100 = 60.0 on that day, 90 / 100 = 90.0 at the end of the year.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from etl.settings import settings
from tests.conftest import fresh_home
from tests.factories import (
    GOVERNMENT,
    QUARTER,
    WINDOWS,
    money_headers,
    register_workbook,
    return_workbook,
)
from tests.flow.shell import run

pytestmark = pytest.mark.slow

PERIODS = (
    {"분기": "2021H1"},
    {"분기": "2021-11"},
    # Excel makes a date of it while it is typed.
    {"분기": datetime.fromisoformat("2021-12-06")},
    {"분기": datetime.fromisoformat("2021-12-13")},
    {"분기": "2021H2"},
)
BY = ("--by", "기획예산과장")


def _sent(home: Path, quarter: str, department: str, rates: dict[str, int], **more: Any) -> str:
    due = {"1-1": {}, "1-2": {}, "2-1": {"완료시기": "임기후", "완료연도": 2024}, "2-2": {}}
    progress = [{"공약번호": one, "이행률(%)": rate} | due[one] for one, rate in rates.items()]
    book = return_workbook(home / f"{quarter}-{department}.xlsx", quarter=quarter,
                           department=department, progress=progress, **more)  # fmt: skip
    return str(book)


def _collect(day: str, *files: str) -> None:
    said = run("collect", *files, "--at", day)
    assert said.code == 0, said.err
    assert "멈춤 0" in said.out, said.out + said.err


def _money(executed: int) -> dict[str, Any]:
    return {
        "budget": [{"2021 확보액": 100, "2021 집행액": executed}],
        "headers": {"예산": money_headers(QUARTER)},
    }


@pytest.fixture(scope="module")
def home(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with fresh_home(server, tmp_path_factory.mktemp("periods") / "home") as made:
        book = register_workbook(made / "대장.xlsx", windows=(*WINDOWS, *PERIODS))
        said = run("register", str(book), "--at", "2021-01-05")
        assert said.code == 0, said.err
        _collect("2021-07-05", _sent(made, "2021H1", "D01", {"1-1": 40, "1-2": 20}),
                 _sent(made, "2021H1", "D02", {"2-1": 30}),
                 _sent(made, "2021H1", "D03", {"2-2": 80}))  # fmt: skip
        _collect("2021-10-05", _sent(made, "2021Q3", "D01", {"1-1": 50, "1-2": 30}))
        _collect("2021-12-03", _sent(made, "2021-11", "D02", {"2-1": 45}))
        _collect("2021-12-08", _sent(made, "2021-12-06", "D01", {"1-1": 60}, **_money(60)))
        _collect("2022-01-05", _sent(made, "2021H2", "D01", {"1-1": 70, "1-2": 40}, **_money(90)))
        _collect("2022-01-07", _sent(made, "2021Q4", "D02", {"2-1": 55}))
        yield made


def _figures(quarter: str, *more: str) -> dict[str, dict[str, Any]]:
    said = run("figures", quarter, "--scope", "all", "--json", *more)
    assert said.code == 0, said.err
    return {row["figure_code"]: row for row in json.loads(said.out)}


@pytest.mark.parametrize(
    ("quarter", "numerator", "reported", "carried"),
    [
        ("2021H1", "170", 4, 0),
        ("2021Q3", "190", 2, 2),
        ("2021-11", "205", 1, 3),
        ("2021-12-06", "215", 1, 3),
        ("2021H2", "245", 3, 1),
        ("2021Q4", "245", 3, 1),
    ],
)
def test_reports_carry_forward_by_their_day_across_kinds(
    home: Path, quarter: str, numerator: str, reported: int, carried: int
) -> None:
    r1 = _figures(quarter)["R1"]
    assert (r1["numerator"], r1["denominator"]) == (numerator, "4")
    counts = int(r1["reported_count"]), int(r1["carried_forward_count"])
    assert counts == (reported, carried)


def test_what_was_not_yet_known_is_not_counted(home: Path) -> None:
    r1 = _figures("2021H2", "--as-of", "2022-01-06")["R1"]
    # 2-1 had then 45 of 2021-11, carried forward.
    assert (r1["numerator"], r1["reported_count"], r1["carried_forward_count"]) == ("235", "2", "2")


@pytest.mark.parametrize(("quarter", "b6"), [("2021-12-06", "60.0"), ("2021Q4", "90.0")])
def test_the_year_of_the_money_is_that_of_the_period(home: Path, quarter: str, b6: str) -> None:
    assert _figures(quarter)["B6"]["shown"] == b6


@pytest.mark.parametrize(
    ("quarter", "previous", "change", "year_ago"),
    [
        ("2021H2", "2021H1", "18.75", "2020H2"),
        ("2021Q4", "2021Q3", "13.75", "2020Q4"),
        ("2021-11", "2021-10", "3.75", "2020-11"),
        ("2021-12-13", "2021-12-06", "0", "2020-12-13"),
    ],
)
def test_a_period_is_compared_with_the_one_before_of_its_kind(
    home: Path, quarter: str, previous: str, change: str, year_ago: str
) -> None:
    said = run("figures", quarter, "--scope", "all", "--code", "R1", "--compare", "--json")
    assert said.code == 0, said.err
    (r1,) = json.loads(said.out)
    assert (r1["previous_quarter_id"], r1["year_ago_quarter_id"]) == (previous, year_ago)
    assert r1["change_pp"] == change


def test_who_reported_for_the_other_period_of_the_day_has_submitted(home: Path) -> None:
    said = run("status", "2021Q4", "--json")
    assert said.code == 0, said.err
    assert {row["department_code"]: row["state"] for row in json.loads(said.out)} == {
        "D01": "submitted", "D02": "submitted", "D03": "missing"
    }  # fmt: skip


def test_an_invitation_of_a_day_holds_what_was_last_reported(home: Path) -> None:
    said = run("invite", "2021-12-06", "--cards", "--at", "2021-12-07")
    assert said.code == 0, said.err
    folder = settings().outbox / "2021-12-06" / GOVERNMENT
    book = load_workbook(next(folder.glob("D02_*.xlsx")))
    assert "2021년 12월 6일" in str(book["안내"]["B1"].value)
    rates = [row for row in book["공약현황"].iter_rows(values_only=True) if row[0] == "2-1"]
    assert 45 in rates[0]
    assert dict(book["_form"].iter_rows(values_only=True, max_col=2))["quarter"] == "2021-12-06"


def test_a_card_that_was_sent_out_for_a_day_comes_back_as_of_that_day(home: Path) -> None:
    run("invite", "2021-12-06", "--cards", "--at", "2021-12-07")
    folder = settings().outbox / "2021-12-06" / GOVERNMENT / "cards"
    card = next(folder.glob("D03_*/*.hwpx"))
    said = run("check", str(card), "--quarter", "2021-12-06", "--json", "--at", "2021-12-09")
    assert said.code == 0, said.out + said.err
    assert [one["rule_id"] for one in json.loads(said.out) if one["rule_id"] == "D-03"] == []


@pytest.mark.parametrize("quarter", ["2021H1", "2021-11", "2021-12-06", "2021H2", "2021Q4"])
def test_every_kind_is_released_and_derived_again(home: Path, quarter: str) -> None:
    if quarter != "2021H1":
        waived = run("waive", "M-05", "--from", "2021-11", "--to", "2021Q4", *BY, "--reason",
                     "2-2는 반기마다 보고함", "--expires", "2099-12-31")  # fmt: skip
        assert waived.code == 0, waived.err
    said = run("release", quarter, *BY)
    assert said.code == 0, said.out + said.err
    folder = settings().published / GOVERNMENT / quarter / "r1"
    package = json.loads((folder / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert {"2021H1": "2021년 상반기", "2021-11": "2021년 11월", "2021-12-06": "2021년 12월 6일",
            "2021H2": "2021년 하반기", "2021Q4": "2021년 4분기"}[quarter] in package["title"]  # fmt: skip
    word = {"2021H1": "반기"}.get(quarter, "기간")  # most carry reports of other kinds on
    (heads,) = load_workbook(folder / "취합.xlsx")["공약현황"].iter_rows(
        max_row=1, values_only=True
    )
    assert f"보고 {word}" in heads
    page = (folder / "보고서.html").read_text(encoding="utf-8")
    this = {"2021H1": "이번 반기", "2021-11": "이번 달", "2021-12-06": "이 기준일",
            "2021H2": "이번 반기", "2021Q4": "이번 분기"}  # fmt: skip
    assert f"{this[quarter]} 보고" in page
    assert [other for other in {*this.values()} - {this[quarter]} if other in page] == []
    again = run("verify", quarter)
    assert again.code == 0, again.out + again.err


def test_a_period_that_the_calendar_does_not_name_is_refused(home: Path) -> None:
    for quarter in ("2021-12-07", "2021-10", "2020H1"):
        said = run("figures", quarter)
        assert (said.code, quarter in said.err) == (2, True)
        assert "제출일정" in said.err


def test_the_calendar_says_which_day_a_period_is_as_of(
    server: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A half-year as of 12-06 is before the fourth quarter: carried forward, not shared."""
    with fresh_home(server, tmp_path_factory.mktemp("moved") / "home") as made:
        half = {"분기": "2021H2", "기준일": "2021-12-06", "시작일": "2021-12-07"}
        book = register_workbook(made / "대장.xlsx", windows=(*WINDOWS, half))
        assert run("register", str(book), "--at", "2021-01-05").code == 0
        _collect("2021-12-08", _sent(made, "2021H2", "D01", {"1-1": 70, "1-2": 40}))
        counts = {
            quarter: (r1["numerator"], r1["reported_count"], r1["carried_forward_count"])
            for quarter in ("2021H2", "2021Q4", "2021Q3")
            for r1 in [_figures(quarter)["R1"]]
        }
    assert counts == {"2021H2": ("110", "2", "0"), "2021Q4": ("110", "0", "2"),
                      "2021Q3": ("0", "0", "0")}  # fmt: skip

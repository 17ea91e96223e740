"""The register: what a day's row holds, what changes, and that loading it again changes nothing."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
from sqlalchemy import text

from etl import pipeline
from etl.quarter import SEOUL
from etl.register.days import FOREVER, government_class, project_axes, slices, window_row
from etl.warehouse import transaction
from tests.factories import PLEDGES, register_workbook

AT = datetime(2021, 6, 1, 9, 0, tzinfo=SEOUL)


def sql(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def line(**known: Any) -> dict[str, Any]:
    blank = dict.fromkeys(
        ("pledge_name", "field_name", "cooperating", "project_type", "department_codes", "due",
         "due_year", "budget_class", "declared_total")
    )  # fmt: skip
    return blank | {"pledge_name": "공약", "department_codes": "D01"} | known


def change(day: date, item: str, before: str | None, after: str | None) -> dict[str, Any]:
    return {"change_date": day, "change_code": "CHANGED", "item_code": item,
            "before_text": before, "after_text": after}  # fmt: skip


def test_a_changed_owner_takes_effect_on_its_day() -> None:
    moved = change(date(2021, 8, 1), "department_codes", "D01", "D02")
    rows = slices(line(department_codes="D02"), [moved], date(2018, 7, 1))
    assert [
        (r["valid_from"], r["valid_to"], r["attributes"]["department_codes"]) for r in rows
    ] == [
        (date(2018, 7, 1), date(2021, 8, 1), ["D01"]),
        (date(2021, 8, 1), FOREVER, ["D02"]),
    ]


def test_a_change_holds_although_the_sheet_still_shows_the_old_value() -> None:
    moved = change(date(2021, 8, 1), "department_codes", "D01", "D02")
    rows = slices(line(department_codes="D01"), [moved], date(2018, 7, 1))
    assert rows[-1]["attributes"]["department_codes"] == ["D02"]


def test_without_changes_there_is_one_row_from_the_start() -> None:
    assert [r["valid_from"] for r in slices(line(), [], date(2018, 7, 1))] == [date(2018, 7, 1)]


@given(st.lists(st.dates(date(2018, 7, 2), date(2022, 6, 30)), unique=True, max_size=6))
def test_slices_cover_every_day_once(days: list[date]) -> None:
    names = [f"이름{n}" for n in range(len(days) + 1)]
    changes = [
        change(day, "pledge_name", names[n], names[n + 1]) for n, day in enumerate(sorted(days))
    ]
    rows = slices(line(pledge_name=names[-1]), changes, date(2018, 7, 1))
    assert rows[0]["valid_from"] == date(2018, 7, 1)
    assert rows[-1]["valid_to"] == FOREVER
    for earlier, later in pairwise(rows):
        assert earlier["valid_to"] == later["valid_from"]
    assert [r["attributes"]["pledge_name"] for r in rows] == names


def test_axes_and_class_of_an_office() -> None:
    assert project_axes("지속/협력/운영") == {
        "novelty": "CONTINUED", "actor": "COOPERATIVE", "delivery": "OPERATION",
    }  # fmt: skip
    assert project_axes("신규") == {"novelty": "NEW", "actor": None, "delivery": None}
    assert government_class("COUNTY", "6270000") == "DISTRICT"  # 군 in 대구광역시
    assert government_class("COUNTY", "44") == "COUNTY_IN_PROVINCE"  # 군 in 충청남도
    assert government_class("CITY", "6440000") == "CITY"


def test_blank_calendar_cells_have_their_meaning() -> None:
    blank = dict.fromkeys(("start_date", "due_date", "grace_date", "reference_date", "voted_year"))
    row = window_row({"quarter_id": "2021Q4", "_row": 2, **blank})
    assert row["reference_date"] == date(2021, 12, 31)
    assert row["due_date"] == row["grace_date"] == date(2022, 1, 10)
    assert row["voted_year"] == 2022  # a fourth quarter: next year's budget is voted
    assert window_row({"quarter_id": "2021Q3", "_row": 2, **blank})["voted_year"] == 2021


def test_loading_the_same_content_again_changes_nothing(home: Path) -> None:
    pipeline.register(str(register_workbook(home / "a.xlsx")), at=AT)
    before = sql("SELECT count(*), max(recorded_at) FROM core.dim_pledge")
    # Other bytes, the same content: the calendar has one quarter more.
    other = register_workbook(home / "b.xlsx", windows=[{"분기": "2021Q4"}, {"분기": "2022Q1"}])
    facts = pipeline.register(str(other), at=AT + timedelta(days=1))
    assert facts.registers[0].opened["core.dim_pledge"] == 0
    assert sql("SELECT count(*), max(recorded_at) FROM core.dim_pledge") == before


def test_a_corrected_name_closes_the_old_row(home: Path) -> None:
    pipeline.register(str(register_workbook(home / "a.xlsx")), at=AT)
    renamed = [{**PLEDGES[0], "공약명": "작은도서관 열두 곳 짓기"}, *PLEDGES[1:]]
    later = AT + timedelta(days=1)
    pipeline.register(str(register_workbook(home / "b.xlsx", pledges=renamed)), at=later)
    rows = sql(
        "SELECT pledge_name, superseded_at = 'infinity' FROM core.dim_pledge"
        " WHERE pledge_id = '1-1' ORDER BY recorded_at"
    )
    assert rows == [("작은도서관 열 곳 짓기", False), ("작은도서관 열두 곳 짓기", True)]


def test_a_bad_row_is_left_out_and_what_was_known_stays(home: Path) -> None:
    pipeline.register(str(register_workbook(home / "a.xlsx")), at=AT)
    spoiled = [
        {**PLEDGES[0], "주관부서코드": "D99"},
        {**PLEDGES[1], "공약명": "고친 이름"},
        *PLEDGES[2:],
    ]
    facts = pipeline.register(
        str(register_workbook(home / "b.xlsx", pledges=spoiled)), at=AT + timedelta(days=1)
    )
    assert facts.registers[0].left_out == 1
    assert [f.cell for f in facts.findings] == ["E2"]
    names = dict(sql("SELECT pledge_id, pledge_name FROM core.dim_pledge"
                     " WHERE superseded_at = 'infinity'"))  # fmt: skip
    assert names["1-1"] == "작은도서관 열 곳 짓기"
    assert names["1-2"] == "고친 이름"


def test_a_pledge_whose_number_became_a_day_stays(home: Path) -> None:
    """Whose line it is cannot be told: what it may be about stays as it was known."""
    pipeline.register(str(register_workbook(home / "a.xlsx")), at=AT)
    spoiled = [PLEDGES[0], {**PLEDGES[1], "공약번호": date(2021, 1, 2)}, *PLEDGES[2:]]
    book = register_workbook(home / "b.xlsx", pledges=spoiled)
    facts = pipeline.register(str(book), at=AT + timedelta(days=1))
    assert ("F-22", "B3") in [(f.rule_id, f.cell) for f in facts.findings]
    known = sql("SELECT pledge_id FROM core.dim_pledge WHERE superseded_at = 'infinity'")
    assert sorted(known) == [("1-1",), ("1-2",), ("2-1",), ("2-2",)]
    # 1-2's sub-project names a pledge that this register does not: its line is left out as well.
    assert sql("SELECT count(*) FROM core.dim_subproject WHERE superseded_at <> 'infinity'") == [
        (0,)
    ]


def test_people_stay_in_restricted(home: Path) -> None:
    pipeline.register(str(register_workbook(home / "a.xlsx", terms=[{"단체장": "홍길동"}])), at=AT)
    assert sql("SELECT head_name FROM restricted.term_head") == [("홍길동",)]


def test_a_change_of_owner_may_name_departments(home: Path) -> None:
    moved = {
        "공약번호": "1-1",
        "일자": "2021-08-01",
        "항목": "주관부서",
        "변경전": "가온과",
        "변경후": "나래과",
    }
    pledges = [{**PLEDGES[0], "주관부서코드": "D02"}, *PLEDGES[1:]]
    book = register_workbook(home / "a.xlsx", pledges=pledges, changes=[moved])
    pipeline.register(str(book), at=AT)
    rows = sql("SELECT valid_from, department_codes FROM core.dim_pledge WHERE pledge_id = '1-1'"
               " ORDER BY 1")  # fmt: skip
    assert rows == [(date(2018, 7, 1), ["D01"]), (date(2021, 8, 1), ["D02"])]

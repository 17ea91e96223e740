"""The register: what a day's row holds, what changes, and that loading it again changes nothing."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import text

from etl import pipeline
from etl.quarter import SEOUL
from etl.register.days import FOREVER, government_class, project_axes, slices, window_row
from etl.warehouse import transaction
from tests.factories import DEPARTMENTS, PLEDGES, SUBPROJECTS, WINDOWS, register_workbook
from tests.flow.shell import run

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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


WHOLE: dict[str, Any] = {
    "terms": [{}],
    "departments": DEPARTMENTS,
    "subprojects": SUBPROJECTS,
    "changes": [{"항목": "완료연도", "변경전": "2021", "변경후": "2022"}],
    "windows": WINDOWS,
    "waivers": [{}, {"규칙": "P-10"}],
    "status_words": [{}, {"말": "어려움", "추진상황": "보류"}],
    "published": [{}, {"지표코드": "R2"}, {"범위종류": "부서", "범위": "가온과"}],
}
TYPOS = [
    ("임기", "terms", {"종료일": "2017-06-30"}),
    ("부서", "departments", {"부서코드": "D011"}),
    ("공약", "pledges", {"공약번호": "1-11"}),
    ("공약", "pledges", {"민선기수": 77}),
    ("세부사업", "subprojects", {"공약번호": "1-11"}),
    ("공약변경", "changes", {"공약번호": "1-11"}),
    ("제출일정", "windows", {"분기": "2021QQ"}),
    ("점검예외", "waivers", {"규칙": "P-099"}),
    ("상태어", "status_words", {"추진상황": "없는 말"}),
    ("공표값", "published", {"지표코드": "R11"}),
    ("공표값", "published", {"출처": "", "지표코드": "R2"}),
    ("공표값", "published", {"지표코드": "R2"}),  # the next line's: that one is refused
]


@pytest.mark.slow
@pytest.mark.parametrize(("sheet", "rows", "typo"), TYPOS)
def test_a_mistyped_key_closes_nothing(
    home: Path, sheet: str, rows: str, typo: dict[str, Any]
) -> None:
    """Whatever a refused line was about stays, and so does what was worked out of it."""
    whole = WHOLE | {"pledges": PLEDGES}
    pipeline.register(str(register_workbook(home / "a.xlsx", **whole)), at=AT)
    first, *others = whole[rows]
    spoiled = whole | {rows: [first | typo, *others]}
    book = register_workbook(home / "b.xlsx", **spoiled)
    done = pipeline.register(str(book), at=AT + timedelta(days=1))
    (record,) = done.registers
    assert record.left_out
    assert record.ended == ()
    assert sum(record.closed.values()) == 0
    assert any(name.startswith(sheet) for name in record.kept)
    mended = register_workbook(home / "c.xlsx", **whole)
    (again,) = pipeline.register(str(mended), at=AT + timedelta(days=2)).registers
    assert (again.left_out, again.kept) == (0, ())


@pytest.mark.slow
def test_what_is_not_in_a_sound_file_is_closed_and_named(home: Path) -> None:
    pipeline.register(str(register_workbook(home / "a.xlsx", **WHOLE)), at=AT)
    fewer = WHOLE | {"published": WHOLE["published"][:1], "windows": WINDOWS[1:]}
    said = run("register", str(register_workbook(home / "b.xlsx", **fewer)))
    assert said.code == 0
    assert (
        "파일에 없어 닫은 행: 제출일정 2021Q1, 공표값 2021Q4 R1 가온과 이행보고서 3쪽,"
        " 공표값 2021Q4 R2 이행보고서 3쪽" in " ".join(said.out.split())
    )


@pytest.mark.slow
def test_a_refused_line_and_what_stays_are_told(home: Path) -> None:
    pipeline.register(str(register_workbook(home / "a.xlsx", **WHOLE)), at=AT)
    typo = {**WHOLE["published"][1], "지표코드": "R22"}
    spoiled = WHOLE | {"published": [WHOLE["published"][0], typo]}
    said = run("register", str(register_workbook(home / "b.xlsx", **spoiled)))
    told = " ".join(said.out.split())
    assert said.code == 0
    assert "고쳐야 할 1행은 반영하지 않았습니다." in told
    assert (
        "닫지 않았습니다(고쳐서 다시 올리면 닫습니다): 공표값 2021Q4 R1 가온과 이행보고서 3쪽,"
        " 공표값 2021Q4 R2 이행보고서 3쪽" in told
    )


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

"""A file that comes again: the same content is recognised, what differs is told cell by cell."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from etl import pipeline
from etl.quarter import SEOUL
from etl.warehouse import analyst_query, transaction
from tests.factories import GOVERNMENT, return_workbook

FIRST = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
SECOND = FIRST + timedelta(days=1)
THIRD = FIRST + timedelta(days=2)
LINES = [
    {"공약번호": "1-1", "이행률(%)": 60, "추진내용": "설계를 마침"},
    {"공약번호": "1-2", "이행률(%)": 40},
]
MONEY = [{"2020 확보액": 20, "2021 확보액": 10, "2021 집행액": 3}]


def rows(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def first(folder: Path) -> Path:
    path = return_workbook(folder / "첫.xlsx", progress=LINES, budget=MONEY)
    assert pipeline.collect([str(path)], at=FIRST).accepted == 2
    return path


def saved_again(path: Path, target: Path, *, upside_down: bool = False) -> Path:
    """The same workbook as another program would save it: other bytes, perhaps other rows."""
    book = load_workbook(path)
    if upside_down:
        sheet = book["공약현황"]
        lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=4)]
        for number, values in enumerate(reversed(lines), start=3):
            for column, value in enumerate(values, start=1):
                sheet.cell(number, column).value = value
    book.properties.title = "다시 저장"
    book.save(target)
    return target


def answer_of(facts: pipeline.Collected) -> Path:
    (path,) = facts.answers
    return Path(path)


@pytest.mark.slow
@pytest.mark.parametrize("upside_down", [False, True])
def test_the_same_content_changes_nothing_whatever_its_bytes(
    world: Path, upside_down: bool
) -> None:
    again = saved_again(first(world), world / "again.xlsx", upside_down=upside_down)
    facts = pipeline.collect([str(again)], at=SECOND)
    assert (facts.accepted, facts.findings) == (0, 0)
    assert rows("SELECT count(*), max(version) FROM core.pledge_report") == [(2, 1)]
    found = rows("SELECT file_name, state, repeats_submission_id IS NOT NULL FROM audit.submission"
                 " WHERE form_code = 'quarterly_return' ORDER BY submission_id")  # fmt: skip
    assert found == [("첫.xlsx", "loaded", False), ("again.xlsx", "repeated", True)]
    assert "내용이 같은 파일입니다" in answer_of(facts).read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_older_content_that_comes_again_is_news(world: Path) -> None:
    """It undoes what came between, so it is not the content in force."""
    path = first(world)
    changed = return_workbook(
        world / "b.xlsx", progress=[LINES[0] | {"이행률(%)": 70}], budget=MONEY
    )
    assert pipeline.collect([str(changed)], at=SECOND).accepted == 1
    again = saved_again(path, world / "again.xlsx")
    assert pipeline.collect([str(again)], at=THIRD).accepted == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        {"이행률(%)": 61},
        {"이행률(%)": None},
        {"추진내용": "설계를 마침."},
        {"정정사유": "말로 함"},
        {"추진상황": "정상추진 "},  # the same label: blanks say nothing
    ],
)
def test_any_other_value_is_other_content(world: Path, line: dict[str, Any]) -> None:
    first(world)
    other = return_workbook(
        world / "b.xlsx", progress=[LINES[0] | line, LINES[1]], budget=MONEY
    )  # fmt: skip
    facts = pipeline.collect([str(other)], at=SECOND)
    assert facts.accepted == (0 if "추진상황" in line else 2)


@pytest.mark.slow
def test_what_a_resubmission_changed_is_told_cell_by_cell(world: Path) -> None:
    first(world)
    # 1-1: 60 → 65; 2020 money taken away; 2021 집행액 3 → 5; 2022 확보액 added; another text.
    line = LINES[0] | {"이행률(%)": 65, "추진내용": "공사를 시작함", "정정사유": "집계를 다시 함"}
    budget = [{"2021 확보액": 10, "2021 집행액": 5, "2022 확보액": 7.5}]
    path = return_workbook(world / "둘째.xlsx", progress=[line, LINES[1]], budget=budget)
    facts = pipeline.collect([str(path)], at=SECOND)
    assert facts.accepted == 2
    found = pipeline.diff("2021Q4", GOVERNMENT)
    place = "본사업 · 구비 · "
    assert [
        (c.pledge_id, c.version, c.item_name, c.place, c.difference_kind,
         c.before_shown, c.after_shown, c.sheet_name, c.cell)
        for c in found
    ] == [
        ("1-1", 2, "이행률", "", "changed", "60%", "65%", "공약현황", "D3"),
        ("1-1", 2, "확보액", f"{place}2020", "removed", "20백만원", None, None, None),
        ("1-1", 2, "확보액", f"{place}2022", "added", None, "7.5백만원", "예산", "M3"),
        ("1-1", 2, "집행액", f"{place}2021", "changed", "3백만원", "5백만원", "예산", "L3"),
        ("1-1", 2, "추진내용", "", "changed", "설계를 마침", "공사를 시작함", "공약현황", "H3"),
    ]  # fmt: skip
    assert {c.correction_reason for c in found} == {"집계를 다시 함"}
    assert pipeline.diff("2021Q4", GOVERNMENT, pledge_id="1-2") == []
    assert pipeline.diff("2021Q4", GOVERNMENT, department_code="D02") == []
    assert len(pipeline.diff("2021Q4", GOVERNMENT, submission_id=found[0].submission_id)) == 5


@pytest.mark.slow
def test_the_mart_tells_numbers_but_never_texts(world: Path) -> None:
    first(world)
    path = return_workbook(
        world / "b.xlsx", progress=[LINES[0] | {"추진내용": "김공무원에게 물음"}, LINES[1]],
        budget=[MONEY[0] | {"2021 집행액": 4}],
    )  # fmt: skip
    pipeline.collect([str(path)], at=SECOND)
    _, told = analyst_query(
        "SELECT pledge_id, item_name, fiscal_year, before_value, after_value FROM"
        " mart.report_change WHERE quarter_id = '2021Q4' ORDER BY item_name"
    )
    assert told == [
        ("1-1", "집행액", "2021", "3000000", "4000000"),
        ("1-1", "추진내용", "", None, None),
    ]


@pytest.mark.slow
def test_the_receipt_lists_what_changed(world: Path) -> None:
    first(world)
    path = return_workbook(
        world / "b.xlsx",
        progress=[
            LINES[0] | {"이행률(%)": 65, "정정사유": "다시 셈", "추진내용": "더 함"},
            LINES[1],
        ],
        budget=MONEY,
    )
    told = answer_of(pipeline.collect([str(path)], at=SECOND)).read_text(encoding="utf-8")
    assert "앞서 낸 보고에서 바뀐 값 2건" in told
    assert "- 1-1 이행률: 60% → 65%" in told


@pytest.mark.slow
def test_the_answer_lists_what_changed_and_may_be_sent_back(world: Path) -> None:
    first(world)
    # 1-1 goes on; 1-2 is 100 % without being complete, which needs a reason.
    lines = [LINES[0] | {"이행률(%)": 65, "정정사유": "다시 셈"}, LINES[1] | {"이행률(%)": 100}]
    path = return_workbook(world / "b.xlsx", progress=lines, budget=MONEY)
    answer = answer_of(pipeline.collect([str(path)], at=SECOND))
    book = load_workbook(answer)
    assert book.sheetnames[:2] == ["점검결과", "변경내역"]
    sheet = book["변경내역"]
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert values == [["1-1", "이행률", None, "60%", "65%", "공약현황", "D3", "다시 셈"]]
    assert sheet["G3"].hyperlink.location == "'공약현황'!D3"
    result = book["점검결과"]
    (row,) = [row for row in result.iter_rows() if row[0].value == "P-10"]
    assert row[0].hyperlink.target == "../../../../rules.html#P-10"
    assert (answer.parent / "../../../../rules.html").resolve().exists()
    row[8].value = "준공 검사만 남음"
    back = world / "back.xlsx"
    book.save(back)
    facts = pipeline.collect([str(back)], at=THIRD)
    assert facts.accepted == 2
    told = {f.rule_id for f in pipeline.findings_of(facts.submission_ids)}
    assert told.isdisjoint({"F-13", "F-34"})


@pytest.mark.slow
def test_an_answer_sent_back_as_it_was_is_no_news(world: Path) -> None:
    """The sheets that we added say nothing of the sender's."""
    noted = [LINES[0] | {"공약명": "다른 이름"}, LINES[1]]
    path = return_workbook(world / "a.xlsx", progress=noted, budget=MONEY)
    facts = pipeline.collect([str(path)], at=FIRST)
    assert facts.accepted == 2
    answer = answer_of(facts)
    assert answer.suffix == ".xlsx"
    assert pipeline.collect([str(answer)], at=SECOND).accepted == 0
    assert rows("SELECT state FROM audit.submission ORDER BY submission_id DESC LIMIT 1") == [
        ("repeated",)
    ]

"""Cards on their way: from a document of any format to figures, answers and what stays in force."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import pipeline
from etl.answer import AnswerFinding
from etl.documents.blocks import Block, TableBlock
from etl.documents.hwpx import read_hwpx
from etl.figures import compute
from etl.figures.pledges import QuarterAsOf
from etl.pipeline import Asked
from etl.quarter import SEOUL, Quarter
from etl.warehouse import analyst_query, transaction
from tests.card_documents import as_hwpx, card_file
from tests.card_factory import LINES, CardModel, card_blocks
from tests.conftest import Begin
from tests.documents_hwp import hwp_bytes
from tests.documents_writers import write_docx, write_pdf, write_text, write_xlsx
from tests.evidence import require_cells
from tests.factories import GOVERNMENT, register_workbook, return_workbook

FIRST = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
SECOND = FIRST + timedelta(days=1)
THIRD = FIRST + timedelta(days=2)
PLEDGES = (
    {"공약번호": "나눔-3", "공약명": "동네 쉼터 열 곳 만들기", "총사업비": 1140, "완료연도": 2022},
    {"공약번호": "1-1"},
    {"공약번호": "2-1", "주관부서코드": "D02"},
)
WRITERS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    "hwpx": as_hwpx,
    "hwp": hwp_bytes,
    "docx": write_docx,
    "pdf": write_pdf,
    "txt": write_text,
    "xlsx": write_xlsx,
}


def opened(home: Path) -> None:
    path = register_workbook(home / "register.xlsx", pledges=PLEDGES)
    assert pipeline.register(str(path), at=datetime(2021, 1, 4, tzinfo=SEOUL)).registers


@pytest.fixture
def office(begin: Begin, tmp_path: Path) -> Path:
    begin(opened)
    return tmp_path


def rows(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def shown(code: str) -> str:
    (row,) = pipeline.figures("2021Q4", GOVERNMENT, THIRD, code, "all")
    return row.shown


def told(facts: pipeline.Collected) -> dict[str, AnswerFinding]:
    return {finding.rule_id: finding for finding in pipeline.findings_of(facts.submission_ids)}


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_a_card_of_every_format_gives_the_same_figures(office: Path, kind: str) -> None:
    # 백만원, plan and spent by year of three lines (국비, 구비, 구비):
    # 2018 0+5+0, spent 0+5+0; 2019 20+10+0, 15+7.5+0; 2020 30+12+1000, 30+12+900: secured.
    # 2021 40+8+2 and 2022 10+0+3 are 투자수요.
    # plan = 5+30+1042+50+13 = 1,140; secured = 1,077; executed = 5+22.5+942 = 969.5.
    path = card_file(office / f"카드.{kind}", write=WRITERS[kind])
    facts = pipeline.collect([str(path)], at=FIRST)
    assert facts.accepted == 1, told(facts)
    assert (shown("PLAN"), shown("SECURED"), shown("EXECUTED")) == (
        "1,140,000,000", "1,077,000,000", "969,500,000",
    )  # fmt: skip
    assert shown("R1") == "60.0"
    assert shown("B1") == "94.47"  # 1,077 / 1,140
    assert ("D-06" in told(facts)) == (kind == "pdf")


def test_every_part_of_a_card_reaches_the_warehouse(office: Path) -> None:
    pipeline.collect([str(card_file(office / "card.hwpx"))], at=FIRST)
    assert rows("SELECT department_name, declared_total_krw, project_type, newest_quarter_id,"
                " goal FROM core.pledge_card") == [
        ("가온과", Decimal(1_140_000_000), "신규/자체/시설", "2021Q4",
         "- 걸어서 5분 안에 쉴 곳이 있도록 함")
    ]  # fmt: skip
    assert rows("SELECT subproject_name, first_year, last_year, content FROM core.yearly_plan"
                " ORDER BY entry_number") == [
        ("쉼터 짓기", 2018, 2018, "터 찾기"),
        ("쉼터 짓기", 2019, 2019, "설계"),
        ("쉼터 짓기", 2020, 2021, "짓기"),
        ("쉼터 짓기", 2022, 2022, "열기"),
        ("쉼터 꾸미기", 2020, 2022, "살림 들이기"),
    ]  # fmt: skip
    assert rows("SELECT quarter_id, achieved_on::text FROM core.achievement ORDER BY 2") == [
        ("2021Q3", "2021-07-05"), ("2021Q4", "2021-10-12"), ("2021Q4", "2021-12-03"),
    ]  # fmt: skip
    assert rows("SELECT person_name FROM restricted.contact ORDER BY entry_number") == [
        ("김가온",), ("이나래",), ("박다솜",),
    ]  # fmt: skip
    ((annex,),) = rows(
        "SELECT string_agg(content, '|' ORDER BY entry_number) FROM restricted.annex"
    )
    assert "쉼터 운영위원회(예시)" in annex
    assert "살림\t청소" in annex


@pytest.mark.slow
def test_people_of_a_card_are_nowhere_but_in_restricted(office: Path) -> None:
    pipeline.collect([str(card_file(office / "card.hwpx"))], at=FIRST)
    pipeline.report("2021Q4", GOVERNMENT, FIRST)
    tables = rows("SELECT table_schema || '.' || table_name FROM information_schema.tables"
                  " WHERE table_schema IN ('audit', 'staging', 'core', 'mart')")  # fmt: skip
    for (table,) in tables:
        assert rows(f"SELECT 1 FROM {table} AS t WHERE t::text ~ '김가온|이나래|박다솜'") == [], (
            table
        )


def test_a_fault_is_told_with_its_place_and_the_answer_is_a_hangul_document(office: Path) -> None:
    path = card_file(office / "card.hwpx", rate="120%")
    facts = pipeline.collect([str(path)], at=FIRST)
    assert facts.accepted == 0
    finding = told(facts)["P-07"]
    assert (finding.cell, finding.seen) == ("표1 2행4열", "120%")
    (answer,) = facts.answers
    assert answer.endswith("card_점검결과.hwpx")
    (table,) = [b for b in read_hwpx(Path(answer).read_bytes()) if isinstance(b, TableBlock)]
    assert [cell.text for cell in table.cells if cell.row == 1] == [
        "규칙", "구분", "공약번호", "자리", "읽은 값", "기대 값", "할 일",
    ]  # fmt: skip
    told_rows = {table.at(row, 1).text: table.at(row, 4).text  # type: ignore[union-attr]
                 for row in range(2, table.row_count + 1)}  # fmt: skip
    assert told_rows["P-07"] == "공약관리카드 표1 2행4열"
    plain = Path(answer).with_suffix(".txt").read_text(encoding="utf-8")
    assert "자리: 공약관리카드 표1 2행4열" in plain


def test_a_wrong_total_and_a_wrong_amount_are_told_at_their_cells(office: Path) -> None:
    # 국비 of 2020 says 3O (the letter); then its row has no readable amount there.
    first, *others = LINES
    line = replace(first, amounts={**first.amounts, "2020년": ("3O", "30")})
    path = card_file(office / "card.hwpx", lines=(line, *others))
    found = told(pipeline.collect([str(path)], at=FIRST))
    assert (found["F-20"].sheet_name, found["F-20"].seen) == ("연차별 투자수요 및 집행액", "3O")
    assert found["F-20"].cell.startswith("표3 ")


@pytest.mark.slow
def test_a_reason_in_the_card_lets_an_odd_value_in(office: Path) -> None:
    odd = {"rate": "100%"}  # 정상추진 with 100 %
    assert pipeline.collect([str(card_file(office / "a.hwpx", **odd))], at=FIRST).accepted == 0
    explained = card_file(office / "b.hwpx", **odd, correction_reason=("준공 검사만 남음",))
    assert pipeline.collect([str(explained)], at=SECOND).accepted == 1


@pytest.mark.slow
def test_a_corrected_card_replaces_what_a_return_said_of_its_pledge_alone(office: Path) -> None:
    lines = [{"공약번호": "나눔-3", "공약명": "동네 쉼터 열 곳 만들기", "이행률(%)": 50},
             {"공약번호": "1-1", "이행률(%)": 40}]  # fmt: skip
    pipeline.collect([str(return_workbook(office / "r.xlsx", progress=lines))], at=FIRST)
    facts = pipeline.collect([str(card_file(office / "card.hwpx"))], at=SECOND)
    assert facts.accepted == 1
    assert rows("SELECT pledge_id, declared_rate_pct::int FROM core.pledge_report"
                " JOIN core.fct_quarterly_progress USING (report_id)"
                " WHERE superseded_at = 'infinity' ORDER BY 1") == [("1-1", 40), ("나눔-3", 60)]  # fmt: skip
    (change, *_) = pipeline.diff("2021Q4", GOVERNMENT, pledge_id="나눔-3")
    assert (change.item_name, change.before_shown, change.after_shown, change.cell) == (
        "이행률", "50%", "60%", "표1 2행4열",
    )  # fmt: skip


@pytest.mark.slow
def test_the_same_card_is_news_only_in_another_quarter(office: Path) -> None:
    path = card_file(office / "2021Q4" / "card.hwpx")
    assert pipeline.collect([str(path)], at=FIRST).accepted == 1
    again = card_file(office / "2021Q4" / "again.docx", write=write_docx)
    assert pipeline.collect([str(again)], at=SECOND).accepted == 0
    assert rows("SELECT state FROM audit.submission ORDER BY submission_id DESC LIMIT 1") == [
        ("repeated",)
    ]
    next_quarter = office / "2022Q1" / "card.hwpx"
    next_quarter.parent.mkdir()
    next_quarter.write_bytes(path.read_bytes())
    assert pipeline.collect([str(next_quarter)], at=THIRD).accepted == 1


@pytest.mark.slow
def test_the_state_of_a_department_is_that_of_all_its_cards(office: Path) -> None:
    good = card_file(office / "good.hwpx")
    bad = card_file(
        office / "bad.hwpx", pledge_id="1-1", pledge_name="작은도서관 열 곳 짓기", rate="120%"
    )
    pipeline.collect([str(bad)], at=FIRST)
    pipeline.collect([str(good)], at=SECOND)
    (row,) = [r for r in pipeline.status("2021Q4", GOVERNMENT) if r.department_code == "D01"]
    assert (row.state, row.reported_count, row.owed_count) == ("blocked", 1, 2)
    mended = card_file(office / "c.hwpx", pledge_id="1-1", pledge_name="작은도서관 열 곳 짓기")
    assert pipeline.collect([str(mended)], at=THIRD).accepted == 1
    (row,) = [r for r in pipeline.status("2021Q4", GOVERNMENT) if r.department_code == "D01"]
    assert (row.state, row.reported_count) == ("submitted", 2)


@pytest.mark.slow
def test_a_folder_says_whose_card_it_is_where_nothing_else_does(office: Path) -> None:
    unknown = {"pledge_id": "모름-9", "pledge_name": "대장에 없는 일", "department": ""}
    path = card_file(office / "2021Q4" / "나래과" / "card.hwpx", **unknown)
    pipeline.collect([str(path)], at=FIRST)
    asked = "SELECT department_code FROM audit.submission WHERE file_name = 'card.hwpx'"
    assert rows(asked) == [("D02",)]
    other = card_file(office / "2021Q4" / "D02" / "other.hwpx")
    assert pipeline.collect([str(other)], at=SECOND).accepted == 0
    assert rows("SELECT rule_id, seen, expected FROM audit.finding WHERE rule_id = 'F-51'") == [
        ("F-51", "D01 가온과", "나래과")
    ]


def test_cards_of_two_departments_in_one_document(office: Path) -> None:
    other = CardModel(pledge_id="2-1", pledge_name="개울 되살리기", department="나래과")
    path = office / "cards.hwpx"
    path.write_bytes(as_hwpx(card_blocks(CardModel(), other)))
    assert pipeline.collect([str(path)], at=FIRST).accepted == 2


def test_a_card_of_another_departments_pledge_is_stopped(office: Path) -> None:
    path = card_file(office / "card.hwpx", pledge_id="2-1", pledge_name="개울 되살리기")
    found = told(pipeline.collect([str(path)], at=FIRST))
    assert found["P-03"].cell == "표1 1행1열"


@pytest.mark.slow
def test_withdrawing_a_card_brings_back_all_of_the_earlier_one(office: Path) -> None:
    pipeline.collect([str(card_file(office / "a.hwpx"))], at=FIRST)
    kept = ("core.yearly_plan", "core.pledge_card", "restricted.annex", "core.achievement")
    before = [rows(f"SELECT count(*) FROM {table}") for table in kept]
    wrong = pipeline.collect([str(card_file(office / "b.hwpx", rate="70%"))], at=SECOND)
    pipeline.withdraw(wrong.submission_ids[0], "총괄부서", "다른 카드", at=THIRD)
    for table, count in zip(kept, before, strict=True):
        found = rows(f"SELECT count(*) FROM {table} JOIN core.pledge_report USING (report_id)"
                     " WHERE superseded_at = 'infinity'")  # fmt: skip
        assert found == count, table


def test_cards_may_come_through_the_inbox_by_folder(office: Path) -> None:
    card_file(office / "home" / "inbox" / "2021Q2" / "card.hwpx")
    assert pipeline.collect(at=FIRST).accepted == 1
    _, found = analyst_query("SELECT quarter_id FROM mart.pledge_status WHERE pledge_id = '나눔-3'")
    assert ("2021Q2",) in found


@pytest.mark.slow
def test_an_invited_card_brings_back_what_the_last_card_said(office: Path) -> None:
    pipeline.collect([str(card_file(office / "card.hwpx"))], at=FIRST)
    invited = pipeline.invite("2022Q1", GOVERNMENT, at=THIRD, with_cards=True)
    (path,) = [path for path in invited.cards if "나눔-3" in path]
    facts = pipeline.collect([path], at=THIRD, asked=Asked(None, "2022Q1"))
    assert facts.accepted == 1, told(facts)
    same = (
        "SELECT status_code, declared_rate_pct, due_code, due_year, plan, goal, overview,"
        # By then 2021 and 2022 are voted, so their 투자수요 comes as 확보액: the plan is the same.
        " (SELECT array_agg((subproject_name, funding_source_label, fiscal_year, plan_krw,"
        "  executed_krw)::text ORDER BY subproject_name, funding_source_label, fiscal_year)"
        "  FROM core.fct_quarterly_budget AS b"
        "  WHERE b.report_id = r.report_id AND b.plan_krw + b.executed_krw > 0),"
        " (SELECT array_agg((subproject_name, first_year, last_year, is_post_term, content)::text"
        "  ORDER BY entry_number) FROM core.yearly_plan AS y WHERE y.report_id = r.report_id)"
        " FROM core.pledge_report AS r JOIN core.fct_quarterly_progress USING (report_id)"
        " JOIN core.pledge_card USING (report_id) WHERE quarter_id = '{}'"
    )
    ((before,), (after,)) = rows(same.format("2021Q4")), rows(same.format("2022Q1"))
    assert before == after


AROUND = {"pre_term": "기투자", "post_term": "임기후"}
ONE = replace(LINES[0], amounts={**LINES[0].amounts, "기투자": ("7",), "임기후": ("11.5",)})
# 기투자 and 임기후 with 확보현황 and 집행실적 of their own: neither is ever executed.
GROUPED = replace(
    LINES[0],
    amounts={"기투자": ("7", "6", "5"), "2021년": ("10", "8", "3"), "임기후": ("11.5", "9", "4")},
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {**AROUND, "lines": (ONE,)},
        {**AROUND, "lines": (GROUPED,), "layout": "groups", "years": ("2021년",)},
    ],
    ids=["years", "around the term", "groups around the term"],
)
def test_every_figure_of_a_card_is_the_sum_of_its_places(
    office: Path, changes: dict[str, Any]
) -> None:
    path = card_file(office / "card.hwpx", **changes, correction_reason=("예시",))
    facts = pipeline.collect([str(path)], at=FIRST)
    assert facts.accepted == 1, told(facts)
    with transaction() as connection:
        compute(connection, QuarterAsOf(GOVERNMENT, Quarter.parse("2021Q4"), THIRD))
        assert require_cells(connection, GOVERNMENT, Quarter.parse("2021Q4"), THIRD) > 100


def test_a_trace_ends_at_the_place_in_the_document(office: Path) -> None:
    pipeline.collect([str(card_file(office / "card.hwpx"))], at=FIRST)
    found = pipeline.trace("2021Q4", GOVERNMENT, THIRD, "R1", "all").values
    assert [(v.file_name, v.cell, v.as_written, v.value) for v in found] == [
        ("card.hwpx", "표1 2행4열", "60%", 60), ("card.hwpx", "표1 2행4열", "60%", 1),
    ]  # fmt: skip
    spent = pipeline.trace("2021Q4", GOVERNMENT, THIRD, "EXECUTED", "fiscal_year:2019").values
    assert {(v.cell, v.as_written) for v in spent} >= {("표3 6행8열", "15")}

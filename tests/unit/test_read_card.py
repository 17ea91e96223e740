"""A card as blocks: what is staged of each section, with which places, and what is said of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from etl.documents.blocks import Block, Paragraph
from etl.form import form
from etl.read_card import read_card
from etl.staged import StagedFile, stage_columns
from tests.card_factory import CardModel, card_blocks, changed, table_block, with_rows

PROGRESS = "staging.quarterly_return__progress"
ACHIEVEMENT = "staging.quarterly_return__achievement"
COOPERATION = "staging.quarterly_return__cooperation"
CONTACT = "restricted.quarterly_return__contact"
HEADER = "staging.pledge_card__header"
QUARTER = "staging.pledge_card__achievement_quarter"
PLAN = "staging.pledge_card__yearly_plan"
ANNEX = "restricted.pledge_card__annex"


def read(model: CardModel | None = None, **said: Any) -> StagedFile:
    return read_card(card_blocks(model or CardModel(**said)), "카드.hwpx")


def rows(staged: StagedFile, stage: str) -> list[dict[str, Any]]:
    return [dict(zip(stage_columns(stage), row, strict=True)) for row in staged.rows.get(stage, [])]


def only(staged: StagedFile, stage: str) -> dict[str, Any]:
    (row,) = rows(staged, stage)
    return row


def codes(staged: StagedFile) -> list[str]:
    return [problem.code for problem in staged.problems]


def place(staged: StagedFile, table_no: int, row: int, field: str) -> str:
    """Resolve a field's place as the warehouse does."""
    columns = staged.tables[table_no - 1].columns
    return columns.get(f"{field}@{row}", columns[field]).replace("{row}", f"{row}")


def annexes(staged: StagedFile) -> list[str]:
    return [row["content"] for row in rows(staged, ANNEX)]


# The whole card


def test_a_card_of_the_form_has_no_problem() -> None:
    staged = read()
    assert staged.problems == []
    assert (staged.form_code, staged.form_edition) == ("pledge_card", "2026-1")
    assert (staged.quarter_id, staged.department_code, staged.government_id) == (None, None, None)
    assert [(t.table_no, t.table_code, t.sheet_name, t.row_count) for t in staged.tables] == [
        (1, "progress", "공약관리카드", 1),
        (2, "header", "공약관리카드", 1),
        (3, "achievement", "추진실적", 3),
        (4, "yearly_plan", "연차별 추진계획", 5),
        (5, "budget", "연차별 투자수요 및 집행액", 5),
        (6, "cooperation", "협업사항", 2),
        (7, "annex", "붙임", 1),
        (8, "contact", "작성자", 3),
        (9, "cooperation", "작성자", 3),
    ]


def test_rows_are_as_wide_as_their_stage_and_numbered_once() -> None:
    staged = read()
    for stage, lines in staged.rows.items():
        assert {len(line) for line in lines} == {len(stage_columns(stage))}
    for stage in staged.rows.keys() - {"staging.quarterly_return__budget"}:
        keys = [line[:2] for line in staged.rows[stage]]
        assert len(set(keys)) == len(keys), stage


def test_the_stages_of_a_card_are_described_once() -> None:
    assert {table.stage for table in form("pledge_card").tables} == {HEADER, QUARTER, PLAN, ANNEX}
    assert stage_columns(HEADER) == (
        "_table", "_row", "pledge_id", "pledge_name", "department_name", "declared_total",
        "declared_total_raw", "declared_total_kind", "project_type", "newest_quarter_id", "goal",
        "overview",
    )  # fmt: skip
    assert stage_columns(QUARTER) == ("_table", "_row", "pledge_id", "quarter_id")
    assert stage_columns(PLAN) == (
        "_table", "_row", "pledge_id", "subproject_name", "first_year", "last_year",
        "is_pre_term", "is_post_term", "content",
    )  # fmt: skip
    assert stage_columns(ANNEX) == ("_table", "_row", "pledge_id", "entry_number", "content")


def test_progress_comes_from_the_header_and_the_sections_of_text() -> None:
    staged = read(problem=("- 터가 모자람",), correction_reason=("- 분기를 바로잡음",))
    row = only(staged, PROGRESS)
    assert (row["pledge_id"], row["pledge_name"]) == ("나눔-3", "동네 쉼터 열 곳 만들기")
    assert (row["status"], row["status_raw"], row["status_kind"]) == ("정상추진",) * 2 + ("value",)
    assert (row["rate"], row["rate_raw"]) == (Decimal(60), "60%")
    assert (row["due"], row["due_year"], row["due_year_kind"]) == ("임기내", 2022, "value")
    assert (row["target"], row["target_kind"]) == (None, "blank")
    assert row["content"] == "'21. 10. 12. 설계 마침; '21. 12. 3. 첫 삽을 뜸"
    assert (row["plan"], row["problem"]) == ("- '22. 3월 : 두 곳 열기", "- 터가 모자람")
    assert row["correction_reason"] == "- 분기를 바로잡음"


def test_the_header_says_whose_card_and_of_which_quarter_it_is() -> None:
    row = only(read(), HEADER)
    assert row["department_name"] == "가온과"
    assert (row["declared_total"], row["declared_total_raw"]) == (1_140_000_000, "1,140백만원")
    assert (row["project_type"], row["newest_quarter_id"]) == ("신규/자체/시설", "2021Q4")
    assert row["goal"] == "- 걸어서 5분 안에 쉴 곳이 있도록 함"
    assert row["overview"] == "- 위 치 : 동마다 한 곳\n- 내 용 : 빈집을 고쳐 쉼터로 씀"


def test_every_value_keeps_its_place() -> None:
    # table 1: row 1 number and name, row 2 status, rate, due; row 3 total, type, department
    staged = read()
    assert place(staged, 1, 1, "pledge_id") == "표1 1행1열"
    assert place(staged, 1, 1, "status") == "표1 2행2열"
    assert place(staged, 1, 1, "rate") == "표1 2행4열"
    assert place(staged, 1, 1, "due_year") == place(staged, 1, 1, "due") == "표1 2행6열"
    assert place(staged, 2, 1, "department_name") == "표1 3행6열"
    # paragraphs: 1 □ 정책목표, 2 its line, 3 □ 사업개요, 4-5, 6 □ 연차별 추진계획, 7 □ 연차별
    # 투자수요, 8 the unit, 9 □ 추진실적, 10 【3분기】, 11, 12 【4분기】, 13, 14-15 follow, 16
    assert place(staged, 2, 1, "overview") == "문단 4"
    assert place(staged, 2, 1, "newest_quarter_id") == "문단 12"
    assert place(staged, 1, 1, "content") == "문단 13"
    assert [row["_row"] for row in rows(staged, ACHIEVEMENT)] == [11, 13, 16]
    assert place(staged, 3, 16, "content") == "문단 16"


# The table of labels


@pytest.mark.parametrize(
    ("due", "label", "year"),
    [
        ("임기내 (2022)", "임기내", 2022),
        ("임기후(2024년)", "임기후", 2024),
        ("임기내\n(2022. 6월)", "임기내", 2022),
        ("2022 (임기내)", "임기내", 2022),
        ("임기내 2022", "임기내", 2022),
        ("임기내", "임기내", None),
        ("2022", None, 2022),
        ("", None, None),
    ],
)
def test_when_and_in_which_year_it_is_due(due: str, label: str | None, year: int | None) -> None:
    row = only(read(due=due), PROGRESS)
    assert (row["due"], row["due_year"]) == (label, year)


@pytest.mark.parametrize(
    ("written", "won", "kind"),
    [
        ("1,140백만원", 1_140_000_000, "value"),
        ("3억원", 300_000_000, "value"),
        ("1,140", 1_140_000_000, "value"),  # the unit of the money table: 백만원
        ("비예산", None, "not_applicable"),
        ("-", None, "not_applicable"),
        ("", None, "blank"),
        ("약 11억", None, "unreadable"),
    ],
)
def test_the_declared_total_has_a_unit(written: str, won: int | None, kind: str) -> None:
    staged = read(declared_total=written)
    row = only(staged, HEADER)
    assert (row["declared_total"], row["declared_total_kind"]) == (won, kind)
    assert codes(staged) == (["unreadable_number"] if kind == "unreadable" else [])


def test_the_unit_may_stand_in_the_label() -> None:
    blocks = changed(
        card_blocks(CardModel()), {"표1 3행1열": "총사업비\n(천원)", "표1 3행2열": "500"}
    )
    assert only(read_card(blocks, "x"), HEADER)["declared_total"] == 500_000


def test_an_unreadable_rate_is_named_with_its_cell() -> None:
    staged = read(rate="60점")
    (problem,) = staged.problems
    assert (problem.code, problem.seen, problem.expected) == ("unreadable_number", "60점", "60?")
    assert (problem.table_no, problem.column, problem.field) == (1, "표1 2행4열", "rate")
    assert problem.pledge_id == "나눔-3"


STATUSES = ("완료", "이행후 계속추진", "정상추진", "일부추진", "보류", "폐기", "기타")


@pytest.mark.parametrize("mark", ["○", "●", "√", "V", " ○ "])
def test_a_mark_says_the_status(mark: str) -> None:
    # row 2: 추진상황 over two rows and seven labels, row 3: the marks; 정상추진 is in column 4
    staged = read(status_columns=STATUSES, marks=(mark,))
    row = only(staged, PROGRESS)
    assert (row["status"], row["status_raw"]) == ("정상추진", "정상추진")
    assert place(staged, 1, 1, "status") == "표1 3행4열"
    assert staged.problems == []


def test_two_marks_are_unreadable_and_none_is_blank() -> None:
    staged = read(status_columns=STATUSES, status="완료,정상추진", marks=("○", "○"))
    row = only(staged, PROGRESS)
    assert (row["status"], row["status_kind"]) == (None, "unreadable")
    assert row["status_raw"] == "완료 ○, 정상추진 ○"
    assert [(p.code, p.column) for p in staged.problems] == [("unreadable_text", "표1 3행2열")]

    staged = read(status_columns=STATUSES, status="")
    row = only(staged, PROGRESS)
    assert (row["status_raw"], row["status_kind"]) == (None, "blank")
    assert place(staged, 1, 1, "status") == "표1 2행1열"


def test_a_word_is_no_mark() -> None:
    staged = read(status_columns=STATUSES, marks=("검토",))
    assert only(staged, PROGRESS)["status_kind"] == "unreadable"


def test_marks_may_stand_beside_their_labels_and_where_merges_are_not_told() -> None:
    beside = [["나눔-3", ("쉼터", 6, 1)],
              ["추진상황", "완료", "", "정상추진", "○", "이행률(%)", "60"],
              ["추진부서", ("가온과", 6, 1)]]  # fmt: skip
    staged = read_card(with_rows(card_blocks(CardModel()), 1, beside), "x")
    assert only(staged, PROGRESS)["status"] == "정상추진"
    assert only(staged, PROGRESS)["rate"] == 60
    assert only(read(status_columns=STATUSES, merges="blank"), PROGRESS)["status"] == "정상추진"


def test_values_may_stand_below_their_labels() -> None:
    below = [["공약번호", "공약명", "추진상황", "이행률(%)"], ["나눔-3", "쉼터", "보류", "10"]]
    row = only(read_card(with_rows(card_blocks(CardModel()), 1, below), "x"), PROGRESS)
    assert (row["pledge_id"], row["pledge_name"], row["status"]) == ("나눔-3", "쉼터", "보류")
    assert row["rate"] == 10


def test_a_blank_value_is_not_the_next_label() -> None:
    row = only(read(status=""), PROGRESS)
    assert (row["status_kind"], row["rate"]) == ("blank", 60)


def test_an_unknown_label_is_kept_with_its_value_and_named() -> None:
    staged = read(extra_labels=(("사업 구역", "새솔동"), ("정정사유", "지난 분기를 바로잡음")))
    assert only(staged, PROGRESS)["correction_reason"] == "지난 분기를 바로잡음"
    assert "사업 구역: 새솔동" in annexes(staged)
    (problem,) = staged.problems
    assert (problem.code, problem.seen, problem.column) == (
        "unknown_label",
        "사업 구역",
        "표1 4행1열",
    )


def test_a_label_said_twice_holds_the_first_time() -> None:
    staged = read(extra_labels=(("추진부서", "나래과"), ("추진부서", "가온과")))
    assert only(staged, HEADER)["department_name"] == "가온과"
    assert [p.code for p in staged.problems] == ["unknown_label"]
    assert "추진부서: 나래과" in annexes(staged)


def test_a_title_above_the_number_is_not_the_name() -> None:
    table = [[("공약사업 관리카드", 4, 1)], ["나눔-3", ("쉼터", 3, 1)],
             ["추진상황", "보류", "이행률", "10%"],
             ["추진부서", "가온과", "사업유형", "신규"]]  # fmt: skip
    row = only(read_card(with_rows(card_blocks(CardModel()), 1, table), "x"), PROGRESS)
    assert (row["pledge_id"], row["pledge_name"]) == ("나눔-3", "쉼터")


def test_a_row_below_the_labels_is_no_title() -> None:
    blocks = with_rows(card_blocks(CardModel()), 1, [
        [("쉼터 만들기", 6, 1)], ["추진상황", "보류", "이행률(%)", "10%", "완료시기", "임기내"],
        ["사업 구역", ("새솔동", 5, 1)]])  # fmt: skip
    staged = read_card(blocks, "x")
    row = only(staged, PROGRESS)
    assert (row["pledge_id"], row["pledge_name"]) == (None, "쉼터 만들기")
    assert codes(staged) == ["missing_column", "unknown_label"]


def test_a_list_of_sub_projects_begins_no_card() -> None:
    table = (("사업명", "추진상황", "이행률"), ("쉼터 짓기", "정상추진", "60"))
    staged = read(overview_table=table)
    assert len(rows(staged, PROGRESS)) == 1
    assert only(staged, PROGRESS)["pledge_name"] == "동네 쉼터 열 곳 만들기"
    assert codes(staged) == ["unknown_table"]


def test_a_header_cut_in_two_is_one() -> None:
    blocks = with_rows(card_blocks(CardModel()), 1, [
        ["나눔-3", ("쉼터", 5, 1)],
        ["추진상황", "보류", "이행률(%)", "10%", "완료시기", "임기내"]])  # fmt: skip
    lower = replace(table_block([["총사업비", "3억원", "추진부서", "가온과"]]), number=99)
    staged = read_card([blocks[0], lower, *blocks[1:]], "x")
    assert only(staged, HEADER)["declared_total"] == 300_000_000
    assert only(staged, HEADER)["department_name"] == "가온과"


@pytest.mark.parametrize(
    ("label", "field"),
    [("표1 2행1열", "추진상황"), ("표1 2행3열", "이행률(%)"), ("표1 1행1열", "공약번호")],
)
def test_what_a_card_must_say_is_missed(label: str, field: str) -> None:
    blocks = changed(card_blocks(CardModel()), {label: ""})
    missing = [p for p in read_card(blocks, "x").problems if p.code == "missing_column"]
    assert [p.expected for p in missing] == [field]


# Sections


def test_a_missing_section_is_named() -> None:
    staged = read(left_out=frozenset({"goal", "budget"}))
    assert [(p.code, p.expected) for p in staged.problems] == [
        ("optional_table_missing", "정책목표"),
        ("optional_table_missing", "연차별 투자수요 및 집행액"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"bullet": ""},
        {"bullet": "■ "},
        {"bullet": "○"},
        {"bullet": "1. "},
        {"bullet": "Ⅰ. "},
        {"bullet": "\uf06e "},
        {"is_one_paragraph": True},
        {"is_one_paragraph": True, "bullet": ""},
        {"is_boxed": True},
        {"headings": {"goal": "**정책 목표**", "achievement": "[추진실적]", "plan": "향후계획 :"}},
        {"headings": {"budget": "연차별 투자수요 및 집행액 (단위 : 백만원)"}, "unit_line": ""},
    ],
)
def test_headings_are_found_however_they_are_printed(said: dict[str, Any]) -> None:
    plain, staged = read(), read(**said)
    assert staged.problems == []
    for stage, lines in plain.rows.items():
        skipped = 3 if stage.endswith("__budget") else 2  # places differ
        assert [line[skipped:] for line in staged.rows[stage]] == [
            line[skipped:] for line in lines
        ], stage


def test_a_heading_below_headings_is_a_line() -> None:
    overview = ("○ 추진계획", "- 동마다 하나", "○ 주민 참여")
    row = only(read(overview=overview), HEADER)
    assert row["overview"] == "○ 추진계획\n- 동마다 하나\n○ 주민 참여"


def test_a_box_keeps_its_own_place() -> None:
    staged = read_card([*card_blocks(CardModel())[:1], replace(
        table_block([["□ 정책목표"], ["- 쉴 곳\n- 걸을 곳"]]), number=2)], "x")  # fmt: skip
    assert only(staged, HEADER)["goal"] == "- 쉴 곳\n- 걸을 곳"
    assert place(staged, 2, 1, "goal") == "표2 2행1열"


def test_an_unknown_section_is_kept_and_named() -> None:
    staged = read(more_sections=(("홍보 방법", ("- 쉼", "- 만남")),))
    assert "홍보 방법\n- 쉼\n- 만남" in annexes(staged)
    (problem,) = staged.problems
    assert (problem.code, problem.seen) == ("unknown_section", "홍보 방법")
    assert problem.column == "문단 19"  # behind 향후계획, paragraphs 17 and 18


def test_a_table_in_a_section_of_text_is_kept_and_named() -> None:
    staged = read(overview_table=(("곳", "넓이"), ("새솔동", "40")))
    assert "사업개요\n곳\t넓이\n새솔동\t40" in annexes(staged)
    (problem,) = staged.problems
    assert (problem.code, problem.seen, problem.column) == (
        "unknown_table",
        "사업개요",
        "표2 1행1열",
    )


def test_what_stands_around_tables_is_kept() -> None:
    blocks = [Paragraph(0, "2021년 4분기 공약관리카드"), *card_blocks(CardModel())]
    staged = read_card([*blocks, Paragraph(99, "- 3 -"), Paragraph(100, "끝.")], "x")
    assert annexes(staged)[0] == "2021년 4분기 공약관리카드"
    assert annexes(staged)[1].endswith("끝.")
    assert not any("- 3 -" in text for text in annexes(staged))
    assert staged.problems == []


def test_an_annex_is_kept_whole_with_its_tables() -> None:
    staged = read()
    row = only(staged, ANNEX)
    assert (row["pledge_id"], row["entry_number"]) == ("나눔-3", 1)
    assert row["content"] == (
        "※ 쉼터 운영위원회(예시)\n- 모임 : 분기마다\n위원\t하나\t두리\n맡은 일\t살림\t청소"
    )
    assert place(staged, row["_table"], row["_row"], "content") == "문단 22"


def test_tables_inside_an_annex_are_kept_in_their_order() -> None:
    blocks = card_blocks(CardModel())
    inner = replace(table_block([["안쪽", "표"]]), number=99)
    staged = read_card([*blocks[:-1], inner, blocks[-1]], "x")
    assert only(staged, ANNEX)["content"].endswith("맡은 일\t살림\t청소\n안쪽\t표")


def test_a_table_of_an_annex_is_no_table_of_people() -> None:
    staged = read(annex_table=(("구분", "위원"), ("민간", "다섯"), ("중앙정부", "하나")))
    assert only(staged, ANNEX)["content"].endswith("구분\t위원\n민간\t다섯\n중앙정부\t하나")
    assert staged.problems == []


# Plans by year


def _plans(staged: StagedFile) -> list[tuple[Any, ...]]:
    return [tuple(row.values())[3:] for row in rows(staged, PLAN)]


def test_a_text_is_planned_for_the_years_that_its_cell_spans() -> None:
    staged = read()
    assert _plans(staged) == [
        ("쉼터 짓기", 2018, 2018, False, False, "터 찾기"),
        ("쉼터 짓기", 2019, 2019, False, False, "설계"),
        ("쉼터 짓기", 2020, 2021, False, False, "짓기"),
        ("쉼터 짓기", 2022, 2022, False, False, "열기"),
        ("쉼터 꾸미기", 2020, 2022, False, True, "살림 들이기"),
    ]
    table = staged.tables[3]
    places = [place(staged, 4, row["_row"], "content") for row in rows(staged, PLAN)]
    assert table.table_code == "yearly_plan"
    assert places == ["표2 2행2열", "표2 2행3열", "표2 2행4열", "표2 2행6열", "표2 3행4열"]


def test_where_merges_are_not_told_a_text_ends_with_the_term() -> None:
    plans = _plans(read(merges="blank"))
    assert plans[2] == ("쉼터 짓기", 2020, 2021, False, False, "짓기")
    assert plans[4] == ("쉼터 꾸미기", 2020, 2022, False, False, "살림 들이기")


def test_plans_before_the_term_and_of_joined_years() -> None:
    years = ("임기 전", "2018~2019", "2020. 6월까지", "임기 후")
    plans = (("쉼터", ("터 찾기", ("짓기", 2, 1), "-")),)
    assert _plans(read(plan_years=years, plans=plans)) == [
        ("쉼터", None, None, True, False, "터 찾기"),
        ("쉼터", 2018, 2020, False, False, "짓기"),
    ]


def test_other_columns_of_the_plan_are_kept_and_named() -> None:
    years = ("담당", "2018년", "비고")
    plans = (("쉼터", ("가온과", "터 찾기", "서두름")),)
    staged = read(plan_years=years, plans=plans)
    assert _plans(staged) == [("쉼터", 2018, 2018, False, False, "터 찾기")]
    assert [(p.code, p.seen) for p in staged.problems] == [
        ("extra_column", "담당"), ("extra_column", "비고"),
    ]  # fmt: skip
    assert annexes(staged)[:2] == ["담당\n가온과", "비고\n서두름"]


# Lists


def test_achievements_have_a_day_follow_on_lines_and_a_quarter() -> None:
    staged = read()
    found = [(r["achieved_on"], r["content"]) for r in rows(staged, ACHIEVEMENT)]
    assert found == [
        (date(2021, 7, 5), "터 세 곳 정함"),
        (date(2021, 10, 12), "설계 마침\n- 주민 설명회 두 번\n※ 다음 설명회는 봄에 함"),
        (date(2021, 12, 3), "첫 삽을 뜸"),
    ]
    quarters = [(r["_row"], r["quarter_id"]) for r in rows(staged, QUARTER)]
    assert quarters == [(11, "2021Q3"), (13, "2021Q4"), (16, "2021Q4")]


def _achieved(*lines: str) -> StagedFile:
    return read(achievements=((lines[0], lines[1:]),))


def test_a_quarter_without_a_day_is_an_entry_without_a_day() -> None:
    staged = _achieved(
        "【21년 4분기】", "- 설계를 마침", "- 터를 고름", "【22년 1분기】 - 실적을 모음"
    )
    entries = [(r["achieved_on_kind"], r["content"]) for r in rows(staged, ACHIEVEMENT)]
    assert entries == [("blank", "설계를 마침\n- 터를 고름"), ("blank", "실적을 모음")]
    assert only(staged, HEADER)["newest_quarter_id"] == "2022Q1"
    assert only(staged, PROGRESS)["content"] == "실적을 모음"


def test_a_day_without_an_apostrophe_is_no_numbered_line() -> None:
    staged = _achieved("【21년 4분기】", "21. 12. 3. : 첫 삽", "1. 주민 모임")
    found = [(r["achieved_on"], r["content"]) for r in rows(staged, ACHIEVEMENT)]
    assert found == [(date(2021, 12, 3), "첫 삽\n1. 주민 모임")]


def test_a_quarter_in_which_nothing_happened_has_no_entry() -> None:
    staged = _achieved("【21년 3분기】", "- 터를 고름", "【21년 4분기】", "해당 없음")
    assert [r["quarter_id"] for r in rows(staged, QUARTER)] == ["2021Q3"]
    assert only(staged, HEADER)["newest_quarter_id"] == "2021Q4"
    assert only(staged, PROGRESS)["content"] is None


def test_a_quarter_may_have_the_bullet_of_headings() -> None:
    staged = _achieved("□ 21년 3분기", "- 터를 고름", "□ 21년 4분기", "- 첫 삽")
    assert [r["quarter_id"] for r in rows(staged, QUARTER)] == ["2021Q3", "2021Q4"]
    assert staged.problems == []


def test_achievements_without_quarters_are_all_told() -> None:
    staged = _achieved("- '21. 7. 5. : 터를 고름", "- '21. 12. 3. : 첫 삽")
    assert [r["quarter_id"] for r in rows(staged, QUARTER)] == [None, None]
    assert only(staged, HEADER)["newest_quarter_id"] is None
    assert only(staged, PROGRESS)["content"] == "'21. 7. 5. 터를 고름; '21. 12. 3. 첫 삽"


def test_the_newest_quarter_counts_not_the_last_one() -> None:
    staged = _achieved(
        "【21년 4분기】", "- '21. 12. 3. : 첫 삽", "【21년 3분기】", "- '21. 7. 5. : 터"
    )
    assert only(staged, HEADER)["newest_quarter_id"] == "2021Q4"
    assert only(staged, PROGRESS)["content"] == "'21. 12. 3. 첫 삽"


def test_a_day_that_is_none_is_an_entry_with_a_problem() -> None:
    staged = _achieved("【21년 4분기】", "- '21. 13. 3. : 첫 삽")
    row = only(staged, ACHIEVEMENT)
    assert (row["achieved_on_kind"], row["content"]) == ("unreadable", "첫 삽")
    (problem,) = staged.problems
    assert (problem.code, problem.seen, problem.row) == ("unreadable_date", "'21. 13. 3.", 11)
    assert problem.column == "문단 11"


def test_entries_of_one_paragraph_have_numbers_of_their_own() -> None:
    staged = read(is_one_paragraph=True)
    found = rows(staged, ACHIEVEMENT)
    # One paragraph holds all that stands between the money table and the annex table.
    assert [r["_row"] for r in found] == [3, 4, 5]
    assert {place(staged, 3, r["_row"], "content") for r in found} == {"문단 3"}


def test_cooperation_is_named_in_lines_and_by_role() -> None:
    found = [tuple(row.values())[3:] for row in rows(read(), COOPERATION)]
    assert found == [
        ("협업사항", "나래과", "터 찾기를 도움"),
        ("협업사항", "누리복지관", "쉼터 살림"),
        ("협업부서", "나래과", "터 찾기"),
        ("중앙정부", "쉼터부", None),
        ("새솔시", "쉼터과", None),
    ]


def test_a_line_of_cooperation_of_another_kind_follows() -> None:
    staged = read(cooperation=("- 나래과 : 터 찾기", "· 다달이 모임", "- 주민 모임"), roles=())
    found = [tuple(row.values())[4:] for row in rows(staged, COOPERATION)]
    assert found == [("나래과", "터 찾기\n· 다달이 모임"), ("주민 모임", None)]


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("가온과장 : 김가온(1001) 담당 : 박다솜(1003)",
         [("가온과장", "김가온", "1001"), ("담당", "박다솜", "1003")]),
        ("가온과장 : 김가온(02-111-2222)\n담당 : 박다솜 (1003)",
         [("가온과장", "김가온", "02-111-2222"), ("담당", "박다솜", "1003")]),
        ("팀장(1002), 담당(1003)", [("팀장", None, "1002"), ("담당", None, "1003")]),
        ("담당 : 02-111-2222", [("담당", None, "02-111-2222")]),
        ("김가온", [("김가온", None, None)]),
    ],
)  # fmt: skip
def test_the_people_to_ask(written: str, people: Sequence[tuple[Any, ...]]) -> None:
    found = [tuple(row.values())[3:] for row in rows(read(authors=written), CONTACT)]
    assert found == people


def test_names_of_people_stay_in_restricted_stages() -> None:
    staged = read(roles=(("협업부서", "나래과", "최라온", ""),))
    open_stages = [lines for stage, lines in staged.rows.items() if stage.startswith("staging.")]
    assert "김가온" not in f"{open_stages}{staged.problems}"
    assert "최라온" not in f"{open_stages}{staged.problems}"
    assert "최라온" in annexes(staged)[-1]
    assert staged.problems[0].seen == "작성자"


# Several cards, none, and odd ones


def test_each_card_of_a_file_has_tables_of_its_own() -> None:
    staged = read_card(card_blocks(CardModel(), CardModel(pledge_id="나눔-4", rate="x")), "x")
    assert [row["pledge_id"] for row in rows(staged, PROGRESS)] == ["나눔-3", "나눔-4"]
    assert [t.table_no for t in staged.tables] == list(range(1, 19))
    second = rows(staged, PROGRESS)[1]
    assert place(staged, second["_table"], second["_row"], "pledge_id") == "표6 1행1열"
    (problem,) = staged.problems
    assert (problem.pledge_id, problem.column) == ("나눔-4", "표6 2행4열")
    for lines in staged.rows.values():
        by_card = {line[0] for line in lines}
        assert len(by_card) in (2, 4)  # cooperation has two tables a card


@pytest.mark.parametrize(
    "blocks", [[], [Paragraph(1, "알림")], [replace(table_block([["하나", "둘"]]), number=1)]]
)
def test_a_document_without_a_card_is_another_form(blocks: list[Block]) -> None:
    staged = read_card(blocks, "알림.hwpx")
    assert [(p.code, p.seen) for p in staged.problems] == [("other_form", "알림.hwpx")]
    assert (staged.form_code, staged.rows, staged.tables) == (None, {}, [])


def test_texts_broken_into_lines_say_the_same() -> None:
    plain, staged = read(merges="blank"), read(is_wrapped=True)
    assert staged.problems == []
    for stage in (HEADER, PLAN, COOPERATION):
        assert [_unbroken(row) for row in rows(staged, stage)] == [
            _unbroken(row) for row in rows(plain, stage)
        ]
    contact = rows(staged, CONTACT)
    assert [(row["person_name"], row["phone"]) for row in contact] == [
        ("김가온", "1001"), ("이나래", "1002"), ("박다솜", "1003"),
    ]  # fmt: skip


def _unbroken(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "".join(value.split()) if isinstance(value, str) else value
        for name, value in row.items()
        if not name.startswith("_")
    }

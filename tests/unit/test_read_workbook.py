"""One engine for both forms: what comes back in a workbook, and what is said about it."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table

from etl.cells.suggestions import suggestion
from etl.documents.notes import OFFICE, OURS, PROGRAM
from etl.form import form
from etl.problems import CellProblem
from etl.read_workbook import read_workbook
from etl.staged import StagedFile, stage_columns
from tests.factories import money_headers, register_workbook, return_workbook

PROGRESS = "staging.quarterly_return__progress"
BUDGET = "staging.quarterly_return__budget"
ACHIEVEMENT = "staging.quarterly_return__achievement"
Change = Callable[[Workbook], object]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., StagedFile]:
    """Return a function that writes a return, changes it as an officer would, and reads it."""

    def write_and_read(change: Change | None = None, **content: Any) -> StagedFile:
        path = return_workbook(tmp_path / "보고서.xlsx", **content)
        return _read(path, change)

    return write_and_read


def _read(path: Path, change: Change | None = None) -> StagedFile:
    book = openpyxl.load_workbook(path)
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return read_workbook(stream.getvalue(), path.name)


def _rows(staged: StagedFile, stage: str) -> list[dict[str, Any]]:
    rows = staged.rows.get(stage, [])
    return [dict(zip(stage_columns(stage), row, strict=True)) for row in rows]


def _codes(staged: StagedFile) -> list[str]:
    return [problem.code for problem in staged.problems]


def _only(staged: StagedFile, code: str) -> CellProblem:
    found = [problem for problem in staged.problems if problem.code == code]
    assert len(found) == 1, staged.problems
    return found[0]


def _amounts(staged: StagedFile) -> dict[str, Any]:
    return {
        f"{row['_column']}{row['_row']} {row['field']}": row["amount"]
        for row in _rows(staged, BUDGET)
    }


BUDGET_LINE = {
    "공약번호": "1-1", "세부사업": "본사업", "재원": "구비", "기투자": 10, "2019 확보액": "1,234",
    "2019 집행액": 0.5, "임기후": None,
}  # fmt: skip


def test_an_untouched_form_has_no_problem(read: Callable[..., StagedFile]) -> None:
    staged = read(budget=[BUDGET_LINE])
    assert staged.problems == []
    assert (staged.form_code, staged.form_edition) == ("quarterly_return", "2026-1")
    assert (staged.government_id, staged.term_number) == ("3990000", 7)
    assert (staged.quarter_id, staged.department_code) == ("2021Q4", "D01")
    assert staged.register_version == "test"
    assert [t.table_code for t in staged.tables] == [
        "progress", "budget", "achievement", "cooperation", "contact",
    ]  # fmt: skip


def test_a_progress_row_keeps_value_text_kind_and_place(read: Callable[..., StagedFile]) -> None:
    row = {
        "공약번호": 11,
        "추진상황": "완료 (계속)",
        "이행률(%)": "85.0 %",
        "완료연도": "2022. 6월",
    }
    staged = read(progress=[row | {"목표달성": "-", "정정사유": None}])
    (read_row,) = _rows(staged, PROGRESS)
    assert (read_row["_table"], read_row["_row"], read_row["pledge_id"]) == (1, 3, "11")
    assert [read_row[f"status{end}"] for end in ("", "_raw", "_kind")] == [
        "완료계속", "완료 (계속)", "value",
    ]  # fmt: skip
    assert [read_row[f"rate{end}"] for end in ("", "_raw", "_kind")] == [
        Decimal(85), "85.0 %", "value",
    ]  # fmt: skip
    assert [read_row[f"target{end}"] for end in ("", "_raw", "_kind")] == [
        None, "-", "not_applicable",
    ]  # fmt: skip
    assert (read_row["due_year"], read_row["correction_reason"]) == (2022, None)
    assert staged.tables[0].columns["rate"] == "D"
    assert staged.tables[0].header_row == 2


def test_money_is_staged_one_row_per_amount(read: Callable[..., StagedFile]) -> None:
    # columns: A 공약번호, B 세부사업, C 재원, D 기투자, E/F 2018, G/H 2019
    staged = read(budget=[BUDGET_LINE])
    assert _amounts(staged) == {
        "D3 pre_term.secured": 10_000_000,
        "G3 2019.secured": 1_234_000_000,
        "H3 2019.executed": 500_000,
    }
    row = _rows(staged, BUDGET)[1]
    assert (row["source"], row["source_raw"], row["amount_raw"]) == ("구비", "구비", "1,234")
    assert (row["fiscal_year"], row["measure"], row["is_total"]) == ("2019", "secured", False)


@pytest.mark.parametrize(
    ("unit", "won"),
    [("원", 1_234), ("천원", 1_234_000), ("백만 원", 1_234_000_000), ("억원", 123_400_000_000)],
)
def test_the_unit_is_the_one_printed(read: Callable[..., StagedFile], unit: str, won: int) -> None:
    staged = read(budget=[BUDGET_LINE | {"기투자": None, "2019 집행액": None}], unit=unit)
    assert _amounts(staged) == {"G3 2019.secured": won}
    assert staged.tables[1].money_unit == unit.replace(" ", "")


def test_an_unknown_unit_is_one_problem_and_no_amount(read: Callable[..., StagedFile]) -> None:
    staged = read(budget=[BUDGET_LINE], unit="천 달러")
    assert _codes(staged) == ["unknown_unit"]
    assert {row["amount_kind"] for row in _rows(staged, BUDGET)} == {"unreadable"}


def test_a_percent_in_the_unit_line_is_no_unit_of_money(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: _set(book, "예산", "A1", "(단위: %)"), budget=[BUDGET_LINE])
    assert _amounts(staged)["D3 pre_term.secured"] == 10_000_000


def _set(book: Workbook, sheet: str, cell: str, value: Any, **style: Any) -> None:
    book[sheet][cell] = value
    for name, one in style.items():
        setattr(book[sheet][cell], name, one)


def test_a_column_may_name_its_own_unit(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda b: _set(b, "예산", "D2", "기투자\n(천원)"), budget=[BUDGET_LINE])
    assert _amounts(staged)["D3 pre_term.secured"] == 10_000


def test_rows_without_amounts_and_blank_rows_end_nothing(read: Callable[..., StagedFile]) -> None:
    empty = {"공약번호": "1-1", "세부사업": "빈 사업", "재원": "국비"}
    blank = dict.fromkeys(("공약번호", "세부사업", "재원"))
    staged = read(budget=[empty, blank, BUDGET_LINE, {**empty, "기투자": "-"}])
    assert {row["_row"] for row in _rows(staged, BUDGET)} == {5}
    assert staged.problems == []


def test_totals_are_staged_and_marked(read: Callable[..., StagedFile]) -> None:
    total = BUDGET_LINE | {"재원": "합 계"}
    staged = read(budget=[BUDGET_LINE, total, BUDGET_LINE | {"세부사업": "계"}])
    marked = {row["_row"]: row["is_total"] for row in _rows(staged, BUDGET)}
    assert marked == {3: False, 4: True, 5: True}


def test_joined_years_and_total_columns(read: Callable[..., StagedFile]) -> None:
    def rename(book: Workbook) -> None:
        _set(book, "예산", "E2", "2022년~2023년\n투자수요")
        _set(book, "예산", "E3", 7)
        _set(book, "예산", "F2", "합계")
        _set(book, "예산", "F3", 9)

    fields = {
        row["field"]: row["amount"] for row in _rows(read(rename, budget=[BUDGET_LINE]), BUDGET)
    }
    assert fields["2022~2023.demand"] == 7_000_000
    assert fields["total.plan"] == 9_000_000


@pytest.mark.parametrize(
    ("value", "code", "column"),
    [
        ("12,34", "unreadable_number", "rate"),
        ("#REF!", "error_cell", "rate"),
        ("=40+2", "formula_without_value", "rate"),
        (True, "unreadable_number", "rate"),
        (date(2021, 1, 1), "unreadable_number", "rate"),
    ],
)
def test_a_cell_that_cannot_be_read(
    read: Callable[..., StagedFile], value: Any, code: str, column: str
) -> None:
    staged = read(lambda book: _set(book, "공약현황", "D3", value))
    problem = _only(staged, code)
    assert _codes(staged) == [code]
    assert (problem.sheet_name, problem.row, problem.column) == ("공약현황", 3, "D")
    assert (problem.field, problem.pledge_id, problem.table_no) == (column, "1-1", 1)
    (row,) = _rows(staged, PROGRESS)
    assert (row["rate"], row["rate_kind"]) == (None, "unreadable")


def test_an_id_that_became_a_date_is_no_id(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: _set(book, "공약현황", "A3", date(2026, 1, 11)))
    problem = _only(staged, "id_became_date")
    assert (problem.seen, problem.column, problem.row) == ("2026-01-11", "A", 3)
    assert _rows(staged, PROGRESS)[0]["pledge_id"] is None


def test_a_rate_in_a_per_cent_format(read: Callable[..., StagedFile]) -> None:
    change: Change = lambda book: _set(book, "공약현황", "D3", 0.153, number_format="0.0%")  # noqa: E731
    (row,) = _rows(read(change), PROGRESS)
    assert (row["rate"], row["rate_raw"]) == (Decimal("15.3"), "15.3%")


def test_an_untouched_row_is_left_out_and_said(read: Callable[..., StagedFile]) -> None:
    def clear(book: Workbook) -> None:
        for cell in book["공약현황"][3][2:]:
            cell.value = None

    staged = read(clear)
    assert (_only(staged, "untouched_row").seen, staged.rows) == ("1-1", {})


def test_merged_ids_hold_for_every_row_of_the_merge(read: Callable[..., StagedFile]) -> None:
    def merge(book: Workbook) -> None:
        book["예산"].merge_cells("A3:A4")

    staged = read(merge, budget=[BUDGET_LINE, BUDGET_LINE | {"세부사업": "둘째"}])
    assert {(row["_row"], row["pledge_id"]) for row in _rows(staged, BUDGET)} == {
        (3, "1-1"),
        (4, "1-1"),
    }
    assert _only(staged, "merged_cells").seen == "A3:A4"


def test_a_merged_amount_is_counted_once(read: Callable[..., StagedFile]) -> None:
    def merge(book: Workbook) -> None:
        book["예산"].merge_cells("D3:D4")

    staged = read(merge, budget=[BUDGET_LINE, BUDGET_LINE | {"세부사업": "둘째"}])
    assert "D4 pre_term.secured" not in _amounts(staged)
    assert _only(staged, "merged_cells").field == "pre_term.secured"


def test_what_is_hidden_is_read_and_said(read: Callable[..., StagedFile]) -> None:
    def hide(book: Workbook) -> None:
        book["공약현황"].row_dimensions[3].hidden = True
        book["공약현황"].column_dimensions["H"].hidden = True
        book["협업"].sheet_state = "hidden"

    staged = read(hide)
    assert len(_rows(staged, PROGRESS)) == 1
    assert sorted(_codes(staged)) == ["hidden_column", "hidden_row", "hidden_sheet"]


def test_a_missing_required_column_is_named(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: book["공약현황"].delete_cols(4))
    assert _only(staged, "missing_column").expected == "이행률(%)"
    assert _rows(staged, PROGRESS)[0]["rate_kind"] == "blank"


def test_missing_extra_doubled_and_moved_columns_are_named(read: Callable[..., StagedFile]) -> None:
    def change(book: Workbook) -> None:
        sheet = book["공약현황"]
        sheet["B2"], sheet["H2"] = "추진내용", "공약명"
        sheet["I2"], sheet["J2"] = "비고", "추진상황"

    staged = read(change)
    assert _only(staged, "extra_column").seen == "비고"
    assert _only(staged, "duplicate_column").column == "J"
    assert _only(staged, "moved_column").sheet_name == "공약현황"
    missing = [p.expected for p in staged.problems if p.code == "optional_column_missing"]
    assert missing == ["문제점", "향후계획"]
    assert _rows(staged, PROGRESS)[0]["status"] is not None


def test_a_year_without_its_partner_is_named(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: book["예산"].delete_cols(6), budget=[BUDGET_LINE])
    assert _only(staged, "optional_column_missing").expected == "2018 집행액"


@pytest.mark.parametrize("unit", ["만원", "십억", "달러"])
def test_a_header_with_a_unit_that_is_none_of_ours(
    read: Callable[..., StagedFile], unit: str
) -> None:
    # 1,234 만원 must not be read as 1,234 백만원
    change: Change = lambda book: _set(book, "예산", "G2", f"2019 확보액({unit})")  # noqa: E731
    problem = _only(read(change, budget=[BUDGET_LINE]), "unknown_unit")
    assert (problem.column, problem.seen) == ("G", f"2019 확보액({unit})")


def test_headers_are_compared_without_blanks_and_breaks(read: Callable[..., StagedFile]) -> None:
    def change(book: Workbook) -> None:
        sheet = book["공약현황"]
        sheet["A2"], sheet["C2"], sheet["D2"] = "공약\n번호", " 추진 상황 ", "이행률 (％)"
        sheet.insert_rows(1, 3)
        sheet.insert_cols(1)

    staged = read(change)
    assert staged.problems == []
    assert (staged.tables[0].header_row, staged.tables[0].columns["pledge_id"]) == (5, "B")
    assert len(_rows(staged, PROGRESS)) == 1


def test_a_renamed_sheet_is_found_by_its_headers(read: Callable[..., StagedFile]) -> None:
    def rename(book: Workbook) -> None:
        book["공약현황"].title = "현황(지역경제과)"

    staged = read(rename)
    assert (_only(staged, "sheet_renamed").expected, len(_rows(staged, PROGRESS))) == (
        "공약현황",
        1,
    )


def test_a_table_on_two_sheets_is_read_from_both(read: Callable[..., StagedFile]) -> None:
    def copy(book: Workbook) -> None:
        book.copy_worksheet(book["공약현황"])["A3"] = "2-2"

    staged = read(copy)
    assert [(r["_table"], r["pledge_id"]) for r in _rows(staged, PROGRESS)] == [
        (1, "1-1"),
        (6, "2-2"),
    ]
    assert _only(staged, "table_on_two_sheets").expected == "공약현황"


def test_a_hidden_copy_is_not_read(read: Callable[..., StagedFile]) -> None:
    def copy(book: Workbook) -> None:
        book.copy_worksheet(book["공약현황"]).sheet_state = "hidden"

    staged = read(copy)
    assert (len(_rows(staged, PROGRESS)), _codes(staged)) == (1, ["hidden_sheet"])


def test_headers_printed_again_are_no_row(read: Callable[..., StagedFile]) -> None:
    headers = {"공약번호": "공약번호", "세부사업": "세부사업", "재원": "재원", "기투자": "기투자"}
    staged = read(budget=[BUDGET_LINE, headers, BUDGET_LINE])
    assert {row["_row"] for row in _rows(staged, BUDGET)} == {3, 5}
    assert staged.problems == []


def test_an_amount_in_a_header_printed_again_is_named(read: Callable[..., StagedFile]) -> None:
    headers = {"공약번호": "공약번호", "세부사업": "세부사업", "재원": "재원", "기투자": 1234}
    staged = read(budget=[BUDGET_LINE, headers])
    assert {row["_row"] for row in _rows(staged, BUDGET)} == {3}
    assert [(p.code, p.row, p.seen) for p in staged.problems] == [("outside_table", 4, "1234")]


def test_reasons_of_an_answer_are_read_without_a_problem(read: Callable[..., StagedFile]) -> None:
    def answer(book: Workbook) -> None:
        sheet = book.create_sheet("점검결과", 0)
        sheet.append(["점검 결과입니다"])
        sheet.append(["번호", "사유", "점검번호"])
        sheet.append([1, "의회 의결로 조정", "a1b2"])

    staged = read(answer)
    (row,) = _rows(staged, "staging.quarterly_return__reason")
    assert (row["fingerprint"], row["reason"], row["_row"]) == ("a1b2", "의회 의결로 조정", 3)
    assert staged.problems == []


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ({"edition": "1999-1"}, "unknown_edition"),
        ({"quarter": "2021년 4분기"}, "bad_quarter"),
        ({"department": None}, "missing_identity"),
        ({"form": "register"}, "other_form"),
    ],
)
def test_the_identity_is_judged(
    read: Callable[..., StagedFile], identity: dict[str, Any], code: str
) -> None:
    assert _codes(read(form=identity)) == [code]


def test_a_return_without_its_identity_is_still_a_return(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: book.remove(book["_form"]))
    assert (_codes(staged), staged.form_code) == (["no_form_sheet"], "quarterly_return")
    assert len(_rows(staged, PROGRESS)) == 1


def test_a_return_without_its_table(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: book.remove(book["공약현황"]))
    assert _only(staged, "missing_table").expected == "공약현황"


def test_a_sheet_that_lost_its_headers(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: book["예산"].delete_rows(2), budget=[BUDGET_LINE])
    assert _only(staged, "no_header_row").sheet_name == "예산"


def test_another_workbook_is_another_form() -> None:
    book = Workbook()
    book.active.append(["날짜", "금액"])
    stream = io.BytesIO()
    book.save(stream)
    assert _codes(read_workbook(stream.getvalue(), "a.xlsx")) == ["other_form"]


def test_a_register_is_read_by_the_same_engine(tmp_path: Path) -> None:
    staged = _read(register_workbook(tmp_path / "공약대장.xlsx"))
    assert (staged.form_code, staged.form_edition) == ("register", "2026-1")
    assert (staged.government_id, staged.problems) == ("3990000", [])
    (term,) = _rows(staged, "staging.register__term")
    assert (term["term_number"], term["start_date_kind"]) == (7, "value")
    pledges = _rows(staged, "staging.register__pledge")
    assert {row["term_number"] for row in pledges} == {7}
    assert all(isinstance(row["declared_total"], int | None) for row in pledges)
    for stage, rows in staged.rows.items():
        assert {len(row) for row in rows} == {len(stage_columns(stage))}


def test_a_register_may_lack_what_is_optional_and_start_anywhere(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book.remove(book["세부사업"])
        book["공약"].insert_rows(1, 4)
        book["임기"].delete_cols(5)

    staged = _read(register_workbook(tmp_path / "공약대장.xlsx"), change)
    assert staged.problems == []
    table = next(t for t in staged.tables if t.table_code == "pledge")
    assert (table.header_row, table.money_unit) == (5, "백만원")


def test_only_the_column_that_moved_is_named(read: Callable[..., StagedFile]) -> None:
    def change(book: Workbook) -> None:
        sheet = book["공약현황"]
        values = [cell.value for (cell,) in sheet.iter_rows(min_col=3, max_col=3)]
        sheet.delete_cols(3)
        sheet.insert_cols(7)
        for row, value in enumerate(values, 1):
            sheet.cell(row, 7, value)

    problem = _only(read(change), "moved_column")
    assert (problem.seen, problem.column) == ("추진상황", "G")


@pytest.mark.parametrize("as_number", [True, False])
def test_headers_may_stand_over_two_rows(read: Callable[..., StagedFile], as_number: bool) -> None:
    # 2019 over G:H, 확보액 and 집행액 below; the values move down to row 4
    def change(book: Workbook) -> None:
        sheet = book["예산"]
        sheet.insert_rows(3)
        for column in range(5, 15, 2):
            year = str(sheet.cell(2, column).value)[:4]
            sheet.cell(2, column).value = int(year) if as_number else f"{year}년"
            sheet.cell(2, column + 1).value = None
            sheet.cell(3, column).value, sheet.cell(3, column + 1).value = "확보액", "집행액"
            sheet.merge_cells(start_row=2, end_row=2, start_column=column, end_column=column + 1)
        sheet.merge_cells("A2:A3")

    staged = read(change, budget=[BUDGET_LINE])
    assert _amounts(staged) == {
        "D4 pre_term.secured": 10_000_000,
        "G4 2019.secured": 1_234_000_000,
        "H4 2019.executed": 500_000,
    }
    assert staged.problems == []


def test_serial_days_count_from_the_first_day_of_the_workbook(
    read: Callable[..., StagedFile],
) -> None:
    # 42,794 days after 1904-01-01 are 2021-03-01: 44,256 (after 1899-12-30) less 1,462
    def change(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        _set(book, "추진실적", "B3", 42_794, number_format='gggge"년"')

    (row,) = _rows(read(change, achievements=[{}]), ACHIEVEMENT)
    assert row["achieved_on"] == date(2021, 3, 1)


def test_what_lies_outside_is_named_with_its_place(read: Callable[..., StagedFile]) -> None:
    def change(book: Workbook) -> None:
        book["공약현황"]["M4"], book["공약현황"]["M6"] = "의회 의결 예정", 7
        book["예산"]["O1"], book["예산"]["A9"] = "(단위: 천원)", "※ 추경 전"
        book["예산"]["A1"] = None
        book.create_sheet("Sheet1")

    staged = read(change, budget=[BUDGET_LINE])
    found = [(p.sheet_name, p.column, p.row, p.seen) for p in staged.problems]
    assert found == [("공약현황", "M", 4, "의회 의결 예정 등 2칸"), ("예산", "A", 9, "※ 추경 전")]
    assert _codes(staged) == ["outside_table", "outside_table"]


@pytest.mark.parametrize("is_table", [False, True], ids=["sheet", "table"])
def test_rows_that_a_filter_hides_are_named_once(
    read: Callable[..., StagedFile], is_table: bool
) -> None:
    """A filter is the sheet's own, or that of a table (Ctrl+T), which is another part."""

    def change(book: Workbook) -> None:
        sheet = book["공약현황"]
        chosen = AutoFilter(ref="A2:K9")
        chosen.add_filter_column(0, ["1-1"])
        if is_table:
            sheet.add_table(Table(displayName="현황", ref="A2:K9", autoFilter=chosen))
        else:
            sheet.auto_filter = chosen
        for row in (4, 5, 7):
            sheet.row_dimensions[row].hidden = True

    staged = read(change, progress=[{"공약번호": f"1-{n}"} for n in range(1, 6)])
    assert (_only(staged, "filtered_row").seen, len(_rows(staged, PROGRESS))) == ("4-5, 7", 5)


def test_a_drawing_without_objects_is_nothing(read: Callable[..., StagedFile]) -> None:
    def comment(book: Workbook) -> None:
        book["공약현황"]["D3"].comment = Comment("확인", PROGRAM)

    assert read(comment).problems == []  # comments lie in a drawing of their own kind


@pytest.mark.parametrize(
    ("written", "is_money", "guess"),
    [
        ("9,327-", True, "9,327 또는 -9,327?"),
        ("2조 4천3246억", True, "2,724,600백만원?"),  # 2조 + (4,000 + 3,246)억
        ("3천5백만원", True, "35백만원?"),
        ("1,23,456", True, "123,456?"),
        ("1.234.567", True, "1,234,567?"),
        ("약 300", True, "300?"),
        ("15.3 %", True, ""),
        ("3천", True, ""),
        ("60점", False, "60?"),
        ("5-10", False, ""),
        ("미정", True, ""),
        ("9" * 50, True, ""),
    ],
)
def test_a_guess_is_only_told(written: str, is_money: bool, guess: str) -> None:
    assert suggestion(written, is_money) == guess


@given(st.text("0123456789,.조억만천백십원%약-() ", max_size=45), st.booleans())
def test_no_text_breaks_a_guess(written: str, is_money: bool) -> None:
    assert suggestion(written, is_money)[-1:] in ("", "?")


def test_every_staging_table_has_columns() -> None:
    for code in ("quarterly_return", "register"):
        for table in form(code).tables:
            assert stage_columns(table.stage)[:2] == ("_table", "_row")
    with pytest.raises(KeyError):
        stage_columns("staging.unknown")


def test_a_copied_sheet_is_read_once(read: Callable[..., StagedFile]) -> None:
    staged = read(lambda book: book.copy_worksheet(book["공약현황"]))
    assert len(_rows(staged, PROGRESS)) == 1
    problem = _only(staged, "copied_sheet")
    assert (problem.seen, problem.expected) == ("공약현황 Copy", "공약현황")

    def other(book: Workbook) -> None:
        book.copy_worksheet(book["공약현황"])["D3"] = 61

    staged = read(other)
    assert len(_rows(staged, PROGRESS)) == 2
    assert _only(staged, "table_on_two_sheets").seen == "공약현황 Copy"


@pytest.mark.parametrize(
    ("number", "name"),
    [("계", None), (None, "합 계"), ("총합계", None), ("1-1 요약", None), ("1-1 소계", "작은도서관"),
     (None, "(누계)")],
)  # fmt: skip
def test_a_total_row_is_no_pledge(
    read: Callable[..., StagedFile], number: str | None, name: str | None
) -> None:
    """In 공약현황 and in the tables behind it; a pledge with a number keeps any name."""

    def total(book: Workbook) -> None:
        for column, value in zip("ABCD", (number, name, "완료", 70), strict=True):
            _set(book, "공약현황", f"{column}4", value)
        _set(book, "추진실적", "A3", number or name)
        _set(book, "추진실적", "C3", "3건")

    staged = read(total)
    assert [row["pledge_id"] for row in _rows(staged, PROGRESS)] == ["1-1"]
    assert _rows(staged, ACHIEVEMENT) == []
    assert _codes(staged) == []
    named = read(lambda book: _set(book, "공약현황", "B3", "합계"))
    assert [row["pledge_id"] for row in _rows(named, PROGRESS)] == ["1-1"]


def test_totals_of_excels_own_making_are_totals(read: Callable[..., StagedFile]) -> None:
    rows = [
        BUDGET_LINE,
        {"공약번호": "1-1 요약", "세부사업": None, "재원": None, "기투자": 10},
        {"공약번호": "총합계", "세부사업": None, "재원": None, "기투자": 10},
        {"공약번호": "1-1", "세부사업": "총 계", "재원": "누계", "기투자": 10},
    ]
    staged = read(budget=rows)
    said = {
        row["_row"]: (row["pledge_id"], row["subproject_name"], row["source"], row["is_total"])
        for row in _rows(staged, BUDGET)
    }
    assert said == {
        3: ("1-1", "본사업", "구비", False),
        4: ("1-1", None, None, True),
        5: (None, None, None, True),
        6: ("1-1", "계", "계", True),
    }


def test_a_total_without_a_value_stops_nothing(read: Callable[..., StagedFile]) -> None:
    def sums(book: Workbook) -> None:
        _set(book, "예산", "D4", "=SUM(D3:D3)")
        _set(book, "예산", "E4", "#REF!")

    total = {"공약번호": "총합계", "세부사업": None, "재원": None, "기투자": 0, "2019 확보액": 1}
    staged = read(sums, budget=[BUDGET_LINE, total])
    assert _codes(staged) == ["total_without_value", "total_without_value"]


def test_no_text_of_a_problem_holds_what_a_database_refuses() -> None:
    problem = CellProblem("outside_table", "비고\0\x01\ud800", "\0", "표\0", pledge_id="1\0")
    said = (problem.seen, problem.expected, problem.sheet_name, problem.pledge_id)
    assert said == ("비고", "", "표", "1")


def _box_text(path: Path, text: str) -> bytes:
    """Lay a text box above 예산: the anchor of a chart becomes one."""
    book = openpyxl.load_workbook(path)
    book["예산"].add_chart(BarChart(), "C8")
    stream = io.BytesIO()
    book.save(stream)
    source, out = zipfile.ZipFile(stream), io.BytesIO()
    space = b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    shape = f"<sp><txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></txBody></sp>".encode()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/drawings/drawing"):
                data = re.sub(rb"<(?:xdr:)?graphicFrame.*?</(?:xdr:)?graphicFrame>",
                              shape.replace(b"<sp>", b"<sp " + space + b">"), data, flags=re.S)  # fmt: skip
            target.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("A6", "※ 금액 단위: 천원"),
        ("C7", "(단위 : 천 원)"),
        ("A6", "※ 금액은 천원 단위로 적음"),
        ("P2", "단위: 천원"),
        ("C1", "(단위: 천원)"),
        ("A6", "(천원)"),
        ("A6", "단위: 건, 천원"),
        ("A6", "단위: 만원"),
    ],
)
def test_another_unit_anywhere_on_the_sheet_is_said_where_it_stands(
    read: Callable[..., StagedFile], address: str, text: str
) -> None:
    staged = read(lambda book: _set(book, "예산", address, text), budget=[BUDGET_LINE])
    problem = _only(staged, "unit_contradicted")
    assert (f"{problem.column}{problem.row}", problem.seen) == (address, text)
    assert (problem.expected, problem.table_no, problem.pledge_id) == ("백만원", 2, None)
    assert "unknown_unit" not in _codes(staged)
    assert not [p for p in staged.problems if p.code == "outside_table" and p.row == problem.row
                and p.row > 2]  # fmt: skip
    assert {table.money_unit for table in staged.tables if table.table_code == "budget"} == {
        "백만원"
    }


def test_the_same_unit_said_again_and_what_is_rounded_are_no_contradiction(
    read: Callable[..., StagedFile],
) -> None:
    for text in (
        "※ 금액 단위: 백만원",
        "천원 단위에서 반올림",
        "단위: 명",
        "(백만 원)",
        "문화원 단위 사업",
    ):
        staged = read(lambda book, text=text: _set(book, "예산", "A7", text), budget=[BUDGET_LINE])
        assert "unit_contradicted" not in _codes(staged), text


def test_a_unit_in_a_text_box_and_in_the_margins_counts(tmp_path: Path) -> None:
    path = return_workbook(tmp_path / "r.xlsx", budget=[BUDGET_LINE])
    problem = _only(
        read_workbook(_box_text(path, "금액 단위: 천원"), "r.xlsx"), "unit_contradicted"
    )
    assert (problem.seen, problem.row, problem.column) == ("금액 단위: 천원", 8, "C")

    def margin(book: Workbook) -> None:
        book["예산"].oddFooter.right.text = "(단위: 천원)"

    problem = _only(_read(path, margin), "unit_contradicted")
    assert (problem.seen, problem.row) == ("(단위: 천원)", None)


def test_notes_of_senders_are_named_once_a_sheet(read: Callable[..., StagedFile]) -> None:
    def notes(book: Workbook) -> None:
        for place in ("H3", "D3"):
            book["공약현황"][place].comment = Comment("11월에 고침", "담당자")
        book["예산"]["K3"].comment = Comment("지난 보고의 투자수요입니다. 의결된 예산", " ")
        book["예산"]["L3"].comment = Comment(OURS + "금액을 고치십시오.", " ")
        book["예산"]["M3"].comment = Comment("확인", OFFICE)

    problem = _only(read(notes, budget=[BUDGET_LINE]), "cell_note")
    assert (problem.seen, problem.sheet_name) == ("D3, H3 2칸", "공약현황")
    assert (problem.row, problem.column) == (3, "D")


RICH = {
    "xl/metadata.xml": b'<metadata xmlns="m"><futureMetadata name="XLRICHVALUE"><bk><rvb i="0"/></bk><bk>'
    b'<rvb i="1"/></bk></futureMetadata><valueMetadata><bk><rc t="1" v="0"/></bk><bk><rc t="1" v="1"/>'
    b"</bk></valueMetadata></metadata>",
    "xl/richData/rdrichvalue.xml": b'<rvData xmlns="r"><rv s="0"/><rv s="1"/></rvData>',
    "xl/richData/rdrichvaluestructure.xml": b'<rvStructures xmlns="r"><s t="_localImage"/>'
    b'<s t="_error"/></rvStructures>',
}


def test_a_picture_laid_into_a_cell_is_named(tmp_path: Path) -> None:
    """A rich value that is a picture; another one (an error of a newer program) is none."""
    path = return_workbook(
        tmp_path / "r.xlsx", progress=[{"추진내용": 11}, {"공약번호": "1-2", "추진내용": 12}]
    )
    source, out = zipfile.ZipFile(path), io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            for number, value in ((1, b"11"), (2, b"12")):
                data = re.sub(rb'(<c r="H%d"[^>]*?) t="n"><v>%s</v>' % (number + 2, value),
                              rb'\1 t="e" vm="%d"><v>#VALUE!</v>' % number, data)  # fmt: skip
            target.writestr(name, data)
        for name, data in RICH.items():
            target.writestr(name, data)
    staged = read_workbook(out.getvalue(), "r.xlsx")
    assert _only(staged, "cell_picture").seen == "H3 1칸"
    assert [p.row for p in staged.problems if p.code == "error_cell"] == [3, 4]


def test_a_picture_by_formula_is_named(read: Callable[..., StagedFile]) -> None:
    staged = read(
        lambda book: _set(book, "공약현황", "M3", '=_xlfn.IMAGE("https://example.org/a.png")')
    )
    assert _only(staged, "cell_picture").seen == "M3 1칸"


def test_a_column_that_is_only_shown_may_be_there_or_not(read: Callable[..., StagedFile]) -> None:
    """예산 prints 공약명 for the person who fills it: no value, and nothing lacks without it."""

    def named(book: Workbook) -> None:
        sheet = book["예산"]
        sheet.insert_cols(2)
        sheet.cell(2, 2).value = "공약명"
        sheet.cell(3, 2).value = "작은도서관 열 곳 짓기"

    plain, shown = read(budget=[BUDGET_LINE]), read(named, budget=[BUDGET_LINE])
    assert plain.problems == shown.problems == []
    amounts = [[(r["fiscal_year"], r["measure"], r["amount"]) for r in _rows(one, BUDGET)]
               for one in (plain, shown)]  # fmt: skip
    assert amounts[0] == amounts[1] != []


# Money without a source, and 예산현액

NO_SOURCE = {"예산": [header for header in money_headers() if header != "재원"]}
UNSTATED = {header: value for header, value in BUDGET_LINE.items() if header != "재원"}


def test_money_without_a_column_of_sources_states_none(read: Callable[..., StagedFile]) -> None:
    staged = read(budget=[UNSTATED, {"세부사업": "계", "기투자": 10}], headers=NO_SOURCE)
    line, *_, total = _rows(staged, BUDGET)
    assert (line["source"], line["source_raw"], line["amount"]) == ("재원미기재", None, 10_000_000)
    assert (total["is_total"], total["source"]) == (True, None)
    assert _amounts(staged)["F3 2019.secured"] == 1_234_000_000
    problem = _only(staged, "source_column_missing")
    assert (problem.expected, problem.sheet_name, problem.row) == ("재원", "예산", 2)
    assert "missing_column" not in _codes(staged)


def test_a_blank_source_in_its_column_stays_blank(read: Callable[..., StagedFile]) -> None:
    staged = read(budget=[BUDGET_LINE | {"재원": None}])
    assert {row["source"] for row in _rows(staged, BUDGET)} == {None}
    assert staged.problems == []


@pytest.mark.parametrize("header", ["재원구분", "예산의 재원", "돈줄", "비고", None])
def test_a_source_said_under_another_header_is_missing(
    read: Callable[..., StagedFile], header: str | None
) -> None:
    def rename(book: Workbook) -> None:
        book["예산"]["C2"] = header

    assert "missing_column" in _codes(read(rename, budget=[BUDGET_LINE | {"재원": "국고 보조금"}]))


def test_sources_as_sub_projects_are_no_table_without_them(read: Callable[..., StagedFile]) -> None:
    line = UNSTATED | {"세부사업": "국비"}
    assert "missing_column" in _codes(read(budget=[line], headers=NO_SOURCE))


def test_money_without_sources_is_found_on_a_sheet_of_another_name(
    read: Callable[..., StagedFile],
) -> None:
    def rename(book: Workbook) -> None:
        book["예산"].title = "사업비"

    staged = read(rename, budget=[UNSTATED], headers=NO_SOURCE)
    assert len(_rows(staged, BUDGET)) == 3
    # Without one column of money a sheet of two headers is anything.
    alone = read(rename, headers={"예산": ["공약번호", "세부사업"]})
    assert "extra_sheet" in _codes(alone)


def test_a_summary_without_sources_beside_the_money_is_not_read(
    read: Callable[..., StagedFile],
) -> None:
    def summarise(book: Workbook) -> None:
        sheet = book.create_sheet("요약")
        sheet.append(["공약번호", "세부사업", "2021 확보액"])
        sheet.append(["1-1", "본사업", 500])

    staged = read(summarise, budget=[BUDGET_LINE])
    assert {row["_table"] for row in _rows(staged, BUDGET)} == {2}
    assert _only(staged, "extra_sheet").seen == "요약"


def _budgets(*headers: str) -> dict[str, list[str]]:
    return {"예산": ["공약번호", "세부사업", "재원", *headers]}


def test_a_budget_with_money_carried_over_is_secured_where_no_other_is(
    read: Callable[..., StagedFile],
) -> None:
    headers = _budgets(
        "2020 확보액", "2020 예산현액", "2020 지출액", "2021 예산현액", "2021 지출액"
    )
    line = {"2020 확보액": 10, "2020 예산현액": 12, "2020 지출액": 9, "2021 예산현액": "-"}
    staged = read(budget=[line, {"세부사업": "곁사업", "2020 예산현액": 4}], headers=headers)
    assert _amounts(staged) == {
        "D3 2020.secured": 10_000_000, "F3 2020.executed": 9_000_000, "G3 2021.secured": None,
        "E4 2020.secured": 4_000_000,
    }  # fmt: skip
    differs, carried = _only(staged, "other_budget_differs"), _only(staged, "carried_over_budget")
    assert (differs.seen, differs.expected) == ("2020 예산현액 12", "10")
    assert (differs.column, differs.row, differs.field) == ("E", 3, "2020.secured")
    assert (carried.seen, carried.column, carried.row) == ("4", "E", 4)
    table = next(table for table in staged.tables if table.table_code == "budget")
    assert (table.columns["2020.secured"], table.columns["2021.secured"]) == ("D", "G")


def test_a_budget_is_read_in_the_unit_of_its_sheet(read: Callable[..., StagedFile]) -> None:
    headers = _budgets("2021 예산현액", "2021 지출액")
    staged = read(
        budget=[{"2021 예산현액": "1,500", "2021 지출액": 600}], headers=headers, unit="천원"
    )
    assert list(_amounts(staged).values()) == [1_500_000, 600_000]


def test_a_budget_that_cannot_be_read_or_stands_twice(read: Callable[..., StagedFile]) -> None:
    headers = _budgets("2021 예산현액", "2021년 예산현액")
    staged = read(budget=[{"2021 예산현액": "열 개쯤"}], headers=headers)
    assert _only(staged, "duplicate_column").seen == "2021년 예산현액"
    assert _only(staged, "unreadable_number").field == "2021.secured"


def test_a_total_of_budgets_is_compared_and_asks_nothing(read: Callable[..., StagedFile]) -> None:
    headers = _budgets("합계 예산현액", "2021 예산현액", "2021 집행액")
    lines = [
        {"2021 예산현액": 0},
        {"세부사업": "계", "재원": None, "2021 예산현액": 5, "합계 예산현액": 5},
    ]
    staged = read(budget=lines, headers=headers)
    assert {row["field"] for row in _rows(staged, BUDGET)} == {"2021.secured", "total.secured"}
    assert staged.problems == []

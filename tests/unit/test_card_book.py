"""A card laid out in a workbook: where tables begin and end, what a person sees in a cell."""

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from openpyxl.worksheet.worksheet import Worksheet

from etl.documents.blocks import Block, Paragraph, TableBlock
from etl.documents.card_book import UNCALCULATED, read_card_book
from etl.documents.package import DocumentError
from etl.pipeline.reading import read_submission
from etl.staged import stage_columns
from tests.card_factory import card_blocks
from tests.card_model import CardModel
from tests.documents_samples import CARD, damaged, document, documents, outcomes, table, texts
from tests.documents_writers import write_xlsx

SHEET = "xl/worksheets/sheet1.xml"


def _book(*rows: list[Any], merges: str = "", sheet: str = "카드") -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(row)
    for merge in merges.split():
        page.merge_cells(merge)
    return _saved(book)


def _saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _code(content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_card_book(content)
    return caught.value.code


def test_a_card_is_read_as_it_was_written() -> None:
    assert read_card_book(write_xlsx(CARD)) == CARD


def test_every_place_is_an_address_of_its_sheet() -> None:
    """The card begins at C5: its header has rows 5-7, the next paragraph stands in row 9."""
    read = read_card_book(write_xlsx(CARD, sheet="공약 2-1", top=5, left=3))
    assert read == CARD
    header, goal = read[0], read[1]
    assert isinstance(header, TableBlock)
    assert header.locator(1, 1) == "공약 2-1!C5"
    assert header.locator(2, 4) == "공약 2-1!F6"
    assert isinstance(goal, Paragraph)
    assert goal.locator == "공약 2-1!C9"


def test_places_of_other_documents_are_counted() -> None:
    header, goal = CARD[0], CARD[1]
    assert isinstance(header, TableBlock)
    assert isinstance(goal, Paragraph)
    assert (header.locator(2, 4), goal.locator) == ("표1 2행4열", "문단 1")


def _is_laid_out(blocks: list[Block]) -> bool:
    """Tell whether a sheet can say it: its rows have two filled cells, or none that stand alone."""
    grids = [block for block in blocks if isinstance(block, TableBlock)]
    return all(
        len(
            {
                cell
                for n in range(1, grid.column_count + 1)
                if (cell := grid.at(row, n)) and cell.text
            }
        )
        > 1
        for grid in grids
        for row in range(1, grid.row_count + 1)
    ) and all(cell.text for grid in grids for cell in grid.cells)


@pytest.mark.slow
@settings(max_examples=60)
@given(documents())
def test_whatever_a_sheet_can_say_is_read(blocks: list[Block]) -> None:
    read = read_card_book(write_xlsx(blocks))
    assert "".join(texts(read)) == "".join(texts(blocks))
    if _is_laid_out(blocks):
        assert read == blocks


def test_a_row_with_one_cell_ends_a_table() -> None:
    """Sections of a card follow each other without a blank row."""
    read = read_card_book(
        _book(
            ["1-1", "도서관"],
            ["추진상황", "완료"],
            ["□ 정책목표"],
            ["- 책을 가까이"],
            ["구분", "2021년"],
            ["짓기", "착공"],
        )
    )
    assert read == document(
        table("1-1 | 도서관", "추진상황 | 완료"),
        "□ 정책목표",
        "- 책을 가까이",
        table("구분 | 2021년", "짓기 | 착공"),
    )


def test_a_row_of_a_table_may_be_blank_but_for_its_label() -> None:
    rows = [["구분", "2021년"], ["짓기", 1], ["꾸미기"], ["고치기"], ["나누기", 2], ["끝"]]
    assert read_card_book(_book(*rows)) == document(
        table("구분 | 2021년", "짓기 | 1", "꾸미기 | ", "고치기 | ", "나누기 | 2"), "끝"
    )


def test_a_heading_across_columns_is_no_label() -> None:
    rows = [["구분", "2021년"], ["추진실적"], ["일자", "내용"]]
    assert read_card_book(_book(*rows, merges="A2:B2")) == document(
        table("구분 | 2021년"), "추진실적", table("일자 | 내용")
    )


def test_a_label_before_a_blank_row_is_text() -> None:
    rows = [["구분", "2021년"], ["추진실적"], [], ["일자", "내용"]]
    assert read_card_book(_book(*rows)) == document(
        table("구분 | 2021년"), "추진실적", table("일자 | 내용")
    )


def test_rows_that_a_merge_joins_are_one_table() -> None:
    """Row 2 has one cell of its own; the merge over rows 1 and 2 keeps it in the table."""
    rows = [["구분", "금액"], [None, "확보액"], ["계", 40]]
    assert read_card_book(_book(*rows, merges="A1:A2")) == document(
        table("구분 | 금액", "^ | 확보액", "계 | 40")
    )


def test_a_text_across_many_cells_is_a_paragraph() -> None:
    assert read_card_book(_book(["긴 글\n둘째 줄"], merges="A1:F4")) == [
        Paragraph(1, "긴 글\n둘째 줄")
    ]


def test_a_merge_that_holds_nothing_is_an_empty_cell() -> None:
    """협업부서 is not filled in: the merge B1:D1 is still a cell of the table."""
    rows = [["협업부서", None, None, None, "협업내용", "터 내주기"]]
    assert read_card_book(_book(*rows, merges="B1:D1")) == document(
        table("협업부서 |  | < | < | 협업내용 | 터 내주기")
    )


def test_a_value_under_a_merge_is_not_seen() -> None:
    content = _book(["계", "보임", "숨음"])
    merges = b'</sheetData><mergeCells count="1"><mergeCell ref="B1:C1"/></mergeCells>'
    assert read_card_book(_changed(content, b"</sheetData>", merges)) == document(
        table("계 | 보임 | <")
    )


def _changed(content: bytes, old: bytes, new: bytes) -> bytes:
    source, stream = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return stream.getvalue()


def test_sheets_follow_each_other_and_hidden_ones_are_left_out() -> None:
    book = openpyxl.Workbook()
    for name, text in (("하나", "가"), ("숨김", "나"), ("둘", "다")):
        book.create_sheet(name).append(["공약", text])
    book["숨김"].sheet_state = "hidden"
    read = read_card_book(_saved(book))
    assert read == document(table("공약 | 가"), table("공약 | 다"))
    assert [block.number for block in read] == [1, 2]
    (last,) = read[1:]
    assert isinstance(last, TableBlock)
    assert last.locator(1, 2) == "둘!B1"


def _formatted(page: Worksheet, values: list[tuple[Any, str]]) -> None:
    for column, (value, number_format) in enumerate(values, 1):
        page.cell(1, column, value).number_format = number_format


def test_values_are_shown_as_a_person_sees_them() -> None:
    book = openpyxl.Workbook()
    _formatted(
        book.worksheets[0],
        [
            (40.0, "General"),
            (0.153, "0.0%"),
            (1, "0%"),
            (40_000_000, "#,##0,,"),
            (1_200, '#,##0"백만원"'),
            (date(2021, 3, 9), "yyyy. m. d."),
            (date(2021, 3, 9), "yyyy-mm-dd hh:mm"),
            (43558, 'gggge"년" m"월" d"일"'),  # 2019-04-03
            (True, "General"),
            (" 1,234 ", "@"),
        ],
    )
    assert read_card_book(_saved(book)) == document(
        table(
            "40 | 15.3% | 100% | 40 | 1200백만원 | 2021-03-09 | 2021-03-09 | 2019-04-03 | TRUE | 1,234"
        )
    )


def test_what_cannot_be_seen_says_so() -> None:
    content = _book(["계", "=B2+1", "#REF!"])
    assert read_card_book(content) == document(table(f"계 | {UNCALCULATED} | #REF!"))


def test_hostile_workbooks() -> None:
    good = write_xlsx(CARD)
    assert _code(b"") == "truncated"
    assert _code(good[: len(good) // 2]) == "truncated"
    assert _code(b"%PDF-1.7") == "not_a_workbook"
    assert _code(_book(["가"], sheet="긴")[:-30]) == "truncated"
    overlapping = (
        b'</sheetData><mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="B2:C3"/></mergeCells>'
    )
    assert _code(_changed(_book(["가", "나"]), b"</sheetData>", overlapping)) == "damaged"
    whole = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    assert _code(_changed(_book(["가", "나"]), b"</sheetData>", whole)) == "hostile"
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    assert _code(_changed(_book(["가"]), b"<worksheet", bomb)) == "hostile"


def test_a_table_with_too_many_places() -> None:
    """1,300 rows and a cell in column 400: 520,000 places."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in range(1, 1_301):
        page.append([row, row])
    page.cell(1, 400, 1)
    assert _code(_saved(book)) == "file_too_large"


@pytest.mark.slow
def test_damage_ends_in_blocks_or_a_typed_error() -> None:
    content = write_xlsx(CARD)
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        sheet = source.read(SHEET)
    copies = (_changed(content, sheet, copy) for copy in damaged(sheet, 400))
    assert outcomes(read_card_book, copies) == {"blocks", "refused"}


def test_every_amount_of_a_card_names_the_cell_that_prints_it() -> None:
    content = write_xlsx(card_blocks(CardModel()), top=3, left=2)
    staged = read_submission(content, "카드.xlsx")
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    rows = staged.rows["staging.quarterly_return__budget"]
    names = stage_columns("staging.quarterly_return__budget")
    assert len(rows) == 60
    for row in (dict(zip(names, row, strict=True)) for row in rows):
        sheet, address = row["_column"].replace("{row}", f"{row['_row']}").split("!")
        assert sheet == "카드"
        assert page[address].value.strip() == row["amount_raw"]

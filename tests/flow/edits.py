"""What people do to a workbook in Excel or LibreOffice, as edits that a test can draw at random.

An edit takes the workbook and two numbers that say where and what; whatever it is asked, it leaves
a workbook that a spreadsheet could have saved.
"""

import io
import re
import zipfile
from collections.abc import Callable
from copy import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from tests.factories import return_workbook

Edit = Callable[[Workbook, int, int], None]
TABLES = ("공약현황", "예산", "추진실적", "협업")
# What is typed where a number belongs → (the number it says, its own unit in won); None: no value.
SHAPES: dict[str, tuple[float, int | None] | None] = {
    "1,234": (1234, None),
    " 1,234 ": (1234, None),
    "１２３": (123, None),
    "007": (7, None),
    "474748": (474748, None),
    "24.394": (24.394, None),
    "△5": (-5, None),
    "▲5": (-5, None),
    "(1,234)": (-1234, None),
    "-5": (-5, None),
    "0": (0, None),
    "300백만원": (300, 1_000_000),
    "3억": (3, 100_000_000),
    "5,000천원": (5000, 1_000),
    "9,327-": None,
    "2조 4천3246억": None,
    "1,23,456": None,
    "12,34": None,
    "약 300": None,
    "300 예정": None,
    "1.234.567": None,
    "3천": None,
    "-": None,
    "해당없음": None,
    "미정": None,
    "1e3": None,
    "=": None,
    "2021-03-01": None,
}
RATES: dict[str, float | None] = {
    "85%": 85,
    "85.5 %": 85.5,
    "８５": 85,
    "85점": None,
    "약 85": None,
}
FORMATS = (
    "General",
    "#,##0",
    "0.0%",
    "#,##0,,",
    '#,##0"천원"',
    '0",000"',
    "yyyy-mm-dd",
    "@",
    "[h]:mm",
)
DAYS = (
    "2021-03-01",
    "21.3.1",
    "'21. 3. 1.",
    "2021년 3월 1일",
    "20210301",
    "3.1.",
    "2021-02-30",
    "3월",
)
_ELSEWHERE = 98765.5  # a number that nothing else holds: becomes a formula over another file


def _sheet(book: Workbook, first: int) -> Worksheet:
    sheets = [s for s in book.worksheets if s.title not in ("안내", "_form")]
    return sheets[first % len(sheets)] if sheets else book.worksheets[0]


def _row(sheet: Worksheet, number: int) -> int:
    return 3 + number % max(sheet.max_row - 2, 1)


def _column(sheet: Worksheet, number: int) -> int:
    return 1 + number % sheet.max_column


def rename_sheet(book: Workbook, first: int, second: int) -> None:
    names = ("현황(가온과)", "Sheet1", "예산 ", "1. 공약현황", "제출용")
    if (name := names[second % len(names)]) not in book.sheetnames:
        _sheet(book, first).title = name


def reorder_sheets(book: Workbook, first: int, second: int) -> None:
    book.move_sheet(_sheet(book, first), second % 9 - 4)


def hide_sheet(book: Workbook, first: int, second: int) -> None:
    _sheet(book, first).sheet_state = ("hidden", "veryHidden")[second % 2]


def copy_sheet(book: Workbook, first: int, second: int) -> None:
    copied = book.copy_worksheet(_sheet(book, first))
    if second % 3 == 0:
        copied.sheet_state = "hidden"


def delete_sheet(book: Workbook, first: int, second: int) -> None:
    if len(book.worksheets) > 2:
        book.remove(_sheet(book, first) if second % 4 else book.worksheets[-1])


def move_column(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    source, target = _column(sheet, second), _column(sheet, second // 31)
    values = [
        (cell.value, cell.number_format)
        for (cell,) in sheet.iter_rows(min_col=source, max_col=source)
    ]
    sheet.delete_cols(source)
    sheet.insert_cols(target)
    for row, (value, shown) in enumerate(values, 1):
        _put(sheet, row, target, value, shown)


def insert_column(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    column = _column(sheet, second)
    sheet.insert_cols(column)
    if second % 3 == 1:
        _put(sheet, 2, column, "비고")
    if second % 3:
        _put(sheet, 3 + second % 2, column, "확인 요망")


def delete_column(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    sheet.delete_cols(_column(sheet, second))


def insert_rows(book: Workbook, first: int, second: int) -> None:
    _sheet(book, first).insert_rows(1 + second % 6, 1 + second % 3)


def delete_row(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    sheet.delete_rows(_row(sheet, second) if second % 5 else 2)


def repeat_row(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    row = _row(sheet, second) if second % 5 else 2
    sheet.append([cell.value for cell in sheet[row]])


def merge(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    row, column = _row(sheet, second), _column(sheet, second // 7)
    if any((row, column) in ranged or (row + 1, column) in ranged for ranged in _merged(sheet)):
        return
    beside = column + second % 2
    if not any((row + d, beside) in ranged for ranged in _merged(sheet) for d in (0, 1)):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=beside)


def _merged(sheet: Worksheet) -> list[set[tuple[int, int]]]:
    return [{(r, c) for r in range(m.min_row, m.max_row + 1) for c in range(m.min_col, m.max_col + 1)}
            for m in sheet.merged_cells.ranges]  # fmt: skip


def filter_rows(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    sheet.auto_filter.ref = f"A2:{get_column_letter(sheet.max_column)}{sheet.max_row}"
    if second % 3:
        sheet.auto_filter.add_filter_column(0, ["1-1"])
        sheet.row_dimensions[_row(sheet, second)].hidden = True


def hide_row(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    sheet.row_dimensions[_row(sheet, second)].hidden = True


def hide_column(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    sheet.column_dimensions[get_column_letter(_column(sheet, second))].hidden = True


def type_amount(book: Workbook, first: int, second: int) -> None:
    _type(book, "예산", second, 4 + first % 12, list(SHAPES)[first // 12 % len(SHAPES)])


def type_number(book: Workbook, first: int, second: int) -> None:
    numbers = (0, 3, 0.5, 12.345678, -4, 1e12, 0.0000001, 33.3333333333333, 24.394)
    _type(book, "예산", second, 4 + first % 12, numbers[first // 12 % len(numbers)])


def type_rate(book: Workbook, first: int, second: int) -> None:
    shapes = [*RATES, *SHAPES, 0.6, 100, 101, 0, -1]
    _type(book, "공약현황", second, 4, shapes[first % len(shapes)])


def type_day(book: Workbook, first: int, second: int) -> None:
    _type(book, "추진실적", second, 2, [*DAYS, 44256, date(2021, 3, 1)][first % (len(DAYS) + 2)])


def type_status(book: Workbook, first: int, second: int) -> None:
    labels = ("완료", "정상 추진", "추진 중", "○", "완료(계속)", "거의 완료", 3, "부진")
    _type(book, "공약현황", second, 3, labels[first % len(labels)])


def type_anything(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    odd = ("#REF!", True, date(2021, 3, 1), "=1+1", "=SUM(D3:D4)", "글", 7, timedelta(hours=30), "\u00a0",
           "_x000D_", "#DIV/0!", "완료\n예정", " ", 43558, "ｱ" * 50)  # fmt: skip
    _put(sheet, _row(sheet, second), _column(sheet, second // 7), odd[first // 7 % len(odd)])


def _type(book: Workbook, name: str, number: int, column: int, value: Any) -> None:
    if name in book.sheetnames:
        _put(book[name], _row(book[name], number), column, value)


def _put(sheet: Worksheet, row: int, column: int, value: Any, shown: str | None = None) -> None:
    cell = sheet.cell(row, column)
    if type(cell).__name__ != "MergedCell":
        cell.value = value
        if isinstance(value, str) and value == "=":
            cell.data_type = "s"
        if shown:
            cell.number_format = shown


def change_format(book: Workbook, first: int, second: int) -> None:
    """Change how a cell shows its value, mostly one that holds a number."""
    sheet = book["예산"] if first % 2 and "예산" in book.sheetnames else _sheet(book, first)
    numbers = [
        cell for row in sheet.iter_rows(min_row=3) for cell in row
        if isinstance(cell.value, (int, float))
    ]  # fmt: skip
    cell = sheet.cell(_row(sheet, second), _column(sheet, second // 7))
    if numbers and first % 5:
        cell = numbers[second % len(numbers)]
    cell.number_format = FORMATS[first // 7 % len(FORMATS)]


def change_unit(book: Workbook, first: int, second: int) -> None:
    words = ("(단위: 천원)", "단위 : 원", "(단위:억원)", "(단위: 만원)", "(단위: 백만 원)", "예산")
    if "예산" in book.sheetnames:
        _put(book["예산"], 1, 1, words[first % len(words)])


def change_header_unit(book: Workbook, first: int, second: int) -> None:
    if "예산" in book.sheetnames:
        _put(
            book["예산"],
            2,
            5 + first % 10,
            f"{2018 + first % 10 // 2} 확보액({('천원', '억원', '만원')[second % 3]})",
        )


def change_identity(book: Workbook, first: int, second: int) -> None:
    swaps = (("quarter", "2021Q3"), ("quarter", "2019Q1"), ("quarter", "4분기"), ("department", "D998"),
             ("government", "0000000"), ("edition", "2020-1"), ("term", 6), ("department", None),
             ("form", "register"), ("term", "민선7기"))  # fmt: skip
    key, value = swaps[first % len(swaps)]
    if "_form" in book.sheetnames:
        for cell, *_ in book["_form"].iter_rows(max_col=1):
            if cell.value == key:
                book["_form"].cell(cell.row, 2, value)


def note_outside(book: Workbook, first: int, second: int) -> None:
    sheet = _sheet(book, first)
    places = (
        (_row(sheet, second), sheet.max_column + 2),
        (sheet.max_row + 3, 1),
        (sheet.max_row + 2, 2),
        (1, 5),
    )
    _put(sheet, *places[second % 4], ("※ 의회 의결 예정", 1234, "담당자 확인")[first % 3])


def group_headers(book: Workbook, first: int, second: int) -> None:
    if "예산" not in book.sheetnames or "2018 확보액" not in [c.value for c in book["예산"][2]]:
        return
    sheet = book["예산"]
    sheet.insert_rows(3)
    for cell in list(sheet[2]):
        found = re.fullmatch(r"(\d{4}) (.*)", str(cell.value))
        if found and type(cell).__name__ != "MergedCell":
            is_first = cell.column % 2 == 1 or not second % 2
            year = int(found[1]) if first % 2 else found[1]
            cell.value = year if is_first else None
            sheet.cell(3, cell.column, found[2])


def total_row(book: Workbook, first: int, second: int) -> None:
    if "예산" in book.sheetnames:
        sheet = book["예산"]
        sheet.append(["1-1", ("계", "합 계", "소계")[first % 3], None, None, *[second % 50] * 10])


def add_chart(book: Workbook, first: int, second: int) -> None:
    _sheet(book, first).add_chart(BarChart(), f"C{1 + second % 30}")


def look_elsewhere(book: Workbook, first: int, second: int) -> None:
    _type(book, "예산", second, 4 + first % 12, _ELSEWHERE)


def format_blanks(book: Workbook, first: int, second: int) -> None:
    sheet, fill = _sheet(book, first), PatternFill("solid", fgColor="FFFFFF00")
    for row in range(sheet.max_row + 1, sheet.max_row + 20 + second % 50):
        for column in range(1, 30):
            sheet.cell(row, column).fill = copy(fill)


def protect(book: Workbook, first: int, second: int) -> None:
    _sheet(book, first).protection.sheet = True
    _sheet(book, first).protection.password = "비밀"  # noqa: S105


def count_from_1904(book: Workbook, first: int, second: int) -> None:
    book.epoch = CALENDAR_MAC_1904


EDITS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        rename_sheet, reorder_sheets, hide_sheet, copy_sheet, delete_sheet, move_column,
        insert_column, delete_column, insert_rows, delete_row, repeat_row, merge, filter_rows,
        hide_row, hide_column, type_amount, type_number, type_rate, type_day, type_status,
        type_anything, change_format, change_unit, change_header_unit, change_identity,
        note_outside, group_headers, total_row, add_chart, look_elsewhere, format_blanks, protect,
        count_from_1904,
    )
}  # fmt: skip


def edited(
    path: Path, department: str, pledges: tuple[str, str], plan: list[tuple[str, int, int]]
) -> bytes:
    """Write a valid return of two pledges and do the edits of `plan` to it, in order."""
    one, two = pledges
    money = {
        "기투자": 5,
        "2018 확보액": 10,
        "2018 집행액": 10,
        "2019 확보액": "1,200",
        "2019 집행액": 700,
    }
    return_workbook(
        path,
        department=department,
        progress=[
            {"공약번호": one, "공약명": "첫째"},
            {"공약번호": two, "공약명": "둘째", "이행률(%)": 35.5},
        ],
        budget=[
            {"공약번호": one, "재원": "구비", **money},
            {"공약번호": one, "재원": "국비", "2021 확보액": 40.5, "2021 집행액": 12, "임기후": 3},
            {"공약번호": two, "재원": "시비", "2020 확보액": 300, "2020 집행액": 299.9},
        ],
        achievements=[{"공약번호": one}, {"공약번호": two, "일자": "2021. 12. 1.", "내용": "개통"}],
        cooperation=[{"공약번호": two}],
    )
    book = load_workbook(path)
    for name, first, second in plan:
        EDITS[name](book, first, second)
    stream = io.BytesIO()
    book.save(stream)
    return _with_other_file(stream.getvalue())


def _with_other_file(content: bytes) -> bytes:
    """Turn every sentinel number into a formula over another file that keeps its stored value."""
    plain, held = f"<v>{_ELSEWHERE}</v>".encode(), io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(content))
    members = {name: source.read(name) for name in source.namelist()}
    if not any(plain in data for data in members.values()):
        return content
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, data.replace(plain, b"<f>[1]Sheet1!$B$2</f>" + plain))
    return held.getvalue()

"""The register as a workbook to fill in: its sheets, drop-downs, and a guide with every column.

Everything said in it stands in the newest edition of its form and the code lists. The examples
stand on the guide alone, which is no table of the register: none can be loaded by accident.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from etl.form import Field, Table, form, offered_labels
from etl.office import styles
from etl.office.styles import Look, put, put_across, put_line

GUIDE_SHEET = "안내"
FIRST_ROW = 2
_LAST_CHECKED_ROW = 1000
_USUAL_WIDTH = 14.0
_GUIDE_WIDTHS = {"A": 2.0, "B": 16.0, "C": 9.0, "D": 62.0, "E": 22.0}
_GUIDE_HEADERS = ("열", "적기", "설명", "보기(지어낸 것)")

_INPUT_FORMATS = {"date": "yyyy-mm-dd", "integer": "0", "money": "#,##0.###"}
_ABOUT = Look(lines=False, wrap=False, ink=styles.GIVEN_INK)
_EXAMPLE = Look(ink=styles.GIVEN_INK, horizontal="left", indent=1)
_SWATCHES = {
    "진한 제목": styles.REQUIRED,
    "노란 칸": Look(styles.INPUT_FILL, bold=True, horizontal="left", indent=1),
}


def columns(table: Table) -> list[Field]:
    """Return the columns of a sheet of the register, those of people last, each header once."""
    first: dict[str, Field] = {}
    for column in table.all_fields:
        first.setdefault(column.header, column)
    return list(first.values())


def build_register(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Workbook:
    """Lay out a register with these rows, by sheet, keyed by header; none: one to fill in."""
    workbook = styles.new_workbook()
    _guide_sheet(workbook.worksheets[0])
    for table in form("register").tables:
        sheet = workbook.create_sheet(table.sheet)
        for number, column in enumerate(columns(table), start=1):
            _column(sheet, column, number)
        for row, values in enumerate(rows.get(table.sheet, ()), start=FIRST_ROW):
            for number, column in enumerate(columns(table), start=1):
                put(sheet, row, number, values.get(column.header), _input(column))
        sheet.freeze_panes = f"A{FIRST_ROW}"
        styles.roomy(sheet)
        styles.paper(sheet, "landscape", "1:1")
    return workbook


def _column(sheet: Worksheet, column: Field, number: int) -> None:
    letter = get_column_letter(number)
    styles.column(sheet, letter, column.width or _USUAL_WIDTH, _input(column))
    put(sheet, 1, number, column.header, styles.REQUIRED if column.required else styles.HEADER)
    check = _check(column)
    check.add(f"{letter}{FIRST_ROW}:{letter}{_LAST_CHECKED_ROW}")
    sheet.add_data_validation(check)


def _input(column: Field) -> Look:
    number_format = _INPUT_FORMATS.get(column.type, "@")
    return Look(styles.INPUT_FILL, horizontal="left", indent=1, number_format=number_format)


def _check(column: Field) -> DataValidation:
    """Return what a column's cells show when they are chosen, and the list they take."""
    names = offered_labels(column.code_list) if column.code_list else ()
    limits: dict[str, Any] = {"type": "list", "formula1": f'"{",".join(names)}"'} if names else {}
    return DataValidation(
        allow_blank=True,
        showInputMessage=True,
        promptTitle=column.header,
        prompt=column.about,
        showErrorMessage=bool(names),
        errorTitle=column.header,
        error=f"목록에 있는 것만 적을 수 있습니다: {', '.join(names)}"[:225] if names else None,
        **limits,
    )


def _guide_sheet(sheet: Worksheet) -> None:
    sheet.title = GUIDE_SHEET
    for letter, width in _GUIDE_WIDTHS.items():
        styles.column(sheet, letter, width)
    put(sheet, 1, 2, form("register").title, styles.TITLE)
    sheet.row_dimensions[1].height = 34
    row = 3
    for name, text in form("register").guide:
        put(sheet, row, 2, name, _SWATCHES.get(name, styles.TERM))
        put_across(sheet, row, text, styles.EXPLAINED, 3, 5)
        styles.fit_row(sheet, row, [(text, sum(_GUIDE_WIDTHS[letter] for letter in "CDE"))])
        row += 1
    for table in form("register").tables:
        row = _guide_table(sheet, table, row + 1)
    sheet.sheet_view.showGridLines = False
    styles.paper(sheet, "portrait")


def _guide_table(sheet: Worksheet, table: Table, row: int) -> int:
    """Write what one sheet of the register holds; return the row below."""
    kind = "꼭 있어야 하는 시트" if table.required else "없어도 되는 시트"
    put(sheet, row, 2, table.sheet, styles.SECTION)
    put(sheet, row, 3, f"{table.about} ({kind})", _ABOUT)
    sheet.row_dimensions[row].height = 24
    put_line(sheet, row + 1, _GUIDE_HEADERS, styles.HEADER, first=2)
    row += 2
    for column in columns(table):
        choices = f" ({', '.join(offered_labels(column.code_list))})" if column.code_list else ""
        about = column.about + choices
        put(sheet, row, 2, column.header, styles.TERM)
        put(sheet, row, 3, "꼭" if column.required else "", styles.EXPLAINED)
        put(sheet, row, 4, about, styles.EXPLAINED)
        put(sheet, row, 5, column.example, _EXAMPLE)
        styles.fit_row(sheet, row, [(about, _GUIDE_WIDTHS["D"])])
        row += 1
    return row

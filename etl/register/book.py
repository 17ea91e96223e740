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
from etl.office.styles import Look, Stylist

GUIDE_SHEET = "안내"
FIRST_ROW = 2
_LAST_CHECKED_ROW = 1000
_USUAL_WIDTH = 14.0
_GUIDE_WIDTHS = {"A": 2.0, "B": 16.0, "C": 9.0, "D": 62.0, "E": 22.0}
_GUIDE_HEADERS = ("열", "적기", "설명", "보기(지어낸 것)")

_HEADER = Look(styles.HEADER_FILL, "FFFFFFFF", bold=True, horizontal="center")
_REQUIRED = Look(styles.REQUIRED_FILL, "FFFFFFFF", bold=True, horizontal="center")
_INPUT_FORMATS = {"date": "yyyy-mm-dd", "integer": "0", "money": "#,##0.###"}
_TITLE = Look(size=18, bold=True, lines=False, wrap=False, ink=styles.REQUIRED_FILL)
_SECTION = Look(size=12, bold=True, lines=False, wrap=False, ink=styles.REQUIRED_FILL)
_ABOUT = Look(lines=False, wrap=False, ink=styles.GIVEN_INK)
_TERM = Look(styles.GIVEN_FILL, bold=True, horizontal="left", indent=1)
_TEXT = Look(horizontal="left", indent=1)
_EXAMPLE = Look(ink=styles.GIVEN_INK, horizontal="left", indent=1)
_SWATCHES = {
    "진한 제목": _REQUIRED,
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
    stylist = Stylist(workbook)
    _guide_sheet(stylist, workbook.worksheets[0])
    for table in form("register").tables:
        sheet = workbook.create_sheet(table.sheet)
        for number, column in enumerate(columns(table), start=1):
            _column(stylist, sheet, column, number)
        for row, values in enumerate(rows.get(table.sheet, ()), start=FIRST_ROW):
            for number, column in enumerate(columns(table), start=1):
                stylist.put(sheet, row, number, values.get(column.header), _input(column))
        sheet.freeze_panes = f"A{FIRST_ROW}"
        styles.roomy(sheet)
        styles.paper(sheet, "landscape", "1:1")
    return workbook


def _column(stylist: Stylist, sheet: Worksheet, column: Field, number: int) -> None:
    letter = get_column_letter(number)
    stylist.column(sheet, letter, column.width or _USUAL_WIDTH, _input(column))
    stylist.put(sheet, 1, number, column.header, _REQUIRED if column.required else _HEADER)
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


def _guide_sheet(stylist: Stylist, sheet: Worksheet) -> None:
    sheet.title = GUIDE_SHEET
    for letter, width in _GUIDE_WIDTHS.items():
        stylist.column(sheet, letter, width)
    stylist.put(sheet, 1, 2, form("register").title, _TITLE)
    sheet.row_dimensions[1].height = 34
    row = 3
    for name, text in form("register").guide:
        stylist.put(sheet, row, 2, name, _SWATCHES.get(name, _TERM))
        stylist.put(sheet, row, 3, text, _TEXT)
        for column in (4, 5):
            stylist.put(sheet, row, column, None, _TEXT)
        sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=5)
        styles.fit_row(sheet, row, [(text, sum(_GUIDE_WIDTHS[letter] for letter in "CDE"))])
        row += 1
    for table in form("register").tables:
        row = _guide_table(stylist, sheet, table, row + 1)
    sheet.sheet_view.showGridLines = False
    styles.paper(sheet, "portrait")


def _guide_table(stylist: Stylist, sheet: Worksheet, table: Table, row: int) -> int:
    """Write what one sheet of the register holds; return the row below."""
    kind = "꼭 있어야 하는 시트" if table.required else "없어도 되는 시트"
    stylist.put(sheet, row, 2, table.sheet, _SECTION)
    stylist.put(sheet, row, 3, f"{table.about} ({kind})", _ABOUT)
    sheet.row_dimensions[row].height = 24
    for number, header in enumerate(_GUIDE_HEADERS, start=2):
        stylist.put(sheet, row + 1, number, header, _HEADER)
    row += 2
    for column in columns(table):
        about = _with_choices(column.about, column)
        stylist.put(sheet, row, 2, column.header, _TERM)
        stylist.put(sheet, row, 3, "꼭" if column.required else "", _TEXT)
        stylist.put(sheet, row, 4, about, _TEXT)
        stylist.put(sheet, row, 5, column.example, _EXAMPLE)
        styles.fit_row(sheet, row, [(about, _GUIDE_WIDTHS["D"])])
        row += 1
    return row


def _with_choices(about: str, column: Field) -> str:
    return f"{about} ({', '.join(offered_labels(column.code_list))})" if column.code_list else about

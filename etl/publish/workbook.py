"""취합.xlsx of a publication: every table on a sheet of its own, behind a cover."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from etl.measures import measures
from etl.office.styles import (
    DEADLINE_FILL,
    GIVEN_FILL,
    GIVEN_INK,
    HEADER_FILL,
    REQUIRED_FILL,
    Look,
    Stylist,
    fit_row,
    new_workbook,
    paper,
    save,
)
from etl.publish import drawings
from etl.publish.columns import (
    PRINTED_PLEDGE_COLUMNS,
    TEXT,
    lines,
    look_of,
    number_look,
    shown_with_unit,
)
from etl.publish.publication import Publication
from etl.publish.tables import ShownSheet, tables
from etl.quarter import SEOUL

FILE_NAME = "취합.xlsx"
_TITLE = Look(bold=True, size=18, lines=False, ink=REQUIRED_FILL, wrap=False)
_NOTE = Look(lines=False, ink=GIVEN_INK)
_PART = Look(bold=True, size=12, lines=False, wrap=False)
_HEADER = Look(fill=HEADER_FILL, ink="FFFFFFFF", bold=True, horizontal="center")
_LABEL = Look(fill=GIVEN_FILL, bold=True, indent=1, horizontal="left")
_VALUE = Look(bold=True, horizontal="right", wrap=False)
_COVER_END = 8  # its last column


def write_workbook(publication: Publication, folder: Path) -> Path:
    """Write 취합.xlsx into `folder`; the same publication gives the same bytes."""
    workbook = new_workbook()
    stylist = Stylist(workbook)
    cover = workbook.worksheets[0]
    cover.title = "표지"
    written = tables(publication)
    drawn = workbook.create_sheet(drawings.NAME)
    sheets = {name: workbook.create_sheet(name) for name in written}
    for name, table in written.items():
        _write_table(stylist, sheets[name], table)
    drawings.draw(stylist, drawn, publication, sheets, written)
    _write_cover(stylist, cover, publication, written.values())
    moment = datetime.combine(publication.day, time.min, SEOUL)
    return save(workbook, folder / FILE_NAME, moment)


def _write_table(stylist: Stylist, sheet: Worksheet, table: ShownSheet) -> None:
    """Write a header and the rows; what has no row says so in one line."""
    columns = table.columns
    for number, column in enumerate(columns, start=1):
        stylist.put(sheet, 1, number, column.header, _HEADER)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[1].height = 34
    last = 1
    for last, line in enumerate(lines(columns, table.frame), start=2):
        for place, (column, value) in enumerate(line, start=1):
            stylist.put(sheet, last, place, value, look_of(column, value))
        fit_row(sheet, last, [(text, c.width) for c, text in line if isinstance(text, str)])
    if last == 1:
        stylist.put(sheet, 2, 1, "해당하는 줄이 없습니다.", Look(lines=False, wrap=False))
    width = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A1:{width}{last}"
    sheet.freeze_panes = "C2"
    if table.name == "공약현황":
        # What is only looked up on the screen would make the print too small to read.
        sheet.print_area = f"A1:{get_column_letter(PRINTED_PLEDGE_COLUMNS)}{last}"
    paper(sheet, "landscape", title_rows="1:1")


def _write_cover(
    stylist: Stylist, sheet: Worksheet, publication: Publication, written: Iterable[ShownSheet]
) -> None:
    for letter, width in zip("ABCDEFGH", (2, 33, 25, 22, 22, 10, 13, 8), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
    quarter = publication.quarter
    title = f"{publication.government_name} 공약 이행현황 취합"
    stylist.put(sheet, 2, 2, title, _TITLE)
    sheet.row_dimensions[2].height = 34
    line = f"{quarter.year}년 {quarter.number}분기 · 기준일 {publication.day.isoformat()}"
    stylist.put(sheet, 3, 2, line, Look(size=12, lines=False, wrap=False))
    row = _write_coverage(stylist, sheet, 5, publication)
    row = _write_headlines(stylist, sheet, row + 1, publication)
    row = _write_list(stylist, sheet, row + 1, "계산 방법", measures().method)
    contents = [f"{table.name}: {table.note}" for table in written]
    _write_list(stylist, sheet, row + 1, "시트", contents)
    paper(sheet, "portrait", pages_high=1)


def _write_coverage(stylist: Stylist, sheet: Worksheet, row: int, publication: Publication) -> int:
    missing = len({m.department_code for m in publication.missing})
    facts: Mapping[str, str] = {
        "공약": f"{len(publication.pledges)}건",
        "보고율": publication.coverage,
        "미제출": f"{len(publication.missing)}건, {missing}개 부서" if missing else "없음",
        "점검예외": _waived(publication),
    }
    for label, fact in facts.items():
        stylist.put(sheet, row, 2, label, _LABEL)
        look = (
            Look(fill=DEADLINE_FILL, indent=1, horizontal="left")
            if label in ("미제출", "점검예외") and fact != "없음"
            else TEXT
        )
        for column in range(3, _COVER_END + 1):
            stylist.put(sheet, row, column, fact if column == 3 else None, look)
        sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=_COVER_END)
        sheet.row_dimensions[row].height = 21
        row += 1
    return row


def _waived(publication: Publication) -> str:
    ended = sum(row.is_expired for row in publication.waived)
    told = f", 그 가운데 끝난 예외 {ended}건" if ended else ""
    return f"{len(publication.waived)}건{told}" if publication.waived else "없음"


def _write_headlines(stylist: Stylist, sheet: Worksheet, row: int, publication: Publication) -> int:
    headers = ("지표", "값", "분자", "분모", "공약 수", "이어 쓴 보고", "예외")
    for column, header in enumerate(headers, start=2):
        stylist.put(sheet, row, column, header, _HEADER)
    for figure in publication.of_all(measures().cover):
        row += 1
        sheet.row_dimensions[row].height = 21
        stylist.put(sheet, row, 2, f"{figure.figure_name} ({figure.figure_code})", _LABEL)
        stylist.put(sheet, row, 3, shown_with_unit(figure), _VALUE)
        counted = (figure.pledge_count, figure.carried_forward_count, figure.waiver_count)
        for column, number in enumerate((figure.numerator, figure.denominator, *counted), start=4):
            stylist.put(sheet, row, column, number, number_look(number))
    return row + 1


def _write_list(
    stylist: Stylist, sheet: Worksheet, row: int, title: str, told: Sequence[str]
) -> int:
    stylist.put(sheet, row, 2, title, _PART)
    for line in told:
        row += 1
        stylist.put(sheet, row, 2, f"· {line}", _NOTE)
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=_COVER_END)
        fit_row(sheet, row, [(line, 130)])
    return row + 1

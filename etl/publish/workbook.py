"""취합.xlsx of a publication: every table on a sheet of its own, behind a cover."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from etl.measures import measures
from etl.office import styles
from etl.office.styles import Look, put, put_across, put_line
from etl.publish import drawings
from etl.publish.columns import (
    LAST_PRINTED,
    TEXT,
    ShownColumn,
    lines,
    look_of,
    number_look,
    shown_with_unit,
)
from etl.publish.publication import Publication
from etl.publish.tables import ShownSheet, tables
from etl.quarter import SEOUL

FILE_NAME = "취합.xlsx"
_NOTE = Look(lines=False, ink=styles.GIVEN_INK)
_PART = Look(bold=True, size=12, lines=False, wrap=False)
_VALUE = Look(bold=True, horizontal="right", wrap=False)
_PAGE_WIDTH = 240  # characters across a landscape page that can still be read
_NUMBER_MARGIN = 4  # its margins, and the next rounder font
_COVER_END = 8  # its last column


def write_workbook(publication: Publication, folder: Path) -> Path:
    """Write 취합.xlsx into `folder`; the same publication gives the same bytes."""
    workbook = styles.new_workbook()
    cover = workbook.worksheets[0]
    cover.title = "표지"
    written = tables(publication)
    drawn = workbook.create_sheet(drawings.NAME)
    sheets = {name: workbook.create_sheet(name) for name in written}
    for name, table in written.items():
        _write_table(sheets[name], table)
    drawings.draw(drawn, publication, sheets, written)
    _write_cover(cover, publication, written.values())
    moment = datetime.combine(publication.day, time.min, SEOUL)
    return styles.save(workbook, folder / FILE_NAME, moment)


def _write_table(sheet: Worksheet, table: ShownSheet) -> None:
    """Write a header and the rows; what has no row says so in one line."""
    columns = table.columns
    for number, column in enumerate(columns, start=1):
        put(sheet, 1, number, column.header, styles.HEADER)
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = _width(column, table.frame.iloc[:, number - 1])
    sheet.row_dimensions[1].height = 34
    last = 1
    for last, line in enumerate(lines(columns, table.frame), start=2):
        for place, (column, value) in enumerate(line, start=1):
            put(sheet, last, place, value, look_of(column, value))
        styles.fit_row(sheet, last, [(text, c.width) for c, text in line if isinstance(text, str)])
    if last == 1:
        put(sheet, 2, 1, "해당하는 줄이 없습니다.", Look(lines=False, wrap=False))
    width = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A1:{width}{last}"
    sheet.freeze_panes = "C2"
    if table.name == "공약현황":
        # What is only looked up on the screen would make the print too small to read.
        printed = [column.header for column in columns].index(LAST_PRINTED) + 1
        sheet.print_area = f"A1:{get_column_letter(printed)}{last}"
        columns = columns[:printed]
    pages = ceil(sum(column.width for column in columns) / _PAGE_WIDTH)
    styles.paper(sheet, "landscape", title_rows="1:1", pages_wide=pages)
    if pages > 1:
        sheet.print_title_cols = "A:B"


def _width(column: ShownColumn, values: Iterable[Any]) -> float:
    """Return the width of a column: a number that does not fit would show as ####."""
    if not column.is_number:
        return column.width
    shown = (f"{value:,}" for value in values if isinstance(value, int | Decimal))
    return max(column.width, *(len(text) + _NUMBER_MARGIN for text in shown), 0)


def _write_cover(sheet: Worksheet, publication: Publication, written: Iterable[ShownSheet]) -> None:
    for letter, width in zip("ABCDEFGH", (2, 33, 25, 22, 22, 10, 13, 8), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
    quarter = publication.quarter
    title = f"{publication.government_name} 공약 이행현황 취합"
    put(sheet, 2, 2, title, styles.TITLE)
    sheet.row_dimensions[2].height = 34
    line = f"{quarter.title} · 기준일 {publication.day.isoformat()}"
    put(sheet, 3, 2, line, Look(size=12, lines=False, wrap=False))
    row = _write_coverage(sheet, 5, publication)
    row = _write_headlines(sheet, row + 1, publication)
    row = _write_list(sheet, row + 1, "계산 방법", measures().method)
    contents = [f"{table.name}: {table.note}" for table in written]
    _write_list(sheet, row + 1, "시트", contents)
    styles.paper(sheet, "portrait", pages_high=1)


def _write_coverage(sheet: Worksheet, row: int, publication: Publication) -> int:
    missing = len({m.department_code for m in publication.missing})
    facts: Mapping[str, str] = {
        "공약": f"{len(publication.pledges)}건",
        "보고율": publication.coverage,
        "미제출": f"{len(publication.missing)}건, {missing}개 부서" if missing else "없음",
        "점검예외": _waived(publication),
    }
    for label, fact in facts.items():
        put(sheet, row, 2, label, styles.TERM)
        is_marked = label in ("미제출", "점검예외") and fact != "없음"
        look = replace(TEXT, fill=styles.DEADLINE_FILL) if is_marked else TEXT
        put_across(sheet, row, fact, look, 3, _COVER_END)
        sheet.row_dimensions[row].height = 21
        row += 1
    return row


def _waived(publication: Publication) -> str:
    ended = sum(row.is_expired for row in publication.waived)
    told = f", 그 가운데 끝난 예외 {ended}건" if ended else ""
    return f"{len(publication.waived)}건{told}" if publication.waived else "없음"


def _write_headlines(sheet: Worksheet, row: int, publication: Publication) -> int:
    headers = ("지표", "값", "분자", "분모", "공약 수", "이어 쓴 보고", "예외")
    put_line(sheet, row, headers, styles.HEADER, first=2)
    for figure in publication.of_all(measures().cover):
        row += 1
        sheet.row_dimensions[row].height = 21
        put(sheet, row, 2, f"{figure.figure_name} ({figure.figure_code})", styles.TERM)
        put(sheet, row, 3, shown_with_unit(figure), _VALUE)
        counted = (figure.pledge_count, figure.carried_forward_count, figure.waiver_count)
        for column, number in enumerate((figure.numerator, figure.denominator, *counted), start=4):
            put(sheet, row, column, number, number_look(number))
    return row + 1


def _write_list(sheet: Worksheet, row: int, title: str, told: Sequence[str]) -> int:
    put(sheet, row, 2, title, _PART)
    for line in told:
        row += 1
        put_across(sheet, row, f"· {line}", _NOTE, 2, _COVER_END)
        styles.fit_row(sheet, row, [(line, 130)])
    return row + 1

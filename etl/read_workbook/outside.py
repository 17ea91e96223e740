"""What stands beside, above or below the tables: nothing of it is read, all of it is named."""

from collections import Counter
from collections.abc import Container, Iterator
from typing import Any

from etl.cells import RawCell, money
from etl.documents.sheets import Sheet, column_letter
from etl.problems import CellProblem
from etl.read_workbook.found import FoundTable
from etl.read_workbook.rows import TableReader

_SHORT = 60
_LISTED = 5
Place = tuple[int, int]


def outside(place: FoundTable) -> Iterator[CellProblem]:
    """Yield one `outside_table` for each row above and each headless column of a table.

    A line of words above the header is a caption; numbers or several texts there are not.
    """
    for found in (*_rows_above(place), *_columns_beside(place)):
        row, column = found[0]
        value = place.sheet.rows[row - 1][column - 1]
        seen = f"{value}"[:_SHORT] + (f" 등 {len(found)}칸" if len(found) > 1 else "")
        yield place.problem("outside_table", seen, "", row, column_letter(column))


def _rows_above(place: FoundTable) -> Iterator[list[Place]]:
    """Yield what a row above the header holds beyond one caption and the unit."""
    for number, row in enumerate(place.sheet.rows[: place.header_row - place.header_rows], 1):
        if row.count("") == len(row):
            continue
        written = [(column, value) for column, value in enumerate(row, 1) if _is_written(value)]
        texts = [c for c, v in written if isinstance(v, str) and "단위" not in v]
        numbers = [c for c, v in written if not isinstance(v, str)]
        if found := sorted((*numbers, *texts[1:])):
            yield [(number, column) for column in found]


def _is_written(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else True


def _columns_beside(place: FoundTable) -> Iterator[list[Place]]:
    """Yield the values of each column that has no header."""
    rows, header_row = place.sheet.rows, place.header_row
    width = len(rows[header_row - 1])
    if len(place.header.texts) == width:
        return
    for column in sorted({*range(1, width + 1)} - place.header.texts.keys()):
        found = [
            (number, column)
            for number, row in enumerate(rows[header_row - 1 :], header_row)
            if _is_written(row[column - 1])
        ]
        if found:
            yield found


def unread_amounts(reader: TableReader) -> Iterator[CellProblem]:
    """Yield one `unread_amount` a pledge for each column of amounts that nobody understands.

    Such a column has a header that the form does not know, or none though it stands among columns
    that have one; headers known to be no money are data of the form.
    """
    table, place = reader.table, reader.place
    if not table.money or not reader.is_return:
        return
    for column in _not_understood(reader):
        told: set[str | None] = set()
        header, letter = place.header.texts.get(column, "제목 없음"), column_letter(column)
        for row, pledge_id in reader.pledges.items():
            if pledge_id not in told and _is_amount(place.sheet.cell(row, column)):
                told.add(pledge_id)
                yield place.problem("unread_amount", header, "", row, letter, None, pledge_id)


def _not_understood(reader: TableReader) -> list[int]:
    header = reader.header
    known = {*header.columns.values(), *header.money}
    return [
        column
        for column in range(1, max(known, default=0) + 1 + len(header.texts))
        if column not in known
        and (
            not reader.table.is_no_money(header.texts[column])
            if column in header.texts
            else min(known) < column < max(known)
        )
    ]


def _is_amount(cell: RawCell) -> bool:
    """Tell whether a cell holds a number other than 0, as a number or as text."""
    read = money(cell, 1)
    return read.kind == "value" and read.value != 0


def notes_below(reader: TableReader, pledge_ids: Container[str]) -> Iterator[CellProblem]:
    """Yield one `outside_table` for each row whose only text is neither a total nor a known id."""
    place = reader.place
    told = {(problem.row, problem.column) for problem in place.problems}
    for row, column, text in reader.lone:
        if (row, column) in told:
            continue
        if text not in pledge_ids and reader.form.total_of(text) is None:
            yield place.problem("outside_table", text[:_SHORT], "", row, column)


def objects(sheet: Sheet) -> Iterator[CellProblem]:
    """Yield one `floating_object` for a sheet with pictures, charts or text boxes."""
    if lying := sheet.facts.objects:
        counts = Counter(one.kind for one in lying)
        seen = ", ".join(f"{kind} {count}개" for kind, count in counts.items())
        yield _on_sheet(sheet, "floating_object", seen, min((o.row, o.column) for o in lying))


def cell_notes(sheet: Sheet) -> Iterator[CellProblem]:
    """Yield one `cell_note` and one `cell_picture` for a sheet with such cells, at the first."""
    for code, places in (("cell_note", sheet.facts.noted), ("cell_picture", sheet.facts.pictures)):
        if places:
            shown = [f"{column_letter(column)}{row}" for row, column in sorted(places)]
            rest = " 등" if len(shown) > _LISTED else ""
            seen = f"{', '.join(shown[:_LISTED])}{rest} {len(shown)}칸"
            yield _on_sheet(sheet, code, seen, min(places))


def _on_sheet(sheet: Sheet, code: str, seen: str, place: Place) -> CellProblem:
    row, column = place
    return CellProblem(code, seen, "", sheet.name, row=row, column=column_letter(column))

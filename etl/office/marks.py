"""Marks on a sender's own workbook: a colour and a comment, taken away again without a trace.

A mark is a solid fill in a colour nobody else uses; the fill's unseen second colour keeps what the
cell had before, so that the mark moves with its row and needs no list of marked cells. Excel keeps
that second colour; LibreOffice writes another one, and forgets who wrote a comment: so a comment of
ours also begins with a line of its own.
"""

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill, Protection
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from etl.documents.notes import OURS, PROGRAM
from etl.office.strict import as_usual
from etl.office.styles import set_style, style_of

WRONG, DOUBTFUL, NOTED, RELATED = "FFFFC1C6", "FFFFDD94", "FFCDE6FB", "FFE9DDF7"
_MARKS = frozenset((WRONG, DOUBTFUL, NOTED, RELATED))
_NO_COLOR = Color(indexed=64)
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_EARLIER = "\n\n― 원래 있던 메모 · "
_SHEETS = "xl/worksheets/"
# openpyxl makes an object of every cell: 10 MB of sheet XML cost it some seconds and 300 MB.
MOST_MARKED = 10 * 1024 * 1024
_LAST_ROW, _LAST_COLUMN = 1_048_576, "XFD"
# What openpyxl does not carry over, by the part of the package it lives in.
_LOST_PARTS = {
    "xl/media/": "그림",
    "xl/charts/": "차트",
    "xl/vbaProject": "매크로",
    "xl/ctrlProps/": "단추·확인란",
    "xl/slicers/": "슬라이서",
    "xl/embeddings/": "삽입한 개체",
    "xl/threadedComments/": "대화형 댓글",
}


def is_too_large(content: bytes) -> bool:
    """Tell whether a workbook holds more sheet XML, formatted blanks most often, than is marked."""
    sizes = (size for name, size in _members(content).items() if name.startswith(_SHEETS))
    return sum(sizes) > MOST_MARKED


def open_own(content: bytes) -> Workbook | None:
    """Open a sender's workbook with styles and formulas; None when that is not possible.

    A strict one is opened in the usual names, for openpyxl sees no sheet of it otherwise. The
    content must have passed the reader: a hostile file can keep openpyxl busy for minutes.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = load_workbook(io.BytesIO(as_usual(content)))
    except Exception:
        return None  # whatever it is, the sender is told on a fresh sheet instead
    return workbook if workbook.worksheets else None


def lost_parts(content: bytes) -> list[str]:
    """Name what the sender's file holds and the answer cannot: pictures, charts, macros."""
    names = _members(content)
    return [
        label for part, label in _LOST_PARTS.items() if any(name.startswith(part) for name in names)
    ]


def _members(content: bytes) -> dict[str, int]:
    """Return the name and the size of every member of a package; of another file none."""
    try:
        with ZipFile(io.BytesIO(content)) as package:
            return {one.filename: one.file_size for one in package.infolist()}
    except (BadZipFile, OSError):
        return {}


def recalculate(workbook: Workbook) -> bool:
    """Ask for a calculation at opening where there are formulas; return whether there are."""
    found = any(
        cell.data_type == "f" for sheet in workbook.worksheets for cell in _written_cells(sheet)
    )
    if found:
        workbook.calculation.fullCalcOnLoad = True
    return found


def remembers_colors(content: bytes) -> bool:
    """Tell whether the program that saved a workbook keeps the second colour of a fill."""
    try:
        with ZipFile(io.BytesIO(content)) as package:
            return b"Microsoft" in package.read("docProps/app.xml")
    except (BadZipFile, KeyError, OSError):
        return False


def remove_marks(workbook: Workbook, *, remembers: bool) -> None:
    """Take every earlier mark away; cells, colours and comments of the sender stay.

    Where the colour before the mark is not remembered, the cell gets its column's.
    """
    for sheet in workbook.worksheets:
        for cell in _written_cells(sheet):
            if _is_mark(cell.fill):
                color = cell.fill.bgColor if remembers else _column_color(sheet, cell)
                cell.fill = _fill_of(color)
            if cell.comment is not None and _is_ours(cell.comment):
                cell.comment = _earlier_comment(cell.comment.text)


def mark(sheet: Worksheet, address: str, color: str, text: str = "") -> None:
    """Colour one cell and, given a text, comment it; an address that is no cell is left alone.

    A cell inside a merged range is shown at the range's first cell. A locked cell is unlocked:
    its sender has to be able to correct it.
    """
    cell = _cell_at(sheet, address)
    if cell is None:
        return
    if not _is_mark(cell.fill):
        cell.fill = PatternFill("solid", fgColor=color, bgColor=_color_of(cell.fill))
    if text:
        cell.comment = _comment(text, cell.comment)
        if cell.protection.locked:
            cell.protection = Protection(locked=False, hidden=cell.protection.hidden)


def is_address(text: str | None) -> bool:
    """Tell whether a locator is a cell such as D7 (and not a place in a document)."""
    found = _ADDRESS.fullmatch(text or "")
    if found is None:
        return False
    letters = found[1].rjust(len(_LAST_COLUMN))
    return letters <= _LAST_COLUMN and int(found[2]) <= _LAST_ROW


def _written_cells(sheet: Any) -> Iterator[Any]:
    cells: Iterable[Any] = sheet._cells.values()
    return (cell for cell in cells if not isinstance(cell, MergedCell))


def _cell_at(sheet: Worksheet, address: str) -> Cell | None:
    if not is_address(address):
        return None
    cell = sheet[address]
    if isinstance(cell, MergedCell):
        ranges = (r for r in sheet.merged_cells.ranges if address in r)
        cell = next((sheet.cell(r.min_row, r.min_col) for r in ranges), cell)
    if not isinstance(cell, Cell):
        return None
    column = sheet.column_dimensions.get(cell.column_letter)
    if cell.value is None and not cell.has_style and column is not None and column.has_style:
        set_style(cell, style_of(column))
    return cell


def _is_mark(fill: Any) -> bool:
    color = fill.fgColor if fill.fill_type == "solid" else None
    return color is not None and color.type == "rgb" and color.rgb in _MARKS


def _color_of(fill: Any) -> Color:
    return fill.fgColor if fill.fill_type == "solid" else _NO_COLOR


def _column_color(sheet: Worksheet, cell: Any) -> Color:
    column = sheet.column_dimensions.get(cell.column_letter)
    return _color_of(column.fill) if column is not None and column.has_style else _NO_COLOR


def _fill_of(color: Color) -> PatternFill:
    if color.type == "indexed" and color.indexed == _NO_COLOR.indexed:
        return PatternFill()
    return PatternFill("solid", fgColor=color)


def _is_ours(comment: Any) -> bool:
    return bool(comment.author == PROGRAM or comment.text.startswith(OURS))


def _comment(text: str, earlier: Any) -> Comment:
    text = OURS + text
    if earlier is not None and _is_ours(earlier):
        text = f"{earlier.text}\n\n{text.removeprefix(OURS)}"
    elif earlier is not None:
        text = f"{text}{_EARLIER}{earlier.author}\n{earlier.text}"
    lines = sum(1 + len(line) // 26 for line in text.split("\n"))
    return Comment(text, PROGRAM, height=min(24 + 19 * lines, 420), width=330)


def _earlier_comment(text: str) -> Comment | None:
    _, found, earlier = text.partition(_EARLIER)
    author, _, words = earlier.partition("\n")
    return Comment(words, author) if found else None

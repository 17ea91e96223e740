"""A card laid out in a workbook, as blocks: what stands side by side is a table, the rest text.

Sheets follow each other in their order, hidden ones are left out. Every block knows its sheet and
first cell, so that its places are told as `카드!D7`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from etl.cells import FIRST_DAY_1904, Cell, RawCell, day, text_of
from etl.documents.blocks import (
    Block,
    GridCell,
    Origin,
    Paragraph,
    TableBlock,
    numbered,
    refuse_large,
    row_groups,
)
from etl.documents.package import DocumentError
from etl.documents.sheets import Sheet, read_sheets

UNCALCULATED = "(계산되지 않은 수식)"
"""Shown for a formula without a stored value: a blank would be read as nothing."""


class _Band(NamedTuple):
    """Rows that no cell crosses into from above or below, as the boxes in them.

    A box is a merged range, or a cell with text outside any, at its place on the sheet.
    """

    boxes: list[GridCell]

    @property
    def top(self) -> int:
        return self.boxes[0].row

    @property
    def bottom(self) -> int:
        return max(box.bottom for box in self.boxes)

    @property
    def filled(self) -> list[GridCell]:
        return [box for box in self.boxes if box.text]

    @property
    def is_table(self) -> bool:
        return len(self.filled) > 1

    @property
    def may_be_label(self) -> bool:
        """Tell whether it looks like a table's row whose other cells are blank, not like text.

        A heading or a text begins with a sign, or lies across several columns.
        """
        box = self.filled[0]
        return box.column_span == 1 and box.text[0].isalnum()


def read_card_book(content: bytes) -> list[Block]:
    """Return the paragraphs and tables of a workbook's visible sheets in order.

    Rows with at least two filled cells, or joined by a merge, make one table until a blank row or
    a row with a single cell, which is a paragraph. Numbers and dates are text as shown.
    Raises DocumentError with the codes of `read_sheets`.
    """
    sheets = (sheet for sheet in read_sheets(content) if not sheet.is_hidden)
    return numbered(block for sheet in sheets for block in _blocks(sheet))


def _blocks(sheet: Sheet) -> Iterator[Block]:
    rows: list[_Band] = []
    bands = [band for band in map(_Band, row_groups(_boxes(sheet))) if band.filled]
    for number, band in enumerate(bands):
        if rows and band.top > rows[-1].bottom + 1:
            yield _table(sheet.name, rows)
            rows = []
        if band.is_table or (rows and _is_label(bands, number)):
            rows.append(band)
            continue
        if rows:
            yield _table(sheet.name, rows)
            rows = []
        box = band.filled[0]
        yield Paragraph(0, box.text, Origin(sheet.name, box.row, box.column))
    if rows:
        yield _table(sheet.name, rows)


def _is_label(bands: list[_Band], number: int) -> bool:
    """Tell whether a single cell below a table is a row of it: the table must go on after it."""
    while bands[number].may_be_label and not bands[number].is_table:
        number += 1
        if number == len(bands) or bands[number].top > bands[number - 1].bottom + 1:
            return False
    return bands[number].is_table


def _table(sheet: str, bands: list[_Band]) -> TableBlock:
    boxes = [box for band in bands for box in band.boxes]
    top, left = bands[0].top, min(box.column for box in boxes)
    refuse_large(bands[-1].bottom - top + 1, max(box.right for box in boxes) - left + 1)
    cells = (replace(box, row=box.row - top + 1, column=box.column - left + 1) for box in boxes)
    return TableBlock(0, tuple(cells), origin=Origin(sheet, top, left)).filled()


def _boxes(sheet: Sheet) -> list[GridCell]:
    """Return merged ranges and cells with text; covered values are not seen."""
    read_day = partial(day, first_day=FIRST_DAY_1904) if sheet.facts.counts_from_1904 else day
    boxes = [
        GridCell(top, left, _shown(sheet.cell(top, left), read_day), bottom - top + 1,
                 right - left + 1)
        for top, left, bottom, right in sheet.facts.merges
    ]  # fmt: skip
    covered: set[tuple[int, int]] = set()
    for box in boxes:
        if not covered.isdisjoint(box.places):
            raise DocumentError("damaged", f"{sheet.name}: overlapping merges")
        covered.update(box.places)
    for row, values in enumerate(sheet.rows, 1):
        for column in range(1, len(values) + 1):
            if (row, column) not in covered:
                text = _shown(sheet.cell(row, column), read_day)
                if text:
                    boxes.append(GridCell(row, column, text))
    return boxes


def _shown(cell: RawCell, read_day: Callable[[RawCell], Cell]) -> str:
    """Return the text that a person sees in a cell; an error and a missing value say so."""
    if cell.error:
        return cell.error
    if cell.is_uncalculated:
        return UNCALCULATED
    return read_day(cell).raw if cell.format.kind == "date" else text_of(cell)

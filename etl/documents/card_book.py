"""A card laid out in a workbook, as blocks: what stands side by side is a table, the rest text.

Sheets follow each other in their order, hidden ones are left out. Every block knows its sheet and
first cell, so that its places are told as `카드!D7`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
)
from etl.documents.package import DocumentError
from etl.documents.sheets import Sheet, read_sheets

UNCALCULATED = "(계산되지 않은 수식)"
"""Shown for a formula without a stored value: a blank would be read as nothing."""


class _CellRange(NamedTuple):
    """A merged range, or a cell with text outside any; rows and columns count from 1."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


@dataclass
class _Band:
    """Rows that no cell crosses into from above or below, with their boxes."""

    top: int
    bottom: int
    boxes: list[_CellRange]

    @property
    def filled(self) -> list[_CellRange]:
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
        return box.left == box.right and box.text[0].isalnum()


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
    bands = [band for band in _bands(_boxes(sheet)) if band.filled]
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
        yield Paragraph(0, box.text, Origin(sheet.name, box.top, box.left))
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
    boxes = {(box.top, box.left): box for band in bands for box in band.boxes}
    top, bottom = bands[0].top, bands[-1].bottom
    left = min(box.left for box in boxes.values())
    right = max(box.right for box in boxes.values())
    refuse_large(bottom - top + 1, right - left + 1)
    covered: set[tuple[int, int]] = set()
    cells = []
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if (row, column) in covered:
                continue
            box = boxes.get((row, column)) or _CellRange(row, column, row, column, "")
            covered.update(_places(box))
            cells.append(
                GridCell(
                    row - top + 1,
                    column - left + 1,
                    box.text,
                    box.bottom - row + 1,
                    box.right - column + 1,
                )
            )
    return TableBlock(0, tuple(cells), origin=Origin(sheet, top, left))


def _bands(boxes: list[_CellRange]) -> Iterator[_Band]:
    """Yield the rows that hold boxes, in order; rows that a box joins are one band."""
    band: _Band | None = None
    for box in boxes:
        if band and box.top <= band.bottom:
            band.boxes.append(box)
            band.bottom = max(band.bottom, box.bottom)
        else:
            if band:
                yield band
            band = _Band(box.top, box.bottom, [box])
    if band:
        yield band


def _boxes(sheet: Sheet) -> list[_CellRange]:
    """Return merged ranges and cells with text, by row and column; covered values are not seen."""
    read_day = partial(day, first_day=FIRST_DAY_1904) if sheet.facts.counts_from_1904 else day
    boxes = [
        _CellRange(*merge, _shown(sheet.cell(*merge[:2]), read_day)) for merge in sheet.facts.merges
    ]
    covered: set[tuple[int, int]] = set()
    for box in boxes:
        places = _places(box)
        if not covered.isdisjoint(places):
            raise DocumentError("damaged", f"{sheet.name}: overlapping merges")
        covered.update(places)
    for row, values in enumerate(sheet.rows, 1):
        for column in range(1, len(values) + 1):
            if (row, column) not in covered:
                text = _shown(sheet.cell(row, column), read_day)
                if text:
                    boxes.append(_CellRange(row, column, row, column, text))
    return sorted(boxes)


def _places(box: _CellRange) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row in range(box.top, box.bottom + 1)
        for column in range(box.left, box.right + 1)
    ]


def _shown(cell: RawCell, read_day: Callable[[RawCell], Cell]) -> str:
    """Return the text that a person sees in a cell; an error and a missing value say so."""
    if cell.error:
        return cell.error
    if cell.is_uncalculated:
        return UNCALCULATED
    return read_day(cell).raw if cell.format.kind == "date" else text_of(cell)

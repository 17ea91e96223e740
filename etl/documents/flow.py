"""Lines of text and tables in the order of a document → numbered blocks.

The Hangul formats nest alike: a paragraph holds texts, tables and boxes in their order, a table's
cell and a box hold paragraphs again. A reader walks its format into these three; which of them is
a block, and the bounds of a table, are decided here, once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from etl.documents.blocks import (
    MAX_NESTING,
    MAX_PLACES,
    Block,
    GridCell,
    Paragraph,
    TableBlock,
    numbered,
    reading_order,
    text_and_held,
)
from etl.documents.package import DocumentError


@dataclass
class FlowBox:
    """Lines that stand apart from the text around them: a caption, a text box."""

    lines: list["Line"]


@dataclass
class FlowCell:
    """One cell of a grid where it begins; rows and columns count from 1."""

    row: int
    column: int
    row_span: int
    column_span: int
    lines: list["Line"]


@dataclass
class FlowGrid:
    """One table as its format tells it; `rows` and `columns` as declared, 0 where they are not."""

    cells: list[FlowCell] = field(default_factory=list)
    rows: int = 0
    columns: int = 0


Piece: TypeAlias = "str | FlowGrid | FlowBox"
Line: TypeAlias = "list[Piece]"
"""One paragraph: what it holds, in order."""


def blocks_of(lines: Iterable[Line]) -> list[Block]:
    """Return the blocks of one document, numbered as a person counts.

    A paragraph counts even when it is empty, but only one with text becomes a block. The text
    before, between and behind the tables of a paragraph is a paragraph of its own each.
    Raises DocumentError `damaged`, `file_too_large` or `hostile`.
    """
    return numbered(_Flow().blocks(lines), counts_blank=True)


class _Flow:
    """Makes the blocks of one document, and knows how many places its tables have declared."""

    def __init__(self) -> None:
        self._places = 0

    def blocks(self, lines: Iterable[Line], depth: int = 0) -> list[Block]:
        return [
            self._table(part, depth) if isinstance(part, FlowGrid) else Paragraph(0, part)
            for line in lines
            for part in _parts(line)
        ]

    def _table(self, grid: FlowGrid, depth: int) -> TableBlock:
        if depth > MAX_NESTING:
            raise DocumentError("hostile", "nested tables")
        cells = [self._cell(cell, depth) for cell in grid.cells]
        rows = max(grid.rows, *[cell.bottom for cell in cells], 0)
        columns = max(grid.columns, *[cell.right for cell in cells], 0)
        self._places += rows * columns
        if self._places > MAX_PLACES:
            raise DocumentError("file_too_large", f"{self._places} cells")
        return TableBlock(0, tuple(_apart(sorted(cells, key=reading_order))))

    def _cell(self, cell: FlowCell, depth: int) -> GridCell:
        text, held = text_and_held(self.blocks(cell.lines, depth + 1))
        return GridCell(cell.row, cell.column, text, cell.row_span, cell.column_span, held=held)


def _parts(line: Line) -> Iterator[str | FlowGrid]:
    """Yield a paragraph's text, or its tables and the texts that they part; these are not blank."""
    text, is_parted = "", False
    for piece in line:
        if isinstance(piece, str):
            text += piece
            continue
        is_parted = True
        if text.strip():
            yield text
        text = ""
        if isinstance(piece, FlowGrid):
            yield piece
        else:
            within = (part for inner in piece.lines for part in _parts(inner))
            yield from (part for part in within if isinstance(part, FlowGrid) or part.strip())
    if text.strip() or not is_parted:
        yield text


def _apart(cells: list[GridCell]) -> Iterator[GridCell]:
    """Yield the cells; an empty one that another covers is what some programs leave of a merge."""
    taken: set[tuple[int, int]] = set()
    for cell in cells:
        places = {*cell.places}
        if taken.isdisjoint(places):
            taken |= places
            yield cell
        elif cell.text.strip() or len(places) > 1:
            raise DocumentError("damaged", f"cells overlap at {cell.row}, {cell.column}")

"""Lines of text and tables in the order of a document → numbered blocks.

The Hangul formats nest alike: a paragraph holds texts, tables and boxes in their order, a table's
cell and a box hold paragraphs again. A reader walks its format into these three; the numbering,
the place of nested tables and the bounds of a table are decided here, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from etl.documents.blocks import (
    MAX_NESTING,
    MAX_PLACES,
    Block,
    GridCell,
    Paragraph,
    TableBlock,
)
from etl.documents.package import DocumentError


@dataclass
class FlowBox:
    """Lines that stand apart from the text around them: a caption, a text box."""

    lines: list[Line]


@dataclass
class FlowCell:
    """One cell of a grid where it begins; rows and columns count from 1."""

    row: int
    column: int
    row_span: int
    column_span: int
    lines: list[Line]


@dataclass
class FlowGrid:
    """One table as its format tells it; `rows` and `columns` as declared, 0 where they are not."""

    cells: list[FlowCell] = field(default_factory=list)
    rows: int = 0
    columns: int = 0


Piece: TypeAlias = "str | FlowGrid | FlowBox"
Line: TypeAlias = "list[Piece]"
"""One paragraph: what it holds, in order."""


class Flow:
    """The blocks of one document, numbered as a person counts.

    A paragraph counts even when it is empty, but only one with text becomes a block. The text
    before, between and behind the tables of a paragraph is a paragraph of its own each. A nested
    table follows the table that it stands in, and has the next number.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._paragraphs = 0
        self._tables = 0
        self._places = 0

    def add(self, line: Line) -> None:
        """Append one paragraph; raises DocumentError `damaged`, `file_too_large` or `hostile`."""
        for part in _parts(line):
            if isinstance(part, FlowGrid):
                self.blocks += self._tables_of(part, 0)
                continue
            self._paragraphs += 1
            if part:
                self.blocks.append(Paragraph(self._paragraphs, part))

    def _tables_of(self, grid: FlowGrid, depth: int) -> list[TableBlock]:
        """Return a table and those that its cells hold, each with its number."""
        if depth > MAX_NESTING:
            raise DocumentError("hostile", "nested tables")
        self._tables += 1
        number = self._tables
        nested: list[TableBlock] = []
        cells = [self._cell(cell, nested, depth) for cell in grid.cells]
        cells.sort(key=lambda cell: (cell.row, cell.column))
        self._check_extent(grid, cells)
        return [TableBlock(number, tuple(_apart(cells))), *nested]

    def _cell(self, cell: FlowCell, nested: list[TableBlock], depth: int) -> GridCell:
        """Return a cell with its own text, and note the tables in it."""
        held: list[Block] = []
        for part in (part for line in cell.lines for part in _parts(line)):
            if isinstance(part, FlowGrid):
                tables = self._tables_of(part, depth + 1)
                held.append(tables[0])
                nested += tables
            else:
                held.append(Paragraph(0, part))
        texts = [block.text for block in held if isinstance(block, Paragraph)]
        whole = tuple(held) if len(texts) < len(held) else ()
        spans = cell.row_span, cell.column_span
        return GridCell(cell.row, cell.column, "\n".join(texts), *spans, held=whole)

    def _check_extent(self, grid: FlowGrid, cells: list[GridCell]) -> None:
        rows = max((cell.row + cell.row_span - 1 for cell in cells), default=0)
        columns = max((cell.column + cell.column_span - 1 for cell in cells), default=0)
        self._places += max(rows, grid.rows) * max(columns, grid.columns)
        if self._places > MAX_PLACES:
            raise DocumentError("file_too_large", f"{self._places} cells")


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
        places = set(
            product(
                range(cell.row, cell.row + cell.row_span),
                range(cell.column, cell.column + cell.column_span),
            )
        )
        if taken.isdisjoint(places):
            taken |= places
            yield cell
        elif cell.text.strip() or len(places) > 1:
            raise DocumentError("damaged", f"cells overlap at {cell.row}, {cell.column}")

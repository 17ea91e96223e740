"""A document as ordered blocks: paragraphs and tables with their spans resolved.

Every format module gives `list[Block]` in the order of the document. Places count from 1, so that
a locator (`표2 3행5열`, `문단 12`) is what a person counts on paper.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from operator import attrgetter
from typing import TypeAlias

from etl.documents.package import DocumentError
from etl.documents.sheets import column_letter

# The same for every format. Each reader has bounds of its own beside these, against files that are
# made to do harm in the way of its format.
MAX_TEXT = 16 * 1024 * 1024  # of what holds a document's text, inflated, in bytes
MAX_COLUMNS = 500  # of one table
MAX_PLACES = 500_000  # rows × columns of all tables of a document
MAX_NESTING = 32  # tables and boxes inside each other


@dataclass(frozen=True)
class Origin:
    """Where a block of a workbook begins: its sheet, and its first cell counted from 1."""

    sheet: str
    row: int
    column: int

    def locator(self, row: int = 1, column: int = 1) -> str:
        """Return the address, such as `카드!D7`, of a place counted from 1 inside the block."""
        return f"{self.sheet}!{column_letter(self.column + column - 1)}{self.row + row - 1}"


@dataclass(frozen=True)
class Paragraph:
    """One paragraph outside any table; `number` counts the paragraphs of the document."""

    number: int
    text: str
    origin: Origin | None = field(default=None, compare=False)

    @property
    def locator(self) -> str:
        return self.origin.locator() if self.origin else f"문단 {self.number}"


@dataclass(frozen=True)
class GridCell:
    """One cell where it begins; it covers `row_span` × `column_span` places of its table.

    `is_label` is for writers alone, which shade labels; no reader tells it. `held` is what stands
    in a cell in order, paragraphs without a number, where tables do; else `text` says it all.
    """

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    is_label: bool = field(default=False, compare=False)
    held: tuple["Block", ...] = field(default=(), compare=False)

    @property
    def bottom(self) -> int:
        """The last row that it covers."""
        return self.row + self.row_span - 1

    @property
    def right(self) -> int:
        """The last column that it covers."""
        return self.column + self.column_span - 1

    @property
    def places(self) -> Iterator[tuple[int, int]]:
        """Every (row, column) that it covers."""
        rows = range(self.row, self.row + self.row_span)
        return product(rows, range(self.column, self.column + self.column_span))


reading_order = attrgetter("row", "column")
"""Sorts cells as they are read: row by row."""


@dataclass(frozen=True)
class TableBlock:
    """One table; `number` counts the tables of the document, nested ones in their own order.

    `cells` hold each cell once, in reading order; a covered place belongs to the cell over it.
    `spans_known` is False where the format does not tell merged cells (text, some PDF). A table of
    a workbook has an `origin`, and its places are told as the addresses of its sheet. A part of a
    larger table counts its own rows and columns from 1, and tells its places with the `rows_above`
    it and the `columns` that it has there.
    """

    number: int
    cells: tuple[GridCell, ...]
    spans_known: bool = field(default=True, compare=False)
    origin: Origin | None = field(default=None, compare=False)
    rows_above: int = field(default=0, compare=False)
    columns: tuple[int, ...] = field(default=(), compare=False)

    @cached_property
    def _places(self) -> dict[tuple[int, int], GridCell]:
        return {place: cell for cell in self.cells for place in cell.places}

    @cached_property
    def row_count(self) -> int:
        return max([cell.bottom for cell in self.cells], default=0)

    @cached_property
    def column_count(self) -> int:
        return max([cell.right for cell in self.cells], default=0)

    def at(self, row: int, column: int) -> GridCell | None:
        """Return the cell that covers a place, or None where there is none."""
        return self._places.get((row, column))

    def filled(self) -> "TableBlock":
        """Return it with an empty cell at each place that no cell covers."""
        places = product(range(1, self.row_count + 1), range(1, self.column_count + 1))
        blanks = (GridCell(*place, "") for place in places if place not in self._places)
        return replace(self, cells=tuple(sorted((*self.cells, *blanks), key=reading_order)))

    def locator(self, row: int, column: int) -> str:
        return self.template(column).replace("{row}", f"{self.row_number(row)}")

    def template(self, column: int) -> str:
        """Return the locators of a column, `{row}` for the number that `row_number` gives."""
        number = self.column_number(column)
        if self.origin:
            return f"{self.origin.sheet}!{column_letter(self.origin.column + number - 1)}{{row}}"
        return f"표{self.number} {{row}}행{number}열"

    def column_number(self, column: int) -> int:
        """Return the number of a column in the whole table."""
        return self.columns[column - 1] if self.columns else column

    def row_number(self, row: int) -> int:
        """Return the number of a row as its document counts: in the whole table, or the sheet."""
        return row + (self.origin.row - 1 if self.origin else self.rows_above)

    def part(self, top: int, bottom: int, left: int = 1) -> "TableBlock":
        """Return some rows, from a column on, as a table that knows its place.

        A cell that reaches beyond is cut off there. Columns are those at which a cell of the part
        begins: what other rows of the whole table divide further is one column here.
        """
        if (top, bottom, left) == (1, self.row_count, 1):
            return self
        inside = [
            cell
            for cell in self.cells
            if cell.row <= bottom and cell.bottom >= top and cell.right >= left
        ]
        starts = sorted({max(cell.column, left) for cell in inside})
        return replace(
            self,
            cells=tuple(_cut(cell, top, bottom, starts) for cell in inside),
            origin=self.origin and replace(self.origin, row=self.origin.row + top - 1),
            rows_above=self.rows_above + top - 1,
            columns=tuple(map(self.column_number, starts)),
        )


Block: TypeAlias = "Paragraph | TableBlock"


def _cut(cell: GridCell, top: int, bottom: int, starts: list[int]) -> GridCell:
    """Return a cell within these rows and the columns that begin there, counted from them."""
    first, last = max(cell.row, top), min(cell.bottom, bottom)
    before = bisect_left(starts, max(cell.column, starts[0]))
    return replace(
        cell,
        row=first - top + 1,
        column=before + 1,
        row_span=last - first + 1,
        column_span=bisect_left(starts, cell.right + 1) - before,
    )


def row_groups(cells: Iterable[GridCell]) -> Iterator[list[GridCell]]:
    """Yield cells in reading order, those together whose rows one of them joins."""
    group: list[GridCell] = []
    bottom = 0
    for cell in sorted(cells, key=reading_order):
        if group and cell.row > bottom:
            yield group
            group = []
        group.append(cell)
        bottom = max(bottom, cell.bottom)
    if group:
        yield group


def text_and_held(blocks: Sequence[Block]) -> tuple[str, tuple[Block, ...]]:
    """Return what a cell of these blocks has for `text` and `held`."""
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    return "\n".join(texts), tuple(blocks) if len(texts) < len(blocks) else ()


def numbered(blocks: Iterable[Block], *, counts_blank: bool = False) -> list[Block]:
    """Return blocks with their numbers; blank paragraphs and tables without a cell are left out.

    With `counts_blank` both have numbers all the same, only a paragraph without any character is
    left out, and who calls has looked at the size of the tables. A table that a cell holds follows
    the table that it stands in, and has the next number.
    Raises DocumentError `file_too_large` where the tables are larger than those of any document.
    """
    numbers = _Numbers(counts_blank)
    kept: list[Block] = []
    paragraphs = 0
    for block in blocks:
        if isinstance(block, TableBlock):
            kept += numbers.tables(block)
        elif counts_blank or block.text.strip():
            paragraphs += 1
            if block.text:
                kept.append(Paragraph(paragraphs, block.text, block.origin))
    return kept


class _Numbers:
    """Counts the tables of one document, and their places."""

    def __init__(self, counts_blank: bool) -> None:
        self._counts_blank = counts_blank
        self._table_count = 0
        self._places = 0

    def tables(self, table: TableBlock) -> list[TableBlock]:
        """Return a table and those that it holds, each with its number."""
        if not (table.cells or self._counts_blank):
            return []
        self._table_count += 1
        number = self._table_count
        if not self._counts_blank:
            self._places += table.row_count * table.column_count
            refuse_large(table.row_count, table.column_count, self._places)
        inner: list[TableBlock] = []
        cells = tuple([self._cell(cell, inner) if cell.held else cell for cell in table.cells])
        return [replace(table, number=number, cells=cells), *inner]

    def _cell(self, cell: GridCell, inner: list[TableBlock]) -> GridCell:
        held: list[Block] = []
        for block in cell.held:
            if isinstance(block, Paragraph):
                held.append(block)
            elif tables := self.tables(block):
                held.append(tables[0])
                inner += tables
        return replace(cell, held=tuple(held))


def refuse_large(rows: int, columns: int, places: int = 0) -> None:
    """Raise DocumentError `file_too_large` for a table, or a sum of places, above the bounds."""
    if columns > MAX_COLUMNS or max(rows * columns, places) > MAX_PLACES:
        raise DocumentError("file_too_large", f"{rows} x {columns}")

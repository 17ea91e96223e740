"""A document as ordered blocks: paragraphs and tables with their spans resolved.

Every format module gives `list[Block]` in the order of the document. Places count from 1, so that
a locator (`표2 3행5열`, `문단 12`) is what a person counts on paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from etl.documents.package import DocumentError
from etl.documents.sheets import column_letter

MAX_COLUMNS = 500  # of one table
MAX_PLACES = 500_000  # rows × columns of all tables of a document


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

    `is_label` is for writers alone, which shade labels; no reader tells it.
    """

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    is_label: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class TableBlock:
    """One table; `number` counts the tables of the document, nested ones in their own order.

    `cells` hold each cell once, in reading order; a covered place belongs to the cell over it.
    `spans_known` is False where the format does not tell merged cells (text, some PDF). A table of
    a workbook has an `origin`, and its places are told as the addresses of its sheet.
    """

    number: int
    cells: tuple[GridCell, ...]
    spans_known: bool = field(default=True, compare=False)
    origin: Origin | None = field(default=None, compare=False)

    @cached_property
    def _places(self) -> dict[tuple[int, int], GridCell]:
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        }

    @cached_property
    def row_count(self) -> int:
        return max((cell.row + cell.row_span - 1 for cell in self.cells), default=0)

    @cached_property
    def column_count(self) -> int:
        return max((cell.column + cell.column_span - 1 for cell in self.cells), default=0)

    def at(self, row: int, column: int) -> GridCell | None:
        """Return the cell that covers a place, or None where there is none."""
        return self._places.get((row, column))

    def locator(self, row: int, column: int) -> str:
        if self.origin:
            return self.origin.locator(row, column)
        return f"표{self.number} {row}행{column}열"


Block = Paragraph | TableBlock


def numbered(blocks: Iterable[Block]) -> list[Block]:
    """Return blocks with their numbers; blank paragraphs and tables without a cell are left out.

    Raises DocumentError `file_too_large` where the tables are larger than those of any document.
    """
    kept: list[Block] = []
    paragraphs = tables = places = 0
    for block in blocks:
        if isinstance(block, TableBlock) and block.cells:
            tables += 1
            places += block.row_count * block.column_count
            refuse_large(block.row_count, block.column_count, places)
            kept.append(replace(block, number=tables))
        elif isinstance(block, Paragraph) and block.text.strip():
            paragraphs += 1
            kept.append(replace(block, number=paragraphs))
    return kept


def refuse_large(rows: int, columns: int, places: int = 0) -> None:
    """Raise DocumentError `file_too_large` for a table, or a sum of places, above the bounds."""
    if columns > MAX_COLUMNS or max(rows * columns, places) > MAX_PLACES:
        raise DocumentError("file_too_large", f"{rows} x {columns}")

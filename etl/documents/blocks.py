"""A document as ordered blocks: paragraphs and tables with their spans resolved.

Every format module gives `list[Block]` in the order of the document. Places count from 1, so that
a locator (`표2 3행5열`, `문단 12`) is what a person counts on paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Paragraph:
    """One paragraph outside any table; `number` counts the paragraphs of the document."""

    number: int
    text: str

    @property
    def locator(self) -> str:
        return f"문단 {self.number}"


@dataclass(frozen=True)
class GridCell:
    """One cell where it begins; it covers `row_span` × `column_span` places of its table."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True)
class TableBlock:
    """One table; `number` counts the tables of the document, nested ones in their own order.

    `cells` hold each cell once, in reading order; a covered place belongs to the cell over it.
    `spans_known` is False where the format does not tell merged cells (text, PDF).
    """

    number: int
    cells: tuple[GridCell, ...]
    spans_known: bool = field(default=True, compare=False)

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
        return f"표{self.number} {row}행{column}열"


Block = Paragraph | TableBlock

"""A table of a form as it was found in a workbook: its sheet, its header, its unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from etl.documents.sheets import Sheet, column_letter
from etl.form import MoneyColumn, Table
from etl.problems import CellProblem


@dataclass
class TableHeader:
    """What a header row says, on whatever sheet it stands; columns count from 1.

    `texts` holds every header as written; `units` the columns whose header names a unit of its
    own, in won; `notes` holds (problem code, seen, expected, column or 0).
    """

    columns: dict[str, int] = field(default_factory=dict)
    money: dict[int, MoneyColumn] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    notes: list[tuple[str, str, str, int]] = field(default_factory=list)

    def note(self, code: str, seen: str = "", expected: str = "", column: int = 0) -> None:
        """Note down what this header gets wrong."""
        self.notes.append((code, seen, expected, column))

    @cached_property
    def letters(self) -> dict[str, str]:
        """Return field → column letter, money columns by their field."""
        fixed = {name: column_letter(number) for name, number in self.columns.items()}
        return fixed | {m.field: column_letter(number) for number, m in self.money.items()}


@dataclass
class FoundTable:
    """One table of the form on one sheet.

    `header_row` is the last of the `header_rows` that the header takes. `money_unit` is the unit of
    the sheet, None where it is printed but unknown. The header may be shared with other files: it
    is only read.
    """

    table: Table
    sheet: Sheet
    header_row: int
    header: TableHeader = field(default_factory=TableHeader)
    money_unit: str | None = None
    header_rows: int = 1
    problems: list[CellProblem] = field(default_factory=list)

    def note(
        self,
        code: str,
        seen: str = "",
        expected: str = "",
        column: int = 0,
        row: int | None = None,
    ) -> None:
        """Note down a problem of this table's header, or of what its sheet says in another row."""
        letter = column_letter(column) or None
        row = self.header_row if row is None else row or None
        self.problems.append(
            CellProblem(code, seen, expected, self.sheet.name, row=row, column=letter)
        )

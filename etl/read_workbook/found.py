"""A table of a form as it was found in a workbook: its sheet, its header, its unit."""

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
        money = {m.field: column_letter(number) for number, m in self.money.items()}
        # What a line has in 예산현액 alone is its 확보액.
        carried = {
            m.secured_field: money[m.field] for m in self.money.values() if m.measure == "carried"
        }
        return fixed | carried | money


@dataclass
class FoundTable:
    """One table of the form on one sheet.

    `header_row` is the last of the `header_rows` that the header takes. `money_unit` is the unit of
    the sheet, None where it is printed but unknown. The header may be shared with other files: it
    is only read. `number` is the table's among those of the file, from 1.
    """

    table: Table
    sheet: Sheet
    header_row: int
    header: TableHeader = field(default_factory=TableHeader)
    money_unit: str | None = None
    header_rows: int = 1
    number: int = 0
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
        self.problems.append(self.problem(code, seen, expected, row, letter))

    def problem(
        self,
        code: str,
        seen: str,
        expected: str = "",
        row: int | None = None,
        column: str | None = None,
        name: str | None = None,
        pledge_id: str | None = None,
    ) -> CellProblem:
        """Return a problem at a row, a column's letter and a field of this table."""
        place = self.sheet.name, self.number, row, column
        return CellProblem(code, seen, expected, *place, name, pledge_id)

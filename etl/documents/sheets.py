"""A workbook as sheets of cells: values by calamine, behind and beside the guard's facts."""

import io
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from python_calamine import CalamineWorkbook

from etl.cells import RawCell, header_key
from etl.documents.guard import checked
from etl.documents.package import DocumentError
from etl.documents.sheet_facts import SheetFacts

_EMPTY = RawCell("")


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows of values from A1 on, and what the guard saw. Places count from 1."""

    name: str
    rows: list[list[Any]]
    facts: SheetFacts

    @property
    def is_hidden(self) -> bool:
        return self.facts.is_hidden

    def cell(self, row: int, column: int) -> RawCell:
        """Return the cell at a place; an empty one outside the sheet."""
        known = self.facts.cells.get((row, column))
        try:
            value = self.rows[row - 1][column - 1]
        except IndexError:
            value = ""
        if known is None:
            return RawCell(value) if value != "" else _EMPTY
        return RawCell(value, known.format, known.error, known.is_uncalculated)


def read_sheets(content: bytes, without: Container[str] = ()) -> list[Sheet]:
    """Return the worksheets of a workbook in its order; those named in `without` hold no rows.

    Raises DocumentError with the codes of the guard, and `damaged` for what calamine refuses;
    MemoryError where the values do not fit.
    """
    facts, content = checked(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            Sheet(
                one.name,
                [] if header_key(one.name) in without else _values(workbook, number, one),
                one,
            )
            for number, one in enumerate(facts)
        ]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic in calamine is no Exception
        if "pointer is null" in str(error):  # Python had no memory for one more value
            raise MemoryError from error
        raise DocumentError("damaged", type(error).__name__) from error


def _values(workbook: CalamineWorkbook, number: int, facts: SheetFacts) -> list[list[Any]]:
    """Return the rows of a sheet, as far as a cell holds a value or something in its place."""
    rows = workbook.get_sheet_by_index(number).to_python(skip_empty_area=False)
    odd = [place for place, cell in facts.cells.items() if cell.error or cell.is_uncalculated]
    if not odd:
        return rows
    width = max(len(rows[0]) if rows else 0, *(column for _, column in odd))
    height = max(len(rows), *(row for row, _ in odd))
    wide = [row + [""] * (width - len(row)) for row in rows]
    return wide + [[""] * width for _ in range(height - len(rows))]


@lru_cache(maxsize=1024)
def column_letter(number: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

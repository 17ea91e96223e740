"""The rows of one found table: every value with its text as written, its kind and its cell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from etl import cells
from etl.cells import BLANK, UNITS, Cell, RawCell, header_key
from etl.cells.suggestions import expected_of
from etl.documents.sheets import column_letter
from etl.form import Field, Form, Table
from etl.read_workbook.found import FoundTable
from etl.staged import RETURN, StagedFile, StagedTable, staged_values

Reader = Callable[[RawCell], Cell]
_READERS: dict[str, Reader] = {
    "text": cells.text,
    "code": cells.code,
    "rate": cells.rate,
    "integer": cells.integer,
    "date": cells.day,
}
_DAY_SINCE_1904 = partial(cells.day, first_day=cells.FIRST_DAY_1904)
_ID_ENDINGS = ("_id", "_code", "_codes")
_SHORT = 40
# What staging calls a total, however the file writes it.
_TOTAL = "계"
# A total with these is not compared; nothing that is loaded depends on it.
_NO_VALUE = frozenset({"formula_without_value", "error_cell"})


@cache
def _money_reader(unit: int | None) -> Reader:
    return partial(cells.money, unit=unit)


@lru_cache(maxsize=4096)
def _read_short(reader: Reader, value: str) -> Cell:
    """Read text of which nothing more is known; labels and names come again and again."""
    return reader(RawCell(value))


class _TypedAmount(NamedTuple):
    """One money column of a table; `unit` in won, None where it is not known."""

    column: int
    letter: str
    field: str
    fiscal_year: str
    measure: str
    unit: int | None

    def as_secured(self) -> "_TypedAmount":
        return self._replace(field=f"{self.fiscal_year}.secured", measure="secured")


class TableReader:
    """Stages the rows of one found table."""

    def __init__(self, staged: StagedFile, known: Form, place: FoundTable) -> None:
        self.staged = staged
        self.place = place
        self.header = place.header
        self.form = known
        self.table: Table = place.table
        self.is_return = known.code == RETURN
        self.facts = place.sheet.facts
        self.rows = place.sheet.rows
        self.pledge_id: str | None = None
        self.row_count = 0
        self.lone: list[tuple[int, str, str]] = []
        self.pledges: dict[int, str | None] = {}  # of the lines of a table with money, by row
        self.covered: list[tuple[int, int, str]] = []
        self.filled = self._merged()
        self.covered_rows = {row for row, _, _ in self.covered}
        self.special = self.facts.cells.keys() | self.filled.keys()
        self.special_rows = {row for row, _ in self.special}
        self.readers = self._readers(self.table.fields)
        self.also = self._readers(self.table.also.fields if self.table.also else ())
        self.given = {one.name for one in self.table.fields if one.given}
        self.required = [(f.name, header_key(f.header)) for f in self.table.fields if f.required]
        self.unstated = self._unstated_source()
        unit = UNITS.get(place.money_unit or "")
        self.money = [
            _TypedAmount(
                column, column_letter(column), money.field, money.fiscal_year, money.measure,
                self.header.units.get(column, unit),
            )
            for column, money in self.header.money.items()
        ]  # fmt: skip
        self.noted_rows = {
            row for (row, _), f in self.facts.cells.items() if f.error or f.is_uncalculated
        }
        self.elsewhere = {
            place for place, facts in self.facts.cells.items() if facts.looks_elsewhere
        }

    def read(self) -> None:
        """Stage every row below the header, then the table itself."""
        place = self.place
        letters = {letter: name for name, letter in self.header.letters.items()}
        for problem in place.problems:
            # What a renamed column says is a remark on its values, not on where they stand.
            field = letters.get(problem.column or "") if problem.code == "column_renamed" else None
            self.staged.problems.append(replace(problem, field=field))
        blank = [""] * len(self.rows[place.header_row - 1])
        for row in range(place.header_row + 1, max((len(self.rows), *self.noted_rows)) + 1):
            values = self.rows[row - 1] if row <= len(self.rows) else blank
            if values != blank or row in self.noted_rows:
                self._read_row(row, values)
        self._note_hidden_columns()
        self._note_filtered()
        self.staged.tables.append(
            StagedTable(
                self.place.number, self.table.code, place.sheet.name, place.header_row,
                dict(self.header.letters), place.money_unit, self.row_count,
            )
        )  # fmt: skip

    def _unstated_source(self) -> str | None:
        """Return what every line says of its source where the table has no such column."""
        source = self.table.by_name.get("source") if self.table.money else None
        return source.absent if source and source.name not in self.header.columns else None

    def _readers(self, fields: Sequence[Field]) -> list[tuple[str, int, Reader]]:
        """Return (field, column or 0, reader) of each field."""
        return [(f.name, self.header.columns.get(f.name, 0), self._reader(f)) for f in fields]

    def _reader(self, one: Field) -> Reader:
        if one.type == "money":
            unit = self.header.units.get(self.header.columns.get(one.name, 0))
            return _money_reader(unit or UNITS.get(self.place.money_unit or ""))
        if one.name.endswith("quarter_id"):
            return cells.period
        if one.type == "text" and one.name.endswith(_ID_ENDINGS):
            return cells.identifier
        if one.type == "date" and self.facts.counts_from_1904:
            return _DAY_SINCE_1904
        return _READERS[one.type]

    def _read_row(self, row: int, values: list[Any]) -> None:
        read = self._read_fields(self.readers, row, values)
        amounts = list(self._amounts(row, values))
        filled = {name for name, cell in read.items() if cell.kind != "blank"}
        if self._is_header_again(read):
            self._note_in_header(row, values)
            return
        if not (filled or amounts):
            return
        if not self.table.money and self._is_total(read):
            return
        self.pledge_id = read["pledge_id"].value if "pledge_id" in read else None
        if self.table.money and not self._is_total_line(read):
            self.pledges[row] = self.pledge_id
        if self._is_not_reported(row, read, filled, amounts):
            return
        self.row_count += 1
        if row in self.facts.hidden_rows and row not in self.facts.filtered_rows:
            self._note("hidden_row", str(row), "", row)
        if row in self.covered_rows:
            self._note_covered(row)
        self._note_fields(row, read)
        if self.table.money:
            self._stage_amounts(row, read, amounts)
        else:
            self._stage(row, read, values)

    def _is_total(self, read: dict[str, Cell]) -> bool:
        """Tell whether a row of a table without money is a printed total, and so no pledge's."""
        id_cell, name = read.get("pledge_id"), read.get("pledge_name")
        if id_cell is None or not self.is_return:
            return False
        if id_cell.kind == "blank":
            return name is not None and self.form.total_of(name.raw) is not None
        return self.form.total_of(id_cell.raw) is not None

    def _is_not_reported(
        self,
        row: int,
        read: dict[str, Cell],
        filled: set[str],
        amounts: list[tuple[_TypedAmount, Cell]],
    ) -> bool:
        """Tell whether a row only names what it could be about; say so where that may matter."""
        if self.table.money:
            is_empty = not any(cell.kind in ("value", "unreadable") for _, cell in amounts)
        else:
            is_empty = self.is_return and filled <= self.given
        if not is_empty:
            return False
        self._note_fields(row, read)
        if self.table.code == "progress":
            self._note("untouched_row", read["pledge_id"].raw, "", row)
        elif len(filled) == 1:
            (name,) = filled
            self.lone.append((row, self.header.letters[name], read[name].raw))
        return True

    def _note_fields(self, row: int, read: dict[str, Cell]) -> None:
        for name, column, _ in self.readers:
            if column and read[name].problem:
                self._note_cell(row, column_letter(column), name, read[name])
            if self.elsewhere and (row, column) in self.elsewhere:
                self._note_elsewhere(row, column_letter(column), name, read[name])

    def _note_elsewhere(self, row: int, letter: str, name: str, cell: Cell) -> None:
        if cell.kind == "value":
            self._note("other_file_formula", cell.raw, "", row, letter, name)

    def _note_covered(self, row: int) -> None:
        for covered_row, column, name in self.covered:
            if covered_row == row:
                self._note("covered_by_merge", "", "", row, column_letter(column), name)

    def _is_header_again(self, read: dict[str, Cell]) -> bool:
        """Tell whether a row prints the headers once more, as on every page."""
        first, expected = self.required[0]  # nearly every row is told by its first header alone
        return header_key(read[first].raw) == expected and all(
            header_key(read[name].raw) == key for name, key in self.required
        )

    def _note_in_header(self, row: int, values: list[Any]) -> None:
        """Say what stands in a repeated header and is no header of its column."""
        last = self.place.header_row
        header_rows = range(last - self.place.header_rows + 1, last + 1)
        for column in range(1, len(values) + 1):
            said = self._shown(row, column)
            if said and header_key(said) not in {
                header_key(self._shown(above, column)) for above in header_rows
            }:
                self._note("outside_table", said[:_SHORT], "", row, column_letter(column))

    def _shown(self, row: int, column: int) -> str:
        return cells.text_of(self.place.sheet.cell(row, column))

    def _stage(self, row: int, read: dict[str, Cell], values: list[Any]) -> None:
        self._stage_as(self.table.stage, row, read)
        if self.table.also:
            self._stage_as(self.table.also.stage, row, self._read_fields(self.also, row, values))

    def _stage_as(self, stage: str, row: int, read: dict[str, Cell]) -> None:
        staged = (self.place.number, row, *staged_values(stage, read))
        self.staged.rows.setdefault(stage, []).append(staged)

    def _amounts(self, row: int, values: list[Any]) -> Iterator[tuple[_TypedAmount, Cell]]:
        is_plain = row not in self.special_rows
        for amount in self.money:
            column, unit, value = amount.column, amount.unit, values[amount.column - 1]
            if not is_plain and (row, column) in self.facts.cells:
                cell = cells.money(self.place.sheet.cell(row, column), unit)
            elif type(value) is float and unit:
                cell = cells.plain_money(value, unit)
            elif value == "":
                continue
            else:
                cell = cells.money(RawCell(value), unit)
            if cell.kind != "blank":
                yield amount, cell

    def _stage_amounts(
        self, row: int, read: dict[str, Cell], amounts: list[tuple[_TypedAmount, Cell]]
    ) -> None:
        name, source = read["subproject_name"], read["source"]
        of_pledge = self.form.total_of(read["pledge_id"].raw)
        is_total = self._is_total_line(read)
        if of_pledge is not None:  # in the place of a number: the total of a pledge, or of them all
            self.pledge_id = of_pledge or None
        said = (name.value, self.unstated or source.value, source.raw or None)
        if is_total:
            said = (self._total_or(name.value), self._total_or(source.value), source.raw or None)
        rows, number = self.staged.rows.setdefault(self.table.stage, []), self.place.number
        for amount, cell in self._with_one_secured(row, amounts, is_total):
            self._note_amount(row, amount, cell, is_total or amount.fiscal_year == "total")
            rows.append((
                number, row, amount.letter, amount.field, self.pledge_id, *said, is_total,
                amount.fiscal_year, amount.measure, cell.value, cell.raw, cell.kind,
            ))  # fmt: skip

    def _with_one_secured(
        self, row: int, amounts: list[tuple[_TypedAmount, Cell]], is_total: bool
    ) -> Iterator[tuple[_TypedAmount, Cell]]:
        """Yield the amounts of a line, 예산현액 as 확보액 where a year has no other; say so."""
        secured = {a.field: cell for a, cell in amounts if a.measure == "secured"}
        for amount, cell in amounts:
            if amount.measure != "carried":
                yield amount, cell
                continue
            as_secured = amount.as_secured()
            is_told = not is_total and amount.fiscal_year != "total"
            other = secured.get(as_secured.field)
            if other is None:
                if is_told and cell.value:
                    self._note_budget("carried_over_budget", row, as_secured, cell.raw)
                yield as_secured, cell
            elif is_told and other.value != cell.value:
                seen = f"{self.header.texts[amount.column]} {cell.raw}"
                self._note_budget("other_budget_differs", row, as_secured, seen, other.raw)

    def _note_budget(
        self, code: str, row: int, amount: _TypedAmount, seen: str, expected: str = ""
    ) -> None:
        self._note(code, seen, expected, row, amount.letter, amount.field)

    def _is_total_line(self, read: dict[str, Cell]) -> bool:
        labels = (read[name].raw for name in ("subproject_name", "source"))
        return (
            any(map(self.form.is_total_label, labels))
            or self.form.total_of(read["pledge_id"].raw) is not None
        )

    def _total_or(self, text: str | None) -> str | None:
        """Return the one word for a total in the place of its labels, and any other text as is."""
        return _TOTAL if text and self.form.is_total_label(text) else text

    def _note_amount(self, row: int, amount: _TypedAmount, cell: Cell, is_total: bool) -> None:
        if is_total and cell.problem in _NO_VALUE:
            self._note("total_without_value", cell.raw, "", row, amount.letter, amount.field)
        elif cell.problem:
            self._note_cell(row, amount.letter, amount.field, cell)
        if self.elsewhere and (row, amount.column) in self.elsewhere:
            self._note_elsewhere(row, amount.letter, amount.field, cell)

    def _read_fields(
        self, readers: list[tuple[str, int, Reader]], row: int, values: list[Any]
    ) -> dict[str, Cell]:
        read = {}
        is_plain = row not in self.special_rows
        for name, column, reader in readers:
            value = values[column - 1] if column else ""
            if not is_plain and (row, column) in self.special:
                read[name] = self._read_special(reader, row, column)
            elif value == "":
                read[name] = BLANK
            elif type(value) is str and len(value) <= _SHORT:
                read[name] = _read_short(reader, value)
            else:
                read[name] = reader(RawCell(value))
        return read

    def _read_special(self, reader: Reader, row: int, column: int) -> Cell:
        """Read a cell of which more is known than its value, or that another one stands for."""
        raw = self.place.sheet.cell(self.filled.get((row, column), row), column)
        if raw.value == "" and not raw.error and not raw.is_uncalculated:
            return BLANK
        return reader(raw)

    def _merged(self) -> dict[tuple[int, int], int]:
        """Return (row, column) → the row whose cell stands for it; note every merge on the way."""
        known = {one.name: one for one in self.table.all_fields}
        fields = {number: known[name] for name, number in self.header.columns.items()}
        names = {number: one.name for number, one in fields.items()}
        names |= {number: money.field for number, money in self.header.money.items()}
        filled: dict[tuple[int, int], int] = {}
        for top, left, bottom, right in self.facts.merges:
            inside = [c for c in range(left, right + 1) if c in names]
            if bottom <= self.place.header_row or not inside:
                continue
            box = f"{column_letter(left)}{top}:{column_letter(right)}{bottom}"
            self._note("merged_cells", box, "", top, column_letter(inside[0]), names[inside[0]])
            if left in fields and fields[left].filled_down:
                filled |= {(row, left): top for row in range(top + 1, bottom + 1)}
            self.covered += [
                (row, column, names[column])
                for row in range(max(top, self.place.header_row + 1), bottom + 1)
                for column in inside
                if (row, column) != (top, left)
                and (column in self.header.money or fields[column].never_guessed)
            ]
        return filled

    def _note_hidden_columns(self) -> None:
        used = {*self.header.columns.values(), *self.header.money}
        for column in sorted(self.facts.hidden_columns & used):
            letter = column_letter(column)
            self._note("hidden_column", letter, "", self.place.header_row, letter)

    def _note_filtered(self) -> None:
        """Say once which rows of the table a filter hides, at the first of them."""
        rows = sorted(row for row in self.facts.filtered_rows if self._holds_something(row))
        if rows:
            self._note("filtered_row", _ranges(rows), "", rows[0])

    def _holds_something(self, row: int) -> bool:
        return self.place.header_row < row <= len(self.rows) and any(
            value != "" for value in self.rows[row - 1]
        )

    def _note_cell(self, row: int, letter: str, name: str, cell: Cell) -> None:
        is_money = "." in name or self.table.by_name[name].type == "money"
        expected = expected_of(cell, is_money)
        self._note(cell.problem or "", cell.raw, expected, row, letter, name)

    def _note(
        self,
        code: str,
        seen: str,
        expected: str = "",
        row: int | None = None,
        column: str | None = None,
        name: str | None = None,
    ) -> None:
        if self.table.answer:
            return
        pledge_id = self.pledge_id if name or code in ("untouched_row", "hidden_row") else None
        problem = self.place.problem(code, seen, expected, row, column, name, pledge_id)
        self.staged.problems.append(problem)


def _ranges(rows: Sequence[int]) -> str:
    """Return rows in a few words: `3-5, 9`."""
    starts = [row for row in rows if row - 1 not in rows]
    ends = [row for row in rows if row + 1 not in rows]
    pairs = zip(starts, ends, strict=True)
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in pairs)

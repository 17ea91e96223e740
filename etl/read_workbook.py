"""Workbook → staged rows: one engine for the quarterly return and the register.

The form says which tables and columns there are; this reads what came back and keeps every
value with the text as written and its cell. What cannot be taken as it stands is a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from etl import cells
from etl.cells import BLANK, UNITS, Cell, RawCell, header_key
from etl.documents.package import DocumentError
from etl.documents.sheets import Sheet, column_letter, read_sheets
from etl.documents.tables import NOT_TABLES, FoundTable, find_tables
from etl.form import Field, Form, MoneyColumn, Table, form
from etl.problems import CellProblem
from etl.quarter import Quarter

RETURN = "quarterly_return"
REGISTER = "register"

_BUDGET_COLUMNS = (
    "_table", "_row", "_column", "field", "pledge_id", "subproject_name", "source", "source_raw",
    "is_total", "fiscal_year", "measure", "amount", "amount_raw", "amount_kind",
)  # fmt: skip
_READERS: dict[str, Callable[[RawCell], Cell]] = {
    "text": cells.text,
    "code": cells.code,
    "rate": cells.rate,
    "integer": cells.integer,
    "date": cells.day,
}
_ID_ENDINGS = ("_id", "_code", "_codes")
# A row of a return that says no more than which pledge it is about has not been filled in.
_GIVEN = frozenset({"pledge_id", "pledge_name", "due", "due_year"})
# Where a merged cell stands for every row that it covers; an amount never does.
_FILLED_DOWN = frozenset({"pledge_id", "pledge_name", "subproject_name"})
_EXPECTED = {
    "unreadable_number": "숫자만 (예: 1,234)",
    "unreadable_date": "날짜 (예: 2021-03-01)",
    "id_became_date": "텍스트 서식의 번호 (예: 1-11)",
    "below_one_won": "원 단위까지의 금액",
    "too_large": "1,000조 원 이하의 금액",
    "formula_without_value": "엑셀에서 열어 저장한 값",
}


@dataclass(frozen=True)
class StagedTable:
    """One table found: where it stands and which column holds which field."""

    table_no: int
    table_code: str
    sheet_name: str
    header_row: int
    columns: dict[str, str]
    money_unit: str | None
    row_count: int


@dataclass
class StagedFile:
    """One file as staged: who it is from, its tables, rows by staging table, and problems."""

    form_code: str | None = None
    form_edition: str | None = None
    government_id: str | None = None
    term_number: int | None = None
    quarter_id: str | None = None
    department_code: str | None = None
    register_version: str | None = None
    tables: list[StagedTable] = field(default_factory=list)
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)


@cache
def stage_columns(stage: str) -> tuple[str, ...]:
    """Return the columns of a staging table in the order of the rows, without submission_id.

    Raises KeyError for a table that no form stages into.
    """
    for table in (*form(RETURN).tables, *form(REGISTER).tables):
        if stage in (table.stage, table.also_stage):
            fields = table.fields if stage == table.stage else table.also_fields
            own = (name for one in fields for name in one.stage_columns)
            return _BUDGET_COLUMNS if table.money else ("_table", "_row", *own)
    raise KeyError(stage)


def read_workbook(content: bytes, file_name: str) -> StagedFile:
    """Read one workbook of either form; never raises for a bad one, which has a problem instead.

    A file that is no readable workbook has one problem with the guard's code and `file_name`.
    """
    staged = StagedFile()
    try:
        sheets = read_sheets(content, without=NOT_TABLES)
    except DocumentError as error:
        staged.problems.append(CellProblem(error.code, error.seen or file_name))
        return staged
    identity = _identity_sheet(sheets)
    known, found, problems = _decide(sheets, identity)
    if known is None:
        staged.problems.append(CellProblem("other_form", ", ".join(s.name for s in sheets)[:200]))
        return staged
    staged.form_code, staged.form_edition = known.code, known.edition
    if known.code == RETURN and not _read_identity(staged, known, identity):
        return staged
    staged.problems += problems
    for number, place in enumerate(found, 1):
        _TableReader(staged, known, number, place).read()
    if known.code == REGISTER:
        staged.government_id = next(_governments(staged, known), None)
    return staged


def _identity_sheet(sheets: Sequence[Sheet]) -> Sheet | None:
    name = form(RETURN).identity_sheet
    return next((sheet for sheet in sheets if header_key(sheet.name) == name), None)


def _decide(
    sheets: Sequence[Sheet], identity: Sheet | None
) -> tuple[Form | None, list[FoundTable], list[CellProblem]]:
    """Return (form, its tables, their problems): by the `_form` sheet, else by what is there."""
    if identity:
        return form(RETURN), *find_tables(sheets, form(RETURN))
    for code in (REGISTER, RETURN):
        found, problems = find_tables(sheets, form(code))
        required = {table.code for table in form(code).tables if table.required}
        decisive = {"institution", "pledge"} if code == REGISTER else required
        if decisive <= {place.table.code for place in found}:
            return form(code), found, problems
    return None, [], []


def _governments(staged: StagedFile, known: Form) -> Iterator[str]:
    stage = known.table("institution").stage
    place = stage_columns(stage).index("government_id")
    return (row[place] for row in staged.rows.get(stage, []) if row[place])


def _read_identity(staged: StagedFile, known: Form, sheet: Sheet | None) -> bool:
    """Read the hidden key and value rows; return whether the file is of this form at all."""
    if sheet is None:
        staged.problems.append(CellProblem("no_form_sheet", "", known.identity_sheet or ""))
        return True
    values = {
        header_key(str(row[0])).lower(): sheet.cell(number, 2)
        for number, row in enumerate(sheet.rows, 1)
        if row and row[0] != ""
    }
    said = {key: cells.identifier(cell).value for key, cell in values.items()}
    if said.get("form") not in (None, known.code):
        staged.problems.append(CellProblem("other_form", said["form"], known.code, sheet.name))
        return False
    staged.government_id, staged.department_code = said.get("government"), said.get("department")
    staged.register_version = said.get("register_version")
    staged.term_number = cells.integer(values.get("term", RawCell(""))).value
    staged.form_edition = said.get("edition")
    if staged.form_edition != known.edition:
        _note_identity(staged, "unknown_edition", staged.form_edition, known.edition, "edition")
    _take_quarter(staged, said.get("quarter"))
    for key in ("government", "term", "department"):
        if cells.text(values.get(key, RawCell(""))).kind == "blank":
            _note_identity(staged, "missing_identity", "", key, key)
    return True


def _take_quarter(staged: StagedFile, said: str | None) -> None:
    try:
        staged.quarter_id = str(Quarter.parse(said or ""))
    except ValueError:
        _note_identity(staged, "bad_quarter", said, "2021Q4", "quarter")


def _note_identity(
    staged: StagedFile, code: str, seen: str | None, expected: str, name: str
) -> None:
    sheet = form(RETURN).identity_sheet
    staged.problems.append(CellProblem(code, seen or "", expected, sheet, field=name))


class _TableReader:
    """Stages the rows of one found table."""

    def __init__(self, staged: StagedFile, known: Form, number: int, place: FoundTable) -> None:
        self.staged = staged
        self.number = number
        self.place = place
        self.table: Table = place.table
        self.is_return = known.code == RETURN
        self.facts = place.sheet.facts
        self.pledge_id: str | None = None
        self.row_count = 0
        self.filled = self._merged()
        self.readers = [(one, self._reader(one)) for one in self.table.fields]
        self.required = {f.name: header_key(f.header) for f in self.table.fields if f.required}
        self.also = [(one, self._reader(one)) for one in self.table.also_fields]
        unit = UNITS.get(place.money_unit or "")
        self.money: list[tuple[int, MoneyColumn, int | None]] = [
            (column, money, place.units.get(column, unit)) for column, money in place.money.items()
        ]
        self.noted_rows = {
            row for (row, _), f in self.facts.cells.items() if f.error or f.is_uncalculated
        }

    def read(self) -> None:
        """Stage every row below the header, then the table itself."""
        place = self.place
        for problem in place.problems:
            self._note(problem.code, problem.seen, problem.expected, problem.row, problem.column)
        last = max((len(place.sheet.rows), *self.noted_rows))
        for row in range(place.header_row + 1, last + 1):
            if row in self.noted_rows or any(v != "" for v in place.sheet.rows[row - 1]):
                self._read_row(row)
        self._note_hidden_columns()
        self.staged.tables.append(
            StagedTable(
                self.number,
                self.table.code,
                place.sheet.name,
                place.header_row,
                place.letters,
                place.money_unit,
                self.row_count,
            )
        )

    def _reader(self, one: Field) -> Callable[[RawCell], Cell]:
        if one.type == "money":
            unit = self.place.units.get(self.place.columns.get(one.name, 0))
            return partial(cells.money, unit=unit or UNITS.get(self.place.money_unit or ""))
        if one.type == "text" and one.name.endswith(_ID_ENDINGS):
            return cells.identifier
        return _READERS[one.type]

    def _read_row(self, row: int) -> None:
        read = {one.name: self._read_field(one, reader, row) for one, reader in self.readers}
        amounts = list(self._amounts(row))
        filled = {name for name, cell in read.items() if cell.kind != "blank"}
        if self._is_header_again(read) or not (filled or amounts):
            return
        self.pledge_id = read["pledge_id"].value if "pledge_id" in read else None
        if self.table.money and not any(c.kind in ("value", "unreadable") for *_, c in amounts):
            return
        if self.is_return and not self.table.money and filled <= _GIVEN:
            if self.table.code == "progress":
                self._note("untouched_row", read["pledge_id"].raw, "", row)
            return
        self._stage(row, read, amounts)

    def _is_header_again(self, read: dict[str, Cell]) -> bool:
        """Tell whether a row prints the headers once more, as on every page."""
        return all(header_key(read[name].raw) == key for name, key in self.required.items())

    def _stage(
        self, row: int, read: dict[str, Cell], amounts: list[tuple[int, MoneyColumn, Cell]]
    ) -> None:
        self.row_count += 1
        if row in self.facts.hidden_rows:
            self._note("hidden_row", str(row), "", row)
        for one in self.table.fields:
            self._note_cell(row, self.place.columns.get(one.name), one.name, read[one.name])
        rows = self.staged.rows.setdefault(self.table.stage, [])
        if self.table.money:
            rows.extend(self._budget_rows(row, read, amounts))
            return
        rows.append((self.number, row, *_staged(self.table.fields, read)))
        if self.table.also_stage:
            also = {one.name: self._read_field(one, reader, row) for one, reader in self.also}
            values = (self.number, row, *_staged(self.table.also_fields, also))
            self.staged.rows.setdefault(self.table.also_stage, []).append(values)

    def _amounts(self, row: int) -> Iterator[tuple[int, MoneyColumn, Cell]]:
        known = self.facts.cells
        values = self.place.sheet.rows[row - 1] if row <= len(self.place.sheet.rows) else []
        for column, money, unit in self.money:
            value = values[column - 1] if column <= len(values) else ""
            is_plain = (row, column) not in known
            if is_plain and value == "":
                continue
            raw = RawCell(value) if is_plain else self.place.sheet.cell(row, column)
            cell = cells.money(raw, unit)
            if cell.kind != "blank":
                yield column, money, cell

    def _budget_rows(
        self, row: int, read: dict[str, Cell], amounts: list[tuple[int, MoneyColumn, Cell]]
    ) -> Iterator[tuple[Any, ...]]:
        name, source = read["subproject_name"], read["source"]
        labels = {cells.label_key(cell.raw) for cell in (name, source, read["pledge_id"])}
        is_total = not labels.isdisjoint(self.table.total_labels)
        for column, money, cell in amounts:
            self._note_cell(row, column, money.field, cell)
            yield (
                self.number, row, column_letter(column), money.field, self.pledge_id, name.value,
                source.value, source.raw or None, is_total, money.fiscal_year, money.measure,
                cell.value, cell.raw, cell.kind,
            )  # fmt: skip

    def _read_field(self, one: Field, reader: Callable[[RawCell], Cell], row: int) -> Cell:
        column = self.place.columns.get(one.name)
        if column is None:
            return BLANK
        raw = self.place.sheet.cell(self.filled.get((row, column), row), column)
        if raw.value == "" and not raw.error and not raw.is_uncalculated:
            return BLANK
        return reader(raw)

    def _merged(self) -> dict[tuple[int, int], int]:
        """Return (row, column) → the row whose cell stands for it; note every merge on the way."""
        names = {number: name for name, number in self.place.columns.items()}
        names |= {number: money.field for number, money in self.place.money.items()}
        filled: dict[tuple[int, int], int] = {}
        for top, left, bottom, right in self.facts.merges:
            inside = [c for c in range(left, right + 1) if c in names]
            if bottom <= self.place.header_row or not inside:
                continue
            box = f"{column_letter(left)}{top}:{column_letter(right)}{bottom}"
            self._note("merged_cells", box, "", top, column_letter(inside[0]), names[inside[0]])
            if left in names and names[left] in _FILLED_DOWN:
                filled |= {(row, left): top for row in range(top + 1, bottom + 1)}
        return filled

    def _note_hidden_columns(self) -> None:
        used = {*self.place.columns.values(), *self.place.money}
        for column in sorted(self.facts.hidden_columns & used):
            letter = column_letter(column)
            self._note("hidden_column", letter, "", self.place.header_row, letter)

    def _note_cell(self, row: int, column: int | None, name: str, cell: Cell) -> None:
        if cell.problem and column:
            expected = _EXPECTED.get(cell.problem, "")
            self._note(cell.problem, cell.raw, expected, row, column_letter(column), name)

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
        self.staged.problems.append(
            CellProblem(
                code,
                seen,
                expected,
                self.place.sheet.name,
                self.number,
                row,
                column,
                name,
                pledge_id,
            )
        )


def _staged(fields: Sequence[Field], read: dict[str, Cell]) -> Iterator[Any]:
    """Yield the staging columns of a row: value, text and kind of a typed field, else the value."""
    for one in fields:
        cell = read[one.name]
        yield cell.value
        if one.is_typed:
            yield cell.raw or None
            yield cell.kind

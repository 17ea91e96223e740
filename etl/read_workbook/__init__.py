"""Workbook → staged rows: one engine for the quarterly return and the register.

The form says which tables and columns there are; this reads what came back and keeps every
value with the text as written and its cell. What cannot be taken as it stands is a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl import cells
from etl.cells import RawCell, header_key
from etl.documents.package import DocumentError
from etl.documents.sheets import Sheet, read_sheets
from etl.form import Form, form
from etl.problems import CellProblem
from etl.quarter import Quarter
from etl.read_workbook.found import FoundTable
from etl.read_workbook.outside import cell_notes, notes_below, objects, outside, unread_amounts
from etl.read_workbook.rows import TableReader
from etl.read_workbook.tables import NOT_TABLES, find_tables
from etl.staged import REGISTER, RETURN, StagedFile, stage_columns


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
    readers = [TableReader(staged, known, *numbered) for numbered in enumerate(found, 1)]
    for reader in readers:
        reader.read()
    _note_outside(staged, sheets, readers)
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


def _note_outside(
    staged: StagedFile, sheets: Sequence[Sheet], readers: Sequence[TableReader]
) -> None:
    """Name what lies around the tables; an answer's own sheet holds words of ours."""
    ids = _pledge_ids(staged) if any(reader.lone for reader in readers) else frozenset()
    for reader in readers:
        if not reader.table.answer:
            staged.problems += outside(reader.place, reader.number)
        _note_unread(staged, reader)
        if reader.is_return:
            staged.problems += notes_below(reader, ids)
    for sheet in sheets:
        staged.problems += (*objects(sheet), *cell_notes(sheet))


def _note_unread(staged: StagedFile, reader: TableReader) -> None:
    """Stop the pledges whose amounts are not read; the same column is not told as extra too."""
    unread = list(unread_amounts(reader))
    columns = {(one.table_no, one.column) for one in unread}
    staged.problems = [
        one
        for one in staged.problems
        if one.code not in ("extra_column", "outside_table")
        or (one.table_no, one.column) not in columns
    ]
    staged.problems += unread


def _pledge_ids(staged: StagedFile) -> frozenset[str]:
    """Return every pledge that the file names in a row of values or of 공약현황."""
    ids = {problem.seen for problem in staged.problems if problem.code == "untouched_row"}
    for stage, rows in staged.rows.items():
        if "pledge_id" in (columns := stage_columns(stage)):
            ids |= {row[columns.index("pledge_id")] for row in rows}
    return frozenset(ids)


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

"""Workbook → staged rows: one engine for the quarterly return, the register and a sheet of it.

The form says which tables and columns there are; this reads what came back and keeps every
value with the text as written and its cell. What cannot be taken as it stands is a problem.
"""

from collections.abc import Iterator, Mapping, Sequence

from etl import cells
from etl.cells import RawCell, header_key
from etl.documents.csv_sheet import read_csv
from etl.documents.package import DocumentError
from etl.documents.sheets import Sheet, read_sheets
from etl.form import PUBLISHED, Form, editions, form
from etl.period import parse_period
from etl.problems import CellProblem
from etl.read_workbook.found import FoundTable
from etl.read_workbook.outside import cell_notes, notes_below, objects, outside, unread_amounts
from etl.read_workbook.rows import TableReader
from etl.read_workbook.tables import NOT_TABLES, find_tables
from etl.staged import REGISTER, RETURN, StagedFile, stage_columns


def read_workbook(content: bytes, file_name: str, edition: str | None = None) -> StagedFile:
    """Read one workbook of any form; never raises for a bad one, which has a problem instead.

    It is read by the edition that it names; where it names none, by `edition`, else by the one in
    use in the quarter it names, else by the newest. A file that is no readable workbook has one
    problem with the guard's code and `file_name`.
    """
    staged = StagedFile()
    try:
        sheets = read_sheets(content, without=NOT_TABLES)
    except DocumentError as error:
        staged.problems.append(CellProblem(error.code, error.seen or file_name))
        return staged
    return _read_sheets(staged, sheets, edition)


def read_published(content: bytes, edition: str | None = None) -> StagedFile | None:
    """Read a text between commas as published values; None where its headers are others'."""
    known = form(PUBLISHED, edition)
    try:
        sheet = read_csv(content, known.table(PUBLISHED).sheet)
    except DocumentError:
        return None
    found, _ = find_tables([sheet], known)
    if not any(_is_of_published(place.header.columns) for place in found):
        return None
    return _read_sheets(StagedFile(document_format="text"), [sheet], edition)


def _is_of_published(columns: Mapping[str, int]) -> bool:
    """Tell whether headers are those of published values, of which any one may be forgotten."""
    return "figure_code" in columns or len(columns) >= _HEADERS_ENOUGH


_HEADERS_ENOUGH = 3


def _read_sheets(staged: StagedFile, sheets: Sequence[Sheet], edition: str | None) -> StagedFile:
    said = _identity(sheets)
    known, found, problems = _decide(sheets, said, edition)
    if known is None:
        staged.problems.append(CellProblem("other_form", ", ".join(s.name for s in sheets)[:200]))
        return staged
    staged.form_code, staged.form_edition = known.code, known.edition
    if known.code == RETURN and not _read_identity(staged, known, said):
        return staged
    staged.problems += problems
    readers = [TableReader(staged, known, place) for place in found]
    for reader in readers:
        reader.read()
    _note_outside(staged, sheets, readers)
    if known.code == REGISTER:
        staged.government_id = next(_governments(staged, known), None)
    return staged


def _identity(sheets: Sequence[Sheet]) -> dict[str, RawCell] | None:
    """Return the keys and values of the hidden sheet; None where there is no such sheet."""
    names = {one.identity_sheet for one in editions(RETURN)}
    sheet = next((sheet for sheet in sheets if header_key(sheet.name) in names), None)
    if sheet is None:
        return None
    return {
        header_key(str(row[0])).lower(): sheet.cell(number, 2)
        for number, row in enumerate(sheet.rows, 1)
        if row and row[0] != ""
    }


def _decide(
    sheets: Sequence[Sheet], said: Mapping[str, RawCell] | None, edition: str | None
) -> tuple[Form | None, list[FoundTable], list[CellProblem]]:
    """Return (form, its tables, their problems): by the `_form` sheet, else by what is there."""
    if said is not None:
        known = form(RETURN, _text(said, "edition") or edition, _quarter(said))
        return known, *find_tables(sheets, known)
    for code in (REGISTER, RETURN, PUBLISHED):
        known = form(code, edition)
        found, problems = find_tables(sheets, known)
        if _decisive(known) <= {place.table.code for place in found}:
            return known, found, problems
    return None, [], []


def _decisive(known: Form) -> set[str]:
    """Return the tables by which a form is known that nothing names."""
    decisive = {REGISTER: {"institution", "pledge"}, PUBLISHED: {PUBLISHED}}
    return decisive.get(known.code) or {table.code for table in known.tables if table.required}


def _text(said: Mapping[str, RawCell], key: str) -> str | None:
    value: str | None = cells.identifier(said.get(key, RawCell(""))).value
    return value


def _quarter(said: Mapping[str, RawCell]) -> str | None:
    try:
        return str(parse_period(cells.period(said.get("quarter", RawCell(""))).value or ""))
    except ValueError:
        return None


def _note_outside(
    staged: StagedFile, sheets: Sequence[Sheet], readers: Sequence[TableReader]
) -> None:
    """Name what lies around the tables; an answer's own sheet holds words of ours."""
    ids = _pledge_ids(staged) if any(reader.lone for reader in readers) else frozenset()
    for reader in readers:
        if not reader.table.answer:
            staged.problems += outside(reader.place)
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


def _read_identity(staged: StagedFile, known: Form, said: Mapping[str, RawCell] | None) -> bool:
    """Take the hidden keys and values; return whether the file is of this form at all."""
    if said is None:
        staged.problems.append(CellProblem("no_form_sheet", "", known.identity_sheet or ""))
        return True
    sheet, code, edition = known.identity_sheet, _text(said, "form"), _text(said, "edition")
    if code not in (None, known.code):
        staged.problems.append(CellProblem("other_form", code or "", known.code, sheet))
        return False
    staged.government_id = _text(said, "government")
    staged.department_code = _text(said, "department")
    staged.register_version, staged.quarter_id = _text(said, "register_version"), _quarter(said)
    staged.term_number = cells.integer(said.get("term", RawCell(""))).value
    staged.form_edition = edition or known.edition

    def note(problem: str, seen: str | None, expected: str, key: str) -> None:
        staged.problems.append(CellProblem(problem, seen or "", expected, sheet, field=key))

    if staged.form_edition != known.edition:
        note("unknown_edition", edition, known.edition, "edition")
    if staged.quarter_id is None:
        note("bad_quarter", _text(said, "quarter"), "2021Q4", "quarter")
    for key in ("government", "term", "department"):
        if cells.text(said.get(key, RawCell(""))).kind == "blank":
            note("missing_identity", "", key, key)
    return True

"""Tables found by sheet and header text: where each table of a form lies in a workbook.

Blanks and line breaks in names and headers do not count, nor does a unit in brackets. Nothing
is found by a fixed cell.
"""

import re
from collections.abc import Container, Iterator, Sequence
from functools import cache, lru_cache, partial
from typing import Any

from etl.cells import UNITS, header_key, label_key
from etl.cells.phrases import UNIT_NAMES
from etl.documents.sheets import Sheet
from etl.form import Field, Form, MoneyColumn, Table, code_keys
from etl.problems import CellProblem
from etl.read_workbook.found import FoundTable, TableHeader
from etl.read_workbook.table_unit import take_unit

_BRACKETED = re.compile(r"(.+?)\(([^()]*)\)")
_OTHER_UNIT = re.compile(r"[십백천만억조]+원?|달러|\$|USD")
_KEPT_LENGTH = 4_000
_PLANS = ("secured", "demand", "carried")
_NOT_READ = ("hidden_sheet", "copied_sheet")
NOT_TABLES = frozenset({"안내", "변경내역"})
"""Sheets that hold only words for the person who fills the form, or of an answer's own."""


def find_tables(sheets: Sequence[Sheet], form: Form) -> tuple[list[FoundTable], list[CellProblem]]:
    """Return the form's tables in sheet order, and what is wrong with where they are.

    A sheet is a table's by its name; any other sheet by its headers. A hidden extra copy is
    not read, nor is one that says the very same as the first. Problems: `missing_table`,
    `no_header_row`, `sheet_renamed`, `table_on_two_sheets`, `copied_sheet`, `hidden_sheet`,
    `missing_column`, `optional_column_missing`, `extra_column`, `duplicate_column`,
    `moved_column`, `sheet_moved`, `extra_sheet`, `unknown_unit`, `unit_contradicted`.
    """
    named = {sheet.name: _own_sheets(form).get(header_key(sheet.name)) for sheet in sheets}
    found: list[FoundTable] = []
    problems: list[CellProblem] = []
    for sheet in sorted(sheets, key=lambda s: named[s.name] is None):
        if header_key(sheet.name) in (*NOT_TABLES, form.identity_sheet):
            continue
        table = named[sheet.name]
        known = {one.table.code for one in found}
        place = _place_of(table, sheet) if table else _place_by_headers(form, sheet, known)
        if place is None:
            if table and any(_texts(row) for row in sheet.rows):
                problems.append(CellProblem("no_header_row", sheet.name, "", sheet.name))
            continue
        problem = _sheet_problem(place, found, table is None)
        problems += [problem] if problem and not place.table.answer else []
        if problem is None or problem.code not in _NOT_READ or table is not None:
            found.append(place)
    found.sort(key=lambda f: [s.name for s in sheets].index(f.sheet.name))
    for number, place in enumerate(found, 1):
        place.number = number
        _describe(form, place)
    if form.identity_sheet:  # a form that was sent out whole; a register may be arranged at will
        told = {problem.sheet_name for problem in problems} | {f.sheet.name for f in found}
        problems += [*_moved_sheets(form, found), *_other_sheets(form, sheets, told)]
    return found, problems + _absent(form, found)


def _moved_sheets(form: Form, found: list[FoundTable]) -> Iterator[CellProblem]:
    order = [table.code for table in form.tables if not table.if_used]
    first: dict[str, str] = {}
    for place in found:
        if not (place.table.answer or place.table.if_used):
            first.setdefault(place.table.code, place.sheet.name)
    names = list(first.values())
    for index in misplaced([order.index(code) for code in first]):
        yield CellProblem("sheet_moved", names[index], "", names[index])


def _other_sheets(
    form: Form, sheets: Sequence[Sheet], told: Container[str | None]
) -> Iterator[CellProblem]:
    """Say which sheets hold something, are no table of the form, and have not been told of."""
    own = {*NOT_TABLES, form.identity_sheet, *_own_sheets(form)}
    for sheet in sheets:
        is_known = sheet.name in told or header_key(sheet.name) in own
        if not is_known and any(value != "" for row in sheet.rows for value in row):
            yield CellProblem("extra_sheet", sheet.name, "", sheet.name)


def _absent(form: Form, found: list[FoundTable]) -> list[CellProblem]:
    codes = {place.table.code for place in found}
    missing = [t for t in form.tables if t.code not in codes and not t.answer]
    problems = [CellProblem("missing_table", "", t.sheet) for t in missing if t.required]
    if form.identity_sheet:  # a form that was sent out whole; a register may leave sheets out
        problems += [
            CellProblem("optional_table_missing", "", t.sheet)
            for t in missing
            if not (t.required or t.if_used or t.may_lack)
        ]
    return problems


def _sheet_problem(
    place: FoundTable, found: list[FoundTable], is_other: bool
) -> CellProblem | None:
    sheet, table = place.sheet, place.table
    known = {one.table.code for one in found}
    if sheet.is_hidden and (not is_other or table.code in known):
        return CellProblem("hidden_sheet", sheet.name, "", sheet.name)
    if is_other and (first := _original(place, found)):
        return CellProblem("copied_sheet", sheet.name, first.sheet.name, sheet.name)
    if is_other and table.code in known:
        return CellProblem("table_on_two_sheets", sheet.name, table.sheet, sheet.name)
    if is_other:
        return CellProblem("sheet_renamed", sheet.name, table.sheet, sheet.name)
    return None


def _original(place: FoundTable, found: list[FoundTable]) -> FoundTable | None:
    """Return the place on an earlier sheet that says the very same, cell by cell."""
    said = _content(place.sheet)
    same = (one for one in found if one.table.code == place.table.code)
    return next((one for one in same if _content(one.sheet) == said), None)


def _content(sheet: Sheet) -> tuple[dict[tuple[int, int], Any], dict[tuple[int, int], Any]]:
    """Return what a sheet holds, by place: values, and what its cells are beyond them."""
    values = {
        (row, column): value
        for row, written in enumerate(sheet.rows, 1)
        for column, value in enumerate(written, 1)
        if value != ""
    }
    return values, sheet.facts.cells


def _place_of(table: Table, sheet: Sheet) -> FoundTable | None:
    """Return the table on its own sheet: the first row with all required headers, else the best."""
    required = {f.name for f in table.fields if f.required}
    best, best_row = 0, 0
    for number, texts in _rows(sheet):
        names = _names_in(table, texts)
        if required <= names:
            return FoundTable(table, sheet, number)
        if len(names) > best and (required & names or len(names) > 1):
            best, best_row = len(names), number
    return FoundTable(table, sheet, best_row) if best else None


def _place_by_headers(form: Form, sheet: Sheet, known: Container[str]) -> FoundTable | None:
    """Return the table whose headers stand on a sheet of another name; the fullest match.

    `known` are the tables found before: a part of the headers names none of these again.
    """
    for number, texts in _rows(sheet):
        best, best_table = 1, None
        for table in form.tables:
            names = _names_in(table, texts)
            is_whole = {f.name for f in table.fields if f.required} <= names
            is_told = is_whole or (table.code not in known and _is_told(table, names, texts))
            if len(names) > best and is_told:
                best, best_table = len(names), table
        if best_table:
            return FoundTable(best_table, sheet, number)
    return None


def _is_told(table: Table, names: set[str], texts: tuple[str, ...]) -> bool:
    """Tell whether headers name a table of money without a column that may be absent."""
    needed = {f.name for f in table.fields if f.is_needed}
    return needed <= names and any(_money_of(table, text) for text in texts)


def _rows(sheet: Sheet) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, row in enumerate(sheet.rows, 1):
        texts = _texts(row)
        if texts:
            yield number, texts


def _texts(row: list[Any]) -> tuple[str, ...]:
    return tuple([v for v in row if v != "" and isinstance(v, str) and len(v) < 80])


@cache
def _own_sheets(form: Form) -> dict[str, Table]:
    return {header_key(table.sheet): table for table in form.tables}


@lru_cache(maxsize=256)
def _names_in(table: Table, texts: tuple[str, ...]) -> set[str]:
    """Return the fields of a table that a row of texts names."""
    names = (_field_of(table, text) for text in texts)
    return {name for name in names if name}


@cache
def _headers(table: Table) -> dict[str, str]:
    names = {
        header_key(text): one.name
        for one in reversed(table.all_fields)
        for text in (*one.also_called, one.header)
    }
    return names | {_base(key)[0]: name for key, name in names.items()}


def _base(key: str) -> tuple[str, str]:
    """Split a header key into its words and what stands in brackets behind them."""
    found = _BRACKETED.fullmatch(key)
    return (found[1], found[2]) if found else (key, "")


@lru_cache(maxsize=4096)
def _field_of(table: Table, header: str) -> str | None:
    key, names = header_key(header), _headers(table)
    return names.get(key) or names.get(_base(key)[0])


def _money_of(table: Table, header: str) -> MoneyColumn | None:
    key = header_key(header)
    return table.money_column(key) or table.money_column(_base(key)[0])


def _describe(form: Form, place: FoundTable) -> None:
    """Fill a found table's header and unit, and note what is wrong with them."""
    row = place.sheet.rows[place.header_row - 1]
    texts = tuple(value if isinstance(value, str) else "" for value in row)
    if place.table.money and (joined := _joined(place, row)):
        place.header_row, place.header_rows, texts = place.header_row + 1, 2, joined
    is_short = sum(map(len, texts)) <= _KEPT_LENGTH
    place.header = (_kept_header if is_short else _header)(form, place.table, texts)
    if place.table.answer:
        return
    for note in place.header.notes:
        place.note(*note)
    _note_absent(place)
    if place.table.money_unit:
        take_unit(place, is_return=form.identity_sheet is not None)


def _note_absent(place: FoundTable) -> None:
    """Name a column that may be absent; where another says what it would, it is missing."""
    for one in place.table.fields:
        if one.absent and one.name not in place.header.columns:
            is_said = any(_says(place, one, column) for column in range(1, _width(place) + 1))
            place.note("missing_column" if is_said else "source_column_missing", "", one.header)


def _width(place: FoundTable) -> int:
    return max(map(len, place.sheet.rows), default=0)


def _says(place: FoundTable, one: Field, column: int) -> bool:
    """Tell whether a column that nobody understands is this one by its header or a value."""
    header = place.header
    if column in header.money:
        return False
    if header_key(one.header) in header_key(header.texts.get(column, "")):
        return True
    labels = code_keys(one.code_list or "") | code_keys(f"mixed_{one.name}")
    below = (row[column - 1] for row in place.sheet.rows[place.header_row :] if column <= len(row))
    return any(isinstance(value, str) and label_key(value) in labels for value in below)


def _joined(place: FoundTable, above: list[Any]) -> tuple[str, ...] | None:
    """Return the headers that stand over two rows (2021 | 확보액, 집행액), or None for one row.

    The lower row must name money columns that are none without the word above, and must leave the
    other columns alone: a row of values never does.
    """
    said = partial(_money_of, place.table)
    below = next(iter(place.sheet.rows[place.header_row :]), [])
    joined: list[str] = []
    group, found = "", 0
    for top, low in zip(map(_group, above), below, strict=False):
        group = top or group
        if low == "":
            joined.append(top)
            continue
        if not isinstance(low, str) or _field_of(place.table, top) or said(low):
            return None
        text = next((both for both in (f"{group} {low}", f"{low} {group}") if said(both)), None)
        if text is None:
            return None
        found += 1
        joined.append(text)
    return tuple(joined) if found > 1 else None


def _group(value: Any) -> str:
    """Return a header cell as text; a year may be a number."""
    return f"{value:.0f}" if isinstance(value, float) else value if isinstance(value, str) else ""


def _header(form: Form, table: Table, texts: tuple[str, ...]) -> TableHeader:
    header = TableHeader()
    written = [(number, text) for number, text in enumerate(texts, 1) if text.strip()]
    # The form's own words first: another word for the same is read only where they are missing.
    for number, text in sorted(written, key=lambda one: table.is_synonym(one[1])):
        _take_column(table, header, number, text)
    _note_missing(form, table, header)
    if form.identity_sheet:
        _note_order(table, header)
    return header


# The files of one form edition have the same headers.
_kept_header = lru_cache(maxsize=256)(_header)


def _take_column(table: Table, header: TableHeader, number: int, text: str) -> None:
    name = _field_of(table, text)
    money = None if name else _money_of(table, text)
    taken = header.columns if name else {m.field: n for n, m in header.money.items()}
    header.texts[number] = text.strip()
    is_synonym = bool(name or money) and table.is_synonym(text)
    if is_synonym and (name or (money and money.field)) not in taken:
        header.note("column_renamed", text.strip(), column=number)
        if name:
            header.columns[name] = number
        elif money:
            header.money[number] = money
    elif (not name and not money) or is_synonym:
        header.note("extra_column", text.strip(), column=number)
    elif (name or (money and money.field)) in taken:
        header.note("duplicate_column", text.strip(), column=number)
    elif name:
        header.columns[name] = number
    elif money:
        header.money[number] = money
    bracketed = _base(header_key(text))[1]
    if bracketed in UNIT_NAMES and (name or money):
        header.units[number] = UNITS[UNIT_NAMES[bracketed]]
    elif money and _OTHER_UNIT.fullmatch(bracketed):
        header.note("unknown_unit", text.strip(), ", ".join(UNITS), number)


def _note_missing(form: Form, table: Table, header: TableHeader) -> None:
    for one in table.fields:
        if one.name in header.columns or one.absent:
            continue
        if one.required:
            header.note("missing_column", "", one.header)
        elif form.identity_sheet and not _may_lack(one):
            header.note("optional_column_missing", "", one.header)
    if table.money and not header.money:
        header.note("missing_column", "", "확보액")
    for year, name in _unpaired(header):
        header.note("optional_column_missing", f"{year}", name)


def _may_lack(one: Field) -> bool:
    return one.shown_only or one.if_used


def _unpaired(header: TableHeader) -> Iterator[tuple[str, str]]:
    """Yield (year, header) of a year's money column that its partner stands without."""
    plans = {m.fiscal_year for m in header.money.values() if m.measure in _PLANS}
    spent = {m.fiscal_year for m in header.money.values() if m.measure == "executed"}
    for year in sorted((plans ^ spent) - {"pre_term", "post_term", "total"}):
        yield year, f"{year} {'집행액' if year in plans else '확보액'}"


def _note_order(table: Table, header: TableHeader) -> None:
    """Note once which columns stand in another order than in the form: as few as explain it."""
    # What only some offices have may have been put behind the others.
    fields = [one for one in table.fields if not one.if_used]
    order = {one.name: number for number, one in enumerate(fields)}
    places = {n: (order[name], "", 0) for name, n in header.columns.items() if name in order}
    places |= {
        number: (len(order), *rank) for number, m in header.money.items() if (rank := _rank(m))
    }
    columns = sorted(places)
    moved = [columns[index] for index in misplaced([places[number] for number in columns])]
    if moved:
        seen = ", ".join(header.texts[number] for number in moved)
        header.note("moved_column", seen, ", ".join(one.header for one in fields), moved[0])


def _rank(money: MoneyColumn) -> tuple[str, int] | None:
    # A total may stand before or behind the years: it has no place of its own.
    if money.fiscal_year == "total":
        return None
    year = {"pre_term": "0", "post_term": "9"}.get(money.fiscal_year, money.fiscal_year)
    return year, int(money.measure == "executed")


def misplaced(ranks: Sequence[Any]) -> list[int]:
    """Return which entries (from 0) stand out of order: all but a longest run in order."""
    longest: list[tuple[int, ...]] = []
    for index, rank in enumerate(ranks):
        before = [run for run in longest if ranks[run[-1]] <= rank]
        longest.append((*(max(before, key=len) if before else ()), index))
    kept = {*max(longest, key=len)} if longest else set()
    return [index for index in range(len(ranks)) if index not in kept]

"""What reading a file gives: who it is from, its tables, its rows as staged, its problems."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from etl.cells import BLANK, Cell
from etl.form import stages
from etl.problems import CellProblem

RETURN = "quarterly_return"
REGISTER = "register"
_BUDGET = "staging.quarterly_return__budget"
_REASONS = "staging.quarterly_return__reason"

_BUDGET_COLUMNS = (
    "_table", "_row", "_column", "field", "pledge_id", "subproject_name", "source", "source_raw",
    "is_total", "fiscal_year", "measure", "amount", "amount_raw", "amount_kind",
)  # fmt: skip


@dataclass(frozen=True)
class StagedTable:
    """One table found: where it stands and which place holds which field.

    `columns` gives a field's place: a column letter on a sheet; in a document a template such as
    `표3 {row}행7열` or `문단 {row}`, or a whole locator. A line of a document that does not follow
    its field's template has a key of its own, `field@row`, with a whole locator.
    """

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
    document_format: str | None = None
    tables: list[StagedTable] = field(default_factory=list)
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)

    @cached_property
    def content_key(self) -> str | None:
        """Return a hash of what the file says, wherever it says it; None for no known form.

        Two files with the same key report the same: rows may stand elsewhere, a value may be
        written another way, and a column left blank may be of one edition only.
        """
        if self.form_code is None:
            return None
        said = sorted(self._said())
        return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()

    def _said(self) -> Iterator[str]:
        yield repr((self.form_code, self.government_id, self.term_number, self.quarter_id,
                    self.department_code))  # fmt: skip
        for stage, rows in self.rows.items():
            places = _telling_places(stage)
            for row in rows:
                said = [
                    f"({name!r}, {row[at]!r})"
                    for name, at, value in places
                    if row[at] is not None
                    and (value is None or (row[value] is None and row[at] != "blank"))
                ]
                if stage != _REASONS or len(said) > 1:
                    yield f"({stage!r}, {', '.join(said)})" if said else repr((stage,))
        for one in self.problems:
            if one.field:
                yield repr((one.code, one.seen, one.field, one.pledge_id))


@cache
def stage_columns(stage: str) -> tuple[str, ...]:
    """Return the columns of a staging table in the order of the rows, without submission_id.

    Raises KeyError for a table that no form stages into.
    """
    own = (name for one in stages()[stage] for name in one.stage_columns)
    return _BUDGET_COLUMNS if stage == _BUDGET else ("_table", "_row", *own)


@cache
def _telling_places(stage: str) -> tuple[tuple[str, int, int | None], ...]:
    """Return name and place of what says something in a row: not where, nor how it was written.

    A text as written and a kind come with the place of their value: they say something only
    without one.
    """
    columns = stage_columns(stage)
    values = {f"{name}{end}": n for n, name in enumerate(columns) for end in ("_raw", "_kind")}
    return tuple(
        (name, place, values.get(name))
        for place, name in enumerate(columns)
        if not name.startswith("_")
    )


def staged_values(stage: str, read: Mapping[str, Cell]) -> Iterator[Any]:
    """Yield the staging columns of a row: value, text and kind of a typed field, else the value.

    A field that was not read, as one of another edition, is blank.
    """
    for one in stages()[stage]:
        cell = read.get(one.name, BLANK)
        yield cell.value
        if one.is_typed:
            yield cell.raw or None
            yield cell.kind

"""What reading a workbook gives: who it is from, its tables, its rows as staged, its problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from etl.form import form
from etl.problems import CellProblem

RETURN = "quarterly_return"
REGISTER = "register"

_BUDGET_COLUMNS = (
    "_table", "_row", "_column", "field", "pledge_id", "subproject_name", "source", "source_raw",
    "is_total", "fiscal_year", "measure", "amount", "amount_raw", "amount_kind",
)  # fmt: skip


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

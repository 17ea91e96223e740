"""Rows of a batch on their way into staging, what is said of a whole batch there, and out again."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from etl.form import stages
from etl.problems import CellProblem
from etl.staged import stage_columns
from etl.warehouse import MANY_ROWS, copy_rows, records, run_file

_IDENTITY = (
    "form_code", "form_edition", "government_id", "term_number", "quarter_id", "department_code",
    "register_version", "content_key", "document_format",
)  # fmt: skip
_TABLE_COLUMNS = (
    "table_no", "table_code", "sheet_name", "header_row", "columns", "money_unit", "row_count",
)  # fmt: skip
_PROBLEM_COLUMNS = (
    "code", "sheet_name", "_table", "_row", "_column", "field", "pledge_id", "seen", "expected",
)  # fmt: skip
_TOLD = {"audit.submission_table": _TABLE_COLUMNS, "staging.problem": _PROBLEM_COLUMNS}


@dataclass(frozen=True)
class ReadFile:
    """One file that was read: its batch, whose it is and its form's edition, as far as it told."""

    batch_id: int
    submission_id: int
    government_id: str | None
    form_edition: str | None


@dataclass
class Staged:
    """Rows of a whole batch, gathered per staging table, and what to write on each receipt."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    identities: list[dict[str, Any]] = field(default_factory=list)

    def add(self, submission_id: int, found: Any) -> None:
        """Take in one file's result: a `StagedFile`, or a CellProblem when it could not be read."""
        if isinstance(found, CellProblem):
            self._add_problems(submission_id, [found])
            self._add_identity(submission_id, None)
            return
        for stage, lines in found.rows.items():
            target = self.rows.setdefault(stage, [])
            target.extend((submission_id, *line) for line in lines)
        self._add_problems(submission_id, found.problems)
        self._add_identity(submission_id, found)
        tables = self.rows.setdefault("audit.submission_table", [])
        tables.extend(_table_row(submission_id, table) for table in found.tables)

    def _add_problems(self, submission_id: int, problems: Iterable[CellProblem]) -> None:
        target = self.rows.setdefault("staging.problem", [])
        target.extend(
            (submission_id, p.code, p.sheet_name, p.table_no, p.row, p.column, p.field,
             p.pledge_id, p.seen, p.expected)
            for p in problems
        )  # fmt: skip

    def _add_identity(self, submission_id: int, found: Any) -> None:
        values = {name: getattr(found, name, None) for name in _IDENTITY}
        self.identities.append({"submission_id": submission_id, **values})


def _table_row(submission_id: int, table: Any) -> tuple[Any, ...]:
    values = (getattr(table, name) for name in _TABLE_COLUMNS)
    return (submission_id, *(json.dumps(v) if isinstance(v, dict) else v for v in values))


def write_staged(connection: Connection, staged: Staged) -> int:
    """COPY a batch's rows into staging and mark its receipts as read; return the rows written."""
    if not staged.identities:
        return 0
    columns_of = {stage: _TOLD.get(stage) or stage_columns(stage) for stage in staged.rows}
    # A run that broke off may have staged some of these files before.
    _clear(connection, [i["submission_id"] for i in staged.identities])
    for stage in staged.rows:
        copy_rows(connection, stage, ("submission_id", *columns_of[stage]), staged.rows[stage])
    large = [stage for stage, rows in staged.rows.items() if len(rows) >= MANY_ROWS]
    if large:
        # Without fresh statistics PostgreSQL takes a large batch for an empty table. Those of the
        # key are enough, and cost a quarter of a whole table's.
        joined = (f"{stage} ({_key(columns_of[stage])})" for stage in large)
        connection.execute(text(f"ANALYZE {', '.join(joined)}"))
    columns = {name: [one[name] for one in staged.identities] for name in staged.identities[0]}
    run_file(connection, "read/write_identities.sql", **columns)
    return sum(len(rows) for rows in staged.rows.values())


def _key(columns: Sequence[str]) -> str:
    return "submission_id, pledge_id" if "pledge_id" in columns else "submission_id"


def mark_repeated(connection: Connection, batch_id: int) -> dict[str, int]:
    """Set aside the files of a batch whose content is in force already: name → that submission."""
    rows = run_file(connection, "read/mark_repeated.sql", batch_id=batch_id)
    return {row.file_name: row.twin_id for row in rows}


def identities(connection: Connection, submission_ids: Sequence[int]) -> list[ReadFile]:
    """Return what reading told of each file, in the order of arrival."""
    rows = connection.execute(
        text(
            "SELECT batch_id, submission_id, government_id, form_edition FROM audit.submission"
            " WHERE submission_id = ANY(:ids) ORDER BY received_at, submission_id"
        ),
        {"ids": list(submission_ids)},
    )
    return records(ReadFile, rows)


def set_aside(connection: Connection, submission_ids: Sequence[int]) -> None:
    """Set files aside: nothing of them is staged, and nothing is said of whose they are."""
    if not submission_ids:
        return
    _clear(connection, list(submission_ids))
    run_file(connection, "receive/set_aside.sql", submission_ids=list(submission_ids))


def forget(connection: Connection, batch_id: int) -> None:
    """Remove a batch that was only checked, with everything staged and found for it."""
    ids = connection.execute(
        text("SELECT submission_id FROM audit.submission WHERE batch_id = :b"), {"b": batch_id}
    )
    _clear(connection, list(ids.scalars()))
    for table in ("audit.submission", "audit.batch"):
        connection.execute(text(f"DELETE FROM {table} WHERE batch_id = :b"), {"b": batch_id})


def _clear(connection: Connection, submission_ids: list[int]) -> None:
    # One statement, for there are many tables and most of the time nothing in them.
    deletes = [
        f"DELETE FROM {stage} WHERE submission_id = ANY(:ids)" for stage in (*stages(), *_TOLD)
    ]
    named = ", ".join(f"of_{number} AS ({one})" for number, one in enumerate(deletes[1:]))
    connection.execute(text(f"WITH {named} {deletes[0]}"), {"ids": submission_ids})

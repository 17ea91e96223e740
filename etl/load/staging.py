"""Rows of a batch on their way into staging, what is said of a whole batch there, and out again."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import Connection, text

from etl.form import stages
from etl.problems import CellProblem
from etl.staged import StagedFile, StagedTable, stage_columns
from etl.warehouse import MANY_ROWS, copy_rows, no_cycle_search, records, run_file

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
_FILES_AT_ONCE = 128
_TOLD = {"audit.submission_table": _TABLE_COLUMNS, "staging.problem": _PROBLEM_COLUMNS}


@dataclass(frozen=True)
class ReadFile:
    """One file that was read: its batch, whose it is and its form's edition, as far as it told."""

    batch_id: int
    submission_id: int
    government_id: str | None
    form_edition: str | None


Found: TypeAlias = StagedFile | CellProblem


def stage_found(connection: Connection, found: Iterable[tuple[int, Found]]) -> int:
    """COPY what was read of files into staging, mark their receipts as read; return the rows.

    Some files at a time: memory does not hold the batch, and the server writes while others read.
    """
    written: Counter[str] = Counter()
    files = iter(found)
    with no_cycle_search():
        while some := list(islice(files, _FILES_AT_ONCE)):
            written.update(_write(connection, some))
    _analyse(connection, [stage for stage, rows in written.items() if rows >= MANY_ROWS])
    return written.total()


def _write(connection: Connection, found: Sequence[tuple[int, Found]]) -> dict[str, int]:
    """Write some files; return how many rows each table got."""
    # A run that broke off may have staged some of these files before.
    _clear(connection, [submission_id for submission_id, _ in found])
    rows = _by_table(found)
    for table, lines in rows.items():
        copy_rows(connection, table, ("submission_id", *_columns_of(table)), lines)
    identities = {name: [getattr(one, name, None) for _, one in found] for name in _IDENTITY}
    submission_ids = [submission_id for submission_id, _ in found]
    run_file(connection, "read/write_identities.sql", submission_id=submission_ids, **identities)
    return {table: len(lines) for table, lines in rows.items()}


def _by_table(found: Iterable[tuple[int, Found]]) -> dict[str, list[tuple[Any, ...]]]:
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for submission_id, one in found:
        if isinstance(one, CellProblem):
            one = StagedFile(problems=[one])
        for stage, lines in one.rows.items():
            rows[stage].extend((submission_id, *line) for line in lines)
        rows["staging.problem"].extend((submission_id, *_problem_row(p)) for p in one.problems)
        rows["audit.submission_table"].extend(
            (submission_id, *_table_row(table)) for table in one.tables
        )
    return rows


def _problem_row(p: CellProblem) -> tuple[Any, ...]:
    return (p.code, p.sheet_name, p.table_no, p.row, p.column, p.field, p.pledge_id, p.seen,
            p.expected)  # fmt: skip


def _table_row(table: StagedTable) -> Iterator[Any]:
    values = (getattr(table, name) for name in _TABLE_COLUMNS)
    return (json.dumps(v) if isinstance(v, dict) else v for v in values)


def _columns_of(table: str) -> Sequence[str]:
    return _TOLD.get(table) or stage_columns(table)


def _analyse(connection: Connection, tables: Iterable[str]) -> None:
    """Gather the statistics of a large batch, which PostgreSQL takes for an empty table else.

    Those of the key are enough, and cost a quarter of a whole table's.
    """
    if joined := [f"{table} ({_key(_columns_of(table))})" for table in tables]:
        connection.execute(text(f"ANALYZE {', '.join(joined)}"))


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

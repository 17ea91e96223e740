"""What resubmissions changed: cell by cell, between a report and the version before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from etl.answer import AnswerChange
from etl.pipeline.telling import Facts
from etl.warehouse import run_file, transaction


def diff(
    quarter_id: str,
    government_id: str,
    department_code: str | None = None,
    pledge_id: str | None = None,
    submission_id: int | None = None,
) -> list[Facts]:
    """One entry per value that a report of the quarter changed against the version before it.

    Money values are won as text; `before_shown` and `after_shown` are what people read. A value
    that was added has no `before_value`, one that was taken away no `after_value` and no `cell`.
    """
    narrowed = {"department_code": department_code, "pledge_id": pledge_id,
                "submission_id": submission_id}  # fmt: skip
    with transaction() as connection:
        rows = _changes(connection, government_id, quarter_id, **narrowed)
    return [dict(row._mapping) for row in rows]


def answer_changes(
    connection: Connection, government_id: str | None, quarter_id: str | None, submission_id: int
) -> list[AnswerChange]:
    """Return what one file changed, as its sender is told."""
    return [
        AnswerChange(
            row.pledge_id,
            row.item_name,
            row.place,
            row.before_shown,
            row.after_shown,
            row.sheet_name,
            row.cell,
            row.correction_reason,
        )
        for row in _changes(connection, government_id, quarter_id, submission_id=submission_id)
    ]


def _changes(
    connection: Connection, government_id: str | None, quarter_id: str | None, **narrowed: Any
) -> Sequence[Row[Any]]:
    asked = {"department_code": None, "pledge_id": None, "submission_id": None, **narrowed}
    return run_file(
        connection,
        "answer/report_changes.sql",
        government_id=government_id,
        quarter_id=quarter_id,
        **asked,
    )

"""What resubmissions changed: cell by cell, between a report and the version before it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from etl.answer import AnswerChange
from etl.warehouse import records, run_file, transaction


def diff(
    quarter_id: str,
    government_id: str,
    department_code: str | None = None,
    pledge_id: str | None = None,
    submission_id: int | None = None,
) -> list[AnswerChange]:
    """One entry per value that a report of the quarter changed against the version before it.

    Money values are won as text; `before_shown` and `after_shown` are what people read. A value
    that was added has no `before_value`, one that was taken away no `after_value` and no `cell`.
    """
    narrowed = {"department_code": department_code, "pledge_id": pledge_id,
                "submission_id": submission_id}  # fmt: skip
    with transaction() as connection:
        return report_changes(connection, government_id, quarter_id, **narrowed)


def report_changes(
    connection: Connection, government_id: str | None, quarter_id: str | None, **narrowed: Any
) -> list[AnswerChange]:
    """Return what the reports of a quarter changed, narrowed down as by `diff`."""
    asked = {"department_code": None, "pledge_id": None, "submission_id": None, **narrowed}
    rows = run_file(
        connection,
        "answer/report_changes.sql",
        government_id=government_id,
        quarter_id=quarter_id,
        **asked,
    )
    return records(AnswerChange, rows)

"""What changed: values by a resubmission, cell by cell, and what is published by a revision."""

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from etl.answer import AnswerChange
from etl.warehouse import records, rows_of, run_file, transaction


class FigureMove(NamedTuple):
    """One figure that a revision moved; the change is in percentage points."""

    figure_code: str
    scope_type: str
    scope_name: str | None
    shown_before: str | None
    shown_after: str | None
    change_pp: Decimal | None


class PledgeMove(NamedTuple):
    """One pledge that stands otherwise in a revision, and what moved it: report or register."""

    pledge_id: str
    pledge_name: str
    status_before: str | None
    status_after: str | None
    declared_rate_before_pct: Decimal | None
    declared_rate_after_pct: Decimal | None
    cause: str
    correction_reason: str | None


def diff(
    quarter_id: str | None,
    government_id: str | None,
    department_code: str | None = None,
    pledge_id: str | None = None,
    submission_id: int | None = None,
) -> list[AnswerChange]:
    """One entry per value that a report of the quarter changed against the version before it.

    Money values are won as text; `before_shown` and `after_shown` are what people read. A value
    that was added has no `before_value`, one that was taken away no `after_value` and no `cell`.
    """
    asked = quarter_id, government_id, submission_id, department_code, pledge_id
    with transaction() as connection:
        return changes_of(connection, *asked)


def changes_of(
    connection: Connection,
    quarter_id: str | None,
    government_id: str | None,
    submission_id: int | None,
    department_code: str | None = None,
    pledge_id: str | None = None,
) -> list[AnswerChange]:
    """Return what `diff` does, in the caller's transaction."""
    rows = run_file(
        connection,
        "answer/report_changes.sql",
        quarter_id=quarter_id,
        government_id=government_id,
        department_code=department_code,
        pledge_id=pledge_id,
        submission_id=submission_id,
    )
    return records(AnswerChange, rows)


def release_changes(
    quarter_id: str, government_id: str, revision: int
) -> tuple[list[FigureMove], list[PledgeMove]]:
    """Return what a revision moved against the one before, and why."""
    asked: dict[str, str | int] = {"g": government_id, "q": quarter_id, "r": revision}
    where = "WHERE government_id = :g AND quarter_id = :q AND revision = :r"
    figures = (
        f"SELECT {', '.join(FigureMove._fields)} FROM mart.release_change {where}"
        " ORDER BY scope_type <> 'all', scope_type, scope_id, figure_code"
    )
    pledges = (
        f"SELECT {', '.join(PledgeMove._fields)} FROM mart.release_pledge_change {where}"
        " ORDER BY pledge_id"
    )
    return (
        records(FigureMove, rows_of(figures, **asked)),
        records(PledgeMove, rows_of(pledges, **asked)),
    )

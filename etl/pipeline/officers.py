"""Who answers for which department on the page 제출 현황; the register's mails say most of it."""

from datetime import datetime
from typing import NamedTuple

from etl.quarter import seoul_now
from etl.warehouse import records, run_alone

Department = tuple[str, str]
"""A government's code and a department's."""


class Assignment(NamedTuple):
    """One department that is assigned to a user's name."""

    user_name: str
    government_id: str
    department_code: str
    department_name: str | None


def departments_of_user(user_name: str, mail: str | None) -> frozenset[Department]:
    """Return the departments of a user: those assigned, and those whose mail is the user's."""
    rows = run_alone("desk/departments_of_user.sql", user_name=user_name, mail=mail or None)
    return frozenset((row.government_id, row.department_code) for row in rows)


def assign(user_name: str, government_id: str, department_code: str) -> None:
    """Assign a department, which must be known, to a user's name; again changes nothing."""
    run_alone(
        "desk/assign.sql", user_name=user_name, government_id=government_id,
        department_code=department_code, at=_now(),
    )  # fmt: skip


def unassign(user_name: str) -> None:
    """End every assignment of a user."""
    run_alone("desk/unassign.sql", user_name=user_name, at=_now())


def assignments() -> list[Assignment]:
    """Return every assignment that holds, by user."""
    return records(Assignment, run_alone("desk/assignments.sql"))


def _now() -> datetime:
    return seoul_now()

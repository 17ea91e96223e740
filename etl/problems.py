"""Two kinds of fault, two kinds of type.

A department's fault is data: a `CellProblem` that becomes a finding while the run goes on.
Ours is an exception: it stops the run, commits nothing and says what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass


class GongyakError(Exception):
    """Stops the command. Carries what happened, what was left untouched and what to do next."""

    def __init__(self, happened: str, untouched: str, next_step: str) -> None:
        super().__init__(f"{happened} {untouched} {next_step}")
        self.happened = happened
        self.untouched = untouched
        self.next_step = next_step


class UsageError(GongyakError):
    """The caller asked for something that cannot be done as asked: exit 2, no retry helps."""


class SystemFault(GongyakError):
    """Our own fault: control totals differ, a broken rule, a damaged archive. Turns a run red."""


class OutageError(GongyakError):
    """Something outside is away (database, network): the only fault that a retry can cure."""


@dataclass(frozen=True)
class CellProblem:
    """One thing a reader could not take as it stood, at one place of one file.

    `code` names it for the rule catalogue; `seen` is the text as written, `expected` what
    would have been right (empty when the rule says it). A problem of the whole file has no place.
    """

    code: str
    seen: str = ""
    expected: str = ""
    sheet_name: str | None = None
    table_no: int | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    pledge_id: str | None = None

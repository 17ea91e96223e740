"""What an invitation is filled with, whichever way it is laid out: a workbook or cards."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from etl.form import CardForm, Form, card_form, form
from etl.period import Period

PRE_TERM, POST_TERM = "pre_term", "post_term"
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """What every return of one government and quarter has in common."""

    quarter: Period
    government_id: str
    government_name: str
    government_class: str
    term_number: int
    term_start: date
    term_end: date
    reference_date: date
    voted_year: int
    due_date: date | None
    grace_date: date | None
    register_version: str | None
    status_words: list[str] = field(default_factory=list)
    """What the government calls statuses in words of its own."""
    used: list[str] = field(default_factory=list)
    """The columns and tables that only some governments have and this one has reported."""

    @property
    def form(self) -> Form:
        """The edition of the return that is in use in the quarter."""
        return form("quarterly_return", quarter_id=str(self.quarter))

    @property
    def card_form(self) -> CardForm:
        """The edition of the card that is in use in the quarter."""
        return card_form(quarter_id=str(self.quarter))

    @property
    def fiscal_years(self) -> range:
        """Every calendar year that the term touches."""
        return range(self.term_start.year, self.term_end.year + 1)

    @property
    def money(self) -> list[tuple[str, str]]:
        """(fiscal year, measure) of every amount that is asked for, from 기투자 to 임기후."""
        of_years = [
            (f"{year}", measure)
            for year in self.fiscal_years
            for measure in (plan_measure(self, year), "executed")
        ]
        return [(PRE_TERM, "secured"), *of_years, (POST_TERM, "demand")]


@dataclass
class InvitedLine:
    """One line of 예산: amounts in 백만원 by field (`2019.secured`), notes by the same."""

    pledge_id: str
    subproject_name: str | None = None
    source: str | None = None
    amounts: dict[str, Decimal | int] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Invitation:
    """What one department's return is filled with: lines of each table in order, by field."""

    frame: Frame
    department_code: str
    department_name: str
    progress: list[Line] = field(default_factory=list)
    budget: list[InvitedLine] = field(default_factory=list)
    subproject: list[Line] = field(default_factory=list)
    cooperation: list[Line] = field(default_factory=list)
    contact: list[Line] = field(default_factory=list)


def plan_measure(frame: Frame, year: int) -> str:
    """Return `secured` for a year whose budget is voted, `demand` for a later one."""
    return "secured" if year <= frame.voted_year else "demand"

"""What became of each pledge through its term: its releases laid side by side."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from etl.form import code_names
from etl.period import parse_period, word_of
from etl.site.pictures import Point
from etl.site.releases import Release, Term

_YEARS = {"pre_term": "임기 전", "post_term": "임기 뒤"}
_DONE = ("PROGRESS", "ACHIEVEMENT")
_LATE = ("BEHIND", "ON_HOLD")
_SUMS = ("plan_krw", "secured_krw", "executed_krw")


@dataclass(frozen=True)
class Money:
    """What is planned, secured and executed of one source or year, in won."""

    name: str
    plan_krw: Decimal
    secured_krw: Decimal
    executed_krw: Decimal


@dataclass(frozen=True)
class Done:
    """What a pledge's report of one quarter says was done, and the pictures it shows of it.

    Each text stands with the names of the earlier releases of the term that say it too.
    """

    release: Release
    row: Any
    texts: Sequence[tuple[Any, Sequence[str]]]
    pictures: Sequence[Any] = ()


@dataclass(frozen=True, eq=False)
class Story:
    """One pledge of a term; `row` is what its last release says, which need not be the newest."""

    term: Term
    release: Release
    row: Any

    @property
    def id(self) -> str:
        return str(self.row.pledge_id)

    @property
    def is_current(self) -> bool:
        return self.release is self.term.newest

    @cached_property
    def rows(self) -> list[tuple[Release, Any]]:
        """Its row in every release of the term that has it."""
        return [(release, row) for release in self.term.releases
                for row in release.of_pledge("pledges", self.id)]  # fmt: skip

    @property
    def points(self) -> list[Point]:
        return [
            Point(short(release), row.declared_rate_pct, row.status_code, row.status_name,
                  release.is_reported(row))
            for release, row in self.rows
        ]  # fmt: skip

    @property
    def word(self) -> str:
        """What people call the periods of its releases."""
        return word_of(release.quarter_id for release, _ in self.rows)

    def texts(self, *kinds: str) -> list[Any]:
        """Return what its last report says of some kinds, in their order."""
        found = self.release.of_pledge("narrative", self.id)
        return sorted((text for text in found if text.kind_code in kinds),
                      key=lambda t: (kinds.index(t.kind_code), t.entry_number))  # fmt: skip

    @property
    def done(self) -> list[Done]:
        """What was done, by quarter, the newest first; a report carried on tells nothing.

        A text that several releases tell stands at the newest of them.
        """
        tellers: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        found = []
        for release, row in self.rows:
            held = {_said(text): text for text in done_in(release, row)}
            for said in held:
                tellers[said].append(release.name)
            found.append((release, row, held))
        told = (
            Done(release, row, [(text, tellers[said][:-1]) for said, text in held.items()
                                if tellers[said][-1] == release.name],
                 release.of_pledge("attachments", self.id))
            for release, row, held in reversed(found)
        )  # fmt: skip
        return [one for one in told if one.texts or one.pictures]

    def new_in(self, release: Release, row: Any) -> list[Any]:
        """Return what its report in a release says was done and no release before it said."""
        before = {_said(text) for one, held in self.rows if one.order < release.order
                  for text in done_in(one, held)}  # fmt: skip
        return [text for text in done_in(release, row) if _said(text) not in before]

    @property
    def owes_a_cause(self) -> bool:
        """Whether it is late or stands still, and its report says nothing of why."""
        return self.row.status_code in _LATE and not self.texts("PROBLEM")

    @cached_property
    def by_source(self) -> list[Money]:
        names = code_names("funding_source")
        rows = sorted(self.release.of_pledge("budget", self.id), key=attrgetter("funding_source"))
        order = list(names.values())
        found = [Money(source, *_sums(held))
                 for source, held in _grouped(rows, "funding_source")]  # fmt: skip
        return sorted(found, key=lambda m: order.index(m.name) if m.name in order else len(order))

    @property
    def unsecured(self) -> list[tuple[str, Decimal]]:
        """What is planned and not secured, by source, in won."""
        lacking = ((one.name, one.plan_krw - one.secured_krw) for one in self.by_source)
        return [(name, amount) for name, amount in lacking if amount > 0]

    @cached_property
    def by_year(self) -> list[Money]:
        rows = sorted(self.release.of_pledge("budget", self.id), key=_year_order)
        return [Money(year_name(year), *_sums(held))
                for year, held in _grouped(rows, "fiscal_year")]  # fmt: skip

    @property
    def has_money(self) -> bool:
        return any(any(getattr(one, name) for name in _SUMS) for one in self.by_source)

    @property
    def subprojects(self) -> Sequence[Any]:
        """Return the sub-tasks with a status of their own; none where nobody reports them."""
        return self.release.of_pledge("subprojects", self.id)

    @property
    def done_subprojects(self) -> int:
        done = ("COMPLETED", "COMPLETED_ONGOING")
        return sum(one.status_code in done for one in self.subprojects)

    @property
    def grade(self) -> str | None:
        """Return the panel's grade; a release without any grade does not have the column."""
        return getattr(self.row, "grade_name", None)

    @property
    def decisions(self) -> Sequence[Any]:
        return self.release.of_pledge("decisions", self.id)

    @property
    def cells(self) -> Sequence[Any]:
        return self.release.of_pledge("evidence", self.id)

    @property
    def move(self) -> Any:
        """What the newest quarter changed of it; None where it says the same."""
        found = self.release.of_pledge("pledge_changes", self.id)
        return next((row for row in found if row.basis == "지난 발표"), None)


def stories(term: Term) -> Mapping[str, Story]:
    """Return every pledge of a term by its id: those of the newest release first, in its order."""
    found: dict[str, Story] = {}
    for release in reversed(term.releases):
        for row in release.rows("pledges"):
            found.setdefault(row.pledge_id, Story(term, release, row))
    return found


def done_in(release: Release, row: Any) -> list[Any]:
    """Return what a pledge's report as of the day of a release says was done.

    Whichever period it was sent for; one that is carried on says nothing.
    """
    said = release.of_pledge("narrative", row.pledge_id) if release.is_reported(row) else ()
    return [text for text in said if text.kind_code in _DONE]


def quarter_name(quarter_id: str) -> str:
    """Return what people call a quarter or another period."""
    return parse_period(quarter_id).title


def short(release: Release) -> str:
    """Return a quarter's name for narrow places: `21.4분기`."""
    year, _, rest = release.name.partition("년 ")
    return f"’{year[-2:]} {rest}" if rest else release.name


def year_name(year: str) -> str:
    """Return a fiscal year as people read it."""
    return _YEARS.get(year, f"{year}년")


def _said(text: Any) -> tuple[Any, ...]:
    return text.kind_code, text.label, " ".join(text.content.split())


def _grouped(rows: Sequence[Any], name: str) -> Iterator[tuple[str, list[Any]]]:
    for key, held in groupby(rows, attrgetter(name)):
        yield key, list(held)


def _sums(rows: Sequence[Any]) -> list[Decimal]:
    return [sum((Decimal(getattr(row, name)) for row in rows), Decimal(0)) for name in _SUMS]


def _year_order(row: Any) -> tuple[int, str]:
    return {"pre_term": 0, "post_term": 2}.get(row.fiscal_year, 1), row.fiscal_year

"""The yearly tables as the Manifesto centre asks for them: as of 12-31, two decimals.

The six statuses it knows have a column each; pledges in any other state are counted beside them, so
that a row always adds up to its pledges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from etl.form import code_names
from etl.measures import measures
from etl.publish.columns import CENTER, NUMBER, ShownColumn, scope_order
from etl.publish.publication import Publication
from etl.shown import half_up, million

MANIFESTO_STATUSES = (
    "COMPLETED", "COMPLETED_ONGOING", "ON_TRACK", "BEHIND", "ON_HOLD", "DROPPED",
)  # fmt: skip
_DECIMALS = 2


@dataclass(frozen=True)
class StatusLine:
    """The pledges of all or of one field by status, and its two rates."""

    scope_name: str
    counts: dict[str, int]
    completed: Any  # R2
    target_met: Any  # R3


@dataclass(frozen=True)
class MoneyLine:
    """The money of all sources or of one, in won: whole, and within the term."""

    source_name: str
    plan: Any
    secured: Any
    executed: Any
    secured_of_plan: Any  # B1
    term_secured_of_plan: Any  # B2
    term_executed_of_plan: Any  # B3


def is_year_end(publication: Publication) -> bool:
    """Tell whether it stands on 12-31, the only day that these tables are asked for."""
    return (publication.day.month, publication.day.day) == (12, 31)


def status_rows(publication: Publication) -> list[StatusLine]:
    """Return the whole, then every field."""
    scopes: dict[tuple[str, str], dict[str, int]] = {}
    names: dict[tuple[str, str], str] = {}
    for row in sorted(publication.counts, key=scope_order):
        if row.scope_type in ("all", "field"):
            key = row.scope_type, row.scope_id
            names[key] = row.scope_name
            counts = scopes.setdefault(key, {})
            counts[row.status_code] = counts.get(row.status_code, 0) + row.pledge_count
    return [
        StatusLine(
            names[key], counts, publication.figure("R2", *key), publication.figure("R3", *key)
        )
        for key, counts in scopes.items()
    ]


def money_rows(publication: Publication) -> list[MoneyLine]:
    """Return the sum, then every source that has money."""
    scopes = {"계": ("all", "")} | {
        name: ("funding_source", code) for code, name in code_names("funding_source").items()
    }
    return [
        MoneyLine(
            name,
            *(publication.figure(code, *scope) for code in measures().amounts),
            *(publication.figure(code, *scope) for code in ("B1", "B2", "B3")),
        )
        for name, scope in scopes.items()
        if publication.figure("PLAN", *scope) is not None
    ]


def rate(figure: Any) -> Decimal | str | None:
    """Return a rate with two decimals, half-up; the text that stands for none."""
    if figure is None:
        return None
    return figure.shown if figure.value_pct is None else half_up(figure.value_pct, _DECIMALS)


def _count(code: str) -> ShownColumn:
    return ShownColumn(
        code_names("status")[code], 11, lambda line: line.counts.get(code, 0), NUMBER
    )


def _others(line: StatusLine) -> int:
    return sum(n for code, n in line.counts.items() if code not in MANIFESTO_STATUSES)


def _won(measure: str) -> Any:
    return lambda line: million(getattr(line, measure).numerator)


def _part(measure: str, part: str) -> Any:
    def value(line: MoneyLine) -> Any:
        figure = getattr(line, measure)
        return None if figure is None else million(getattr(figure, part))

    return value


STATUS_COLUMNS: Sequence[ShownColumn] = (
    ShownColumn("분야", 24, lambda line: line.scope_name),
    ShownColumn("총 공약", 9, lambda line: sum(line.counts.values()), NUMBER),
    *(_count(code) for code in MANIFESTO_STATUSES),
    ShownColumn("그 밖", 9, _others, NUMBER),
    ShownColumn("이행완료율\n(%)", 12, lambda line: rate(line.completed), NUMBER),
    ShownColumn("목표달성률\n(%)", 12, lambda line: rate(line.target_met), NUMBER),
)
MONEY_COLUMNS: Sequence[ShownColumn] = (
    ShownColumn("재원", 20, lambda line: line.source_name, CENTER),
    ShownColumn("총계\n계획액", 13, _won("plan"), NUMBER),
    ShownColumn("총계\n확보액", 13, _won("secured"), NUMBER),
    ShownColumn("총계\n집행액", 13, _won("executed"), NUMBER),
    ShownColumn("재정확보율\n(%)", 12, lambda line: rate(line.secured_of_plan), NUMBER),
    ShownColumn("임기내\n계획액", 13, _part("term_secured_of_plan", "denominator"), NUMBER),
    ShownColumn("임기내\n확보액", 13, _part("term_secured_of_plan", "numerator"), NUMBER),
    ShownColumn("임기내\n집행액", 13, _part("term_executed_of_plan", "numerator"), NUMBER),
    ShownColumn("재정확보율\n임기내(%)", 12, lambda line: rate(line.term_secured_of_plan), NUMBER),
    ShownColumn("집행률\n임기내(%)", 12, lambda line: rate(line.term_executed_of_plan), NUMBER),
)

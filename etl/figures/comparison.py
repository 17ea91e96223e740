"""Figures of one quarter beside the quarter before and the same quarter a year before.

All three are computed as known at the same moment, so a comparison has no "now" either.
`mart.figure_comparison` says the same of the marts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, text

from etl.figures import FigureRow, compute, figure_rows, parameters
from etl.measures import measures
from etl.problems import UsageError
from etl.quarter import Quarter
from etl.shown import signed

Key = tuple[str, str, str]
# Values are quotients with 30 decimals; to 20 a difference is what exact fractions would give.
_EXACT = Decimal("1e-20")


@dataclass(frozen=True)
class Change:
    """One rate against an earlier quarter: its value then (%), the change in %p, or why none."""

    quarter_id: str
    value_pct: Decimal | None
    shown: str | None
    change_pp: Decimal | None
    no_change_reason: str | None


@dataclass(frozen=True)
class ComparedFigure:
    """One figure with its changes; money in won is told as it is and not compared."""

    figure: FigureRow
    previous: Change
    year_ago: Change
    is_small_denominator: bool

    def facts(self) -> dict[str, Any]:
        """Return the figure's columns and its comparison, named as in `mart.figure_comparison`."""
        return {
            **asdict(self.figure),
            "is_small_denominator": self.is_small_denominator,
            "previous_quarter_id": self.previous.quarter_id,
            "previous_value_pct": self.previous.value_pct,
            "previous_shown": self.previous.shown,
            "change_pp": self.previous.change_pp,
            "no_change_reason": self.previous.no_change_reason,
            "year_ago_quarter_id": self.year_ago.quarter_id,
            "year_ago_value_pct": self.year_ago.value_pct,
            "year_ago_shown": self.year_ago.shown,
            "year_ago_change_pp": self.year_ago.change_pp,
            "year_ago_no_change_reason": self.year_ago.no_change_reason,
        }


@dataclass(frozen=True)
class _Base:
    """An earlier quarter: its term (None where none holds it) and its figures by key."""

    quarter: Quarter
    term_number: int | None
    figures: Mapping[Key, FigureRow]


def compared_figures(
    connection: Connection,
    government_id: str,
    quarter: Quarter,
    as_of: datetime,
    code: str | None = None,
    scope_type: str | None = None,
) -> list[ComparedFigure]:
    """Return the figures of a quarter as known at `as_of`, each beside its earlier values.

    The temporary tables are left as `compute` leaves them for the quarter. Raises UsageError as
    `compute`.
    """
    asked = connection, government_id
    term: int = parameters(*asked, quarter, as_of)["term_number"]
    previous = _base(*asked, quarter.previous(), as_of, term)
    year_ago = _base(*asked, Quarter(quarter.year - 1, quarter.number), as_of, term)
    compute(*asked, quarter, as_of)
    small = _small(connection)
    return [
        ComparedFigure(
            row, _change(row, term, previous), _change(row, term, year_ago), _key(row) in small
        )
        for row in figure_rows(connection, code, scope_type)
    ]


def shown_change(change_pp: Decimal | None) -> str | None:
    """Write a change in %p: half-up with one decimal and its sign."""
    return None if change_pp is None else signed(change_pp, 1)


def _base(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime, term: int
) -> _Base:
    try:
        known: int = parameters(connection, government_id, quarter, as_of)["term_number"]
    except UsageError:
        return _Base(quarter, None, {})
    if known != term:
        return _Base(quarter, known, {})
    compute(connection, government_id, quarter, as_of)
    return _Base(quarter, known, {_key(row): row for row in figure_rows(connection)})


def _key(row: FigureRow) -> Key:
    return row.figure_code, row.scope_type, row.scope_id


def _small(connection: Connection) -> set[Key]:
    found = connection.execute(
        text("SELECT figure_code, scope_type, scope_id FROM figure WHERE is_small_denominator")
    )
    return {(row.figure_code, row.scope_type, row.scope_id) for row in found}


def _change(row: FigureRow, term: int, base: _Base) -> Change:
    known = base.figures.get(_key(row))
    before = known.value_pct if known else None
    reason = _no_change_reason(row, known, term, base.term_number)
    change = None
    if reason is None and row.value_pct is not None and before is not None:
        change = _trimmed((row.value_pct - before).quantize(_EXACT, ROUND_HALF_UP))
    shown = known.shown if known else None
    return Change(str(base.quarter), before, shown, change, reason)


def _trimmed(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def _no_change_reason(
    row: FigureRow, known: FigureRow | None, term: int, base_term: int | None
) -> str | None:
    """Say why two values cannot be compared, as `core.no_change_reason` does."""
    if row.figure_code in measures().amounts:
        return "금액은 %p로 견주지 않습니다"
    if row.value_pct is None:
        return row.no_value_reason
    if not _reports(row):
        return "효력 있는 보고가 없습니다"
    if base_term is None:
        return "견줄 분기의 지표가 없습니다"
    if base_term != term:
        return "견줄 분기는 다른 임기입니다"
    if known is None:
        return "견줄 분기에는 이 범위가 없습니다"
    if not _reports(known):
        return "견줄 분기에 효력 있는 보고가 없습니다"
    return known.no_value_reason and f"견줄 분기에 값이 없습니다: {known.no_value_reason}"


def _reports(row: FigureRow) -> int:
    return row.reported_count + row.carried_forward_count

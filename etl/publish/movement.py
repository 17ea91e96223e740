"""What moved between two publications: figures in %p, and the pledges that moved them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from etl.publish.publication import Published
from etl.shown import figure_change

_COMPARED = (
    "pledge_name", "status_name", "declared_rate_pct", "is_target_met",
    "plan_krw", "secured_krw", "executed_krw",
)  # fmt: skip


@dataclass(frozen=True)
class FigureMove:
    """One figure of one scope before and after; `before` or `after` is None where it is missing.

    `change` is shown as people read it (%p, money in won) and `change_pp` unrounded; both are None
    without a value on either side.
    """

    before: Any
    after: Any
    change: str | None
    change_pp: Decimal | None

    @property
    def row(self) -> Any:
        """The later row, else the earlier one: code, name and scope are alike."""
        return self.after if self.after is not None else self.before


@dataclass(frozen=True)
class PledgeMove:
    """One pledge that came in, left, or says something else than before.

    `contribution_pp` is what it moved R1 of all pledges by, unrounded; the contributions of all
    pledges add up to the change of R1. None where the published pledges alone do not give R1.
    """

    kind: str  # added, removed, changed
    before: Any
    after: Any
    contribution_pp: Decimal | None

    @property
    def row(self) -> Any:
        """The later row, else the earlier one."""
        return self.after if self.after is not None else self.before


def figure_moves(before: Sequence[Any], after: Sequence[Any]) -> list[FigureMove]:
    """One entry per figure and scope of either side whose shown value, parts or count differ."""
    earlier = {_figure_key(row): row for row in before}
    later = {_figure_key(row): row for row in after}
    pairs = [(earlier.get(key), later.get(key)) for key in dict.fromkeys([*later, *earlier])]
    return [_figure_move(old, new) for old, new in pairs if _says(old) != _says(new)]


def _figure_key(row: Any) -> tuple[str, str, str]:
    return row.figure_code, row.scope_type, row.scope_id


def _says(row: Any) -> object:
    return row is not None and (row.shown, row.numerator, row.denominator, row.pledge_count)


def _figure_move(before: Any, after: Any) -> FigureMove:
    if before is None or after is None or before.value_pct is None or after.value_pct is None:
        change_pp = None
    else:
        change_pp = after.value_pct - before.value_pct
    change = None if after is None else figure_change(before, after)
    return FigureMove(before, after, change, change_pp)


def pledge_moves(before: Published, pledges: Sequence[Any], r1: Any) -> list[PledgeMove]:
    """One entry per pledge that differs from the earlier publication, in the order of pledges.

    `r1` is the later R1 of all pledges. A pledge's contribution is the change of its rate over the
    later count; one that came in counts from the earlier R1, and one that left to it. Those of a
    pledge that says the same are 0, so that what is listed adds up.
    """
    earlier = {row.pledge_id: row for row in before.pledges}
    later = {row.pledge_id: row for row in pledges}
    parts = _contributions(before, earlier, later, r1)
    return [
        PledgeMove(_kind(key, earlier, later), earlier.get(key), later.get(key), parts.get(key))
        for key in dict.fromkeys([*later, *earlier])
        if _differs(earlier.get(key), later.get(key))
    ]


def _kind(key: str, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> str:
    if key not in earlier:
        return "added"
    return "changed" if key in later else "removed"


def _differs(before: Any, after: Any) -> bool:
    if before is None or after is None:
        return True
    return any(getattr(before, name) != getattr(after, name) for name in _COMPARED)


def _contributions(
    before: Published, earlier: Mapping[str, Any], later: Mapping[str, Any], r1: Any
) -> dict[str, Decimal]:
    base = next((f for f in before.figures if _figure_key(f) == ("R1", "all", "")), None)
    if base is None or not (_averages(base, earlier) and _averages(r1, later)):
        return {}

    def above(row: Any) -> Decimal:
        """How far a pledge's rate is above the earlier R1; 0 for none, which moves nothing."""
        if row is None or row.declared_rate_pct is None:
            return Decimal(0)
        return Decimal(row.declared_rate_pct - base.value_pct)

    return {
        key: (above(later.get(key)) - above(earlier.get(key))) / Decimal(r1.denominator)
        for key in [*later, *earlier]
    }


def _averages(figure: Any, pledges: Mapping[str, Any]) -> bool:
    """Tell whether a figure is the mean of these pledges' rates; a setting may leave some out."""
    rates = [p.declared_rate_pct for p in pledges.values() if p.declared_rate_pct is not None]
    return (
        figure is not None
        and figure.value_pct is not None
        and (figure.numerator, figure.denominator) == (sum(rates, Decimal(0)), len(rates))
    )

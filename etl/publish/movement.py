"""What moved between two publications: figures in %p, and the pledges that moved them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from etl.publish.publication import Publication, Published
from etl.shown import figure_change

_FIGURE_KEY = attrgetter("figure_code", "scope_type", "scope_id")
_SAID_OF_FIGURE = attrgetter("shown", "numerator", "denominator", "pledge_count")
_SAID_OF_PLEDGE = attrgetter(
    "pledge_name", "status_name", "declared_rate_pct", "is_target_met",
    "pledge_plan_krw", "pledge_secured_krw", "pledge_executed_krw",
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """One thing before and after; `before` or `after` is None where it is missing."""

    before: Any
    after: Any

    @property
    def row(self) -> Any:
        """The later row, else the earlier one: what names it is alike."""
        return self.after if self.after is not None else self.before

    @property
    def kind(self) -> str:
        """What happened to it: added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def read_from(row_of: Callable[[Any], Any], read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return how a value is read from what belongs to a row; where there is nothing it has none."""

    def value(one: Any) -> Any:
        row = row_of(one)
        return None if row is None else read(row)

    return value


@dataclass(frozen=True)
class FigureMove(Move):
    """One figure of one scope before and after.

    `change` is shown as people read it (%p, money in won) and `change_pp` unrounded; both are None
    without a value on either side.
    """

    change: str | None
    change_pp: Decimal | None


@dataclass(frozen=True)
class PledgeMove(Move):
    """One pledge that came in, left, or says something else than before.

    `contribution_pp` is what it moved R1 of all pledges by, unrounded; the contributions of all
    pledges add up to the change of R1. None where the published pledges alone do not give R1.
    """

    contribution_pp: Decimal | None


@dataclass(frozen=True)
class Comparison:
    """What moved since another publication.

    It is told as `basis` and `since`, on sheets whose names end with `what`.
    """

    key: str
    what: str
    basis: str
    since: str
    before: Published
    figures: Sequence[FigureMove]
    pledges: Sequence[PledgeMove]


@lru_cache(maxsize=1)
def comparisons(publication: Publication) -> Sequence[Comparison]:
    """Compare with the last published quarter, then with the replaced revision, where there is one.

    Built once a publication.
    """
    found = []
    for key, what, basis, since in (
        ("earlier", "변동", "지난 발표", "지난 발표({0.quarter_id})"),
        ("replaced", "정정", "앞 차수", "{0.revision}차"),
    ):
        before: Published | None = getattr(publication, key)
        if before is not None:
            figures = figure_moves(before.figures, publication.figures)
            pledges = pledge_moves(before, publication.pledges, publication.figure("R1"))
            told = since.format(before)
            found.append(Comparison(key, what, basis, told, before, figures, pledges))
    return found


def figure_moves(before: Sequence[Any], after: Sequence[Any]) -> list[FigureMove]:
    """One entry per figure and scope of either side whose shown value, parts or count differ."""
    return [
        _figure_move(old, new)
        for old, new in _pairs(before, after, _FIGURE_KEY)
        if _differ(old, new, _SAID_OF_FIGURE)
    ]


def _pairs(
    before: Sequence[Any], after: Sequence[Any], key: Callable[[Any], Any]
) -> list[tuple[Any, Any]]:
    """Return the rows of either side by twos, in the order of the later ones."""
    earlier, later = ({key(row): row for row in rows} for rows in (before, after))
    return [(earlier.get(one), later.get(one)) for one in dict.fromkeys([*later, *earlier])]


def _differ(before: Any, after: Any, said: Callable[[Any], Any]) -> bool:
    return before is None or after is None or said(before) != said(after)


def _figure_move(before: Any, after: Any) -> FigureMove:
    old, new = (None if one is None else one.value_pct for one in (before, after))
    change_pp = None if old is None or new is None else new - old
    change = None if after is None else figure_change(before, after)
    return FigureMove(before, after, change, change_pp)


def pledge_moves(before: Published, pledges: Sequence[Any], r1: Any) -> list[PledgeMove]:
    """One entry per pledge that differs from the earlier publication, in the order of pledges.

    `r1` is the later R1 of all pledges. A pledge's contribution is the change of its rate over the
    later count; one that came in counts from the earlier R1, and one that left to it. Those of a
    pledge that says the same are 0, so that what is listed adds up.
    """
    base = next((f for f in before.figures if _FIGURE_KEY(f) == ("R1", "all", "")), None)
    is_told = _averages(base, before.pledges) and _averages(r1, pledges)

    def above(row: Any) -> Decimal:
        """How far a pledge's rate is above the earlier R1; 0 for none, which moves nothing."""
        if base is None or row is None or row.declared_rate_pct is None:
            return Decimal(0)
        return Decimal(row.declared_rate_pct - base.value_pct)

    return [
        PledgeMove(old, new, (above(new) - above(old)) / r1.denominator if is_told else None)
        for old, new in _pairs(before.pledges, pledges, attrgetter("pledge_id"))
        if _differ(old, new, _SAID_OF_PLEDGE)
    ]


def _averages(figure: Any, pledges: Sequence[Any]) -> bool:
    """Tell whether a figure is the mean of these pledges' rates; a setting may leave some out."""
    rates = [p.declared_rate_pct for p in pledges if p.declared_rate_pct is not None]
    return (
        figure is not None
        and figure.value_pct is not None
        and (figure.numerator, figure.denominator) == (sum(rates, Decimal(0)), len(rates))
    )

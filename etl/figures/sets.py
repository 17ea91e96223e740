"""Figures of several governments at once: their pledges' sums are added, and no rate is averaged.

`mart.set_figure` says the same of the marts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from etl.figures import FigureRow
from etl.measures import measures
from etl.shown import half_up

# Fields and departments are each government's own, whatever they are called.
_OWN_SCOPES = frozenset({"field", "department", "department_current"})
_COUNTS = (
    "pledge_count", "reported_count", "carried_forward_count", "with_amount_count", "owing_count",
    "waiver_count",
)  # fmt: skip


def of_set(set_id: str, rows: Iterable[FigureRow]) -> list[FigureRow]:
    """Return a figure per code and scope that the governments of a set share, in their order.

    Each row bears the set in the place of a government. A figure whose denominator one of them
    does not know, as of a year that lies in a joined column, has no value, and says so.
    """
    shared = [row for row in rows if row.scope_type not in _OWN_SCOPES]
    places = {_key(row): place for place, row in reversed([*enumerate(shared)])}
    shared.sort(key=lambda row: places[_key(row)])
    return [_summed(set_id, [*same]) for _, same in groupby(shared, _key)]


def _key(row: FigureRow) -> tuple[str, str, str]:
    return row.figure_code, row.scope_type, row.scope_id


def _summed(set_id: str, rows: Sequence[FigureRow]) -> FigureRow:
    measure = measures().figures[rows[0].figure_code]
    numerator = sum((row.numerator for row in rows), Decimal(0))
    known = [row.denominator for row in rows if row.denominator is not None]
    denominator = sum(known, Decimal(0)) if len(known) == len(rows) else None
    counts = {name: sum(getattr(row, name) for row in rows) for name in _COUNTS}
    summed = replace(
        rows[0], government_id=set_id, numerator=numerator, denominator=denominator,
        value_pct=None, no_value_reason=None, coverage_pct=_coverage(rows, counts["owing_count"]),
        **counts,
    )  # fmt: skip
    if measure.denominator is None:
        return replace(summed, shown=f"{numerator:,}")
    if not denominator:
        told = _without_value(len(rows) - len(known))
        return replace(summed, shown="해당 없음", no_value_reason=told)
    value = numerator * measure.factor / denominator
    return replace(summed, value_pct=value, shown=f"{half_up(value, _places(rows))}")


def _without_value(hidden: int) -> str:
    if hidden:
        return f"한 해의 금액을 알 수 없는 기관이 {hidden}곳 있습니다"
    return "분모가 0입니다"


def _places(rows: Sequence[FigureRow]) -> int:
    """Return to how many decimals a figure is shown: as those of the governments are."""
    return max(len(row.shown.partition(".")[2]) for row in rows if row.value_pct is not None)


def _coverage(rows: Iterable[FigureRow], owing: int) -> Decimal | None:
    answered = sum(_answered(rows), Decimal(0))
    return answered * 100 / owing if owing else None


def _answered(rows: Iterable[FigureRow]) -> Iterator[Decimal]:
    for row in rows:
        yield half_up((row.coverage_pct or Decimal(0)) * row.owing_count / 100, 0)

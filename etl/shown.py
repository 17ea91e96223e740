"""How numbers are shown: rounded half-up, changes with their sign, money in 백만원."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from etl.measures import measures

_MILLION = 1_000_000


def half_up(value: Decimal, digits: int) -> Decimal:
    """Round half-up to so many decimals."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def one_decimal(share: Decimal | None) -> Decimal | None:
    """Round a share, as a coverage, half-up to one decimal."""
    return None if share is None else half_up(share, 1)


def coverage_words(owing: int, missing: int) -> str:
    """Say how many of the pledges that owe a report have one: `97.3 % (보고 대상 74건 …)`."""
    if not owing:
        return "보고 대상 없음"
    reported = owing - missing
    share = one_decimal(Decimal(100 * reported) / owing)
    return f"{share} % (보고 대상 {owing:,}건 가운데 {reported:,}건)"


def signed(change: Decimal, digits: int) -> str:
    """Return a change with its sign, rounded half-up: `+1.3`, `-1,200`, `0.0`."""
    rounded = half_up(change, digits)
    sign = "+" if rounded > 0 else ""
    return f"{sign}{rounded if rounded else abs(rounded):,}"


def figure_change(before: Any, after: Any) -> str | None:
    """Return how a figure row moved, as people read it: a rate in %p, money in won.

    The exact difference is rounded half-up to the decimals of the figure. None without a row
    before, or without a value on either side.
    """
    if before is None:
        return None
    if after.figure_code in measures().amounts:
        return f"{signed(after.numerator - before.numerator, 0)} 원"
    if before.value_pct is None or after.value_pct is None:
        return None
    digits = len(after.shown.partition(".")[2])
    return f"{signed(after.value_pct - before.value_pct, digits)} %p"


def million(won: Decimal | None) -> int | Decimal | None:
    """Return won as 백만원 with the decimals it has."""
    if won is None:
        return None
    return int(won) // _MILLION if won % _MILLION == 0 else won / _MILLION

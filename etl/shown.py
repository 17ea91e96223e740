"""How numbers are shown: rounded half-up, changes with their sign, money in 백만원."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_MILLION = 1_000_000


def half_up(value: Decimal, digits: int) -> Decimal:
    """Round half-up to so many decimals."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def signed(change: Decimal, digits: int, unit: str) -> str:
    """Return a change with its sign, rounded half-up: `+1.3 %p`, `-1,200 원`, `0.0 %p`."""
    rounded = half_up(change, digits)
    sign = "+" if rounded > 0 else ""
    return f"{sign}{rounded if rounded else abs(rounded):,} {unit}"


def million(won: Decimal | None) -> int | Decimal | None:
    """Return won as 백만원 with the decimals it has."""
    if won is None:
        return None
    return int(won) // _MILLION if won % _MILLION == 0 else won / _MILLION

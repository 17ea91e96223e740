"""What a printed value is, held against the parts of its figure: pure and exact.

A value is the first of these that holds, and only that:

1. `AGREES`: the figure rounded half-up to the decimals that were printed; or, of what goes by a
   word with two senses, the count in its other sense, which the proof then spells out.
2. `TRUNCATED`: the figure with what stands behind them cut off.
3. `ROUNDED_UP`: the figure with whatever stands behind them counted as one more.
4. `STALE`: the same figure of an earlier quarter, the newest first; or, where pledges are counted,
   of up to three pledges fewer in the same denominator, the fewest fewer first. Both half-up.
5. `OTHER_DENOMINATOR`: the same numerator over another denominator of the quarter, half-up.
6. `NOT_RECOMPUTED`: none of these, or the figure has no value.

Numbers are Decimal and Fraction, never float. Money is in won, the value of an amount in 백만원.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from etl.particles import with_particles

MOST_BEHIND = 3
"""How many pledges fewer still tell of a count that was not brought up to date."""
_MORE = 3  # decimals behind the printed ones that show why it was cut off or rounded up


class Verdict(StrEnum):
    """What a printed value is; the codes of the list `published_verdict`."""

    AGREES = "AGREES"
    TRUNCATED = "TRUNCATED"
    ROUNDED_UP = "ROUNDED_UP"
    STALE = "STALE"
    OTHER_DENOMINATOR = "OTHER_DENOMINATOR"
    NOT_RECOMPUTED = "NOT_RECOMPUTED"


class Kind(StrEnum):
    """What the parts of a figure are, which decides how they are told and what may be stale."""

    SHARE = "share"
    AVERAGE = "average"
    MONEY_SHARE = "money_share"
    AMOUNT = "amount"
    COUNT = "count"


_FACTORS = {
    Kind.AVERAGE: Fraction(1),
    Kind.COUNT: Fraction(1),
    Kind.AMOUNT: Fraction(1, 1_000_000),
}


class Parts(NamedTuple):
    """What stands above and below the line; below an amount in won, or a count, nothing does."""

    numerator: Decimal
    denominator: Decimal | None = None


class Named(NamedTuple):
    """Parts and whose they are: an earlier quarter, or what their denominator counts."""

    name: str
    parts: Parts


@dataclass(frozen=True)
class Recomputed:
    """One figure for one scope, worked out again; without parts it has no value, for `reason`.

    `senses` are what its name may mean too; `earlier` its parts in earlier quarters, the newest
    first; `others` its numerator over the other denominators that the quarter knows.
    """

    kind: Kind
    parts: Parts | None
    earlier: tuple[Named, ...] = ()
    others: tuple[Named, ...] = ()
    reason: str = ""
    senses: tuple[Named, ...] = ()

    def value(self, parts: Parts) -> Fraction:
        """Return what parts give: a rate in per cent, an amount in 백만원, a count of pledges."""
        below = Fraction(1 if parts.denominator is None else parts.denominator)
        return Fraction(parts.numerator) * _FACTORS.get(self.kind, Fraction(100)) / below


class Printed(NamedTuple):
    """A value as printed, with so many decimals; below 0, so many digits before the point are 0."""

    value: Decimal
    places: int


class Judgement(NamedTuple):
    """The verdict on a printed value, the parts that prove it, and whose they are."""

    verdict: Verdict
    proof: Parts | None = None
    proof_of: str = ""


def half_up(value: Fraction, places: int) -> Fraction:
    """Round to so many decimals, a half away from 0."""
    return _to_whole(value, places, lambda size: floor(size + Fraction(1, 2)))


def truncated(value: Fraction, places: int) -> Fraction:
    """Cut off what stands behind so many decimals."""
    return _to_whole(value, places, floor)


def rounded_up(value: Fraction, places: int) -> Fraction:
    """Round away from 0 whatever stands behind so many decimals."""
    return _to_whole(value, places, ceil)


def _to_whole(value: Fraction, places: int, whole: Callable[[Fraction], int]) -> Fraction:
    unit = Fraction(10) ** -places
    size = whole(abs(value) / unit) * unit
    return size if value >= 0 else -size


def judge(printed: Printed, known: Recomputed) -> Judgement:
    """Return the first verdict that holds, in the order of this module's head."""
    found = _verdicts(printed, known) if known.parts else iter(())
    return next(found, Judgement(Verdict.NOT_RECOMPUTED))


def _verdicts(printed: Printed, known: Recomputed) -> Iterator[Judgement]:
    value, places = Fraction(printed.value), printed.places
    own: Parts = known.parts  # type: ignore[assignment]

    def gives(parts: Parts, rounded: Callable[[Fraction, int], Fraction] = half_up) -> bool:
        return rounded(known.value(parts), places) == value

    if gives(own):
        yield Judgement(Verdict.AGREES, own)
    for name, parts in known.senses:
        if gives(parts):
            yield Judgement(Verdict.AGREES, parts, name)
    for verdict, rounded in _ROUNDINGS.items():
        if gives(own, rounded):
            yield Judgement(verdict, own)
    for verdict, explaining in (
        (Verdict.STALE, (*known.earlier, *_behind(known.kind, own))),
        (Verdict.OTHER_DENOMINATOR, known.others),
    ):
        for name, parts in explaining:
            if gives(parts):
                yield Judgement(verdict, parts, name)


_ROUNDINGS = {
    Verdict.TRUNCATED: truncated,
    Verdict.ROUNDED_UP: rounded_up,
}


def _behind(kind: Kind, own: Parts) -> Iterator[Named]:
    """Yield the shares of a few pledges fewer: of a plain count any number would be one."""
    if kind is Kind.SHARE:
        for fewer in range(1, MOST_BEHIND + 1):
            if fewer <= own.numerator:
                yield Named("", own._replace(numerator=own.numerator - fewer))


# -- in words -------------------------------------------------------------------------------------


def told(printed: Printed, known: Recomputed, judged: Judgement) -> str:
    """Say in one Korean sentence what the figure is, and what the printed value is instead."""
    if known.parts is None:
        return f"다시 계산할 수 없음: {known.reason}"
    exact, unit = known.value(known.parts), _UNITS.get(known.kind, "")
    seen = number(Fraction(printed.value), printed.places) + unit
    shown = number(half_up(exact, printed.places), printed.places) + unit
    own = parts_told(known.kind, known.parts)
    if known.kind is not Kind.COUNT:
        own = with_particles(f"{own}은(는) {shown}")
    if judged.verdict is Verdict.AGREES and not judged.proof_of:
        return own
    is_instead = {
        Verdict.AGREES: judged.proof_of,
        Verdict.TRUNCATED: f"{_exactly(exact, printed.places)}에서 버린 값",
        Verdict.ROUNDED_UP: f"{_exactly(exact, printed.places)}에서 올린 값",
        Verdict.NOT_RECOMPUTED: _nothing(printed, known, known.parts),
    }
    instead = is_instead.get(judged.verdict) or _of(known.kind, judged)
    return with_particles(f"{own}; {seen}은(는) {instead}")


_UNITS = {Kind.AMOUNT: "백만원", Kind.COUNT: "건"}


def parts_told(kind: Kind, parts: Parts) -> str:
    """Say what a numerator and its denominator are: `79건 중 54건`."""
    above, below = _plain(parts.numerator), _plain(parts.denominator or Decimal(0))
    return {
        Kind.SHARE: f"{below}건 중 {above}건",
        Kind.AVERAGE: f"{below}건의 이행률 합 {above}",
        Kind.MONEY_SHARE: f"{below}원 중 {above}원",
        Kind.AMOUNT: f"{above}원",
        Kind.COUNT: f"{above}건",
    }[kind]


def _of(kind: Kind, judged: Judgement) -> str:
    proof = parts_told(kind, judged.proof) if judged.proof else ""
    if judged.verdict is Verdict.OTHER_DENOMINATOR:
        return f"분모가 다른 {proof}({judged.proof_of})"
    return f"{judged.proof_of}의 {proof}" if judged.proof_of else proof


def _nothing(printed: Printed, known: Recomputed, own: Parts) -> str:
    """Say how far a value is that nothing explains; of a share, which count it would take."""
    if known.kind is Kind.SHARE:
        count = _needed(printed, known, own)
        return (
            f"{_plain(count)}건이라야 나오는 값"
            if count is not None
            else "어떤 건수로도 나오지 않는 값"
        )
    difference = Fraction(printed.value) - half_up(known.value(own), printed.places)
    unit = _UNITS.get(known.kind, " %p")
    sign = "+" if difference > 0 else ""
    return f"{sign}{number(difference, printed.places)}{unit} 다른 값"


def _needed(printed: Printed, known: Recomputed, own: Parts) -> Decimal | None:
    """Return the count of the same denominator that gives a printed share, the least of several."""
    below = own.denominator or Decimal(1)
    value, slack = Fraction(printed.value), Fraction(10) ** -printed.places
    first = ceil((value - slack) * Fraction(below) / 100)
    last = floor((value + slack) * Fraction(below) / 100)
    for count in range(max(first, 0), min(last, int(below)) + 1):
        if half_up(known.value(Parts(Decimal(count), below)), printed.places) == value:
            return Decimal(count)
    return None


def _exactly(value: Fraction, places: int) -> str:
    """Write a value with more decimals than were printed; what is left out is told by `…`."""
    places = max(places, 0) + _MORE
    seen = truncated(value, places)
    return number(seen, places) + ("" if seen == value else "…")


def decimal(value: Fraction, places: int) -> Decimal:
    """Return a value that has no more than so many decimals, with all of them."""
    return Decimal((value * Fraction(10) ** places).numerator).scaleb(-places)


def number(value: Fraction, places: int) -> str:
    """Write a value that has no more than so many decimals, with all of them."""
    return f"{decimal(value, places):,f}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():,f}" if number else "0"

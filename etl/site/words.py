"""What the site says: its words as data, and numbers as people say them."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from etl.described import Described, read_described
from etl.measures import measures
from etl.shown import half_up

FILE = Path(__file__).with_suffix(".yml")
_STEP = 10**4
_UNITS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))


class StatusWords(Described):
    """What a status means, and its name in English."""

    meaning: str
    english: str


class FileWords(Described):
    """What a file of a release is."""

    title: str
    kind: str
    what: str


class Words(Described):
    """All of them; each mapping in the order in which the site tells it."""

    statuses: Mapping[str, StatusWords]
    sources: Mapping[str, str]
    glossary: Mapping[str, str]
    verdicts: Mapping[str, str]
    files: Mapping[str, FileWords]
    tables: Mapping[str, str]


@cache
def words() -> Words:
    """Return what the file says; raises SystemFault where it is mistyped."""
    return read_described(FILE, Words)


def won(amount: Any) -> str:
    """Return won as people say it, half-up to two units: `1조 2,345억 원`, `4,200만 원`."""
    whole = Decimal(amount or 0)
    sign = "-" if whole < 0 else ""
    return f"{sign}{_two_units(abs(whole))} 원"


def _two_units(size: Decimal) -> str:
    for unit, name in _UNITS:
        if size < unit:
            continue
        step = max(unit // _STEP, _STEP)  # 조 goes with 억, 억 with 만, 만 alone
        count, rest = divmod(int(half_up(size / step, 0)) * step, unit)
        if count == _STEP and unit < _UNITS[0][0]:
            return _two_units(Decimal(unit * _STEP))
        below = _two_units(Decimal(rest)) if rest else ""
        return f"{count:,}{name} {below}".strip()
    return f"{size:,}"


def rate(value: Any) -> str:
    """Return a declared rate without decimals that say nothing."""
    if value is None:
        return ""
    told = f"{Decimal(value):f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


def sentence(figure: Any) -> Markup:
    """Return what a figure says in a sentence, its number in <strong>; nothing without a value."""
    measure = measures().figures[figure.figure_code]
    if figure.no_value_reason or not measure.plain:
        return Markup("")
    parts = {"above": figure.numerator, "below": figure.denominator}
    said = {name: f"{part:,}개" if measure.counts_pledges else won(part)
            for name, part in parts.items()}  # fmt: skip
    pieces = str(escape(measure.plain.format(shown=figure.shown, **said))).split("*")
    marked = (f"<strong>{piece}</strong>" if place % 2 else piece
              for place, piece in enumerate(pieces))  # fmt: skip
    return Markup("".join(marked))  # noqa: S704 - each piece is escaped


def size(count: int) -> str:
    """Return bytes as people say them."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(count // 1000, 1):,} kB"

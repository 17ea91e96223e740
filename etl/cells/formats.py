"""What an Excel number format does to a number: the shown value is not always the one held."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

FormatKind = Literal["general", "percent", "date", "duration", "text"]

MAGNITUDES = {
    "조": 10**12, "천억": 10**11, "백억": 10**10, "십억": 10**9, "억": 10**8, "천만": 10**7,
    "백만": 10**6, "십만": 10**5, "만": 10**4, "천": 10**3, "": 1,
}  # fmt: skip
"""Names of powers of ten in an amount, in won (`3천억` is 3 × 10**11)."""
MONEY_END = re.compile(r"원$|[조억만]$")
# A format's text: in quotes, behind a backslash (or a blank as wide as a sign), or a bare syllable.
_FORMAT_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_FORMAT_PIECE = re.compile(r'"([^"]*)"|\\(.)|(?:_.|\*.|([가-힣])|(.))')


class NumberFormat(NamedTuple):
    """What a number format does to the number: its class, hidden thousands, padding zeros.

    `thousands` is negative where the format prints zeros of its own (`0",000"`); `unit` is a money
    unit that it prints behind the number (`#,##0"천원"`).
    """

    kind: FormatKind = "general"
    thousands: int = 0
    width: int = 0
    unit: str = ""


GENERAL = NumberFormat()


@lru_cache(maxsize=512)
def number_format(code: str) -> NumberFormat:
    """Return what an Excel number format code does, judged by its first section."""
    code = code.replace("G/표준", "General")
    section = _FORMAT_LITERAL.sub("", code).split(";")[0]
    if re.search(r"\[[hms]+\]", section, re.IGNORECASE):
        return NumberFormat("duration")
    section = re.sub(r"\[[^\]]*\]", "", section)
    if "%" in section:
        return NumberFormat("percent")
    if section.strip() == "@":
        return NumberFormat("text")
    plain = re.sub(r"general|e[+-]|am/pm|a/p", "", section, flags=re.IGNORECASE)
    if re.search(r"[ymdhsge]", plain, re.IGNORECASE):
        return NumberFormat("date")
    hidden = re.search(r"[0#?](,+)(?![0#?,])", section)
    width = len(section) if re.fullmatch(r"0{2,}", section) else 0
    printed = _printed_behind(code)
    zeros = len(re.sub(r"[^0]", "", printed)) // 3 if re.fullmatch(r"(?:,?000)+", printed) else 0
    unit = printed if MONEY_END.search(printed) and magnitude(printed) else ""
    return NumberFormat("general", len(hidden[1]) - zeros if hidden else -zeros, width, unit)


def _printed_behind(code: str) -> str:
    """Return the words that a number format prints behind the number, without blanks."""
    pieces = _FORMAT_PIECE.findall(code.split(";")[0])
    literals = ["".join((quoted or escaped or bare).split()) for quoted, escaped, bare, _ in pieces]
    last = max((n for n, piece in enumerate(pieces) if piece[3] in "0#?" and piece[3]), default=0)
    return "".join(literals[last:])


def magnitude(unit: str) -> int | None:
    """Return the won of a unit as printed behind a number: 천원, 억, 백만; None for other words."""
    return MAGNITUDES.get(unit.removesuffix("원"))

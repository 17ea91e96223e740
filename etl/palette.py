"""The colours of what is published: a status has the same one on every page, chart and sheet.

Dark enough, or light enough, to be told apart in grey too; what stands on each can be read
(WCAG 2.2, 4.5 to 1). None is red but what has ended without being done.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Colour(NamedTuple):
    """A fill and what is written on it, each `#rrggbb`."""

    fill: str
    ink: str


INK = "#1f2933"
SOFT = "#52606d"
DEEP = "#1f3a5f"
PAPER = "#ffffff"
STATUS: Mapping[str, Colour] = {
    "COMPLETED": Colour(DEEP, PAPER),
    "COMPLETED_ONGOING": Colour("#3f6c9b", PAPER),
    "ON_TRACK": Colour("#9cc3e0", INK),
    "BEHIND": Colour("#f2c14e", INK),
    "NOT_DUE": Colour("#e4e7eb", INK),
    "LONG_TERM": Colour("#cbd2d9", INK),
    "ON_HOLD": Colour("#b65c2e", PAPER),
    "DROPPED": Colour("#7b2d26", PAPER),
    "MERGED": Colour("#616e7c", PAPER),
    "OTHER": Colour("#9aa5b1", INK),
    "NOT_REPORTED": Colour(PAPER, INK),
}
"""Colours by the code of a status."""
AMOUNT: Mapping[str, Colour] = {
    "PLAN": Colour("#cbd2d9", INK),
    "SECURED": Colour("#3f6c9b", PAPER),
    "EXECUTED": Colour(DEEP, PAPER),
}
"""Colours by the code of an amount: what is planned, secured and executed of money."""
LINES = (DEEP, "#b65c2e", "#3f6c9b", "#616e7c", "#7b2d26", "#8a6d00")
"""Colours of lines that stand in one chart, in their order."""


def status_css() -> str:
    """Return a rule a status, which fills what has its code as a class."""
    return "".join(f".{code}{{background:{one.fill}}}\n" for code, one in STATUS.items())


def bare(colour: str) -> str:
    """Return a colour as office files write it: `RRGGBB`."""
    return colour.removeprefix("#").upper()

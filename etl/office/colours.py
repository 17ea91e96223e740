"""What a colour means, wherever it is drawn: in pages, in the workbook's charts, on paper.

A status and a kind of money have one colour each, dark or light enough to be told apart in grey.
"""

from collections.abc import Mapping
from typing import NamedTuple

_DARK, _LIGHT = "#1f2933", "#ffffff"


class Colour(NamedTuple):
    """A fill, and the ink that can be read on it."""

    fill: str
    ink: str


UNKNOWN = Colour("#ffffff", _DARK)
STATUS: Mapping[str, Colour] = {
    "COMPLETED": Colour("#1f3a5f", _LIGHT),
    "COMPLETED_ONGOING": Colour("#3f6c9b", _LIGHT),
    "ON_TRACK": Colour("#9cc3e0", _DARK),
    "BEHIND": Colour("#f2c14e", _DARK),
    "NOT_DUE": Colour("#e4e7eb", _DARK),
    "LONG_TERM": Colour("#cbd2d9", _DARK),
    "ON_HOLD": Colour("#b65c2e", _LIGHT),
    "DROPPED": Colour("#7b2d26", _LIGHT),
    "MERGED": Colour("#616e7c", _LIGHT),
    "OTHER": Colour("#8e9aa8", _DARK),
    "NOT_REPORTED": UNKNOWN,
}
MONEY: Mapping[str, Colour] = {
    "PLAN": Colour("#cbd2d9", _DARK),
    "SECURED": Colour("#3f6c9b", _LIGHT),
    "EXECUTED": Colour("#1f3a5f", _LIGHT),
}


def status_colour(code: str) -> Colour:
    """Return the colour of a status; a code that has none is blank."""
    return STATUS.get(code, UNKNOWN)

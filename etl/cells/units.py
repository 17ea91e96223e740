"""Which money unit the words beside a number name: 천원, `백만 원`, ₩, KRW, `千원`, `M`."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from etl.cells.characters import BLANKS

_DATA = Path(__file__).parents[1] / "forms" / "units.yml"
_KNOWN: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))

MAGNITUDES: dict[str, int] = _KNOWN["magnitudes"]
"""Names of powers of ten in an amount, in won (`3천억` is 3 × 10**11)."""
MONEY_END = re.compile(r"원$|[조억만]$")
WON = "원"


def _signs(names: list[str]) -> re.Pattern[str]:
    """Return a pattern of signs and words; a Latin word is one only where it stands alone."""
    latin = (f"(?<![A-Z]){name}(?![A-Z])" for name in names if name.isalpha() and name.isascii())
    others = (re.escape(name) for name in names if not (name.isalpha() and name.isascii()))
    return re.compile("|".join((*latin, *others)))


_WON_SIGN = _signs(_KNOWN["won"])
_SHORT: dict[str, str] = _KNOWN["short"]
_FOREIGN = frozenset(_KNOWN["foreign"])
_FOREIGN_SIGN = _signs([name for name in _KNOWN["foreign"] if not "가" <= name[0] <= "힣"])
_SAME = str.maketrans(_KNOWN["same"])
_AROUND = re.compile("^(?:{0})|(?:{0})$".format("|".join(_KNOWN["around"])))
_PUNCTUATION = re.compile(r"[()\[\]{}<>〔〕【】《》「」:·.,;/+\-−–—▲△▼▽~*'\"=|_]+")
_MONEY_LETTERS = re.compile(r"[원조억만천백십]")


def magnitude(unit: str) -> int | None:
    """Return the won of a unit as printed behind a number: 천원, 억, 백만; None for other words."""
    return MAGNITUDES.get(unit.removesuffix(WON))


@lru_cache(maxsize=1024)
def unit_of(words: str) -> str | None:
    """Return the unit that words beside a number name, such as 천원; "" where they name none.

    None for words about money that are not known exactly: `천원/월`, `$`, 원 and 천 together.
    """
    key = unicodedata.normalize("NFKC", words).upper().translate(_SAME)
    key = BLANKS.sub("", _PUNCTUATION.sub("", key))
    key, signs = _WON_SIGN.subn("", key)
    key = _without_around(key)
    if key in _FOREIGN or _FOREIGN_SIGN.search(key):
        return None
    name = _SHORT.get(key, key).removesuffix(WON)
    if name in MAGNITUDES and (key or signs):
        return name + WON
    if _MONEY_LETTERS.search(key):
        return None
    return WON if signs else ""


def _without_around(key: str) -> str:
    while (rest := _AROUND.sub("", key)) != key:
        key = rest
    return key


def unit_around(before: str, behind: str) -> str | None:
    """Return the unit of the words before and behind a number, as `unit_of` does.

    A sign of the currency before a number (`₩40천`) leaves the unit to the words behind it.
    """
    first, last = unit_of(before), unit_of(behind)
    if first is None or last is None:
        return None
    if first and last and first != last:
        return last if first == WON and _is_sign(before) else None
    return first or last


def _is_sign(words: str) -> bool:
    key = BLANKS.sub("", unicodedata.normalize("NFKC", words).upper())
    return WON not in key

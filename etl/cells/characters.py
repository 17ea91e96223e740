"""Which characters count: text as staged, and the keys under which texts are compared."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parents[1] / "forms" / "characters.yml"
_SHORT = 80


def _points(described: Iterable[str]) -> Iterable[tuple[int, int]]:
    """Yield (first, last) code point of entries such as `00AD` and `200B-200F`."""
    for entry in described:
        first, _, last = entry.partition("-")
        yield int(first, 16), int(last or first, 16)


def _class_of(described: Iterable[str]) -> str:
    """Return the inside of a character class of a regular expression."""
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in _points(described))


_KNOWN: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
_UNSEEN = _class_of(_KNOWN["unseen"])
_DASHES = {
    point: "-" for first, last in _points(_KNOWN["dashes"]) for point in range(first, last + 1)
}
BLANKS = re.compile(rf"[\s\u00a0{_UNSEEN}]+")
_LABEL_NOISE = re.compile(rf"[\s\u00a0{_UNSEEN}·‧ㆍ・•∙⋅()\[\]{{}}〔〕【】<>《》「」]+")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DROPPED = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff{_UNSEEN}]")
# str.isprintable calls these printable: marks and letters without a shape.
_PRINTABLE_UNSEEN = frozenset(
    chr(point)
    for first, last in _points(_KNOWN["unseen"])
    for point in range(first, last + 1)
    if chr(point).isprintable()
)
# Full-width ASCII only: NFKC would also turn the footnote mark of `85¹` into a digit.
WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0x2212: 0x2D}


def header_key(text: str) -> str:
    """Return a header or sheet name as it is compared: NFKC, no blanks, no line breaks."""
    return (_kept_key if len(text) <= _SHORT else _key)(text, BLANKS)


def label_key(text: str) -> str:
    """Return a label of a code list as it is compared: also without middle dots and brackets."""
    return (_kept_key if len(text) <= _SHORT else _key)(text, _LABEL_NOISE)


def _key(text: str, noise: re.Pattern[str]) -> str:
    return noise.sub("", unicodedata.normalize("NFKC", text))


# Headers and labels come again on every row and in every file; long text does not.
_kept_key = lru_cache(maxsize=4096)(_key)


def clean(text: str) -> str:
    """Return text as staged: NFC, nothing that nobody sees, no `_x000D_`, trimmed."""
    if (
        text.isprintable()
        and "_x" not in text
        and unicodedata.is_normalized("NFC", text)
        and _PRINTABLE_UNSEEN.isdisjoint(text)
    ):
        return text.strip()
    while "_x" in text and (plain := _ESCAPED.sub(_unescape, text)) != text:
        text = plain
    return _DROPPED.sub("", unicodedata.normalize("NFC", text)).strip()


def _unescape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return "" if code < 0x20 and code not in (0x09, 0x0A) else match[0]


def plain_dashes(text: str) -> str:
    """Return text with every kind of dash as `-`: `1–1`, `1ㅡ1` and `1−1` are all `1-1`."""
    return text.translate(_DASHES)

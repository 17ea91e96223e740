"""One scan of a sheet's XML: what it says of cells, rows and columns beyond the values.

A value reader hides formats, errors, formulas and hidden rows, and gives up a whole workbook for
one cell that it does not know. The scan notes the first and makes the second harmless.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from itertools import compress
from typing import Any

from etl.cells import GENERAL, NumberFormat
from etl.documents.objects import FloatingObject
from etl.documents.package import DocumentError
from etl.documents.xml import refuse_entities

MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_MERGES = 5_000
MAX_MERGED_CELLS = 200_000

_ATTRIBUTES = rb"((?:\s+[\w:.\-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*"
_ATTRIBUTE = re.compile(rb"\s([\w:.\-]+)\s*=\s*[\"']([^\"']*)")
_NOT_MARKUP = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
# Any prefix, since one sheet may mix them and a value reader looks at local names only.
_OPEN = rb"<(?:[\w.\-]+:)?"
_ROOT = re.compile(_OPEN + rb"worksheet[\s>/]")
_STORED = re.compile(_OPEN + rb"(?:v|t)(?:\s[^>]*)?>([^<]*)")
_FORMULA = re.compile(_OPEN + rb"f[\s>/]")
# A formula that looks into another file names it in brackets before a sheet: [1]Sheet1!A1.
_OTHER_FILE = re.compile(rb"\[[^\[\]<]+\][^\[\]<!]*!")
# IMAGE of newer programs, DISPIMG of WPS.
_PICTURE = re.compile(rb"\b(?:IMAGE|DISPIMG)\(")
_MARGIN_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|[0-9]{1,3}|[A-Z&])')
_MARGIN = re.compile(_OPEN + rb"(?:odd|even|first)(?:Header|Footer)>([^<]*)")
_CELL_NAME = re.compile(rb"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_CELL_TAG = re.compile(_OPEN + rb"c[\s/>]")
_ROW = re.compile(_OPEN + rb"row" + _ATTRIBUTES + rb"/?>")
_COLUMN = re.compile(_OPEN + rb"col" + _ATTRIBUTES + rb"/?>")
_MERGE = re.compile(_OPEN + rb"mergeCell" + _ATTRIBUTES + rb"/?>")
_FILTER = re.compile(_OPEN + rb"autoFilter" + _ATTRIBUTES + rb">")
_KIND = re.compile(rb"\st\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_KINDS = frozenset({b"b", b"d", b"s", b"str", b"inlineStr"})
_NUMBERS = (None, b"n")
_KNOWN_KINDS = frozenset({*_NUMBERS, *_KINDS})
# What numbers in their tags, `<v>1.5e3</v>`, are written with.
_NUMERIC = b"0123456789.eE+-<>/v"
# A cell's content ends at the next cell, so that unclosed cells cost no quadratic time.
_ROW_OR_CELL = re.compile(
    _OPEN + rb"(?:(row)|c)" + _ATTRIBUTES + rb"(?:/>|>(?(1)|(?:"
    rb"([^<]*(?:<(?!/?(?:[\w.\-]+:)?c[\s>/])[^<]*)*)</(?:[\w.\-]+:)?c\s*>)?))"
)
# A cell as every office program writes it; nearly all sheets hold no other. Its parts: letters,
# digits, style, kind, a plain value or text, any other content.
_USUAL_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    rb'(?:/>|>(?:(<v>[^<]*</v>|<is><t(?: xml:space="preserve")?>[^<]*</t></is>)'
    rb"|([^<]*(?:<(?!/?c[\s>])[^<]*)*))</c>)"
)


@dataclass
class CellFacts:
    """What the XML says of one cell beyond its value."""

    format: NumberFormat = GENERAL
    error: str | None = None
    is_uncalculated: bool = False
    looks_elsewhere: bool = False


@dataclass
class SheetFacts:
    """What the XML says of one sheet; rows and columns count from 1.

    `filtered_rows` are the hidden rows that a filter hides. `objects` is what lies above the cells;
    `noted` are cells with a note, `pictures` cells with a picture laid into them, `rich` cells with
    a value that only newer programs know; `margins` is what the headers and footers of pages say.
    """

    name: str
    is_hidden: bool
    counts_from_1904: bool = False
    cells: dict[tuple[int, int], CellFacts] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered_rows: set[int] = field(default_factory=set)
    objects: list[FloatingObject] = field(default_factory=list)
    noted: list[tuple[int, int]] = field(default_factory=list)
    pictures: list[tuple[int, int]] = field(default_factory=list)
    rich: dict[tuple[int, int], int] = field(default_factory=dict)
    margins: str = ""
    area: int = 0


def scan(data: bytes, facts: SheetFacts, formats: dict[bytes, NumberFormat]) -> None:
    """Fill one sheet's facts from its XML; raises DocumentError where a reader would hang."""
    if refuse_entities(data):
        data = _NOT_MARKUP.sub(b"", data)
    if not _ROOT.search(data):
        raise DocumentError("damaged", facts.name)
    pieces = _USUAL_CELL.split(data)
    rest = b"".join(pieces[::7])  # what stands between the usual cells
    if _CELL_TAG.search(rest):
        rest = data
        last_row, last_column = _scan_unusual(data, facts, formats)
    else:
        last_row, last_column = _scan_usual(pieces, facts, formats)
    facts.area = last_row * last_column
    if last_row > MAX_ROWS or last_column > MAX_COLUMNS:
        raise DocumentError("file_too_large", f"{facts.name}: {last_row} x {last_column}")
    if b"hidden" in rest:
        _scan_columns(rest, facts)
        _scan_hidden_rows(rest, facts)
    if facts.hidden_rows:
        scan_filter(rest, facts)
    if b"mergeCell" in rest:
        _scan_merges(rest, facts)
    if b"eaderFooter" in rest:
        texts = (unescape(one.decode("utf-8", "replace")) for one in _MARGIN.findall(rest))
        facts.margins = "\n".join(_MARGIN_CODE.sub(" ", text) for text in texts)


def _scan_columns(data: bytes, facts: SheetFacts) -> None:
    for attributes in _COLUMN.findall(data):
        named = dict(_ATTRIBUTE.findall(attributes))
        if named.get(b"hidden") in (b"1", b"true"):
            first, last = _count(named.get(b"min")), _count(named.get(b"max"))
            facts.hidden_columns.update(range(first, min(last, MAX_COLUMNS) + 1))


def _count(digits: bytes | None) -> int:
    return int(digits) if digits and digits.isdigit() and len(digits) < 10 else 0


def _scan_usual(
    pieces: list[Any], facts: SheetFacts, formats: dict[bytes, NumberFormat]
) -> tuple[int, int]:
    """Note the cells that say more than a value; return the last row and column with content."""
    letters, digits, styles, kinds, plain, other = (pieces[part::7] for part in range(1, 7))
    used: set[bytes | None] = {*formats, None} if b"0" in formats else {*formats}
    telling = {style for style in used if not formats[style or b"0"].changes_nothing}
    numbers = b"".join(
        [one or b"" for one, kind in zip(plain, kinds, strict=True) if kind in _NUMBERS]
    )
    is_plain = _KNOWN_KINDS.issuperset(kinds) and not numbers.translate(None, _NUMERIC)
    # A format that changes no amount may still round what stands in the place of an identifier.
    rounding = used - telling if b"." in numbers else used - used
    if not is_plain or any(other) or not (telling | rounding).isdisjoint(styles):
        contents = [one or more for one, more in zip(plain, other, strict=True)]
        for place in compress(range(len(contents)), contents):
            style, content = styles[place], contents[place]
            if (
                style in telling
                or other[place]
                or not is_plain
                or (style in rounding and b"." in content)
            ):
                address = int(digits[place]), column_number(letters[place])
                number = formats.get(style or b"0", GENERAL)
                _note_cell(facts, address, content, kinds[place], number)
    rows = {*compress(digits, plain), *compress(digits, other)}
    columns = {*compress(letters, plain), *compress(letters, other)}
    return max(map(int, rows), default=0), max(map(column_number, columns), default=0)


def _scan_unusual(
    data: bytes, facts: SheetFacts, formats: dict[bytes, NumberFormat]
) -> tuple[int, int]:
    """Do the same for any lawful XML: other attributes, a prefix, cells without an address."""
    row = column = last_row = last_column = 0
    for is_row, attributes, content in _ROW_OR_CELL.findall(data):
        named = dict(_ATTRIBUTE.findall(attributes))
        if is_row:
            row, column = _count(named.get(b"r")) or row + 1, 0
            continue
        row, column = _place(named.get(b"r", b""), row, column)
        if content:
            last_row, last_column = max(row, last_row), max(column, last_column)
            style, kind = named.get(b"s", b"0"), named.get(b"t", b"n")
            if b"vm" in named:
                facts.rich[row, column] = _count(named[b"vm"])
            _note_cell(facts, (row, column), content, kind, formats.get(style, GENERAL))
    return last_row, last_column


def _place(address: bytes, row: int, column: int) -> tuple[int, int]:
    """Return (row, column) of a cell; one without an address follows the last."""
    found = _CELL_NAME.fullmatch(address)
    return (int(found[2]), column_number(found[1])) if found else (row, column + 1)


def _scan_hidden_rows(data: bytes, facts: SheetFacts) -> None:
    row = 0
    for attributes in _ROW.findall(data):
        named = dict(_ATTRIBUTE.findall(attributes))
        row = _count(named.get(b"r")) or row + 1
        if named.get(b"hidden") in (b"1", b"true"):
            facts.hidden_rows.add(row)


def scan_filter(data: bytes, facts: SheetFacts) -> None:
    """Note the hidden rows of a filter that is in use, be it the sheet's own or a table's."""
    found = _FILTER.search(data) if b"filterColumn" in data else None
    corners = (
        _CELL_NAME.findall(dict(_ATTRIBUTE.findall(found[1])).get(b"ref", b"")) if found else ()
    )
    if len(corners) == 2:
        first, last = int(corners[0][1]), int(corners[1][1])
        facts.filtered_rows |= {row for row in facts.hidden_rows if first < row <= last}


@lru_cache(maxsize=2048)
def column_number(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _note_cell(
    facts: SheetFacts,
    place: tuple[int, int],
    content: bytes,
    kind: bytes | None,
    number: NumberFormat,
) -> None:
    stored = _STORED.search(content)
    is_formula = _FORMULA.search(content) is not None
    has_value = stored is not None and (stored[1] != b"" or kind == b"str")
    error = _error(stored[1] if stored else b"", kind)
    is_uncalculated = is_formula and not has_value
    looks_elsewhere = is_formula and _OTHER_FILE.search(content) is not None
    if is_formula and _PICTURE.search(content):
        facts.pictures.append(place)
    if error or number != GENERAL or is_uncalculated or looks_elsewhere:
        facts.cells[place] = CellFacts(number, error, is_uncalculated, looks_elsewhere)


def _error(stored: bytes, kind: bytes | None) -> str | None:
    """Return what stands in a cell in the place of a value, or None.

    Programs add errors of their own (`#SPILL!`), and broken ones write numbers that are none.
    """
    if kind in _NUMBERS:
        return stored.decode("utf-8", "replace") if stored and not _is_number(stored) else None
    if kind in _KINDS:
        return None
    return stored.decode("utf-8", "replace").strip() or "#ERROR!"


def _is_number(stored: bytes) -> bool:
    try:
        float(stored)
    except ValueError:
        return False
    return True


def has_odd_cells(facts: SheetFacts) -> bool:
    """Tell whether some cell holds what a value reader may refuse the whole workbook for."""
    return any(cell.error is not None for cell in facts.cells.values())


def without_odd_cells(data: bytes) -> bytes:
    """Return a sheet in which cells with errors are empty: what they said is among its facts."""
    return _ROW_OR_CELL.sub(_emptied, data)


def _emptied(found: re.Match[bytes]) -> bytes:
    content = found[3]
    if found[1] or not content:
        return found[0]
    stored = _STORED.search(content)
    kind = dict(_ATTRIBUTE.findall(found[2])).get(b"t")
    if _error(stored[1] if stored else b"", kind) is None:
        return found[0]
    return found[0][: found.start(2) - found.start()] + _KIND.sub(b"", found[2]) + b"/>"


def _scan_merges(data: bytes, facts: SheetFacts) -> None:
    found = _MERGE.findall(data)
    if len(found) > MAX_MERGES:
        raise DocumentError("hostile", f"{facts.name}: {len(found)} merges")
    covered = 0
    for attributes in found:
        named = dict(_ATTRIBUTE.findall(attributes))
        corners = _CELL_NAME.findall(named.get(b"ref", b""))
        if len(corners) == 2:
            (left, top), (right, bottom) = corners
            box = int(top), column_number(left), int(bottom), column_number(right)
            covered += (box[2] - box[0] + 1) * (box[3] - box[1] + 1)
            facts.merges.append(box)
    if covered > MAX_MERGED_CELLS:
        raise DocumentError("hostile", f"{facts.name}: {covered} merged cells")

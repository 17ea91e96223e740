"""The xlsx guard: what a workbook's XML says before, and beside, what a value reader says.

A value reader aborts the process on a value in the last cell and hides formats, errors, formulas
and hidden rows. One scan of each sheet's XML refuses the first and returns the second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from typing import Any

from etl.cells import GENERAL, NumberFormat, number_format
from etl.cells.formats import built_in_format
from etl.documents.objects import FloatingObject, has_drawings, objects_above, related_parts
from etl.documents.package import DocumentError, Package
from etl.documents.xml import is_named, named, refuse_entities, tree

MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_AREA = 2_000_000  # of one sheet, and of all
MAX_MERGES = 5_000
MAX_MERGED_CELLS = 200_000
# Above this size a sheet is mostly formatted cells that hold nothing; and nothing is worth keeping
# for the next file.
_LARGE = 1024 * 1024

_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_OLD_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
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
_EMPTY_CELL = re.compile(rb'<c(?:\s+[rst]="[^"<>]*")*\s*(?:/>|></c>)')
_DATES_FROM_1904 = re.compile(rb"\sdate1904\s*=\s*[\"'](?:1|true)[\"']")
_CELL_NAME = re.compile(rb"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_CELL_TAG = re.compile(_OPEN + rb"c[\s/>]")
_ROW = re.compile(_OPEN + rb"row" + _ATTRIBUTES + rb"/?>")
_COLUMN = re.compile(_OPEN + rb"col" + _ATTRIBUTES + rb"/?>")
_MERGE = re.compile(_OPEN + rb"mergeCell" + _ATTRIBUTES + rb"/?>")
_FILTER = re.compile(_OPEN + rb"autoFilter" + _ATTRIBUTES + rb">")
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

    `filtered_rows` are the hidden rows that a filter hides; `objects` is what lies above the cells.
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
    area: int = 0


def checked(content: bytes) -> tuple[list[SheetFacts], bytes]:
    """Return the facts of every worksheet in order, and a package of the checked parts alone.

    Raises DocumentError: `not_a_workbook`, `old_xls`, `encrypted`, `truncated`, `damaged`,
    `file_too_large`, `hostile` or `no_sheets`.
    """
    _check_kind(content)
    package = _open(content)
    if "xl/workbook.xml" not in package.members:
        raise DocumentError("not_a_workbook", _kind_of(package))
    relations = dict(_relations(package.read("xl/_rels/workbook.xml.rels")))
    workbook = package.read("xl/workbook.xml")
    listed, from_1904 = _sheets(workbook), _counts_from_1904(workbook)
    if "xl/sharedstrings.xml" in package.members:
        refuse_entities(package.read("xl/sharedstrings.xml"))
    formats = _formats_of(package)
    parts = [
        (_part(target), SheetFacts(name, is_hidden, from_1904))
        for name, is_hidden, relation in listed
        if (target := relations.get(relation))
    ]
    sheets = [_sheet(package, part, facts, formats) for part, facts in parts]
    if (area := sum(facts.area for facts in sheets)) > MAX_AREA:
        raise DocumentError("file_too_large", f"{area} cells")
    if has_drawings(package):
        for part, facts in parts:
            facts.objects = objects_above(package, part)
    if not sheets:
        raise DocumentError("no_sheets")
    if "_rels/.rels" in package.members:
        refuse_entities(package.read("_rels/.rels"))
    return sheets, package.repacked()


def _sheet(
    package: Package, part: str, facts: SheetFacts, formats: dict[bytes, NumberFormat]
) -> SheetFacts:
    """Fill one sheet's facts from its part of the package."""
    data = package.read(part)
    if len(data) > _LARGE:
        data = _without_empty_cells(data)
        package.keep(part, data)
    _scan(data, facts, formats)
    if facts.hidden_rows:
        for table in related_parts(package, part, "table"):
            data = package.read(table)
            refuse_entities(data)
            _scan_filter(data, facts)
    return facts


def _without_empty_cells(data: bytes) -> bytes:
    """Drop the cells that hold a format and no value: 30 MB of them are no reason to wait."""
    data = data if refuse_entities(data) else _EMPTY_CELL.sub(b"", data)
    if (count := data.count(b"<c ")) > MAX_AREA:
        raise DocumentError("file_too_large", f"{count} cells")
    return data


def _check_kind(content: bytes) -> None:
    if content.startswith(_OLE):
        if _ENCRYPTED_STREAM in content:
            raise DocumentError("encrypted")
        is_old = any(name in content for name in _OLD_STREAMS)
        raise DocumentError("old_xls" if is_old else "not_a_workbook", "ole")
    if not content.startswith(b"PK"):
        raise DocumentError("not_a_workbook" if content else "truncated", content[:8].hex())


def _open(content: bytes) -> Package:
    try:
        return Package(content)
    except DocumentError as problem:
        if problem.code == "damaged" and b"PK\x05\x06" not in content[-65_557:]:
            raise DocumentError("truncated", problem.seen) from problem
        raise


def _kind_of(package: Package) -> str:
    kinds = {
        "word/document.xml": "docx",
        "contents/section0.xml": "hwpx",
        "xl/workbook.bin": "xlsb",
    }
    return next((kind for name, kind in kinds.items() if name in package.members), "zip")


def _part(target: str) -> str:
    target = target.replace("\\", "/")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


@lru_cache(maxsize=32)
def _relations(data: bytes) -> tuple[tuple[str, str], ...]:
    """Return (relation id, target) of every worksheet relation."""
    return tuple(
        (element.get("Id", ""), element.get("Target", ""))
        for element in named(tree(data), "Relationship")
        if element.get("Type", "").endswith("/worksheet")
    )


@lru_cache(maxsize=32)
def _sheets(data: bytes) -> tuple[tuple[str, bool, str], ...]:
    """Return (name, whether hidden, relation id) of every sheet."""
    return tuple(
        (
            element.get("name", ""),
            element.get("state", "visible") != "visible",
            next((v for k, v in element.attrib.items() if k.endswith("}id")), ""),
        )
        for element in named(tree(data), "sheet")
    )


def _counts_from_1904(workbook: bytes) -> bool:
    return b"date1904" in workbook and _DATES_FROM_1904.search(workbook) is not None


def _formats_of(package: Package) -> dict[bytes, NumberFormat]:
    if "xl/styles.xml" not in package.members:
        return {}
    data = package.read("xl/styles.xml")
    return _kept_formats(data) if len(data) <= _LARGE else _formats(data)


def _formats(data: bytes) -> dict[bytes, NumberFormat]:
    """Return style index → number format, for styles that change what a number says."""
    root = tree(data)
    # Differential formats have numbers of their own, whatever the formats of cells are called.
    own = next(named(root, "numFmts"), ())
    codes = {e.get("numFmtId"): e.get("formatCode", "") for e in own if is_named(e, "numFmt")}
    styles = next(named(root, "cellXfs"), ())
    found = {}
    for index, style in enumerate(styles):
        number = style.get("numFmtId", "0")
        known = number_format(codes.get(number) or built_in_format(number))
        if known != GENERAL:
            found[str(index).encode()] = known
    return found


_kept_formats = lru_cache(maxsize=32)(_formats)


def _scan(data: bytes, facts: SheetFacts, formats: dict[bytes, NumberFormat]) -> None:
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
        _scan_filter(rest, facts)
    if b"mergeCell" in rest:
        _scan_merges(rest, facts)


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
    used = {*formats, None} if b"0" in formats else {*formats}
    telling = {style for style in used if not formats[style or b"0"].changes_nothing}
    if any(other) or b"e" in kinds or not used.isdisjoint(styles):
        contents = [one or more for one, more in zip(plain, other, strict=True)]
        for place in compress(range(len(contents)), contents):
            style, kind = styles[place], kinds[place]
            if (
                other[place]
                or style in telling
                or kind == b"e"
                or (style in used and _may_be_shown_otherwise(contents[place], kind))
            ):
                address = int(digits[place]), _column_number(letters[place])
                number = formats.get(style or b"0", GENERAL)
                _note_cell(facts, address, contents[place], kind, number)
    rows = {*compress(digits, plain), *compress(digits, other)}
    columns = {*compress(letters, plain), *compress(letters, other)}
    return max(map(int, rows), default=0), max(map(_column_number, columns), default=0)


def _may_be_shown_otherwise(content: bytes, kind: bytes | None) -> bool:
    """Tell whether a number has a point, which formats that change no amount round in an id."""
    return kind in (None, b"n") and b"." in content


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
            _note_cell(facts, (row, column), content, kind, formats.get(style, GENERAL))
    return last_row, last_column


def _place(address: bytes, row: int, column: int) -> tuple[int, int]:
    """Return (row, column) of a cell; one without an address follows the last."""
    found = _CELL_NAME.fullmatch(address)
    return (int(found[2]), _column_number(found[1])) if found else (row, column + 1)


def _scan_hidden_rows(data: bytes, facts: SheetFacts) -> None:
    row = 0
    for attributes in _ROW.findall(data):
        named = dict(_ATTRIBUTE.findall(attributes))
        row = _count(named.get(b"r")) or row + 1
        if named.get(b"hidden") in (b"1", b"true"):
            facts.hidden_rows.add(row)


def _scan_filter(data: bytes, facts: SheetFacts) -> None:
    """Note the hidden rows of a filter that is in use, be it the sheet's own or a table's."""
    found = _FILTER.search(data) if b"filterColumn" in data else None
    corners = (
        _CELL_NAME.findall(dict(_ATTRIBUTE.findall(found[1])).get(b"ref", b"")) if found else ()
    )
    if len(corners) == 2:
        first, last = int(corners[0][1]), int(corners[1][1])
        facts.filtered_rows |= {row for row in facts.hidden_rows if first < row <= last}


@lru_cache(maxsize=2048)
def _column_number(letters: bytes) -> int:
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
    error = stored[1].decode("utf-8", "replace") if kind == b"e" and stored else None
    is_uncalculated = is_formula and not has_value
    looks_elsewhere = is_formula and _OTHER_FILE.search(content) is not None
    if error or number != GENERAL or is_uncalculated or looks_elsewhere:
        facts.cells[place] = CellFacts(number, error, is_uncalculated, looks_elsewhere)


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
            box = int(top), _column_number(left), int(bottom), _column_number(right)
            covered += (box[2] - box[0] + 1) * (box[3] - box[1] + 1)
            facts.merges.append(box)
    if covered > MAX_MERGED_CELLS:
        raise DocumentError("hostile", f"{facts.name}: {covered} merged cells")

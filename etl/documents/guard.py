"""The xlsx guard: what a workbook's XML says before, and beside, what a value reader says.

A value reader aborts the process on a value in the last cell and gives up a workbook for one sheet
or cell that it does not know. What it is handed is a package written here: the checked worksheets
and nothing else.
"""

import re
from functools import lru_cache

from etl.cells import GENERAL, NumberFormat, number_format
from etl.cells.formats import built_in_format
from etl.documents.notes import noted_cells, picture_values
from etl.documents.objects import objects_above
from etl.documents.package import OLE, DocumentError, Package, packed
from etl.documents.relations import related_parts, relations_of, workbook_part
from etl.documents.sheet_facts import (
    SheetFacts,
    has_odd_cells,
    scan,
    scan_filter,
    without_odd_cells,
)
from etl.documents.xml import local_name, named, refuse_entities, tree

MAX_AREA = 2_000_000  # of one sheet, and of all
# Above this size a sheet is mostly formatted cells that hold nothing; and nothing is worth keeping
# for the next file.
_LARGE = 1024 * 1024

_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_OLD_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
_DATES_FROM_1904 = re.compile(rb"\sdate1904\s*=\s*[\"'](?:1|true)[\"']")
_EMPTY_CELL = re.compile(rb'<c(?:\s+[rst]="[^"<>]*")*\s*(?:/>|></c>)')
_ROOT = re.compile(rb"<(?:[\w.\-]+:)?([A-Za-z]\w*)[\s>/]")
_SHARED = ("sharedStrings", "styles")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def checked(content: bytes) -> tuple[list[SheetFacts], bytes]:
    """Return the facts of every worksheet in order, and a package of the checked sheets alone.

    Sheets that are no worksheets (macros, dialogs, charts) are left out. Raises DocumentError:
    `not_a_workbook`, `old_xls`, `encrypted`, `truncated`, `damaged`, `file_too_large`, `hostile`
    or `no_sheets`.
    """
    _check_kind(content)
    package = _open(content)
    part = workbook_part(package)
    if part is None:
        raise DocumentError("not_a_workbook", _kind_of(package))
    workbook = package.read(part)
    from_1904 = b"date1904" in workbook and _DATES_FROM_1904.search(workbook) is not None
    shared = _shared(package, part)
    formats = _formats_of(shared)
    sheets: list[SheetFacts] = []
    parts: dict[str, bytes] = {}
    for sheet_part, name, is_hidden in _worksheets(package, part, workbook):
        facts = SheetFacts(name, is_hidden, from_1904)
        data = _sheet(package, sheet_part, facts, formats)
        if data is not None:
            sheets.append(facts)
            parts[f"xl/worksheets/sheet{len(sheets)}.xml"] = data
    if (area := sum(facts.area for facts in sheets)) > MAX_AREA:
        raise DocumentError("file_too_large", f"{area} cells")
    if not sheets:
        raise DocumentError("no_sheets")
    return sheets, packed(_frame(len(sheets), from_1904) | shared | parts)


def _worksheets(package: Package, part: str, workbook: bytes) -> list[tuple[str, str, bool]]:
    """Return (part, name, whether hidden) of every sheet that is related as a worksheet."""
    related = {one.id: one for one in relations_of(package, part)}
    return [
        (found.part, name, is_hidden)
        for name, is_hidden, relation in _sheets(workbook)
        if (found := related.get(relation)) and found.kind == "worksheet"
    ]


def _shared(package: Package, part: str) -> dict[str, bytes]:
    """Return the parts that all sheets use: texts and styles, where the workbook says or usual."""
    folder = part.rpartition("/")[0]
    usual = {kind: f"{folder}/{kind.lower()}.xml".lstrip("/") for kind in _SHARED}
    related = {one.kind: one.part for one in relations_of(package, part) if one.kind in _SHARED}
    found = {}
    for kind, place in (usual | related).items():
        if place in package.members:
            found[f"xl/{kind}.xml"] = data = package.read(place)
            refuse_entities(data)
    return found


def _frame(count: int, from_1904: bool) -> dict[str, bytes]:
    """Return the parts of a package that say which sheets there are, by their numbers."""
    numbers = range(1, count + 1)
    sheets = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    shared = "".join(
        f'<Relationship Id="{kind}" Type="{_OFFICE}/{kind}" Target="{kind}.xml"/>'
        for kind in _SHARED
    )
    days = '<workbookPr date1904="1"/>' if from_1904 else ""
    return {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{days}'
        f"<sheets>{sheets}</sheets></workbook>".encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{shared}{relations}'
        "</Relationships>".encode(),
    }


def _sheet(
    package: Package, part: str, facts: SheetFacts, formats: dict[bytes, NumberFormat]
) -> bytes | None:
    """Fill one sheet's facts from its part; return what a value reader may see of it.

    None for a part that is another kind of sheet.
    """
    data = package.read(part)
    if _is_other_sheet(data):
        return None
    if len(data) > _LARGE:
        data = _without_empty_cells(data)
    scan(data, facts, formats)
    if facts.hidden_rows:
        for table in related_parts(package, part, "table"):
            filtered = package.read(table)
            refuse_entities(filtered)
            scan_filter(filtered, facts)
    facts.objects = objects_above(package, part)
    facts.noted = noted_cells(package, part)
    if facts.rich:
        pictures = picture_values(package)
        facts.pictures += [place for place, number in facts.rich.items() if number in pictures]
    return without_odd_cells(data) if has_odd_cells(facts) else data


def _is_other_sheet(data: bytes) -> bool:
    """Tell whether a part is a sheet of another kind: a dialog, a chart, a sheet of macros."""
    found = _ROOT.search(data)
    return found is not None and found[1].endswith(b"sheet") and found[1] != b"worksheet"


def _without_empty_cells(data: bytes) -> bytes:
    """Drop the cells that hold a format and no value: 30 MB of them are no reason to wait."""
    data = data if refuse_entities(data) else _EMPTY_CELL.sub(b"", data)
    if (count := data.count(b"<c ")) > MAX_AREA:
        raise DocumentError("file_too_large", f"{count} cells")
    return data


def _check_kind(content: bytes) -> None:
    if content.startswith(OLE[:4]):  # the rest may be damaged
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


def _formats_of(shared: dict[str, bytes]) -> dict[bytes, NumberFormat]:
    data = shared.get("xl/styles.xml")
    if data is None:
        return {}
    return _kept_formats(data) if len(data) <= _LARGE else _formats(data)


def _formats(data: bytes) -> dict[bytes, NumberFormat]:
    """Return style index → number format, for styles that change what a number says."""
    root = tree(data)
    # Differential formats have numbers of their own, whatever the formats of cells are called.
    own = next(named(root, "numFmts"), ())
    codes = {
        e.get("numFmtId"): e.get("formatCode", "") for e in own if local_name(e.tag) == "numFmt"
    }
    styles = next(named(root, "cellXfs"), ())
    found = {}
    for index, style in enumerate(styles):
        number = style.get("numFmtId", "0")
        known = number_format(codes.get(number) or built_in_format(number))
        if known != GENERAL:
            found[str(index).encode()] = known
    return found


_kept_formats = lru_cache(maxsize=32)(_formats)

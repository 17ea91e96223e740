"""Hangul documents of the open format (.hwpx, KS X 6101): a zip of XML → ordered blocks.

What stands in the text is read, as it stands after all tracked changes: headers, footers, notes
and memos are not, nor what numbers and bullets the program draws by itself.
"""

import re
from collections.abc import Iterator
from typing import Any

from etl.documents.blocks import MAX_TEXT, Block
from etl.documents.flow import FlowBox, FlowCell, FlowGrid, Line, blocks_of
from etl.documents.package import DocumentError, Package
from etl.documents.signs import raised, sign
from etl.documents.xml import local_name, named, tree

MAX_TAGS = 300_000  # of one part's XML
MAX_MANIFEST_SIZE = 1024 * 1024

_LIST_OF_PARTS = "contents/content.hpf"
_STYLES = "contents/header.xml"
_ENCRYPTION = "meta-inf/manifest.xml"
_SECTION = re.compile(r"(?:.*/)?section([0-9]{1,6})\.xml")
_SIGNS = {"tab": "\t", "lineBreak": "\n", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}
_DELETIONS = ("deleteBegin", "deleteEnd")
# `ctrl` holds headers, footers, notes, hidden comments, and fields with the text of their memos;
# `secPr` may hold a second copy of headers and footers.
_NOT_TEXT = frozenset({"ctrl", "secPr", "linesegarray"})
_CAPTION_BELOW = ("BOTTOM", "RIGHT")


def read_hwpx(content: bytes) -> list[Block]:
    """Return the paragraphs and tables of a .hwpx file in their order.

    Raises DocumentError: `damaged`, `encrypted`, `file_too_large` or `hostile`.
    """
    package = Package(content)
    if _is_encrypted(package):
        raise DocumentError("encrypted")
    return blocks_of(_body(package))


def _body(package: Package) -> Iterator[Line]:
    """Yield the paragraphs of all sections in their order."""
    left, raised_styles = MAX_TEXT, _raised_styles(package)
    for name in _sections(package):
        data = _read(package, name, left)
        left -= len(data)
        section = tree(data)
        _raise(section, raised_styles)
        yield from _lines(section)


def _raised_styles(package: Package) -> set[str]:
    """Return the styles of letters that stand small above or below the line."""
    if _STYLES not in package.members:
        return set()
    data = _read(package, _STYLES, MAX_TEXT)
    if b"supscript" not in data and b"subscript" not in data:
        return set()
    return {
        style.get("id", "")
        for style in named(tree(data), "charPr")
        if any(local_name(mark.tag) in ("supscript", "subscript") for mark in style)
    }


def _raise(section: Any, styles: set[str]) -> None:
    """Make the digits of letters in these styles what they look like."""
    if not styles:
        return
    for run in named(section, "run"):
        if run.get("charPrIDRef") in styles:
            for text in (element for element in run if local_name(element.tag) == "t"):
                text.text = raised(text.text or "")
                for mark in text:
                    mark.tail = raised(mark.tail or "")


def _is_encrypted(package: Package) -> bool:
    """Tell whether the list of parts says how to decrypt any."""
    if _ENCRYPTION not in package.members:
        return False
    return b"encryption-data" in _read(package, _ENCRYPTION, MAX_MANIFEST_SIZE)


def _read(package: Package, name: str, limit: int) -> bytes:
    member = package.members.get(name)
    if member and member.size > limit:
        raise DocumentError("file_too_large", name)
    data = package.read(name)
    if data.count(b"<") > MAX_TAGS:
        raise DocumentError("file_too_large", name)
    return data


def _sections(package: Package) -> list[str]:
    """Return the sections' members in the order of the package's spine, else of their numbers."""
    numbered = {
        name: int(found[1]) for name in package.members if (found := _SECTION.fullmatch(name))
    }
    listed: list[str] = []
    if _LIST_OF_PARTS in package.members:
        root = tree(_read(package, _LIST_OF_PARTS, MAX_MANIFEST_SIZE))
        targets = {item.get("id"): item.get("href", "") for item in named(root, "item")}
        spine = (targets.get(item.get("idref"), "") for item in named(root, "itemref"))
        listed = [name.lower().lstrip("/") for name in spine]
    names = [
        name if name in numbered else f"contents/{name}"
        for name in listed
        if _SECTION.fullmatch(name)
    ] or sorted(numbered, key=lambda name: numbered[name])
    if not names:
        raise DocumentError("damaged", "section")
    return list(dict.fromkeys(names))


class _Deletions:
    """The tracked deletions that are open at a place of one text (the body, a cell, a box)."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.takes_end = False

    def mark(self, name: str, element: Any) -> None:
        if name == "deleteBegin":
            self.open.add(element.get("Id", ""))
        elif name == "deleteEnd":
            self.open.discard(element.get("Id", ""))
            self.takes_end = element.get("paraend") == "1"


def _lines(parent: Any) -> list[Line]:
    """Return the paragraphs of one text; one whose end was deleted goes on in the next."""
    deletions = _Deletions()
    lines: list[Line] = []
    line: Line = []
    for element in parent:
        if local_name(element.tag) != "p":
            continue
        deletions.takes_end = False
        _take_paragraph(element, line, deletions)
        if not deletions.open and not deletions.takes_end:
            lines.append(line)
            line = []
    if deletions.open:
        raise DocumentError("damaged", "deleteBegin")
    return [*lines, line] if line else lines


def _take_paragraph(paragraph: Any, line: Line, deletions: _Deletions) -> None:
    for run in paragraph:
        name = local_name(run.tag)
        deletions.mark(name, run)
        if name == "run":
            for element in run:
                _take(element, line, deletions)


def _take(element: Any, line: Line, deletions: _Deletions) -> None:
    """Append what one element of a run holds."""
    name = local_name(element.tag)
    if name == "t":
        _take_text(element, line, deletions)
    elif name in _DELETIONS:
        deletions.mark(name, element)
    elif name == "switch":
        for inner in _branch(element):
            _take(inner, line, deletions)
    elif not deletions.open and name not in _NOT_TEXT:
        line += _held(name, element)


def _take_text(element: Any, line: Line, deletions: _Deletions) -> None:
    if element.text and not deletions.open:
        line.append(element.text)
    for mark in element:
        name = local_name(mark.tag)
        deletions.mark(name, mark)
        if not deletions.open:
            line += [_SIGNS.get(name, ""), mark.tail or ""]


def _branch(switch: Any) -> Any:
    """Return one of the renderings of the same thing: the plain one, else the first."""
    return next(named(switch, "default"), next(iter(switch), ()))


def _held(name: str, element: Any) -> Line:
    """Return what an object among the texts of a run holds."""
    if name in _SIGNS:
        return [_SIGNS[name]]
    if name == "tbl":
        return _table(element)
    if name == "compose":  # letters printed over each other
        return [sign(element.get("composeText", ""))]
    if name == "dutmal":  # a text with a small gloss beside it
        return ["".join(main.itertext()) for main in named(element, "mainText")]
    return [FlowBox(lines)] if (lines := _lines_within(element)) else []


def _lines_within(element: Any) -> list[Line]:
    """Return the paragraphs in a shape, a group of shapes, or a picture's caption."""
    lines: list[Line] = []
    for child in element:
        name = local_name(child.tag)
        if name == "subList":
            lines += _lines(child)
        elif name not in _NOT_TEXT:
            lines += _lines_within(child)
    return lines


def _table(element: Any) -> Line:
    """Return a table, and its caption before or behind it."""
    grid = FlowGrid(rows=_count(element, "rowCnt", 0), columns=_count(element, "colCnt", 0))
    before: Line = []
    behind: Line = []
    for child in element:
        name = local_name(child.tag)
        if name == "tr":
            grid.cells += [_cell(cell) for cell in child if local_name(cell.tag) == "tc"]
        elif name == "caption":
            place = behind if child.get("side") in _CAPTION_BELOW else before
            place.append(FlowBox(_lines_within(child)))
    return [*before, grid, *behind]


def _cell(element: Any) -> FlowCell:
    parts = {local_name(part.tag): part for part in element}
    if "cellAddr" not in parts:
        raise DocumentError("damaged", "cellAddr")
    address, span = parts["cellAddr"], parts.get("cellSpan", {})
    return FlowCell(
        _count(address, "rowAddr") + 1,
        _count(address, "colAddr") + 1,
        max(_count(span, "rowSpan", 1), 1),
        max(_count(span, "colSpan", 1), 1),
        _lines(parts["subList"]) if "subList" in parts else [],
    )


def _count(element: Any, attribute: str, default: int | None = None) -> int:
    """Return a count that an element states; raises DocumentError `damaged` for anything else."""
    text = element.get(attribute)
    if text is None and default is not None:
        return default
    if not text or len(text) > 6 or not (text.isascii() and text.isdigit()):
        raise DocumentError("damaged", attribute)
    return int(text)

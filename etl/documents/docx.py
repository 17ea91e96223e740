"""A .docx (Office Open XML) as blocks.

The main part is walked as it lies: content controls, tracked insertions and text boxes are places
where text stands, and objects made for editing a document pass over them.
"""

from collections.abc import Iterator
from typing import Any

from etl.documents.blocks import (
    MAX_NESTING,
    MAX_TEXT,
    Block,
    GridCell,
    Paragraph,
    TableBlock,
    numbered,
    text_and_held,
)
from etl.documents.package import DocumentError, Package
from etl.documents.signs import raised
from etl.documents.xml import local_name, named, tree

MAIN_PART = "word/document.xml"

# What no reader of the final text sees: tracked deletions, the second copy that older programs
# are given, readings above a text, settings.
_LEFT_OUT = frozenset(
    {"del", "moveFrom", "Fallback", "rt", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "sdtPr"}
)
_FLOW = frozenset({"p", "tbl"})
_BOX = "txbxContent"
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_TEXT = frozenset({"t", *_CHARACTERS, _BOX})


def read_docx(content: bytes) -> list[Block]:
    """Return the paragraphs and tables of the body in order, as they read with changes accepted.

    A nested table follows its outer table. Headers, footers, notes and comments are left out.
    Raises DocumentError with the codes of `Package`, and `hostile` or `file_too_large`.
    """
    package = Package(content)
    member = package.members.get(MAIN_PART)
    if member and member.size > MAX_TEXT:
        raise DocumentError("file_too_large", MAIN_PART)
    root = tree(package.read(MAIN_PART))
    body = next(named(root, "body"), None)
    if body is None:
        raise DocumentError("damaged", MAIN_PART)
    return numbered(_flow(body, 0))


def _flow(container: Any, depth: int) -> Iterator[Block]:
    """Yield the blocks of the body, a cell or a text box, each without its number."""
    if depth > MAX_NESTING:
        raise DocumentError("hostile", "nesting")
    carried = ""
    for element in _below(container, _FLOW):
        if local_name(element.tag) == "tbl":
            yield _table(element, depth)
            continue
        text, boxes = _paragraph(element)
        carried += text
        if element.find("{*}pPr/{*}rPr/{*}del") is None:  # else the next paragraph goes on here
            yield Paragraph(0, carried)
            carried = ""
        for box in boxes:
            yield from _flow(box, depth + 1)
    if carried:
        yield Paragraph(0, carried)


def _paragraph(paragraph: Any) -> tuple[str, list[Any]]:
    """Return the text of a paragraph and the text boxes anchored in it."""
    pieces, boxes = [], []
    for element in _below(paragraph, _TEXT):
        name = local_name(element.tag)
        if name == _BOX:
            boxes.append(element)
        elif name == "t":
            text = element.text or ""
            pieces.append(raised(text) if _is_raised(element) else text)
        elif _value(element, "type") not in ("page", "column"):
            pieces.append(_CHARACTERS[name])
    return "".join(pieces), boxes


def _is_raised(text: Any) -> bool:
    """Tell whether a text stands small above or below the line."""
    run = text.getparent()
    align = run.find("{*}rPr/{*}vertAlign") if run is not None else None
    return align is not None and _value(align, "val") in ("superscript", "subscript")


def _table(table: Any, depth: int) -> TableBlock:
    """Return a table with what its cells hold."""
    held: dict[tuple[int, int], tuple[list[Block], int]] = {}
    row_spans: dict[tuple[int, int], int] = {}
    above: dict[int, tuple[int, int]] = {}  # column → the open vertical merge that reaches there
    rows = (row for row in _below(table, {"tr"}) if row.find("{*}trPr/{*}del") is None)
    for number, row in enumerate(rows, 1):
        column = 1 + _count(row.find("{*}trPr/{*}gridBefore"), 0)
        still_open: dict[int, tuple[int, int]] = {}
        for cell in _below(row, {"tc"}):
            width = max(1, _count(cell.find("{*}tcPr/{*}gridSpan"), 1))
            merge = cell.find("{*}tcPr/{*}vMerge")
            is_continued = merge is not None and _value(merge, "val") != "restart"
            start = above.get(column) if is_continued else None
            if start is None or held[start][1] != width:
                start = number, column
                held[start] = list(_flow(cell, depth + 1)), width
            row_spans[start] = number - start[0] + 1
            if merge is not None:
                still_open[column] = start
            column += width
        above = still_open
    return TableBlock(
        0,
        tuple(
            GridCell(*place, text.strip(), row_spans[place], width, held=inner)
            for place, (blocks, width) in held.items()
            for text, inner in [text_and_held(blocks)]
        ),
    )


def _count(element: Any, default: int) -> int:
    digits = "" if element is None else _value(element, "val")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else default


def _value(element: Any, attribute: str) -> str:
    """Return an attribute by its local name: strict and usual files differ in their namespace."""
    values = (v for key, v in element.attrib.items() if key.rpartition("}")[2] == attribute)
    return str(next(values, ""))


def _below(element: Any, wanted: frozenset[str] | set[str]) -> Iterator[Any]:
    """Yield the nearest descendants of the wanted names in order, through whatever wraps them."""
    waiting = [iter(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif (name := local_name(child.tag)) in wanted:
            yield child
        elif name not in _LEFT_OUT:
            waiting.append(iter(child))

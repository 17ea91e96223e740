"""What lies above a sheet's cells and is not read: pictures, charts, text boxes, shapes."""

from typing import Any, NamedTuple

from etl.documents.package import Package
from etl.documents.relations import related_parts
from etl.documents.xml import local_name, named, tree

_KINDS = {"pic": "그림", "graphicFrame": "도표", "sp": "글상자·도형", "cxnSp": "선"}
_DRAWINGS = "drawings/drawing"


class FloatingObject(NamedTuple):
    """One object above the cells: its kind, the cell under its upper left corner, its text."""

    kind: str
    row: int
    column: int
    text: str = ""


def objects_above(package: Package, part: str) -> list[FloatingObject]:
    """Return the objects above the sheet of this part; a drawing that is empty has none.

    Raises DocumentError for a drawing that cannot be read.
    """
    if not any(_DRAWINGS in name for name in package.members):  # as in most workbooks
        return []
    drawings = related_parts(package, part, "drawing")
    elements = (element for drawing in drawings for element in tree(package.read(drawing)))
    anchors = [element for element in elements if str(element.tag).endswith("Anchor")]
    return [FloatingObject(_kind(anchor), *_corner(anchor), _text(anchor)) for anchor in anchors]


def _kind(anchor: Any) -> str:
    kinds = (_KINDS.get(local_name(element.tag)) for element in anchor.iter())
    return next((kind for kind in kinds if kind), "개체")


def _text(anchor: Any) -> str:
    """Return the paragraphs of a text box, a line each."""
    lines = ("".join(part.text or "" for part in named(line, "t")) for line in named(anchor, "p"))
    return "\n".join(line for line in lines if line)


def _corner(anchor: Any) -> tuple[int, int]:
    """Return (row, column) of the upper left corner, counted from 1; A1 where none is said."""
    start = next(named(anchor, "from"), ())
    said = {local_name(e.tag): (e.text or "").strip() for e in start}
    row, column = said.get("row", ""), said.get("col", "")
    return (int(row) + 1 if row.isdecimal() else 1, int(column) + 1 if column.isdecimal() else 1)

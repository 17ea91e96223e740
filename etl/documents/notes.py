"""Notes on cells and pictures laid into them: what a sheet says in no cell of its own.

Notes that this program writes (an invitation's hints, an answer's findings) are not among them.
LibreOffice forgets who wrote a note, so that ours are known by how they begin too.
"""

import re
from collections.abc import Iterator
from typing import Any

from etl.documents.package import Package
from etl.documents.relations import related_parts
from etl.documents.sheet_facts import column_number
from etl.documents.xml import named, tree

PROGRAM = "gongyak"
OFFICE = "총괄부서"
OURS = "― 공약 점검 ―\n"
# How the hints of an invitation go: notes that lost their author are known by them.
_HINTS = re.compile(
    r"지난 보고(?:에서는 확보액이었습니다\.|의 투자수요입니다\."
    r"|에는 \S+년으로 .*이었습니다\. 해마다)"
)

Place = tuple[int, int]
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_KINDS = ("comments", "threadedComment")
_PICTURES = ("_localImage", "_webimage")


def noted_cells(package: Package, part: str) -> list[Place]:
    """Return the cells of a sheet (row, column from 1) with a note that is not our own.

    Raises DocumentError for notes that cannot be read.
    """
    found: set[Place] = set()
    if not any("comment" in name for name in package.members):  # as in most workbooks
        return []
    for kind in _KINDS:
        for comments in related_parts(package, part, kind):
            found |= set(_noted(tree(package.read(comments))))
    return sorted(found)


def _noted(root: Any) -> Iterator[Place]:
    authors = ["".join(author.itertext()) for author in named(root, "author")]
    for name in ("comment", "threadedComment"):
        for comment in named(root, name):
            text = "".join(part.text or "" for part in named(comment, "t") or ())
            text = text or "".join(part.text or "" for part in named(comment, "text"))
            address = _ADDRESS.fullmatch(comment.get("ref", ""))
            author = _at(authors, _number(comment.get("authorId"))) or ""
            if address and text.strip() and not _is_ours(author, text):
                yield int(address[2]), column_number(address[1].encode())


def _is_ours(author: str, text: str) -> bool:
    return author in (PROGRAM, OFFICE) or text.startswith(OURS) or bool(_HINTS.match(text))


def picture_values(package: Package) -> frozenset[int]:
    """Return the numbers of the rich values that are pictures, as `vm` of a cell names them.

    Raises DocumentError for rich values that cannot be read.
    """
    roots = {
        name.rpartition("/")[2]: tree(package.read(name))
        for name in package.members
        if name.endswith(("/metadata.xml", "/rdrichvalue.xml", "/rdrichvaluestructure.xml"))
    }
    if len(roots) < 3:
        return frozenset()
    kinds = [one.get("t", "") for one in named(roots["rdrichvaluestructure.xml"], "s")]
    values = [_number(one.get("s")) for one in named(roots["rdrichvalue.xml"], "rv")]
    metadata = roots["metadata.xml"]
    rich = [_number(one.get("i")) for one in named(metadata, "rvb")]
    cells = [_number(one.get("v")) for block in named(metadata, "valueMetadata")
             for one in named(block, "rc")]  # fmt: skip
    return frozenset(
        number
        for number, cell in enumerate(cells, 1)
        if _at(kinds, _at(values, _at(rich, cell))) in _PICTURES
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else -1


def _at(items: list[Any], place: int | None) -> Any:
    return items[place] if place is not None and 0 <= place < len(items) else None

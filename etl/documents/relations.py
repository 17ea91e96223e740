"""What the parts of a package lead to: relations by kind, and where a workbook's own part lies."""

import posixpath
from functools import lru_cache
from typing import NamedTuple

from etl.documents.package import Package
from etl.documents.xml import named, tree

_USUAL_WORKBOOK = "xl/workbook.xml"
_ROOT = "_rels/.rels"


class Relation(NamedTuple):
    """One relation of a part: its id, the last word of its type, the part it leads to."""

    id: str
    kind: str
    part: str


def relations_of(package: Package, part: str) -> list[Relation]:
    """Return the relations of a part, the whole package's for "".

    Parts are named as the package lists them, in lower case; one that is not there is named too.
    Raises DocumentError for relations that cannot be read.
    """
    folder, name = posixpath.split(part.lower())
    own = posixpath.join(folder, f"_rels/{name}.rels")
    return list(_written(package.read(own), folder)) if own in package.members else []


def related_parts(package: Package, part: str, kind: str) -> list[str]:
    """Return the parts of the package that a part leads to by relations of this kind.

    Raises DocumentError for relations that cannot be read.
    """
    return [
        one.part
        for one in relations_of(package, part)
        if one.kind == kind and one.part in package.members
    ]


def workbook_part(package: Package) -> str | None:
    """Return the part that lists the sheets, wherever it lies; None for a package of another kind.

    The package says where; one that does not is taken at its usual place.
    """
    if _ROOT in package.members:
        for part in related_parts(package, "", "officeDocument"):
            if part.endswith("workbook.xml") or _is_workbook(package.read(part)):
                return part
    return _USUAL_WORKBOOK if _USUAL_WORKBOOK in package.members else None


def _is_workbook(data: bytes) -> bool:
    # A binary workbook lists its sheets in a part of its own kind.
    return b"workbook" in data and b"<" in data[:8]


@lru_cache(maxsize=64)
def _written(data: bytes, folder: str) -> tuple[Relation, ...]:
    return tuple(
        Relation(
            element.get("Id", ""),
            element.get("Type", "").rpartition("/")[2],
            _resolved(folder, element.get("Target", "")),
        )
        for element in named(tree(data), "Relationship")
    )


def _resolved(folder: str, target: str) -> str:
    target = target.replace("\\", "/").lower()
    return posixpath.normpath(posixpath.join(folder, target)).lstrip("/")

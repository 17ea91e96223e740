"""XML from a file that is not trusted: no document type, no entities, nothing fetched."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from etl.documents.package import DocumentError


def tree(data: bytes) -> Any:
    """Return the root element; raises DocumentError `damaged` or `hostile`."""
    refuse_entities(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentError("damaged", "xml") from error


def refuse_entities(data: bytes) -> bool:
    """Refuse a document type, and encodings in which it could not be seen.

    Returns whether there is other markup of its kind: comments or CDATA.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data:
        raise DocumentError("damaged", "encoding")
    if b"!" not in data or b"<!" not in data:  # the first alone is much the quicker question
        return False
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise DocumentError("hostile", "DOCTYPE")
    return True


def named(root: Any, name: str) -> Iterator[Any]:
    """Yield the elements of a local name, whatever their prefix."""
    return (element for element in root.iter(f"{{*}}{name}"))


@lru_cache(maxsize=1024)  # asked of every element
def local_name(tag: Any) -> str:
    """Return an element's tag without its prefix; "" for that of a comment or an instruction."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""

"""Files of other programs, called by their names: a sender is told what it is and how to save it.

A file is known by its content, whatever its name says; only text has no mark of its own.
"""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from etl.documents.package import OLE, DocumentError, Package


class Foreign(NamedTuple):
    """What a file is: the code of its problem, and its name as people call it."""

    code: str
    name: str


# Headers of office document security (문서보안, DRM), which wraps a whole file and keeps its name.
# Fasoo `\x9b DRMONE …` and SoftCamp `SCDSA002`, `SCDSA004` are seen in files that offices sent to
# public projects; the others are the products' own marks as those projects look for them.
_BEGINNINGS = (
    (b"\x9b DRMONE", Foreign("document_security", "Fasoo")),
    (b"SCDSA", Foreign("document_security", "SoftCamp")),
    (b"MDRM", Foreign("document_security", "MarkAny")),
    (b"<!-- MarkAny", Foreign("document_security", "MarkAny")),
    # Archives that are not unpacked: only a zip is.
    (b"7z\xbc\xaf\x27\x1c", Foreign("bundle_refused", "7z 형식")),
    (b"Rar!\x1a\x07", Foreign("bundle_refused", "RAR 형식")),
    (b"ALZ\x01", Foreign("bundle_refused", "ALZ 형식")),
    (b"EGGA", Foreign("bundle_refused", "EGG 형식")),
    (b"\x1f\x8b", Foreign("bundle_refused", "gzip 형식")),
    (b"{\\rtf", Foreign("other_document", ".rtf")),
)
_SECURITY_WITHIN = (
    (b"Fasoo", "Fasoo"),
    (b"SoftCamp", "SoftCamp"),
    (b"MarkAny", "MarkAny"),
    (b"DOCUMENTSAFER", "DocumentSafer"),
    (b"DocumentSafer", "DocumentSafer"),
)
# Streams of an OLE container, whose names stand in it in UTF-16; the first that is there holds.
_STREAMS = (
    ("DRMEncrypted", Foreign("document_security", "Microsoft IRM")),
    ("DRMContent", Foreign("document_security", "Microsoft IRM")),
    ("EncryptedPackage", None),  # a password: the guard of workbooks says so
    ("Workbook", Foreign("old_xls", ".xls")),
    ("WordDocument", Foreign("other_document", ".doc")),
    ("PowerPoint Document", Foreign("other_document", ".ppt")),
)
_MEDIA_TYPES = {
    "spreadsheet": Foreign("other_workbook", ".ods"),
    "text": Foreign("other_document", ".odt"),
    "presentation": Foreign("other_document", ".odp"),
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_MEMBERS = {
    "xl/workbook.bin": Foreign("other_workbook", ".xlsb"),
    "ppt/presentation.xml": Foreign("other_document", ".pptx"),
}
_HWP_5 = b"HWP Document File"  # in the container of the present format too
_HWP_3 = re.compile(rb"HWP Document File V[123]\.")
_MARKUP = (
    (re.compile(r"<HWPML\b"), Foreign("old_hangul", "HWPML")),
    (re.compile(r"Excel\.Sheet"), Foreign("other_workbook", "엑셀 2003 XML")),
    (re.compile(r"<(?:html|table)\b", re.IGNORECASE), Foreign("other_workbook", "웹 페이지(HTML)")),
)
_MARKUP_WITHIN = 4096  # bytes in which a root element stands
_HEAD = 512
_TABLE_NAMES = (".csv", ".tsv")
_WORKBOOK_NAMES = (".xls", ".xlsx", ".xlsm", *_TABLE_NAMES)


def foreign(content: bytes, file_name: str) -> Foreign | None:
    """Return what a file of another program is; None for what has a reader, or is not known."""
    return next(_kinds(content, file_name.lower()), None)


def _kinds(content: bytes, name: str) -> Iterator[Foreign]:
    head = content[:_HEAD]
    yield from (found for mark, found in _BEGINNINGS if head.startswith(mark))
    if content.startswith(b"PK"):
        yield from _of_package(content)
    elif content.startswith(OLE):
        yield from _of_container(content)
    elif _HWP_3.match(head):
        yield Foreign("old_hangul", "HWP 3")
    elif not head.startswith(b"%PDF-"):
        yield from _of_text(content, name)


def _of_package(content: bytes) -> Iterator[Foreign]:
    is_open_document = content[30:38] == b"mimetype"
    if not is_open_document and b"workbook.bin" not in content and b"ppt/" not in content:
        return  # the directory is read again by whoever reads the file
    try:
        package = Package(content)
        kind = package.read("mimetype") if "mimetype" in package.members else b""
    except DocumentError:
        return
    if kind.startswith(_OPEN_DOCUMENT):
        word = kind.removeprefix(_OPEN_DOCUMENT).decode("ascii", "replace")
        yield from (found for name, found in _MEDIA_TYPES.items() if word.startswith(name))
    yield from (found for member, found in _MEMBERS.items() if member in package.members)


def _of_container(content: bytes) -> Iterator[Foreign]:
    if _HWP_5 in content:
        return
    for stream, found in _STREAMS:
        if stream.encode("utf-16-le") in content:
            if found:
                yield found
            return


def _of_text(content: bytes, name: str) -> Iterator[Foreign]:
    head = content[:_HEAD]
    if b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from (
            Foreign("document_security", product)
            for mark, product in _SECURITY_WITHIN
            if mark in head
        )
        return
    text = _decoded(content[:_MARKUP_WITHIN]).lstrip()
    if text.startswith("<"):
        is_named = name.endswith(_WORKBOOK_NAMES)
        yield from (
            found
            for pattern, found in _MARKUP
            if (is_named or found.code == "old_hangul") and pattern.search(text)
        )
    if name.endswith(_TABLE_NAMES):
        yield Foreign("other_workbook", ".csv")


def _decoded(head: bytes) -> str:
    """Return the beginning of a text, as far as it can be told: markup is ASCII."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")

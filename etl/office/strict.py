"""Strict Open XML workbooks in the usual names: the same parts, for a program that knows no other.

Excel can save in either; they differ in the names of their namespaces and in how a day is written.
"""

import io
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

_STRICT = b"http://purl.oclc.org/ooxml/"
_USUAL = b"http://schemas.openxmlformats.org/"
# ISO/IEC 29500-1 and -4, annex A: strict name → transitional name; longer ones first.
_NAMES = (
    (b"spreadsheetml/main", b"spreadsheetml/2006/main"),
    (b"officeDocument/relationships/metadata/", b"package/2006/relationships/metadata/"),
    (b"officeDocument/relationships", b"officeDocument/2006/relationships"),
    (b"officeDocument/extendedProperties", b"officeDocument/2006/extended-properties"),
    (b"officeDocument/customProperties", b"officeDocument/2006/custom-properties"),
    (b"officeDocument/docPropsVTypes", b"officeDocument/2006/docPropsVTypes"),
    (b"officeDocument/sharedTypes", b"officeDocument/2006/sharedTypes"),
    (b"officeDocument/customXml", b"officeDocument/2006/customXml"),
    (b"officeDocument/math", b"officeDocument/2006/math"),
    (b"drawingml/", b"drawingml/2006/"),
)


def as_usual(content: bytes) -> bytes:
    """Return a workbook in the usual names; one that is not strict, or no zip, as it is."""
    try:
        with ZipFile(io.BytesIO(content)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return content
    if not any(_STRICT in data for name, data in parts.items() if name.endswith("workbook.xml")):
        return content
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, _renamed(data) if name.endswith((".xml", ".rels")) else data)
    return out.getvalue()


def _renamed(data: bytes) -> bytes:
    for strict, usual in _NAMES:
        data = data.replace(_STRICT + strict, _USUAL + usual)
    return data

"""A zip of files that were sent together → its members, each a file of its own.

Documents that are zips themselves (workbooks, .hwpx, .docx) are no bundles.
"""

import io
import lzma
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from etl.documents.package import MAX_RATIO, DocumentError

MAX_MEMBERS = 500
MAX_SIZE = 200 * 1024 * 1024  # of all members together, in bytes

# A member that only a document of some office program has.
_OF_DOCUMENTS = frozenset(
    {
        "[content_types].xml",
        "mimetype",
        "meta-inf/manifest.xml",
        "version.xml",
        "contents/section0.xml",
        "word/document.xml",
        "xl/workbook.xml",
        "xl/workbook.bin",
        "ppt/presentation.xml",
    }
)
_FIRST = b"[Content_Types].xml"
_UTF_8, _ENCRYPTED = 0x800, 0x1
_RATIO_FREE = 1024 * 1024
# What the library lets through of a damaged zip, from each of its ways of packing.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    NotImplementedError,
)  # fmt: skip


class BundledFile(NamedTuple):
    """One member: its path inside the zip as a person reads it, and its bytes."""

    name: str
    content: bytes


def is_bundle(content: bytes) -> bool:
    """Tell whether these bytes are a zip that is no document itself."""
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return False
    if content[30 : 30 + len(_FIRST)] == _FIRST:  # the first member of nearly every workbook
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = {info.filename.lower() for info in package.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    return names.isdisjoint(_OF_DOCUMENTS)


def members(content: bytes) -> list[BundledFile]:
    """Return the files of a bundle in its order, folders left out.

    Raises DocumentError: `encrypted`, `file_too_large` or `hostile` for what must not be unpacked,
    `damaged` for what cannot be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            listed = [info for info in package.infolist() if not info.is_dir()]
            _refuse(listed)
            return list(_unpacked(package, listed))
    except _DAMAGED as error:
        raise DocumentError("damaged", type(error).__name__) from error


def _refuse(listed: list[zipfile.ZipInfo]) -> None:
    if any(info.flag_bits & _ENCRYPTED for info in listed):
        raise DocumentError("encrypted")
    if len(listed) > MAX_MEMBERS or sum(info.file_size for info in listed) > MAX_SIZE:
        raise DocumentError("file_too_large", f"{len(listed)}")
    for info in listed:
        if info.file_size > max(_RATIO_FREE, MAX_RATIO * info.compress_size):
            raise DocumentError("hostile", "ratio")


def _unpacked(package: zipfile.ZipFile, listed: list[zipfile.ZipInfo]) -> Iterator[BundledFile]:
    for info in listed:
        with package.open(info) as packed:
            content = packed.read(info.file_size + 1)  # what the directory says is a claim
        if len(content) != info.file_size:
            raise DocumentError("hostile", "size")
        yield BundledFile(_name(info), content)


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's path: UTF-8 where marked, or where it happens to be; else CP949."""
    name = info.orig_filename if info.flag_bits & _UTF_8 else _unmarked(info.orig_filename)
    parts = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _unmarked(name: str) -> str:
    raw = name.encode("cp437")  # as which the library read it
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name

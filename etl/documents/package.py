"""A zip package opened strictly: directory and members are judged before anything trusts them.

Python's and other libraries' readers disagree about odd zip files, and a bomb costs memory
before they notice. This reads the directory itself, in microseconds, and inflates members only
up to the size they declare.
"""

import itertools
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

MAX_MEMBERS = 2_000
MAX_DIRECTORY = 512 * 1024
MAX_XML = 64 * 1024 * 1024
MAX_TOTAL = 128 * 1024 * 1024
MAX_RATIO = 200
_RATIO_FREE = 4 * 1024 * 1024

_END = struct.Struct("<4sHHHHIIH")
_END_64 = struct.Struct("<4sQHHIIQQQQ")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_UTF_8, _DAY_ONE = 0x800, 0x21
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins a container of older office programs, of .hwp too."""
_END_MARK, _END_64_MARK, _LOCATOR_MARK = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


class DocumentError(Exception):
    """A file that is no readable document of its kind: the sender's fault, with a typed code."""

    def __init__(self, code: str, seen: str = "") -> None:
        super().__init__(code, seen)
        self.code = code
        self.seen = seen


@dataclass(frozen=True)
class Member:
    """One member of a package as its directory declares it; sizes in bytes."""

    name: str
    method: int
    crc: int
    packed_size: int
    size: int
    offset: int


class Package:
    """A zip file whose directory has been checked; members by lower-case name.

    Raises DocumentError: `damaged`, `encrypted`, `hostile` or `file_too_large`.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.members = _directory(content)
        _check_sizes(list(self.members.values()))

    def read(self, name: str) -> bytes:
        """Return one member's bytes, checked against its declared size and checksum."""
        member = self.members.get(name.lower().lstrip("/"))
        if member is None:
            raise DocumentError("damaged", name)
        if member.size > MAX_XML:
            raise DocumentError("file_too_large", name)
        data = _inflate(self._packed(member), member)
        if len(data) != member.size or zlib.crc32(data) != member.crc:
            raise DocumentError("damaged", name)
        return data

    def _packed(self, member: Member) -> bytes:
        header = self._content[member.offset : member.offset + _LOCAL.size]
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise DocumentError("damaged", member.name)
        *_, name_length, extra_length = _LOCAL.unpack(header)
        start = member.offset + _LOCAL.size + name_length + extra_length
        return self._content[start : start + member.packed_size]


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return a package of these members, not compressed: another reader sees nothing else."""
    parts: list[bytes] = []
    entries: list[bytes] = []
    offset = 0
    for name, data in members.items():
        raw = name.encode()
        sizes = (zlib.crc32(data), len(data), len(data), len(raw), 0)
        head = _LOCAL.pack(b"PK\x03\x04", 20, _UTF_8, 0, 0, _DAY_ONE, *sizes) + raw
        entry = (20, 20, _UTF_8, 0, 0, _DAY_ONE, *sizes, 0, 0, 0, 0, offset)
        entries.append(_ENTRY.pack(b"PK\x01\x02", *entry) + raw)
        parts += head, data
        offset += len(head) + len(data)
    directory = b"".join(entries)
    count = len(entries)
    end = _END.pack(_END_MARK, 0, 0, count, count, len(directory), offset, 0)
    return b"".join((*parts, directory, end))


def _inflate(packed: bytes, member: Member) -> bytes:
    if member.method == 0:
        return packed
    if member.method != 8:
        raise DocumentError("damaged", member.name)
    inflater = zlib.decompressobj(-15)
    try:
        data = inflater.decompress(packed, member.size + 1)
    except zlib.error as error:
        raise DocumentError("damaged", member.name) from error
    if len(data) > member.size:
        raise DocumentError("hostile", member.name)
    return data


def _end_of_directory(content: bytes) -> tuple[int, int, int, int]:
    """Return (members, directory size, directory offset, where the directory must end)."""
    place = content.rfind(_END_MARK, max(0, len(content) - 65_557))
    if place < 0 or place + _END.size > len(content):
        raise DocumentError("damaged", "zip")
    _, _, _, _, count, size, offset, _ = _END.unpack_from(content, place)
    if content[max(0, place - 20) : place][:4] != _LOCATOR_MARK:
        return count, size, offset, place
    place -= 20 + _END_64.size
    if place < 0 or content[place : place + 4] != _END_64_MARK:
        raise DocumentError("damaged", "zip64")
    *_, count, size, offset = _END_64.unpack_from(content, place)
    return count, size, offset, place


def _directory(content: bytes) -> dict[str, Member]:
    count, size, offset, end = _end_of_directory(content)
    if count > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise DocumentError("hostile", f"{count}")
    if offset + size != end:
        raise DocumentError("damaged", "zip")
    members: dict[str, Member] = {}
    place = offset
    while place < end:
        member, place = _entry(content, place, end)
        key = member.name.replace("\\", "/").lower()
        if key in members or len(members) >= MAX_MEMBERS or not _is_safe(key):
            raise DocumentError("hostile", member.name[:200])
        members[key] = member
    if len(members) != count:
        raise DocumentError("damaged", "zip")
    return members


def _entry(content: bytes, place: int, end: int) -> tuple[Member, int]:
    if place + _ENTRY.size > end or content[place : place + 4] != b"PK\x01\x02":
        raise DocumentError("damaged", "zip")
    fields = _ENTRY.unpack_from(content, place)
    flags, method = fields[3:5]
    crc, packed, size, name_length, extra, comment = fields[7:13]
    offset = fields[-1]
    start = place + _ENTRY.size
    name = content[start : start + name_length].decode("utf-8", "replace")
    if flags & 0x1:
        raise DocumentError("encrypted", name[:200])
    if 0xFFFFFFFF in (packed, size, offset):
        raise DocumentError("file_too_large", name[:200])
    return Member(name, method, crc, packed, size, offset), start + name_length + extra + comment


def _is_safe(name: str) -> bool:
    """Tell whether a member's name stays inside the package."""
    inside = not name.startswith("/") and "\0" not in name and ":" not in name.split("/")[0]
    return inside and ".." not in name.split("/")


def _check_sizes(members: list[Member]) -> None:
    total = sum(member.size for member in members)
    if total > MAX_TOTAL:
        raise DocumentError("file_too_large", f"{total}")
    for member in members:
        if member.size > _RATIO_FREE and member.size > MAX_RATIO * max(member.packed_size, 1):
            raise DocumentError("hostile", member.name[:200])
    spans = sorted((member.offset, member.packed_size) for member in members)
    for (offset, packed), (following, _) in itertools.pairwise(spans):
        if offset + packed > following:
            raise DocumentError("hostile", "overlap")

"""Pictures that go out: JPEG and PNG, known by their bytes, without what a camera writes in them.

Position, time, owner and a small picture of what was cut away stand in segments (JPEG) or chunks
(PNG) of their own. Those that a picture needs are copied, byte for byte, and no other; so the same
file gives the same bytes with any version of any library. Pillow proves that it is a picture.
"""

import struct
import warnings
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from etl.documents.package import DocumentError

MOST_PIXELS = 64 * 1000 * 1000
"""What a picture may hold: more than any page shows, and little enough to be decoded."""
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_ORIENTATION = 0x0112
_TURNED = range(5, 9)
"""Orientations in which width and height change places."""
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png"}


class Picture(NamedTuple):
    """What is published of a picture; width and height in pixels, as it is seen."""

    media_type: str
    width: int
    height: int
    content: bytes


def is_picture(content: bytes) -> bool:
    """Tell whether a file begins as a picture does, whatever its name says."""
    return content.startswith((_JPEG, _PNG))


def picture(content: bytes) -> Picture:
    """Return what is published of a picture, which is decoded to its end.

    Raises DocumentError `picture_damaged` for one that cannot be, `picture_too_large` for one of
    more than MOST_PIXELS.
    """
    published = without_metadata(content)
    kind = "JPEG" if content.startswith(_JPEG) else "PNG"
    try:
        with warnings.catch_warnings(), Image.open(BytesIO(published), formats=[kind]) as opened:
            warnings.simplefilter("ignore")  # of Pillow's own limit, which is a higher one
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise DocumentError("picture_too_large", f"{width}×{height}")
            turned = opened.getexif().get(_ORIENTATION) in _TURNED
            opened.draft(None, (max(1, width // 8), max(1, height // 8)))  # a JPEG in less memory
            opened.load()
    except (DocumentError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise DocumentError("picture_too_large", "너무 넓은 그림") from error
    except Exception as error:  # whatever a library says of bytes that somebody made
        raise _damaged("그림이 온전하지 않음") from error
    seen = (height, width) if turned else (width, height)
    return Picture(f"image/{kind.lower()}", *seen, published)


def without_metadata(content: bytes) -> bytes:
    """Return a picture with all that it needs and nothing else; which way up it is stays told.

    Raises DocumentError `picture_damaged` where its parts do not follow each other to its end.
    """
    try:
        parts = _of_jpeg(content) if content.startswith(_JPEG) else _of_png(content)
        return b"".join(parts)
    except (struct.error, IndexError) as error:
        raise _damaged("중간에 끊김") from error


def _damaged(seen: str) -> DocumentError:
    return DocumentError("picture_damaged", seen)


# -- JPEG -----------------------------------------------------------------------------------------

_SCAN, _END, _EXIF, _ADOBE = 0xDA, 0xD9, 0xE1, 0xEE
# Frames and Huffman tables, quantisation tables, lines, restarts; not the reserved C8.
_NEEDED = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD} - {0xC8}
_ADOBE_SIZE = 14  # of the segment that says how colours are written; more is somebody's own


def _of_jpeg(content: bytes) -> Iterator[bytes]:
    kept, turned = [], 1
    at = 2
    while True:
        if content[at] != 0xFF:
            raise _damaged("JPEG의 조각이 이어지지 않음")
        marker = content[at + 1]
        if marker == 0xFF:  # filled up
            at += 1
            continue
        if marker == _END:
            break
        (size,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + size
        segment = content[at:end]
        if len(segment) != size + 2:
            raise _damaged("중간에 끊김")
        if marker == _SCAN:
            end = _end_of_scan(content, end)
            kept.append(content[at:end])
        elif marker in _NEEDED or _is_adobe(marker, segment):
            kept.append(segment)
        elif marker == _EXIF:
            turned = _orientation(segment) or turned
        at = end
    yield b"\xff\xd8"
    if turned != 1:
        yield _EXIF_OF_ORIENTATION % turned
    yield from kept
    yield b"\xff\xd9"


def _is_adobe(marker: int, segment: bytes) -> bool:
    return marker == _ADOBE and len(segment) == _ADOBE_SIZE + 2 and segment[4:9] == b"Adobe"


def _end_of_scan(content: bytes, at: int) -> int:
    """Return where the next segment begins: FF before anything but 00, a restart or another FF."""
    while (at := content.find(b"\xff", at)) >= 0:
        follows = content[at + 1]
        if follows != 0 and not 0xD0 <= follows <= 0xD7 and follows != 0xFF:
            return at
        at += 1 if follows == 0xFF else 2
    raise _damaged("중간에 끊김")


# An EXIF segment with one entry: the orientation, a number of two bytes.
_EXIF_OF_ORIENTATION = (
    b"\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08"
    b"\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00%c\x00\x00\x00\x00\x00\x00"
)


def _orientation(segment: bytes) -> int | None:
    """Return which way up a camera held, 1 to 8; None where the segment does not say."""
    if segment[4:10] != b"Exif\x00\x00":
        return None
    told = segment[10:]
    order = {b"II": "<", b"MM": ">"}.get(told[:2])
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(f"{order}I", told, 4)
        (count,) = struct.unpack_from(f"{order}H", told, first)
        for entry in range(first + 2, first + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", told, entry)
            if (tag, kind) == (_ORIENTATION, 3):
                return value if 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


# -- PNG ------------------------------------------------------------------------------------------

# What is seen depends on these alone; texts, times, EXIF and the pictures of an animation do not
# go out.
_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"}


def _of_png(content: bytes) -> Iterator[bytes]:
    yield _PNG
    at, name = len(_PNG), b""
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + size
        chunk = content[at:end]
        if len(chunk) != size + 12:
            raise _damaged("중간에 끊김")
        if struct.unpack_from(">I", chunk, size + 8)[0] != zlib.crc32(chunk[4:-4]):
            raise _damaged("PNG의 조각이 온전하지 않음")
        if name in _CHUNKS:
            yield chunk
        at = end

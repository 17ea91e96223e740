"""Pictures as cameras and people make them, for tests: nothing of them was ever photographed."""

import struct
import zlib
from io import BytesIO

from PIL import Image

OWNER = b"Camera of a person"


def jpeg(
    size: tuple[int, int] = (64, 48), *, orientation: int = 1, color: str = "navy",
    has_metadata: bool = True, progressive: bool = False,
) -> bytes:  # fmt: skip
    """Return a JPEG; with metadata it says who owns the camera and where it was."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = OWNER.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (37.0, 34.0, 0.0)
    made = BytesIO()
    said = {"exif": exif, "comment": OWNER, "icc_profile": OWNER} if has_metadata else {}
    _drawn(size, color).save(made, "JPEG", quality=90, progressive=progressive, **said)
    return made.getvalue()


def png(size: tuple[int, int] = (64, 48), *, color: str = "teal") -> bytes:
    """Return a PNG with a text of its own."""
    made = BytesIO()
    _drawn(size, color).save(made, "PNG")
    return with_chunk(made.getvalue(), b"tEXt", b"Author\0" + OWNER)


def _drawn(size: tuple[int, int], color: str) -> Image.Image:
    drawn = Image.new("RGB", size, color)
    drawn.paste("white", (0, 0, size[0] // 2, size[1] // 3))
    return drawn


def with_chunk(content: bytes, name: bytes, told: bytes) -> bytes:
    """Return a PNG with another chunk behind its first."""
    return content[:33] + chunk(name, told) + content[33:]


def chunk(name: bytes, told: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(told)) + name + told + struct.pack(">I", zlib.crc32(name + told))


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """Return a small PNG that says to be an enormous picture."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")

"""Hangul documents of the binary format (.hwp, HWP 5) → ordered blocks, by way of `dochan`.

`dochan` opens the container, takes compression and the cipher of distribution documents off, and
decodes the text of a paragraph. Its document model is not used, for it drops empty paragraphs,
puts a table behind the whole text of its paragraph and marks notes in the text: the records are
walked here. As in .hwpx, what stands in the text after all tracked changes is read.
"""

import re
import struct
import zlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from dochan.cfb import OleFileIO
from dochan.hwp.distdoc import decode_distribution_section
from dochan.hwp.header import FileHeader
from dochan.hwp.records.para_text import parse_para_text
from dochan.utils.safe_decompress import safe_zlib_decompress

from etl.documents.blocks import MAX_NESTING, MAX_TEXT, Block
from etl.documents.flow import FlowBox, FlowCell, FlowGrid, Line, blocks_of
from etl.documents.package import OLE, DocumentError
from etl.documents.signs import raised, sign, without_shape

MAX_CIPHERED_SIZE = 512 * 1024  # of a distribution document's text: a second for each megabyte
MAX_RECORDS = 100_000  # of a document

_SIGNATURE = "HWP Document File"
_SECTION = re.compile(r"Section([0-9]{1,6})")
_LONG = 0xFFF  # a record's size stands in four bytes of its own
_STYLES_OF_DOCUMENT = "DocInfo"
_STYLE = 21
_PARAGRAPH, _TEXT, _STYLES, _RANGES = 66, 67, 68, 70
_CONTROL, _LIST, _SHAPE, _TABLE = 71, 72, 76, 77
_KEPT = frozenset({_PARAGRAPH, _TEXT, _CONTROL, _LIST, _SHAPE, _TABLE})
_TABLE_CONTROL, _SHAPE_CONTROL, _GLOSSED_CONTROL = b" lbt", b" osg", b"tudt"
_COMPOSED_CONTROL = b"spct"
_STYLE_BITS = 46  # where a style's record says how its letters look
_RAISED = 0b11 << 15  # small above the line, or below it
_CAPTION_BEHIND = (1, 3)  # right of the table, below it
_DELETION = 0x11  # the kind of a range


@dataclass
class _Record:
    """One record of a section, with the records under it."""

    tag: int
    level: int
    data: bytes
    under: list["_Record"] = field(default_factory=list)


def read_hwp(content: bytes) -> list[Block]:
    """Return the paragraphs and tables of a .hwp file of version 5 in their order.

    Raises DocumentError: `damaged`, `encrypted`, `document_security` (the format's own DRM),
    `file_too_large` or `hostile`.
    """
    if not content.startswith(OLE):
        raise DocumentError("damaged", "ole")
    try:
        with OleFileIO(content) as ole:
            blocks = blocks_of(_Sections(ole).lines())
            if ole.recovery_issues:  # the container was mended: a part of it is missing
                raise DocumentError("damaged", ole.recovery_issues[0][0])
            return blocks
    except (OSError, ValueError, struct.error, zlib.error) as error:
        raise DocumentError("damaged", type(error).__name__) from error


class _Sections:
    """The sections of one document, and how much more of it may be read."""

    def __init__(self, ole: Any) -> None:
        self._ole = ole
        self._text_left = MAX_TEXT
        self._ciphered_left = MAX_CIPHERED_SIZE
        self._records_left = MAX_RECORDS
        self._header = header = FileHeader.parse(self._stream("FileHeader", self._text_left))
        if _SIGNATURE not in header.signature:
            raise DocumentError("damaged", "signature")
        if header.is_drm or header.has_cert_drm:
            raise DocumentError("document_security")
        if header.is_encrypted or header.has_cert_encrypt:
            raise DocumentError("encrypted")
        # A body with tracked changes stands apart, beside one that is blank or without them.
        is_tracked = header.is_track_change and ole.exists("ViewText/Section0")
        self._storage = "ViewText" if is_tracked else header.body_storage
        self._raised = self._raised_styles()
        self._kept = _KEPT | ({_RANGES} if is_tracked else set())
        self._kept |= {_STYLES} if self._raised else set()

    def lines(self) -> Iterator[Line]:
        """Yield the paragraphs of the body in their order."""
        paths = [path for path in self._ole.listdir() if path[0] == self._storage]
        found = (_SECTION.fullmatch(path[-1]) for path in paths)
        numbers = sorted({int(name[1]) for name in found if name})
        if not numbers:
            raise DocumentError("damaged", "section")
        for number in numbers:
            records = self._records(self._section(f"{self._storage}/Section{number}"))
            yield from _lines([record for record in records if record.tag == _PARAGRAPH], 0)

    def _stream(self, name: str, limit: int) -> bytes:
        if self._ole.get_size(name) > limit:
            raise DocumentError("file_too_large", name)
        data: bytes = self._ole.openstream(name).read()
        return data

    def _inflated(self, data: bytes, is_ciphered: bool = False) -> bytes:
        """Take cipher and compression off, and count what is read."""
        is_compressed, limit = self._header.is_compressed, self._text_left
        try:
            if is_ciphered:
                data = decode_distribution_section(
                    data, is_compressed=is_compressed, max_size=limit, decompress=True
                )
            elif is_compressed:
                data = safe_zlib_decompress(data, limit)
        except ValueError as error:
            if getattr(error, "inflated", 0) > limit:
                raise DocumentError("file_too_large", "text") from error
            raise
        self._text_left -= len(data)
        return data

    def _section(self, name: str) -> bytes:
        """Return the records of one section."""
        if not self._header.is_distribution:
            return self._inflated(self._stream(name, self._text_left))
        data = self._stream(name, self._ciphered_left)
        self._ciphered_left -= len(data)
        return self._inflated(data, is_ciphered=True)

    def _raised_styles(self) -> set[int]:
        """Return the numbers of the styles whose letters stand small above or below the line."""
        if not self._ole.exists(_STYLES_OF_DOCUMENT):
            return set()
        data = self._inflated(self._stream(_STYLES_OF_DOCUMENT, self._text_left))
        styles = [data for tag, _, data in _split(data) if tag == _STYLE]
        looks = [int.from_bytes(data[_STYLE_BITS : _STYLE_BITS + 4], "little") for data in styles]
        return {number for number, look in enumerate(looks) if look & _RAISED}

    def _records(self, data: bytes) -> list[_Record]:
        """Return a section's records as trees, each under the last one of a higher level."""
        roots: list[_Record] = []
        above: list[_Record] = []
        for tag, level, held in _split(data):
            self._records_left -= 1
            if self._records_left < 0:
                raise DocumentError("hostile", "records")
            if tag in self._kept:
                record = _Record(tag, level, self._flagged(held) if tag == _STYLES else held)
                while above and above[-1].level >= level:
                    above.pop()
                (above[-1].under if above else roots).append(record)
                above.append(record)
        return roots

    def _flagged(self, data: bytes) -> bytes:
        """Return where styles begin with whether each is raised, in place of its number."""
        pairs = struct.iter_unpack("<2I", data[: len(data) // 8 * 8])
        return b"".join(struct.pack("<2I", at, style in self._raised) for at, style in pairs)


def _split(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield the tag, the level and the data of each record of a stream."""
    place = 0
    while place + 4 <= len(data):
        head = int.from_bytes(data[place : place + 4], "little")
        tag, level, size = head & 0x3FF, head >> 10 & 0x3FF, head >> 20
        place += 4
        if size == _LONG:
            (size,) = struct.unpack_from("<I", data, place)
            place += 4
        if place + size > len(data):
            raise DocumentError("damaged", "record")
        yield tag, level, data[place : place + size]
        place += size


def _lines(paragraphs: Iterable[_Record], depth: int) -> Iterator[Line]:
    """Yield the paragraphs of one text; one whose end was deleted goes on in the next."""
    line: Line = []
    for paragraph in paragraphs:
        if _take(paragraph, line, depth):
            yield line
            line = []
    if line:
        yield line


def _take(paragraph: _Record, line: Line, depth: int) -> bool:
    """Append a paragraph's text and what its controls hold; tell whether it ends there."""
    controls: defaultdict[bytes, deque[_Record]] = defaultdict(deque)
    for record in paragraph.under:
        if record.tag == _CONTROL:
            controls[record.data[:4]].append(record)
    text = _Letters(paragraph)
    begin = 0
    for place, kind in text.controls:
        if not controls[kind]:
            continue
        control = controls[kind].popleft()
        if held := [] if text.is_deleted(place) else _held(control, depth):
            line += [text.between(begin, place), *held]
            begin = place
    line.append(text.between(begin, text.end))
    for waiting in controls.values():
        for control in waiting:
            line += _held(control, depth)
    return not text.is_deleted(text.end)


class _Letters:
    """A paragraph's letters without the deleted ones; places count its 16-bit units from 0."""

    def __init__(self, paragraph: _Record) -> None:
        data = next((record.data for record in paragraph.under if record.tag == _TEXT), b"")
        found = parse_para_text(data)
        self._text: str = found["text"]
        self._letter_at: list[int] = found["raw_to_text"]
        self.controls: list[tuple[int, bytes]] = [
            (start, kind) for start, _, kind in found["inline_controls"]
        ]
        self.end = len(self._letter_at) - 1  # of the mark that ends a paragraph
        self._deletions = self._open_deletions(paragraph)
        self._raise_digits(paragraph)

    def _open_deletions(self, paragraph: _Record) -> list[int]:
        """Return how many deletions are open at each place; empty if none is anywhere."""
        ranges = [record.data for record in paragraph.under if record.tag == _RANGES]
        steps: list[int] = []
        for start, end, kind in struct.iter_unpack("<3I", b"".join(ranges)):
            if kind >> 24 == _DELETION:
                steps = steps or [0] * (self.end + 2)
                steps[min(start, self.end + 1)] += 1
                steps[min(end, self.end + 1)] -= 1
        return list(accumulate(steps))

    def _raise_digits(self, paragraph: _Record) -> None:
        """Make the digits that stand small above or below the line what they look like."""
        styles = b"".join(record.data for record in paragraph.under if record.tag == _STYLES)
        runs = [*struct.iter_unpack("<2I", styles)]
        for (begin, is_raised), (end, _) in pairwise([*runs, (self.end, 0)]):
            if is_raised:
                first, last = (self._letter_at[min(place, self.end)] for place in (begin, end))
                text = self._text
                self._text = text[:first] + raised(text[first:last]) + text[last:]

    def is_deleted(self, place: int) -> bool:
        return bool(self._deletions) and self._deletions[place] > 0

    def between(self, begin: int, end: int) -> str:
        """Return the text of the places from `begin` to before `end`."""
        letter = self._letter_at
        if not self._deletions:
            return self._text[letter[begin] : letter[end]]
        kept = (place for place in range(begin, end) if not self.is_deleted(place))
        return "".join(self._text[letter[place] : letter[place + 1]] for place in kept)


def _held(control: _Record, depth: int) -> Line:
    """Return what a control holds; headers, notes, comments and fields hold no text of ours."""
    if depth > MAX_NESTING:
        raise DocumentError("hostile", "nested tables")
    kind = control.data[:4]
    if kind == _TABLE_CONTROL:
        return _table(control, depth + 1)
    if kind == _SHAPE_CONTROL:
        lines = [line for text in _texts(control) for line in _lines(text.paragraphs, depth + 1)]
        return [FlowBox(lines)] if lines else []
    if kind == _COMPOSED_CONTROL:
        return [_sign(control.data)]
    return [_main_text(control.data)] if kind == _GLOSSED_CONTROL else []


def _table(control: _Record, depth: int) -> Line:
    """Return a table, and its caption before or behind it."""
    grid = FlowGrid()
    for record in control.under:
        if record.tag == _TABLE:
            grid.rows, grid.columns = struct.unpack_from("<2H", record.data, 4)
    before: Line = []
    behind: Line = []
    for text in _texts(control):
        lines = [*_lines(text.paragraphs, depth)]
        if not text.is_cell:
            side = text.head[8] & 3 if len(text.head) > 8 else 0
            (behind if side in _CAPTION_BEHIND else before).append(FlowBox(lines))
            continue
        column, row, columns, rows = struct.unpack_from("<4H", text.head, 8)
        grid.cells.append(FlowCell(row + 1, column + 1, max(rows, 1), max(columns, 1), lines))
    return [*before, grid, *behind]


class _Text(NamedTuple):
    """One text of a control: what its head says, its paragraphs, whether it is a table's cell."""

    head: bytes
    paragraphs: list[_Record]
    is_cell: bool


def _texts(control: _Record, depth: int = 0) -> list[_Text]:
    """Return a control's texts; their paragraphs stand behind their head, or under it.

    Those of a shape, or of shapes in a group, stand under the shape.
    """
    if depth > MAX_NESTING:
        raise DocumentError("hostile", "nested shapes")
    is_cell = False
    texts: list[_Text] = []
    for record in control.under:
        if record.tag == _SHAPE:
            texts += _texts(record, depth + 1)
        if record.tag == _TABLE:
            is_cell = True
        elif record.tag == _LIST:
            under = [inner for inner in record.under if inner.tag == _PARAGRAPH]
            texts.append(_Text(record.data, under, is_cell))
        elif record.tag == _PARAGRAPH and texts:
            texts[-1].paragraphs.append(record)
    return texts


def _main_text(data: bytes) -> str:
    """Return the text that a gloss stands beside: its length, then its letters."""
    (length,) = struct.unpack_from("<H", data, 4)
    return data[6 : 6 + 2 * length].decode("utf-16-le", "replace")


def _sign(data: bytes) -> str:
    """Return letters printed over each other; behind them stands the number of their shape."""
    letters = _main_text(data)
    (length,) = struct.unpack_from("<H", data, 4)
    shape = data[6 + 2 * length : 7 + 2 * length]
    return sign(without_shape(letters, shape[0]) if shape else letters)

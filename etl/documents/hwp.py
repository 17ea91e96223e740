"""Hangul documents of the binary format (.hwp, HWP 5) → ordered blocks, by way of `dochan`.

`dochan` opens the container, takes compression and the cipher of distribution documents off, and
decodes the text of a paragraph. Its document model is not used, for it drops empty paragraphs,
puts a table behind the whole text of its paragraph and marks notes in the text: the records are
walked here. As in .hwpx, what stands in the text after all tracked changes is read.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dochan.cfb import OleFileIO
from dochan.hwp.distdoc import decode_distribution_section
from dochan.hwp.doc_info import DocInfoParser
from dochan.hwp.header import FileHeader
from dochan.hwp.records.para_text import parse_para_text
from dochan.hwp.revisions import project_text_result
from dochan.utils.safe_decompress import safe_zlib_decompress

from etl.documents.blocks import Block
from etl.documents.flow import MAX_NESTING, Box, Cell, Flow, Grid, Line
from etl.documents.package import DocumentError

MAX_TEXT_SIZE = 4 * 1024 * 1024  # of a document's records, inflated, in bytes
MAX_CIPHERED_SIZE = 512 * 1024  # of a distribution document's text: a second for each megabyte
MAX_RECORDS = 200_000  # of a document

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURE = "HWP Document File"
_SECTION = re.compile(r"Section([0-9]{1,6})")
_LONG = 0xFFF  # a record's size stands in four bytes of its own
_PARAGRAPH, _TEXT, _RANGES, _CONTROL, _LIST, _TABLE = 66, 67, 70, 71, 72, 77
_KEPT = frozenset({_PARAGRAPH, _TEXT, _RANGES, _CONTROL, _LIST, _TABLE})
_TABLE_CONTROL, _SHAPE_CONTROL, _GLOSSED_CONTROL = b" lbt", b" osg", b"tudt"
_CAPTION_BEHIND = (1, 3)  # right of the table, below it


@dataclass
class _Record:
    """One record of a section, with the records under it."""

    tag: int
    level: int
    data: bytes
    under: list[_Record] = field(default_factory=list)


def read_hwp(content: bytes) -> list[Block]:
    """Return the paragraphs and tables of a .hwp file of version 5 in their order.

    Raises DocumentError: `damaged`, `encrypted`, `file_too_large` or `hostile`.
    """
    if not content.startswith(_OLE):
        raise DocumentError("damaged", "ole")
    try:
        with OleFileIO(content) as ole:
            flow = Flow()
            for line in _Sections(ole).lines():
                flow.add(line)
            if ole.recovery_issues:  # the container was mended: a part of it is missing
                raise DocumentError("damaged", ole.recovery_issues[0][0])
            return flow.blocks
    except (OSError, ValueError, struct.error, zlib.error) as error:
        raise DocumentError("damaged", type(error).__name__) from error


class _Sections:
    """The sections of one document, and how much more of it may be read."""

    def __init__(self, ole: Any) -> None:
        self._ole = ole
        self._text_left = MAX_TEXT_SIZE
        self._ciphered_left = MAX_CIPHERED_SIZE
        self._records_left = MAX_RECORDS
        self._header = FileHeader.parse(self._stream("FileHeader", self._text_left))
        if _SIGNATURE not in self._header.signature:
            raise DocumentError("damaged", "signature")
        if self._header.is_encrypted or self._header.is_drm or self._header.has_cert_encrypt:
            raise DocumentError("encrypted")
        self._changes = self._tracked_changes()

    def lines(self) -> Iterator[Line]:
        """Yield the paragraphs of the body in their order."""
        storage = self._header.body_storage
        names = [path[1] for path in self._ole.listdir() if len(path) == 2 and path[0] == storage]
        found = (_SECTION.fullmatch(name) for name in names)
        numbers = sorted(int(name[1]) for name in found if name)
        if not numbers:
            raise DocumentError("damaged", "section")
        for number in numbers:
            for record in self._records(self._section(f"{storage}/Section{number}")):
                if record.tag == _PARAGRAPH:
                    yield self._line(record, 0)

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

    def _tracked_changes(self) -> dict[int, Any]:
        """Return the tracked changes that the text still shows; it is saved without, as a rule."""
        if not (self._header.is_distribution and self._header.is_track_change):
            return {}
        data = self._inflated(self._stream("DocInfo", self._text_left))
        changes: dict[int, Any] = DocInfoParser().parse_stream(data, False).track_changes
        return changes

    def _records(self, data: bytes) -> list[_Record]:
        """Return a section's records as trees, each under the last one of a higher level."""
        roots: list[_Record] = []
        above: list[_Record] = []
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
            self._records_left -= 1
            if self._records_left < 0:
                raise DocumentError("hostile", "records")
            if tag in _KEPT:
                record = _Record(tag, level, data[place : place + size])
                while above and above[-1].level >= level:
                    above.pop()
                (above[-1].under if above else roots).append(record)
                above.append(record)
            place += size
        return roots

    def _line(self, paragraph: _Record, depth: int) -> Line:
        """Return one paragraph: its text, and what its controls hold where they stand in it."""
        controls: defaultdict[bytes, deque[_Record]] = defaultdict(deque)
        for record in paragraph.under:
            if record.tag == _CONTROL:
                controls[record.data[:4]].append(record)
        line: Line = []
        text, places = self._text(paragraph)
        begin = 0
        for kind, place in places:
            held = self._held(controls[kind].popleft(), depth) if controls[kind] else []
            if held:
                line += [text[begin:place], *held]
                begin = place
        line.append(text[begin:])
        for waiting in controls.values():
            for record in waiting:
                line += self._held(record, depth)
        return line

    def _text(self, paragraph: _Record) -> tuple[str, list[tuple[bytes, int]]]:
        """Return a paragraph's text, and (kind, place in the text) of each control."""
        data = next((record.data for record in paragraph.under if record.tag == _TEXT), b"")
        found = parse_para_text(data)
        if self._changes:
            ranges = [record.data for record in paragraph.under if record.tag == _RANGES]
            problems: list[str] = []
            found = project_text_result(found, ranges, self._changes, "final", problems)
            if problems:
                raise DocumentError("damaged", "tracked changes")
        places = found["raw_to_text"]
        return found["text"], [(kind, places[start]) for start, _, kind in found["inline_controls"]]

    def _held(self, control: _Record, depth: int) -> Line:
        """Return what a control holds; headers, notes, comments and fields hold no text of ours."""
        if depth > MAX_NESTING:
            raise DocumentError("hostile", "nested tables")
        kind = control.data[:4]
        if kind == _TABLE_CONTROL:
            return self._table(control, depth + 1)
        if kind == _SHAPE_CONTROL:
            lines = [line for text in _texts(control) for line in self._lines(text, depth + 1)]
            return [Box(lines)] if lines else []
        return [_main_text(control.data)] if kind == _GLOSSED_CONTROL else []

    def _lines(self, text: _Text, depth: int) -> list[Line]:
        return [self._line(paragraph, depth) for paragraph in text.paragraphs]

    def _table(self, control: _Record, depth: int) -> Line:
        """Return a table, and its caption before or behind it."""
        grid = Grid()
        before: Line = []
        behind: Line = []
        for text in _texts(control):
            lines = self._lines(text, depth)
            if text.table is None:
                side = text.head[8] & 3 if len(text.head) > 8 else 0
                (behind if side in _CAPTION_BEHIND else before).append(Box(lines))
                continue
            grid.rows, grid.columns = struct.unpack_from("<2H", text.table, 4)
            column, row, columns, rows = struct.unpack_from("<4H", text.head, 8)
            grid.cells.append(Cell(row + 1, column + 1, max(rows, 1), max(columns, 1), lines))
        return [*before, grid, *behind]


class _Text(NamedTuple):
    """One text of a control: what its head says, its paragraphs, the table that it is a cell of."""

    head: bytes
    paragraphs: list[_Record]
    table: bytes | None


def _texts(control: _Record) -> list[_Text]:
    """Return a control's texts; their paragraphs stand behind their head, or under it."""
    table: bytes | None = None
    texts: list[_Text] = []
    for record in control.under:
        if record.tag == _TABLE:
            table = record.data
        elif record.tag == _LIST:
            under = [inner for inner in record.under if inner.tag == _PARAGRAPH]
            texts.append(_Text(record.data, under, table))
        elif record.tag == _PARAGRAPH and texts:
            texts[-1].paragraphs.append(record)
    return texts


def _main_text(data: bytes) -> str:
    """Return the main text of a gloss: its length and its letters behind the control's name."""
    (length,) = struct.unpack_from("<H", data, 4)
    return data[6 : 6 + 2 * length].decode("utf-16-le", "replace")

"""A .pdf with ruled tables as blocks: lines of text, and the cells between drawn lines.

A PDF says where ink lies and nothing else. Words that wrap inside a cell keep their line break,
each line outside a table is a paragraph, and a person should look at what was read.
"""

import io
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from etl.documents.blocks import MAX_TEXT, Block, Paragraph, numbered
from etl.documents.package import MAX_TOTAL, DocumentError
from etl.documents.ruled import RuledTable, ruled_tables, text_lines
from etl.documents.signs import raised

MAX_PAGES = 100
MAX_UNKNOWN_SHARE = 0.5  # of a page's characters whose font does not say which they are
MARGIN_SHARE = 0.08  # of a page's height, above and below, where a lone number is its number

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_PICTURE = re.compile(rb"/Subtype\s*/Image")
_FONT = re.compile(rb"/Length1\b|/Subtype\s*/(?:CIDFontType0C|Type1C|OpenType)")
_DICTIONARY = 2048  # bytes before a stream in which it tells what it is
_END_WITHIN = 2048  # bytes in which a PDF must end
_SMALL_SHARE = 0.8  # of the size of the letters beside it, at which a digit is a small one
_FOOT_SHARE = 0.1  # of that size, by which it stands off their foot
_RADICALS = "\u2e80", "\u2fdf"
_PAGE_NUMBER = re.compile(r"[-–—\s]*[0-9]{1,4}(?:\s*/\s*[0-9]{1,4})?[-–—\s]*")


def read_pdf(content: bytes) -> list[Block]:
    """Return lines and tables by their place on the pages; a table that goes on overleaf is one.

    Raises DocumentError: `no_text` for pictures of pages, `encrypted`, `truncated`, `damaged`,
    `file_too_large` or `hostile`.
    """
    _refuse_before_reading(content)
    parts = _joined(_page_parts(page) for page in _pages(content))
    if not any(part if isinstance(part, str) else part.has_text for part in parts):
        raise DocumentError("no_text")
    return numbered(Paragraph(0, part) if isinstance(part, str) else part.block() for part in parts)


def _refuse_before_reading(content: bytes) -> None:
    """Refuse what ends too soon, and streams that would fill the memory when inflated.

    A font inside a document may be large; it is no text.
    """
    if b"%%EOF" not in content[-_END_WITHIN:]:
        raise DocumentError("truncated", "%%EOF")
    total = fonts = 0
    for found in _STREAM.finditer(content):
        dictionary = content[max(0, found.start() - _DICTIONARY) : found.start()]
        if _PICTURE.search(dictionary, dictionary.rfind(b"obj") + 1):
            continue  # pictures are not looked at
        end = content.find(b"endstream", found.end())
        try:
            packed = content[found.end() : end if end >= 0 else None]
            size = len(zlib.decompressobj().decompress(packed, MAX_TOTAL - total - fonts + 1))
        except zlib.error:  # not of this kind
            continue
        if _FONT.search(dictionary, dictionary.rfind(b"obj") + 1):
            fonts += size
        else:
            total += size
        if total + fonts > MAX_TOTAL:
            raise DocumentError("hostile", f"{total + fonts} bytes")
    if total > MAX_TEXT:
        raise DocumentError("file_too_large", f"{total} bytes")


class _Page(NamedTuple):
    """What is drawn on one page, in points."""

    height: float
    chars: list[dict[str, Any]]
    edges: list[dict[str, Any]]


def _pages(content: bytes) -> Iterator[_Page]:
    """Yield the pages; what the library stumbles over here is the file's fault, nothing else is."""
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            if len(document.pages) > MAX_PAGES:
                raise DocumentError("file_too_large", f"{len(document.pages)} pages")
            for page in document.pages:
                drawn = _Page(float(page.height), page.chars, page.edges)
                page.close()
                yield drawn
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # the library raises whatever its parsing stumbles over
        raise _as_document_error(error) from error


def _as_document_error(error: Exception) -> Exception:
    cause = error.args[0] if isinstance(error, PdfminerException) and error.args else error
    if isinstance(cause, MemoryError):
        return cause
    if isinstance(cause, (PDFPasswordIncorrect, PDFEncryptionError)):
        return DocumentError("encrypted")
    return DocumentError("damaged", type(cause).__name__)


def _joined(pages: Iterable[list[str | RuledTable]]) -> list[str | RuledTable]:
    """Return the parts of all pages; a table at a page's end goes on at the next one's start."""
    parts: list[str | RuledTable] = []
    for page in pages:
        match parts[-1:], page:
            case [RuledTable() as last], [RuledTable() as first, *rest] if last.goes_on_in(first):
                parts[-1:] = [last.joined(first), *rest]
            case _:
                parts += page
    return parts


def _page_parts(page: _Page) -> list[str | RuledTable]:
    """Return the lines and tables of a page from top to bottom, without its page number."""
    chars = _with_raised(_once(_printed(page.chars)))
    unknown = sum(char["text"].startswith("(cid:") for char in chars)
    if unknown > MAX_UNKNOWN_SHARE * len(chars):
        raise DocumentError("no_text", f"{unknown}")
    tables, outside = ruled_tables(page.edges, chars)
    placed: list[tuple[float, str | RuledTable]] = [(table.top, table) for table in tables]
    for top, text in text_lines(outside):
        is_in_body = MARGIN_SHARE < top / page.height < 1 - MARGIN_SHARE
        if is_in_body or not _PAGE_NUMBER.fullmatch(text):
            placed.append((top, text))
    return [part for _, part in sorted(placed, key=itemgetter(0))]


def _printed(chars: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield characters as they look: a control character is a blank, a radical its ideograph.

    A font may have one glyph for two characters, and a printing program names the first of them.
    """
    for char in chars:
        text = char["text"]
        if text < " ":
            yield {**char, "text": " "}
        elif _RADICALS[0] <= text <= _RADICALS[1]:
            yield {**char, "text": unicodedata.normalize("NFKC", text)}
        else:
            yield char


def _with_raised(chars: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return characters of which small digits beside larger letters are what they look like.

    They stand above the foot of the letters or below it: the number of a note, the 2 of m².
    """
    beside = [{}, *chars, {}]
    return [
        {**char, "text": raised(char["text"])}
        if char["text"].isdecimal() and (_is_raised(char, left) or _is_raised(char, right))
        else char
        for left, char, right in zip(beside, chars, beside[2:], strict=False)
    ]


def _is_raised(char: dict[str, Any], other: dict[str, Any]) -> bool:
    if not other or char["size"] > _SMALL_SHARE * other["size"]:
        return False
    gap = max(char["x0"] - other["x1"], other["x0"] - char["x1"])
    is_on_line = other["top"] - char["size"] < char["top"] < other["bottom"]
    is_off_foot = abs(char["bottom"] - other["bottom"]) > _FOOT_SHARE * other["size"]
    return bool(gap < other["size"] / 2 and is_on_line and is_off_foot)


def _once(chars: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return characters without those printed again on the spot, which some print as bold."""
    kept = []
    seen: set[tuple[str, int, int]] = set()
    for char in chars:
        x, y = round(char["x0"] * 2), round(char["top"] * 2)
        near = {(char["text"], x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)}
        if near.isdisjoint(seen):
            kept.append(char)
        seen.add((char["text"], x, y))
    return kept

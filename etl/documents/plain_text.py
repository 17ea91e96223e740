"""A card exported as plain text or Markdown, as blocks.

Lines with tabs, or between bars, are the rows of a table; a blank line or another line ends it.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import groupby

from etl.documents.blocks import (
    MAX_TEXT,
    Block,
    GridCell,
    Paragraph,
    TableBlock,
    numbered,
    refuse_large,
)
from etl.documents.package import DocumentError

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HEADING = re.compile(r"#{1,6}\s+")
_BOLD = re.compile(r"\*\*([^*\s](?:[^*]*[^*\s])?)\*\*")
_BAR = re.compile(r"(?<!\\)\|")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_text(content: bytes) -> list[Block]:
    """Return the lines as paragraphs and tables; every row of a table has the same cells.

    Raises DocumentError as `decoded`.
    """
    return numbered(_blocks(decoded(content)))


def decoded(content: bytes) -> str:
    """Decode by the mark in front, else as UTF-8, else as CP949 (EUC-KR); never by guessing.

    Raises DocumentError: `damaged` for what is no text of one encoding, `file_too_large`.
    """
    if len(content) > MAX_TEXT:
        raise DocumentError("file_too_large", f"{len(content)}")
    marked = next((name for mark, name in _BOMS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp949"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise DocumentError("damaged", "encoding")


def _blocks(text: str) -> Iterator[Block]:
    for kind, lines in groupby(text.splitlines(), _kind):
        run = list(lines)
        # Tabs in front of the text alone are an indentation.
        if kind == "tabs" and any("\t" in line.lstrip() for line in run):
            yield _table([line.split("\t") for line in run])
        elif kind == "bars":
            yield _table([_between_bars(line) for line in _without_rule(run)])
        else:
            yield from (Paragraph(0, _plain(_HEADING.sub("", line, 1))) for line in run)


def _kind(line: str) -> str:
    if "\t" in line:
        return "tabs"
    return "bars" if line.lstrip().startswith("|") and line.count("|") > 1 else "text"


def _without_rule(lines: list[str]) -> list[str]:
    """Drop the second line of a Markdown table where it only rules off the first: `|---|:-:|`."""
    is_ruled = len(lines) > 1 and "-" in lines[1] and not lines[1].strip("|:- ")
    return [lines[0], *lines[2:]] if is_ruled else lines


def _between_bars(line: str) -> list[str]:
    cells = _BAR.split(line.strip().removeprefix("|"))
    if not cells[-1].strip():  # behind the closing bar
        cells.pop()
    return [_LINE_BREAK.sub("\n", cell.replace("\\|", "|")) for cell in cells]


def _table(rows: list[list[str]]) -> TableBlock:
    width = max(len(row) for row in rows)
    refuse_large(len(rows), width)
    cells = (
        GridCell(number, column, _plain(text).strip())
        for number, row in enumerate(rows, 1)
        for column, text in enumerate(row, 1)
    )
    return TableBlock(0, tuple(cells), spans_known=False).filled()


def _plain(text: str) -> str:
    return _BOLD.sub(r"\1", text).rstrip()

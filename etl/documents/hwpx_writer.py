"""Blocks → a Hangul document (.hwpx) as an office would make it: A4, ruled tables, true merges.

The package and its styles come from `python-hwpx`, once per process; only the text is written
here, so that a card costs milliseconds and the same blocks give the same bytes. What is read back
by `read_hwpx` are the same blocks.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from hwpx.document import HwpxDocument

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock

# In HWPUNIT, a hundredth of a point: 7,200 an inch.
_TEXT_WIDTH = 48_188  # A4 between margins of 20 mm
_TEXT_HEIGHT = 70_000  # A4 between the upper and the lower margins, a little less
_LETTER = 900  # one Hangul letter in a table
_LINE = 1_170
_SIDE, _ABOVE = 283, 141  # margins of a cell

_SECTION = "Contents/section0.xml"
_LIST_OF_PARTS = "Contents/content.hpf"
_PROGRAM = "gongyak"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_META = '(<opf:meta name="{}" content="text">)[^<]*'
_MARKUP: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)),  # no XML holds these
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord("\r"): "&#13;",
    ord("\n"): "<hp:lineBreak/>",
    ord("\t"): '<hp:tab width="4000" leader="0" type="1"/>',
}
_UNIT_LINE = re.compile(r"\s*\(\s*단위.*\)\s*")
_NUMBER = re.compile(r"[△▲+-]?\s*[0-9][0-9,.]*")
_NARROWEST, _WIDEST = 2.5, 10.0  # of what one word asks of its column, in letters
_SHORT = 12  # letters that look better in the middle of a cell


class _Style(NamedTuple):
    """The numbers of a paragraph shape and a letter shape in the package's header."""

    paragraph: str
    letter: str


@dataclass(frozen=True)
class _Template:
    """A package without text: its members, and what the section's text is written with."""

    members: tuple[tuple[str, bytes], ...]
    opening: str
    page_setup: str
    styles: dict[str, _Style]
    plain_fill: str
    head_fill: str


def write_hwpx(blocks: Sequence[Block], path: Path, *, written_at: datetime) -> Path:
    """Write blocks as a .hwpx file and return its path; see `hwpx_bytes`."""
    path.write_bytes(hwpx_bytes(blocks, written_at=written_at))
    return path


def hwpx_bytes(blocks: Sequence[Block], *, written_at: datetime) -> bytes:
    """Return a .hwpx package of the blocks; the same arguments give the same bytes.

    A gap in the paragraphs' numbers becomes as many empty paragraphs. A table's first row is its
    header, with what its first cells span. A place that no cell covers gets an empty cell.
    `written_at` (with its time zone) is the document's date. Control characters, which the format
    cannot hold, are left out.
    """
    template = _template()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in template.members:
            if name == _SECTION:
                data = _section(template, blocks).encode()
            elif name == _LIST_OF_PARTS:
                data = _dated(data.decode(), written_at).encode()
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.create_system = 0
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            package.writestr(info, data)
    return stream.getvalue()


@lru_cache(maxsize=1)
def _template() -> _Template:
    document = HwpxDocument.new()
    margins = {"left": 20, "right": 20, "top": 15, "bottom": 15, "header": 10, "footer": 10}
    document.page.setup(paper_size="A4", margins_mm=margins)
    fills = [
        document.styles.ensure_border_fill(border_color="#000000", fill_color=color)
        for color in (None, "#E7ECF4")
    ]
    styles = _styles(document)
    with zipfile.ZipFile(io.BytesIO(document.to_bytes())) as package:
        members = tuple((name, package.read(name)) for name in package.namelist())
    section = dict(members)[_SECTION].decode()
    paragraph, run = section.index("<hp:p "), section.index("<hp:run")
    run_end = section.index("</hp:run>") + len("</hp:run>")
    return _Template(members, section[:paragraph], section[run:run_end], styles, *fills)


def _styles(document: HwpxDocument) -> dict[str, _Style]:
    letters = {
        "text": document.styles.ensure_run(font="함초롬바탕", size=11),
        "heading": document.styles.ensure_run(font="맑은 고딕", size=13, bold=True),
        "subheading": document.styles.ensure_run(font="맑은 고딕", size=11, bold=True),
        "cell": document.styles.ensure_run(font="맑은 고딕", size=9),
        "head": document.styles.ensure_run(font="맑은 고딕", size=9, bold=True),
    }

    def style(letter: str, alignment: str, leads_on: bool = False) -> _Style:
        sample = document.add_paragraph("", inherit_style=False)
        document.styles.apply_paragraph_format(
            paragraphs=[sample],
            alignment=alignment,
            line_spacing_percent=130 if letter in ("cell", "head") else 160,
            spacing_before_pt=6 if letter == "heading" else 0,
            keep_with_next=leads_on,
        )
        return _Style(f"{sample.para_pr_id_ref}", letters[letter])

    return {
        "text": style("text", "JUSTIFY"),
        "unit": style("text", "RIGHT", leads_on=True),
        "heading": style("heading", "LEFT", leads_on=True),
        "subheading": style("subheading", "LEFT", leads_on=True),
        "head": style("head", "CENTER"),
        "cell": style("cell", "LEFT"),
        "cell_middle": style("cell", "CENTER"),
        "cell_right": style("cell", "RIGHT"),
    }


def _dated(parts: str, written_at: datetime) -> str:
    """Return the package's list of parts with our name and the document's dates in it."""
    moment = f"{written_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    shown = f"{written_at.year}년 {written_at.month}월 {written_at.day}일"
    values = {"creator": _PROGRAM, "lastsaveby": _PROGRAM, "date": shown}
    for name, value in {**values, "CreatedDate": moment, "ModifiedDate": moment}.items():
        parts = re.sub(_META.format(name), rf"\g<1>{value}", parts)
    return parts


def _section(template: _Template, blocks: Sequence[Block]) -> str:
    """Return the section's XML; the page's setup stands in its first paragraph."""
    first, *others = _paragraphs(template, blocks) or [_paragraph(template.styles["text"], "")]
    opened, content = first.split(">", 1)
    return "".join((template.opening, opened, ">", template.page_setup, content, *others)) + (
        "</hs:sec>"
    )


def _paragraphs(template: _Template, blocks: Sequence[Block]) -> list[str]:
    written: list[str] = []
    number = tables = 0
    for block in blocks:
        if isinstance(block, TableBlock):
            tables += 1
            table = _table(template, block, tables)
            run = f'<hp:run charPrIDRef="{template.styles["text"].letter}">{table}</hp:run>'
            written.append(_framed(template.styles["text"], run))
            continue
        written += [_paragraph(template.styles["text"], "")] * (block.number - number - 1)
        written.append(_paragraph(template.styles[_kind(block)], block.text))
        number = max(block.number, number + 1)
    return written


def _kind(block: Paragraph) -> str:
    text = block.text.lstrip()
    if text.startswith("□"):
        return "heading"
    if text.startswith("【"):
        return "subheading"
    return "unit" if _UNIT_LINE.fullmatch(text) else "text"


def _paragraph(style: _Style, text: str) -> str:
    held = f"<hp:t>{text.translate(_MARKUP)}</hp:t>" if text else ""
    return _framed(style, f'<hp:run charPrIDRef="{style.letter}">{held}</hp:run>')


def _framed(style: _Style, runs: str) -> str:
    return (
        f'<hp:p id="0" paraPrIDRef="{style.paragraph}" styleIDRef="0" pageBreak="0"'
        f' columnBreak="0" merged="0">{runs}</hp:p>'
    )


def _table(template: _Template, table: TableBlock, order: int) -> str:
    rows, columns = max(table.row_count, 1), max(table.column_count, 1)
    cells = [*table.cells, *_missing(table, rows, columns)]
    edges = _edges(table, columns)
    heights = _heights(cells, rows, edges)
    head = max((cell.row_span for cell in cells if cell.row == 1), default=1)
    head = head if head < rows else 0
    of_row: dict[int, list[GridCell]] = {row: [] for row in range(1, rows + 1)}
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        of_row[cell.row].append(cell)
    written = "".join(
        f"<hp:tr>{''.join(_cell(template, cell, edges, heights, row <= head) for cell in line)}"
        "</hp:tr>"
        for row, line in of_row.items()
    )
    height = sum(heights)
    return (
        f'<hp:tbl id="{order}" zOrder="{order}" numberingType="TABLE" textWrap="TOP_AND_BOTTOM"'
        ' textFlow="BOTH_SIDES" lock="0" dropcapstyle="None" pageBreak="CELL"'
        f' repeatHeader="{int(head > 0)}" rowCnt="{rows}" colCnt="{columns}" cellSpacing="0"'
        f' borderFillIDRef="{template.plain_fill}" noAdjust="0">'
        f'<hp:sz width="{edges[-1]}" widthRelTo="ABSOLUTE" height="{height}"'
        ' heightRelTo="ABSOLUTE" protect="0"/>'
        # Only a table that is no letter of its line can go on over pages.
        f'<hp:pos treatAsChar="{int(height < _TEXT_HEIGHT)}" affectLSpacing="0" flowWithText="1"'
        ' allowOverlap="0" holdAnchorAndSO="0" vertRelTo="PARA" horzRelTo="COLUMN"'
        ' vertAlign="TOP" horzAlign="LEFT" vertOffset="0" horzOffset="0"/>'
        '<hp:outMargin left="0" right="0" top="0" bottom="0"/>'
        f'<hp:inMargin left="{_SIDE}" right="{_SIDE}" top="{_ABOVE}" bottom="{_ABOVE}"/>'
        f"{written}</hp:tbl>"
    )


def _missing(table: TableBlock, rows: int, columns: int) -> Iterator[GridCell]:
    """Yield an empty cell for each place without one, which the format does not allow."""
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            if table.at(row, column) is None:
                yield GridCell(row, column, "")


def _cell(
    template: _Template, cell: GridCell, edges: list[int], heights: list[int], is_head: bool
) -> str:
    style = template.styles["head" if is_head else _cell_kind(cell.text)]
    fill = template.head_fill if is_head else template.plain_fill
    lines = "".join(_paragraph(style, line) for line in cell.text.split("\n"))
    width = edges[cell.column + cell.column_span - 1] - edges[cell.column - 1]
    height = sum(heights[cell.row - 1 : cell.row + cell.row_span - 1])
    return (
        f'<hp:tc name="" header="{int(is_head)}" hasMargin="0" protect="0" editable="0" dirty="0"'
        f' borderFillIDRef="{fill}"><hp:subList id="" textDirection="HORIZONTAL" lineWrap="BREAK"'
        ' vertAlign="CENTER" linkListIDRef="0" linkListNextIDRef="0" textWidth="0" textHeight="0"'
        f' hasTextRef="0" hasNumRef="0">{lines}</hp:subList>'
        f'<hp:cellAddr colAddr="{cell.column - 1}" rowAddr="{cell.row - 1}"/>'
        f'<hp:cellSpan colSpan="{cell.column_span}" rowSpan="{cell.row_span}"/>'
        f'<hp:cellSz width="{width}" height="{height}"/>'
        f'<hp:cellMargin left="{_SIDE}" right="{_SIDE}" top="{_ABOVE}" bottom="{_ABOVE}"/></hp:tc>'
    )


def _cell_kind(text: str) -> str:
    if _NUMBER.fullmatch(text.strip()):
        return "cell_right"
    return "cell_middle" if "\n" not in text and _length(text) <= _SHORT else "cell"


def _edges(table: TableBlock, columns: int) -> list[int]:
    """Return where the columns begin and end: no word is broken where all of them can be whole."""
    least, wanted = [_NARROWEST] * columns, [0.0] * columns
    for cell in table.cells:
        if cell.column_span == 1:
            place, text = cell.column - 1, cell.text
            word = max(map(_length, text.split()), default=0) + 2 * _SIDE / _LETTER
            least[place] = max(least[place], min(word, _WIDEST))
            wanted[place] = max(wanted[place], max(map(_length, text.split("\n"))) ** 0.7)
    spare = max(_TEXT_WIDTH / _LETTER - sum(least), 0)
    more = [max(long - word, 0.1) for long, word in zip(wanted, least, strict=True)]
    widths = [word + spare * part / sum(more) for word, part in zip(least, more, strict=True)]
    return [0, *(round(_TEXT_WIDTH * place / sum(widths)) for place in accumulate(widths))]


def _heights(cells: Sequence[GridCell], rows: int, edges: list[int]) -> list[int]:
    """Return about how high the rows are; the program that opens the file lays them out anew."""
    lines = [1] * rows
    for cell in cells:
        if cell.row_span == 1:
            width = edges[cell.column + cell.column_span - 1] - edges[cell.column - 1] - 2 * _SIDE
            letters = max(width / _LETTER, 1)
            count = sum(max(-(-_length(line) // letters), 1) for line in cell.text.split("\n"))
            lines[cell.row - 1] = max(lines[cell.row - 1], int(count))
    return [count * _LINE + 2 * _ABOVE for count in lines]


def _length(text: str) -> float:
    """Return how many Hangul letters wide a text is; Latin letters and digits are narrower."""
    return sum(1.0 if letter > "\u2000" else 0.6 for letter in text)

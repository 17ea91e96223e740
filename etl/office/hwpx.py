"""Blocks → a Hangul document (.hwpx) as an office would make it: A4, ruled tables, true merges.

The package and its styles come from `python-hwpx`, once per process; only the text is written
here, so that a card costs milliseconds and the same blocks give the same bytes. What is read back
by `read_hwpx` are the same blocks.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock, reading_order
from etl.whole import whole

if TYPE_CHECKING:
    from hwpx.document import HwpxDocument

# In HWPUNIT, a hundredth of a point: 7,200 an inch.
_TEXT_WIDTH = 48_188  # A4 between margins of 20 mm
_TEXT_HEIGHT = 70_000  # A4 between the upper and the lower margins, a little less
_SIZES = (9, 8, 7, 6)  # of letters in a table, in points; the first that its words leave room for
_POINT = 100
_LINE_HEIGHT = 1.3  # of a letter's
_SIDE, _NARROW_SIDE, _ABOVE = 283, 113, 141  # margins of a cell

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
_TEXTS = ("text", "heading", "subheading", "title")
_IN_TABLES = (
    ("head", "head", "CENTER"),
    ("left", "cell", "LEFT"),
    ("middle", "cell", "CENTER"),
    ("right", "cell", "RIGHT"),
)
_UNIT_LINE = re.compile(r"\s*\(\s*단위.*\)\s*")
_NUMBER = re.compile(r"[△▲+-]?\s*[0-9][0-9,.]*")
_NARROWEST, _WIDEST = 2.5, 10.0  # of what one word asks of its column, in letters
_SHORT = 12  # letters that look better in the middle of a cell


class _Style(NamedTuple):
    """The numbers of a paragraph shape and a letter shape in the package's header."""

    paragraph: str
    letter: str


class _TableGrid(NamedTuple):
    """Where a table's columns begin and end, how high its rows are, and how its letters look."""

    edges: list[int]
    heights: list[int]
    size: int
    sentences: frozenset[int]  # columns under a header that hold any: their words stand left too

    @property
    def side(self) -> int:
        return _side(self.size)


@dataclass(frozen=True)
class _Template:
    """A package without text: its members, and what the section's text is written with."""

    members: tuple[tuple[str, bytes], ...]
    opening: str
    page_setup: str
    styles: dict[str, _Style]
    plain_fill: str
    head_fill: str


def ruled(texts: Sequence[Sequence[str]], number: int = 0) -> TableBlock:
    """Return a table of texts, a cell each, the first row its header."""
    cells = (
        GridCell(row, column, text)
        for row, line in enumerate(texts, 1)
        for column, text in enumerate(line, 1)
    )
    return TableBlock(number, tuple(cells))


def write_hwpx(blocks: Sequence[Block], path: Path, *, written_at: datetime) -> Path:
    """Write blocks as a .hwpx file, whole or not at all, and return its path; see `hwpx_bytes`."""
    with whole(path) as unfinished:
        unfinished.write_bytes(hwpx_bytes(blocks, written_at=written_at))
    return path


def hwpx_bytes(blocks: Sequence[Block], *, written_at: datetime) -> bytes:
    """Return a .hwpx package of the blocks; the same arguments give the same bytes.

    A gap in the paragraphs' numbers becomes as many empty paragraphs; a paragraph that the document
    begins with, right above a table, is its title. A table without labels has its first row for
    a header, with what its first cells span. A place that no cell covers gets an empty cell.
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
    # Only who writes a document waits for this library.
    from hwpx.document import HwpxDocument

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


def _styles(document: "HwpxDocument") -> dict[str, _Style]:
    letters = {
        "text": document.styles.ensure_run(font="함초롬바탕", size=11),
        "heading": document.styles.ensure_run(font="맑은 고딕", size=13, bold=True),
        "subheading": document.styles.ensure_run(font="맑은 고딕", size=11, bold=True),
        "title": document.styles.ensure_run(font="맑은 고딕", size=15, bold=True),
    }
    for size in _SIZES:
        letters[f"cell{size}"] = document.styles.ensure_run(font="맑은 고딕", size=size)
        letters[f"head{size}"] = document.styles.ensure_run(font="맑은 고딕", size=size, bold=True)

    def style(letter: str, alignment: str, leads_on: bool = False) -> _Style:
        sample = document.add_paragraph("", inherit_style=False)
        document.styles.apply_paragraph_format(
            paragraphs=[sample],
            alignment=alignment,
            line_spacing_percent=160 if letter in _TEXTS else 130,
            spacing_before_pt=6 if letter == "heading" else 0,
            keep_with_next=leads_on,
        )
        return _Style(f"{sample.para_pr_id_ref}", letters[letter])

    in_tables = {
        f"{kind}{size}": style(f"{letter}{size}", alignment)
        for size in _SIZES
        for kind, letter, alignment in _IN_TABLES
    }
    return {
        "text": style("text", "JUSTIFY"),
        "unit": style("text", "RIGHT", leads_on=True),
        "heading": style("heading", "LEFT", leads_on=True),
        "subheading": style("subheading", "LEFT", leads_on=True),
        "title": style("title", "CENTER", leads_on=True),
        **in_tables,
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
    for place, block in enumerate(blocks):
        if isinstance(block, TableBlock):
            tables += 1
            table = _table(template, block, tables)
            run = f'<hp:run charPrIDRef="{template.styles["text"].letter}">{table}</hp:run>'
            written.append(_framed(template.styles["text"], run))
            continue
        written += [_paragraph(template.styles["text"], "")] * (block.number - number - 1)
        is_title = place == 0 and any(isinstance(next_, TableBlock) for next_ in blocks[1:2])
        kind = "title" if is_title else _kind(block)
        written.append(_paragraph(template.styles[kind], block.text))
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
    cells = table.filled().cells or (GridCell(1, 1, ""),)
    head = max((cell.row_span for cell in cells if cell.row == 1), default=1)
    head = head if head < rows and not any(cell.is_label for cell in cells) else 0
    grid = _grid(cells, rows, columns, head)
    of_row: dict[int, list[GridCell]] = {row: [] for row in range(1, rows + 1)}
    for cell in sorted(cells, key=reading_order):
        of_row[cell.row].append(cell)
    written = "".join(
        f"<hp:tr>{''.join(_cell(template, cell, grid, row <= head) for cell in line)}</hp:tr>"
        for row, line in of_row.items()
    )
    height = sum(grid.heights)
    return (
        f'<hp:tbl id="{order}" zOrder="{order}" numberingType="TABLE" textWrap="TOP_AND_BOTTOM"'
        ' textFlow="BOTH_SIDES" lock="0" dropcapstyle="None" pageBreak="CELL"'
        f' repeatHeader="{int(head > 0)}" rowCnt="{rows}" colCnt="{columns}" cellSpacing="0"'
        f' borderFillIDRef="{template.plain_fill}" noAdjust="0">'
        f'<hp:sz width="{grid.edges[-1]}" widthRelTo="ABSOLUTE" height="{height}"'
        ' heightRelTo="ABSOLUTE" protect="0"/>'
        # Only a table that is no letter of its line can go on over pages.
        f'<hp:pos treatAsChar="{int(height < _TEXT_HEIGHT)}" affectLSpacing="0" flowWithText="1"'
        ' allowOverlap="0" holdAnchorAndSO="0" vertRelTo="PARA" horzRelTo="COLUMN"'
        ' vertAlign="TOP" horzAlign="LEFT" vertOffset="0" horzOffset="0"/>'
        '<hp:outMargin left="0" right="0" top="0" bottom="0"/>'
        f'<hp:inMargin left="{grid.side}" right="{grid.side}" top="{_ABOVE}" bottom="{_ABOVE}"/>'
        f"{written}</hp:tbl>"
    )


def _cell(template: _Template, cell: GridCell, grid: _TableGrid, is_head: bool) -> str:
    is_shaded = is_head or cell.is_label
    kind = "head" if is_shaded else _cell_kind(cell.text)
    if kind == "middle" and cell.column in grid.sentences:
        kind = "left"
    style = template.styles[f"{kind}{grid.size}"]
    fill = template.head_fill if is_shaded else template.plain_fill
    lines = "".join(_paragraph(style, line) for line in cell.text.split("\n"))
    width = _width(cell, grid.edges)
    height = sum(grid.heights[cell.row - 1 : cell.bottom])
    return (
        f'<hp:tc name="" header="{int(is_head)}" hasMargin="0" protect="0" editable="0" dirty="0"'
        f' borderFillIDRef="{fill}"><hp:subList id="" textDirection="HORIZONTAL" lineWrap="BREAK"'
        ' vertAlign="CENTER" linkListIDRef="0" linkListNextIDRef="0" textWidth="0" textHeight="0"'
        f' hasTextRef="0" hasNumRef="0">{lines}</hp:subList>'
        f'<hp:cellAddr colAddr="{cell.column - 1}" rowAddr="{cell.row - 1}"/>'
        f'<hp:cellSpan colSpan="{cell.column_span}" rowSpan="{cell.row_span}"/>'
        f'<hp:cellSz width="{width}" height="{height}"/>'
        f'<hp:cellMargin left="{grid.side}" right="{grid.side}" top="{_ABOVE}"'
        f' bottom="{_ABOVE}"/></hp:tc>'
    )


def _cell_kind(text: str) -> str:
    if _NUMBER.fullmatch(text.strip()):
        return "right"
    return "middle" if "\n" not in text and _length(text) <= _SHORT else "left"


def _side(size: int) -> int:
    return _SIDE if size == _SIZES[0] else _NARROW_SIDE


def _width(cell: GridCell, edges: Sequence[int]) -> int:
    return edges[cell.right] - edges[cell.column - 1]


def _grid(cells: Sequence[GridCell], rows: int, columns: int, head: int) -> _TableGrid:
    """Lay out a table in the largest letters that leave room for its words, else the smallest."""
    for size in _SIZES:
        edges, is_roomy = _edges(cells, columns, size)
        if is_roomy:
            break
    below = [cell for cell in cells if 0 < head < cell.row]
    sentences = frozenset(cell.column for cell in below if _cell_kind(cell.text) == "left")
    return _TableGrid(edges, _heights(cells, rows, edges, size), size, sentences)


def _edges(cells: Sequence[GridCell], columns: int, size: int) -> tuple[list[int], bool]:
    """Return where the columns begin and end, and whether no word is broken there."""
    letter = size * _POINT
    least, wanted = [_NARROWEST] * columns, [0.0] * columns
    for cell in cells:
        if cell.column_span == 1:
            place, text = cell.column - 1, cell.text
            word = max(map(_length, text.split()), default=0) + 2 * _side(size) / letter
            least[place] = max(least[place], min(word, _WIDEST))
            wanted[place] = max(wanted[place], max(map(_length, text.split("\n"))) ** 0.7)
    spare = _TEXT_WIDTH / letter - sum(least)
    more = [max(long - word, 0.1) for long, word in zip(wanted, least, strict=True)]
    part = max(spare, 0) / sum(more)
    widths = [word + part * wish for word, wish in zip(least, more, strict=True)]
    edges = [round(_TEXT_WIDTH * place / sum(widths)) for place in accumulate(widths)]
    return [0, *edges], spare >= 0


def _heights(cells: Sequence[GridCell], rows: int, edges: Sequence[int], size: int) -> list[int]:
    """Return about how high the rows are; the program that opens the file lays them out anew.

    What a cell over several rows needs more than they have goes to the last of them.
    """
    line = round(size * _POINT * _LINE_HEIGHT)
    heights = [line + 2 * _ABOVE] * rows
    for cell in sorted(cells, key=lambda cell: cell.row_span):
        room = (_width(cell, edges) - 2 * _side(size)) / (size * _POINT)
        needed = _line_count(cell.text, max(room, 1)) * line + 2 * _ABOVE
        heights[cell.bottom - 1] += max(needed - sum(heights[cell.row - 1 : cell.bottom]), 0)
    return heights


def _line_count(text: str, room: float) -> int:
    """Return how many lines a text takes where `room` letters stand side by side."""
    count = 0
    for line in text.split("\n"):
        count += 1
        used = 0.0
        for word in line.split(" "):
            length = _length(word)
            if used and used + length > room:
                count, used = count + 1, 0.0
            count += int(length / room)  # a word longer than a line goes on in the next
            used += length % room + _length(" ")
    return count


def _length(text: str) -> float:
    """Return how many Hangul letters wide a text is; Latin letters and digits are narrower."""
    return sum(1.0 if letter > "\u2000" else 0.6 for letter in text)

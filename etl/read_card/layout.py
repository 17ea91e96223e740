"""Blocks of a document → what a card holds, in order: lines of text, and tables that are tables.

Offices use tables to lay out a page: a frame around a whole card, a strip that sets a heading off,
rows of a heading and its text. These are taken apart here, so that the rest of the reader meets
lines and tables as if nobody had drawn anything around them.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from etl.cells import RawCell, money
from etl.cells.phrases import printed_unit
from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock, row_groups
from etl.read_card.lines import (
    BODY,
    LONGEST_HEADING,
    PEOPLE,
    Headings,
    Line,
    line_place,
    lines_of,
    paragraph_place,
    section_named,
)
from etl.read_card.words import CardWords

_STRIP_CELLS = 4
_ROW = "row"  # the shape of a heading in a row with its text, behind the columns it takes

Part: TypeAlias = "list[Line] | TableBlock"
"""Lines that stand together, or a table."""


def parts(blocks: Sequence[Block], words: CardWords) -> tuple[list[Part], Headings]:
    """Return a document's lines and tables in order, and what its headings look like.

    Rows of a table are sections only where no line is the heading of the same section.
    """
    laid = [*_Layout(words).parts(blocks)]
    lines = [line for part in laid if isinstance(part, list) for line in part]
    known = Headings(lines, words)
    apart: list[Part] = []
    seen: set[int] = set()
    for part in laid:
        if isinstance(part, list):
            apart.append(part)
        elif id(part) not in seen:
            strip = _strip(part, words, known.shapes)
            apart += [strip] if strip else _Rows(part, words, known.codes, seen).parts()
    lines = [line for part in apart if isinstance(part, list) for line in part]
    return apart, Headings(lines, words)


class _Layout:
    """Opens frames, boxes and strips; a table inside one is met there and not once more."""

    def __init__(self, words: CardWords, seen: set[int] | None = None) -> None:
        self.words = words
        self._seen = set[int]() if seen is None else seen

    def parts(self, blocks: Iterable[Block]) -> Iterator[Part]:
        for block in blocks:
            if isinstance(block, Paragraph):
                yield lines_of(block.text, paragraph_place(block), self.words)
            elif id(block) not in self._seen:
                yield from self.table(block)

    def table(self, table: TableBlock) -> Iterator[Part]:
        if _is_box(table):
            for cell in table.cells:
                yield from self.cell(table, cell)
        elif lines := _strip(table, self.words):
            yield lines
        else:
            yield table

    def cell(self, table: TableBlock, cell: GridCell, shape: str = "") -> Iterator[Part]:
        """Yield what stands in one cell, in its order."""
        place = line_place(table, cell)
        for block in cell.held or (Paragraph(0, cell.text),):
            if isinstance(block, Paragraph):
                yield lines_of(block.text, place, self.words, shape)
            else:
                self._seen.add(id(block))
                yield from self.table(block)


def _is_box(table: TableBlock) -> bool:
    """Tell whether a table only draws lines around text: one column, or a frame around tables.

    A frame's rows are one cell each, or it has a single row.
    """
    if table.column_count <= 1:
        return True
    if not any(cell.held for cell in table.cells):
        return False
    width = table.column_count
    return all(c.row == 1 for c in table.cells) or all(c.column_span == width for c in table.cells)


def _strip(table: TableBlock, words: CardWords, shapes: Collection[str] = ()) -> list[Line] | None:
    """Return the heading that a table of few cells sets off, and the unit beside it, if any.

    Its cells hold one heading, a number or sign before or behind it, and nothing else. One that is
    not known has the shape of one that is.
    """
    if len(table.cells) > _STRIP_CELLS or any(cell.held for cell in table.cells):
        return None
    filled = [cell for cell in table.cells if cell.text.strip()]
    signs = [cell for cell in filled if words.form.strip_sign.fullmatch(cell.text.strip())]
    units = [cell for cell in filled if printed_unit(cell.text) and cell not in signs]
    others = [cell for cell in filled if cell not in signs and cell not in units]
    if len(others) != 1 or len(signs) > 1 or len(units) > 1:
        return None
    text = " ".join(others[0].text.split())
    kinds = ("sign" if c in signs else "words" if c in others else "" for c in table.cells)
    shape = "|".join(kinds)
    if not section_named(text, words):
        is_like_one = shape in shapes and any(map(str.isalpha, text))
        if not is_like_one or len(text) > LONGEST_HEADING or _is_amount(text):
            return None
        text = " ".join(" ".join(cell.text.split()) for cell in filled if cell not in units)
    heading = Line(line_place(table, others[0]), text, shape)
    return [heading, *(Line(line_place(table, cell), cell.text.strip(), BODY) for cell in units)]


def _is_amount(text: str) -> bool:
    return money(RawCell(text), 1).kind == "value"


@dataclass(frozen=True)
class _Band:
    """Rows that no cell crosses into, and what may be a heading at their left.

    `body` are the cells right of the heading.
    """

    top: int
    bottom: int
    head: GridCell | None
    body: list[GridCell]

    @property
    def texts(self) -> list[str]:
        return [cell.text for cell in (self.head, *self.body) if cell]

    @property
    def width(self) -> int:
        """The columns that the heading reaches, counted from the left."""
        return self.head.right if self.head else 0

    @property
    def has_one_text(self) -> bool:
        return len({cell.column for cell in self.body}) == 1

    @property
    def may_be_row(self) -> bool:
        """Tell whether it is a heading beside one text, or beside several rows."""
        return self.has_one_text or (self.bottom > self.top and len(self.body) > 1)


class _Rows:
    """Takes the sections of one table apart, where rows of it are a heading and its text."""

    def __init__(
        self, table: TableBlock, words: CardWords, known: set[str | None], seen: set[int]
    ) -> None:
        self.table = table
        self.words = words
        self.known = known
        self.seen = seen
        self.layout = _Layout(words, seen)
        self.starts_card = any(words.label(c.text) in words.starts_card for c in table.cells)

    def parts(self) -> Iterator[Part]:
        if not self._may_hold_sections():
            yield self.table
            return
        bands = list(_bands(self.table, self.words))
        kinds = self._kinds(bands)
        top, has_labels = 1, False
        for band, kind in zip(bands, kinds, strict=True):
            is_of_people = not has_labels and self._names_people(band.head)
            if (kind or is_of_people) and band.top > top:
                yield from self._rest(top, band.top - 1)
                top = band.top
            has_labels |= any(map(self.words.label, band.texts))
            if kind:
                yield from self._section(band, kind)
                top = band.bottom + 1
        if top <= self.table.row_count:
            yield from self._rest(top, self.table.row_count)

    def _may_hold_sections(self) -> bool:
        """Tell at little cost that a table has no heading and no frame inside."""
        return any(
            cell.held or self._section_of(cell) or self._holds_heading(cell)
            or self._names_people(cell)
            for cell in self.table.cells
        )  # fmt: skip

    def _names_people(self, cell: GridCell | None) -> bool:
        """Tell whether rows of people begin here: their table may follow another without a gap."""
        return cell is not None and cell.row > 1 and self.words.label(cell.text) in {*PEOPLE}

    def _holds_heading(self, cell: GridCell) -> bool:
        """Tell whether lines over the whole table have a heading among them."""
        if cell.column_span < self.table.column_count:
            return False
        return any(section_named(line, self.words) for line in cell.text.splitlines())

    def _section_of(self, cell: GridCell | None) -> str | None:
        """Return the section that a cell is the heading of, if no line is it already."""
        code = section_named(" ".join(cell.text.split()), self.words) if cell else None
        return None if code in self.known else code

    def _kinds(self, bands: Sequence[_Band]) -> list[str]:
        """Return what each band is: `heading`, `row`, `text` below a heading, or nothing."""
        rows = [band for band in bands if self._is_row(band)]
        if not self.starts_card and 2 * len(rows) < sum(bool(band.head) for band in bands):
            rows = []
        kinds: list[str] = []
        widths: set[int] = set()
        for band in bands:
            kind = self._kind(band, band in rows, widths, bool(any(kinds)))
            widths |= {band.width} if kind == "row" else set()
            kinds.append(kind)
        return kinds

    def _kind(self, band: _Band, is_row: bool, widths: set[int], is_below: bool) -> str:
        if band.head is None:
            return ""
        if not band.body:
            is_heading = self._section_of(band.head) is not None
            is_text = is_below or bool(band.head.held) or self._holds_heading(band.head)
            return "heading" if is_heading else "text" if is_text else ""
        label = self.words.label(band.head.text)
        if is_row:
            return "row" if is_below or label is None or not self.starts_card else ""
        is_like_one = band.width in widths and band.has_one_text and label is None
        return "row" if is_like_one and len(band.head.text) <= LONGEST_HEADING else ""

    def _is_row(self, band: _Band) -> bool:
        if band.head is None or not self._section_of(band.head) or not band.may_be_row:
            return False
        texts = [cell.text for cell in band.body]
        is_of_headings = len(texts) == 1 and section_named(texts[0], self.words)
        return not is_of_headings and not any(map(self.words.label, texts))

    def _section(self, band: _Band, kind: str) -> Iterator[Part]:
        if (head := band.head) is None:
            return
        if kind == "text":
            yield from self._apart(self.layout.cell(self.table, head))
            return
        text = " ".join(head.text.split())
        shape = "" if kind == "heading" else f"{_ROW}{band.width}"
        yield [Line(line_place(self.table, head), text, shape)]
        if band.has_one_text:
            for cell in band.body:
                yield from self._apart(self.layout.cell(self.table, cell, BODY))
        elif band.body:
            yield from self._region(self.table.part(band.top, band.bottom, band.width + 1))

    def _region(self, part: TableBlock) -> Iterator[Part]:
        """Yield the rows beside one heading: a cell over all columns is text, others are tables."""
        top = 1
        for band in _bands(part, self.words):
            if band.head is None or band.body:
                continue
            if band.top > top:
                yield part.part(top, band.top - 1)
            yield from self._apart(self.layout.cell(part, band.head, BODY))
            top = band.bottom + 1
        if top <= part.row_count:
            yield part.part(top, part.row_count)

    def _apart(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if isinstance(part, TableBlock):
                yield from _Rows(part, self.words, self.known, self.seen).parts()
            else:
                yield part

    def _rest(self, top: int, bottom: int) -> Iterator[Part]:
        """Yield rows that are a table, and then the tables in them."""
        part = self.table.part(top, bottom)
        yield part
        if part is not self.table:
            for block in (block for cell in part.cells for block in cell.held):
                if isinstance(block, TableBlock):
                    self.seen.add(id(block))
                    yield from self._apart(self.layout.table(block))


def _bands(table: TableBlock, words: CardWords) -> Iterator[_Band]:
    """Yield the rows of a table, those together that a cell joins."""
    return (_band(cells, words) for cells in row_groups(table.cells))


def _band(cells: list[GridCell], words: CardWords) -> _Band:
    """Return some rows: what stands first in them over their whole height may be a heading.

    A number or sign, or a blank, may stand before it.
    """
    top, bottom = cells[0].row, max(cell.bottom for cell in cells)
    left = sorted(cells, key=lambda cell: (cell.column, cell.row))
    while len(left) > 1 and (
        not left[0].text.strip() or words.form.strip_sign.fullmatch(left[0].text.strip())
    ):
        left.pop(0)
    head, body = left[0], left[1:]
    is_whole = head.row == top and head.bottom == bottom
    if not is_whole or not (head.text.strip() or head.held):
        return _Band(top, bottom, None, [])
    return _Band(top, bottom, head, body)

"""Blocks → cards → sections: which lines and tables stand under which heading.

A card begins with the table that holds its 추진상황 and 이행률; a section with a line that is its
heading, with or without a bullet, alone in its paragraph or above other lines of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from etl.cells import clean, label_key
from etl.cells.phrases import leading_quarter
from etl.documents.blocks import Block, TableBlock
from etl.read_card.edition import Edition

HEADER, UNKNOWN = "header", "unknown"
_LONGEST_HEADING = 60
_WRAPPED_LINES = 3
_FEWEST_LABELS = 3
_PEOPLE = ("contact", "role")
_NOT_OF_A_HEADER = {None, "pledge_name", *_PEOPLE, "partner", "cooperation_content"}


class Place(NamedTuple):
    """A place in the document: a locator, or a template with the number that belongs into it."""

    template: str
    number: int = 0

    @property
    def locator(self) -> str:
        return self.template.replace("{row}", f"{self.number}")


class Line(NamedTuple):
    """One line of a paragraph, or of a box around it."""

    place: Place
    text: str


@dataclass
class Section:
    """One section of a card: its code, its heading as printed, its lines and tables in order."""

    code: str
    heading: Line
    items: list[Line | TableBlock] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return [item for item in self.items if isinstance(item, Line)]

    @property
    def tables(self) -> list[TableBlock]:
        return [item for item in self.items if isinstance(item, TableBlock)]


@dataclass
class Card:
    """One card: the table it begins with, its sections; the first of them has no heading."""

    table: TableBlock
    sections: list[Section]

    def named(self, code: str) -> list[Section]:
        return [section for section in self.sections if section.code == code]


def cards(blocks: Sequence[Block], edition: Edition) -> list[Card]:
    """Return the cards of a document; what stands before the first one belongs to it."""
    texts = [_lines_of(block, edition) for block in blocks]
    headings = _Headings((line for lines in texts for line in lines or ()), edition)
    found: list[Card] = []
    before: list[Line | TableBlock] = []
    for block, lines in zip(blocks, texts, strict=True):
        if isinstance(block, TableBlock) and lines is None:
            if _starts_card(block, edition):
                title = Section(HEADER, Line(Place(""), edition.title), before)
                found.append(Card(block, [title]))
                before = []
            (found[-1].sections[-1].items if found else before).append(block)
        elif found:
            _take_lines(found[-1], lines or [], headings)
        else:
            before += lines or []
    return found


def without_bullet(text: str, edition: Edition) -> tuple[str, str]:
    """Return (bullet, text behind it) of a line."""
    found = edition.line_bullet.match(text)
    return (found[0], text[found.end() :].strip()) if found else ("", text)


def is_role_table(table: TableBlock, edition: Edition) -> bool:
    """Tell whether a row of a table begins with 작성자, 협업부서 or the like."""
    firsts: dict[int, str] = {}
    for cell in table.cells:
        if cell.text.strip():
            firsts.setdefault(cell.row, cell.text)
    return any(edition.label(text) in _PEOPLE for text in firsts.values())


def begins_with_label(table: TableBlock, edition: Edition) -> bool:
    first = next((cell.text for cell in table.cells if cell.text.strip()), "")
    return edition.label(first) is not None


def _starts_card(table: TableBlock, edition: Edition) -> bool:
    """Tell whether a table is the header of a card; 사업명 is a label of too many other tables."""
    labels = {edition.label(cell.text) for cell in table.cells} - _NOT_OF_A_HEADER
    return len(labels) >= _FEWEST_LABELS and not labels.isdisjoint(edition.starts_card)


def _lines_of(block: Block, edition: Edition) -> list[Line] | None:
    """Return the lines of a paragraph or of a box, a table of one column; None for other tables."""
    if not isinstance(block, TableBlock):
        return _lines(block.text, Place("문단 {row}", block.number), edition)
    if block.column_count > 1:
        return None
    places = ((cell, Place(f"표{block.number} {{row}}행1열", cell.row)) for cell in block.cells)
    return [line for cell, place in places for line in _lines(cell.text, place, edition)]


def _lines(text: str, place: Place, edition: Edition) -> list[Line]:
    """Return the lines of a text; a heading that is wrapped is one line.

    Blank lines and page numbers are none; `**` is how a text export marks what was bold.
    """
    written = [clean(line.replace("**", "")) for line in text.splitlines()]
    written = [line for line in written if line and not edition.page_number.fullmatch(line)]
    lines: list[Line] = []
    start = 0
    while start < len(written):
        end = start + _heading_length(written[start : start + _WRAPPED_LINES], edition)
        lines.append(Line(place, " ".join(written[start:end])))
        start = end
    return lines


def _heading_length(written: Sequence[str], edition: Edition) -> int:
    """Return how many lines the heading at the top takes; 1 when it is none."""
    lengths = range(len(written), 1, -1)
    joined = (n for n in lengths if _heading(" ".join(written[:n]), edition)[2])
    return next(joined, 1)


def _heading(text: str, edition: Edition) -> tuple[str, str, str | None]:
    """Return (bullet as compared, words behind it, section or None) of a line."""
    if len(text) > _LONGEST_HEADING:
        return "", text, None
    found = edition.heading_bullet.match(text)
    bullet, words = (found[0], text[found.end() :]) if found else ("", text)
    words = words.strip().removesuffix(":")
    return label_key(bullet), words, edition.section(words)


class _Headings:
    """Tells the headings of one document from its other lines, by the bullets it uses."""

    def __init__(self, lines: Iterable[Line], edition: Edition) -> None:
        self.edition = edition
        found = (_heading(line.text, edition) for line in lines)
        bullets = {bullet for bullet, _, section in found if section}
        self.boxes = bullets & {*edition.heading_boxes}
        self.signs = {b for b in bullets if len(b) == 1 and not b.isalnum()}

    def of(self, line: Line) -> tuple[str | None, Line]:
        """Return (section, heading) of a line; the section is None where it is no heading."""
        bullet, words, section = _heading(line.text, self.edition)
        heading = Line(line.place, words)
        if section:
            is_below = bool(self.boxes) and bullet not in ("", *self.edition.heading_boxes)
            return (None if is_below else section), heading
        is_unknown = (
            bullet in (self.boxes or self.signs)
            and not {":", "："} & {*line.text}
            and leading_quarter(words)[0] is None
        )
        return (UNKNOWN if is_unknown else None), heading


def _take_lines(card: Card, lines: Sequence[Line], headings: _Headings) -> None:
    for line in lines:
        section, heading = headings.of(line)
        current = card.sections[-1]
        if section:
            card.sections.append(Section(section, heading))
        elif current.code == "cooperation" and line.text.startswith(headings.edition.annex_marks):
            card.sections.append(Section("annex", line))
        else:
            current.items.append(line)

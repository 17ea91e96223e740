"""Blocks → cards → sections: which lines and tables stand under which heading.

A card begins with the table that holds its 추진상황 and 이행률; a section with a line that is its
heading, with or without a bullet, alone in its paragraph or above other lines of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from etl.cells import clean, label_key
from etl.documents.blocks import Block, TableBlock
from etl.read_card.edition import Edition

HEADER, UNKNOWN = "header", "unknown"
_LONGEST_HEADING = 60
_WRAPPED_LINES = 3


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
    """One card: its sections in order; the first, `header`, has no heading of its own."""

    sections: list[Section]

    def named(self, code: str) -> list[Section]:
        return [section for section in self.sections if section.code == code]


def cards(blocks: Sequence[Block], edition: Edition) -> list[Card]:
    """Return the cards of a document; what stands before the first one belongs to it."""
    texts = [_lines_of(block, edition) for block in blocks]
    bullets = _bullets((line for lines in texts for line in lines or ()), edition)
    found: list[Card] = []
    before: list[Line | TableBlock] = []
    for block, lines in zip(blocks, texts, strict=True):
        if isinstance(block, TableBlock) and lines is None:
            if _starts_card(block, edition):
                title = Section(HEADER, Line(Place(""), edition.title), before)
                found.append(Card([title]))
                before = []
            (found[-1].sections[-1].items if found else before).append(block)
        elif found:
            _take_lines(found[-1], lines or [], edition, bullets)
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
    return any(edition.label(text) in ("contact", "role") for text in firsts.values())


def _starts_card(table: TableBlock, edition: Edition) -> bool:
    return any(edition.label(cell.text) in edition.starts_card for cell in table.cells)


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
    while written:
        count = _heading_length(written, edition)
        lines.append(Line(place, " ".join(written[:count])))
        written = written[count:]
    return lines


def _heading_length(written: Sequence[str], edition: Edition) -> int:
    """Return how many lines the heading at the top takes; 1 when it is none."""
    lengths = range(min(_WRAPPED_LINES, len(written)), 1, -1)
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


def _bullets(lines: Iterable[Line], edition: Edition) -> frozenset[str]:
    """Return the signs that headings of this document begin with; numbers count other things."""
    found = (_heading(line.text, edition) for line in lines)
    return frozenset(b for b, _, section in found if section and len(b) == 1 and not b.isalnum())


def _take_lines(
    card: Card, lines: Sequence[Line], edition: Edition, bullets: frozenset[str]
) -> None:
    for line in lines:
        bullet, words, section = _heading(line.text, edition)
        current = card.sections[-1]
        if section:
            card.sections.append(Section(section, Line(line.place, words)))
        elif bullet in bullets and not {":", "："} & {*line.text}:
            card.sections.append(Section(UNKNOWN, Line(line.place, words)))
        elif current.code == "cooperation" and line.text.startswith(edition.annex_marks):
            card.sections.append(Section("annex", line))
        else:
            current.items.append(line)

"""Blocks → cards → sections: which lines and tables stand under which heading.

A card begins with the table that holds its 추진상황 and 이행률; a section with a line that is its
heading, with or without a bullet, alone in its paragraph or above other lines of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from etl.documents.blocks import Block, TableBlock
from etl.read_card.layout import parts
from etl.read_card.lines import PEOPLE, Headings, Line, Place
from etl.read_card.words import CardWords

HEADER, KEPT = "header", "kept"
_FEWEST_LABELS = 3
_NOT_OF_A_HEADER = {None, "pledge_name", *PEOPLE, "partner", "cooperation_content", KEPT}


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


def cards(blocks: Sequence[Block], words: CardWords) -> list[Card]:
    """Return the cards of a document; what stands before the first one belongs to it."""
    found: list[Card] = []
    before: list[Line | TableBlock] = []
    laid, headings = parts(blocks, words)
    for part in laid:
        if isinstance(part, TableBlock):
            if _starts_card(part, words):
                title = Section(HEADER, Line(Place(""), words.form.title), before)
                found.append(Card(part, [title]))
                before = []
            (found[-1].sections[-1].items if found else before).append(part)
        elif found:
            _take_lines(found[-1], part, headings)
        else:
            before += part
    return found


def is_role_table(table: TableBlock, words: CardWords) -> bool:
    """Tell whether a row of a table begins with 작성자, 협업부서 or the like."""
    firsts: dict[int, str] = {}
    for cell in table.cells:
        if cell.text.strip():
            firsts.setdefault(cell.row, cell.text)
    return any(words.label(text) in PEOPLE for text in firsts.values())


def begins_with_label(table: TableBlock, words: CardWords) -> bool:
    first = next((cell.text for cell in table.cells if cell.text.strip()), "")
    return words.label(first) is not None


def _starts_card(table: TableBlock, words: CardWords) -> bool:
    """Tell whether a table is the header of a card; 사업명 is a label of too many other tables."""
    labels = {words.label(cell.text) for cell in table.cells} - _NOT_OF_A_HEADER
    is_header = len(labels) >= _FEWEST_LABELS and not labels.isdisjoint(words.starts_card)
    return is_header and not _is_list(table, words)


def _is_list(table: TableBlock, words: CardWords) -> bool:
    """Tell whether labels head the columns of several rows: a list of sub-projects."""
    filled = [cell for cell in table.cells if cell.text.strip()]
    labels = [cell for cell in filled if words.label(cell.text)]
    rows = {cell.row for cell in labels}
    if len(rows) > 1:
        return False
    beside = [cell for cell in filled if cell.row in rows]
    below = {cell.row for cell in filled if cell.row > max(rows)}
    return 2 * len(labels) > len(beside) and len(below) > 1


def _take_lines(card: Card, lines: Sequence[Line], headings: Headings) -> None:
    for line in lines:
        section, heading = headings.of(line)
        current = card.sections[-1]
        if section:
            card.sections.append(Section(section, heading))
        elif current.code == "cooperation" and line.text.startswith(
            headings.words.form.annex_marks
        ):
            card.sections.append(Section("annex", line))
        else:
            current.items.append(line)

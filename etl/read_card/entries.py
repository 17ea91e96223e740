"""The lists of a card: achievements by quarter, cooperating bodies, and the people to ask."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from etl import cells
from etl.cells import BLANK, Cell, RawCell
from etl.cells.phrases import leading_day, leading_period, leading_quarter
from etl.documents.blocks import GridCell
from etl.period import parse_period
from etl.read_card.labelled import Pair
from etl.read_card.lines import Line, without_bullet
from etl.read_card.sections import Section
from etl.read_card.stage import CardStage, cell_place, plain
from etl.read_card.words import CardWords

Heading = Callable[[str], tuple[str | None, str]]
_BODY = re.compile(r"([^:：]{1,60})\s*[:：]\s*(.*)", re.DOTALL)
# 과장 : 가나다(1001) or 팀장(1002); 주무관 : 02-123-4567. Bounded: a cell may be long.
_LONGEST = 1_000
_WORD = r"[^:：()\n,;/]{1,40}?"
_PERSON = re.compile(
    rf"({_WORD})\s{{0,3}}(?:[:：]\s{{0,3}}([^:：()\n,;/0-9]{{1,40}}?)?)?\s{{0,3}}"
    r"\((?:☎|전화|내선)?\s{0,3}([-0-9~. ]{2,30})\)"
)
_PHONE = re.compile(rf"({_WORD})\s{{0,3}}[:：]\s{{0,3}}()([0-9][-0-9~.]{{2,30}})")


@dataclass
class Achievement:
    """One entry under 추진실적; `quarter_id` is None where no 【분기】 stands above it."""

    day: Cell
    content: str
    line: Line
    quarter_id: str | None

    @property
    def title(self) -> str:
        """The entry in one line: its day as written and its first line."""
        return " ".join((self.day.raw, self.content.split("\n", 1)[0])).strip()


@dataclass
class Achievements:
    """The entries under one or more headings 추진실적, and the line of each quarter."""

    entries: list[tuple[Section, list[Achievement]]] = field(default_factory=list)
    quarters: dict[str, Line] = field(default_factory=dict)

    @property
    def newest_quarter_id(self) -> str | None:
        return max(self.quarters, key=parse_period, default=None)

    @property
    def newest(self) -> list[Achievement]:
        """The entries of the newest quarter; where none is named, all of them."""
        every = (entry for _, entries in self.entries for entry in entries)
        return [entry for entry in every if entry.quarter_id == self.newest_quarter_id]


def achievements(
    sections: Iterable[Section], words: CardWords, is_invited: bool = False
) -> Achievements:
    """Return the entries of each section.

    An entry begins with a day; lines without one belong to the entry above. Lines before the
    first day of a quarter are an entry without a day. A card that was sent out has headings of
    other periods too.
    """
    found, heading = Achievements(), leading_period if is_invited else leading_quarter
    for section in sections:
        found.entries.append((section, _entries(section, words, found.quarters, heading)))
    return found


def _entries(
    section: Section, words: CardWords, quarters: dict[str, Line], heading: Heading
) -> list[Achievement]:
    entries: list[Achievement] = []
    quarter_id: str | None = None
    is_open = False
    for line in section.lines:
        bullet, text = without_bullet(line.text, words)
        quarter, text = heading(text)
        if quarter:
            quarter_id, is_open = quarter, False
            quarters.setdefault(quarter, line)
            bullet, text = without_bullet(text, words)
        day, content = leading_day(text)
        if day.kind != "blank" or (not is_open and _says_something(text)):
            entries.append(Achievement(day, content, line, quarter_id))
            is_open = True
        elif is_open and text:
            entries[-1].content = f"{entries[-1].content}\n{bullet} {text}".strip()
    return entries


def stage_achievements(card: CardStage, found: Achievements) -> None:
    """Stage every entry, and the quarter that it stands under."""
    for section, entries in found.entries:
        table = card.section("achievement", section.heading.text, section.heading.place.number)
        for entry in entries:
            place = entry.line.place
            read = {"achieved_on": entry.day, "content": plain(entry.content)}
            row = card.add_line(table, read, {"achieved_on": place, "content": place})
            card.add("achievement_quarter", table, row, card.pledge.value, entry.quarter_id)


def _says_something(text: str) -> bool:
    return cells.code(RawCell(text)).kind == "value"


def read_cooperation(card: CardStage, section: Section) -> None:
    """Stage the bodies that a section names, one a line: `기관 : 내용`.

    A line that begins otherwise than the first, and names none, belongs to the entry above.
    """
    found: list[tuple[Line, str, list[str]]] = []
    first_bullet = ""
    for line in section.lines:
        bullet, text = without_bullet(line.text, card.words)
        first_bullet = first_bullet if found else bullet
        if not _says_something(text):
            continue
        if found and bullet != first_bullet:
            found[-1][2].append(f"{bullet} {text}".strip())
        else:
            named = _BODY.fullmatch(text)
            body, content = (named[1].strip(), [named[2]]) if named else (text, [])
            found.append((line, body, content))
    table = card.section("cooperation", section.heading.text, section.heading.place.number)
    for line, body, content in found:
        read = {"role_name": plain(table.heading), "body_name": plain(body)}
        read["content"] = plain("\n".join(content)) if content else BLANK
        place = line.place
        card.add_line(table, read, {"body_name": place, "content": place})


def read_roles(card: CardStage, pairs: Iterable[Pair], heading: str) -> None:
    """Stage the bodies that a table names by their role; 협업내용 says what the one before does."""
    found: list[tuple[Pair, Pair | None]] = []
    for pair in pairs:
        if pair.name == "cooperation_content" and found:
            found[-1] = (found[-1][0], pair)
        elif pair.value and _says_something(pair.value.text):
            found.append((pair, None))
    if not found:
        return
    table = card.section("cooperation", heading, found[0][0].label.row)
    for pair, content in found:
        places = {"role_name": cell_place(pair.table, pair.label)}
        read = {"role_name": cells.text(RawCell(pair.label.text))}
        for name, cell in (("body_name", pair.value), ("content", content and content.value)):
            if cell:
                read[name] = cells.text(RawCell(cell.text))
                places[name] = cell_place(pair.table, cell)
        card.add_line(table, read, places)


def read_contacts(card: CardStage, pairs: Iterable[Pair]) -> None:
    """Stage the people that 작성자 names: 직위 : 이름(전화), one after the other.

    A text that is not of this shape is kept whole as the position.
    """
    found = [(pair, cell) for pair in pairs for cell in pair.values if cell.text.strip()]
    if not found:
        return
    table = card.section("contact", found[0][0].label.text.strip(), found[0][0].label.row)
    for pair, cell in found:
        place = cell_place(pair.table, cell)
        for person in _people(cell):
            card.add_line(table, person, {name: place for name in person})


def _people(cell: GridCell) -> Iterator[dict[str, Cell]]:
    text = " ".join(cells.clean(cell.text).split())
    pattern = _PERSON if _PERSON.search(text[:_LONGEST]) else _PHONE
    found = pattern.findall(text) if len(text) <= _LONGEST else []
    if not found or re.search(r"\w", pattern.sub("", text)):
        yield {"position_name": plain(text)}
        return
    for position, name, phone in found:
        yield {
            "position_name": plain(position.strip()),
            "person_name": plain(name.strip()) if name.strip() else BLANK,
            "phone": plain(phone.strip()),
        }

"""Card (공약관리카드) → staged rows: blocks of a document, the same rows as a quarterly return's.

The form's edition says what headings, labels and headers mean; nothing is found by its place.
Every value keeps its place; what is not understood is kept as text and named by a problem.
"""

from collections.abc import Iterator, Sequence

from etl.cells import label_key
from etl.cells.phrases import printed_unit, titled_period
from etl.documents.blocks import Block, Paragraph, TableBlock
from etl.form import CARD, card_form
from etl.period import Quarter, is_period
from etl.problems import CellProblem
from etl.read_card.entries import (
    achievements,
    read_contacts,
    read_cooperation,
    read_roles,
    stage_achievements,
)
from etl.read_card.grid import Grid, grids, holds_amount
from etl.read_card.header import Unit, stage_header
from etl.read_card.labelled import LabelTable
from etl.read_card.lines import UNKNOWN, Line
from etl.read_card.money import BudgetReader
from etl.read_card.plan import is_plan, read_plan
from etl.read_card.sections import (
    HEADER,
    KEPT,
    Card,
    Section,
    begins_with_label,
    cards,
    is_role_table,
)
from etl.read_card.stage import (
    CardStage,
    StagedSection,
    cell_place,
    text_of_section,
    text_of_table,
)
from etl.read_card.words import card_words
from etl.staged import StagedFile

# Sections where a table by year is this card's own: of money, of texts.
_OF_YEARS = ("budget", "yearly_plan", HEADER, UNKNOWN)
_OF_SUBSTANCE = ("budget", "achievement")
_ROLES = ("role", "partner", "cooperation_content")
_NO_UNIT: Unit = ("", None)


def read_card(blocks: Sequence[Block], file_name: str, edition: str | None = None) -> StagedFile:
    """Read the cards of one document; a document without one has the problem `other_form`.

    It is read by `edition`, else by the one in use in the quarter of its caption, else by the
    newest. Each card has tables of its own. Quarter and department are not decided here: the stage
    `staging.pledge_card__header` holds what each card says of them.
    """
    caption = _caption_quarter(blocks)
    known = card_words(card_form(edition, caption))
    staged = StagedFile()
    found = cards(blocks, known)
    if not found:
        staged.problems.append(CellProblem("other_form", file_name, known.form.title))
        return staged
    staged.form_code, staged.form_edition = CARD, known.form.edition
    sections: list[StagedSection] = []
    for card in found:
        _CardReader(card, CardStage(staged, known, sections), is_invited=bool(caption)).read()
    staged.tables = [section.table() for section in sections]
    return staged


def _caption_quarter(blocks: Sequence[Block]) -> str | None:
    """Return the period in the first line of an invited card: 2021년 4분기 공약관리카드."""
    first = next((block.text for block in blocks if isinstance(block, Paragraph)), "")
    said, rest = titled_period(first)
    # Any letter may begin with a day.
    is_caption = said and (is_period(said, Quarter) or rest.startswith(card_form().title))
    return said if is_caption else None


class _CardReader:
    """Reads one card section by section."""

    def __init__(self, card: Card, stage: CardStage, *, is_invited: bool) -> None:
        self.card = card
        self.is_invited = is_invited
        self.stage = stage
        self.words = stage.words
        self.labelled = list(self._label_tables())
        self.read_tables = {id(labelled.table) for labelled in self.labelled}
        self.found: set[str] = set()  # what was read without its heading

    def read(self) -> None:
        """Stage the whole card."""
        found = achievements(self.card.named("achievement"), self.words, self.is_invited)
        stage_header(self.stage, self.card, self.labelled, found, self._unit_of_card())
        stage_achievements(self.stage, found)
        for section in self.card.sections:
            self._read_section(section)
        for labelled in self.labelled:
            self._read_people(labelled)
        self._note_missing_sections()

    def _note_missing_sections(self) -> None:
        """Name what the card lacks; one with neither money nor achievements is not read halfway."""
        present = {section.code for section in self.card.sections}
        is_hollow = (present | self.found).isdisjoint(_OF_SUBSTANCE)
        sections = self.words.form.sections
        for code in self.words.form.expected_sections:
            if code not in present and not (is_hollow and code in _OF_SUBSTANCE):
                self.stage.note("optional_table_missing", "", sections[code][0])
        if is_hollow:
            wanted = ", ".join(sections[code][0] for code in _OF_SUBSTANCE)
            self.stage.note("sections_missing", "", wanted)

    def _label_tables(self) -> Iterator[LabelTable]:
        """Yield the tables of labels and values: above the headings, and those of the people."""
        for section in self.card.sections:
            for table in section.tables:
                is_first = table is self.card.table
                is_next = section.code == HEADER and begins_with_label(table, self.words)
                if is_first or is_next or is_role_table(table, self.words):
                    yield LabelTable(table, self.words)

    def _unit_of_card(self) -> Unit:
        """Return the first money unit that the card prints above a table of money."""
        lines = (line for s in self.card.named("budget") for line in (s.heading, *s.lines))
        return next(filter(None, (printed_unit(line.text) for line in lines)), _NO_UNIT)

    def _read_section(self, section: Section) -> None:
        if section.code in ("annex", KEPT):
            self._keep_whole(section, None)
            return
        self._read_tables(section)
        if section.code == "cooperation":
            read_cooperation(self.stage, section)
        elif section.code == UNKNOWN:
            self._keep_whole(section, "unknown_section")
        elif section.code in _OF_YEARS:
            self._keep_lines(section)

    def _read_tables(self, section: Section) -> None:
        """Read what tables of a section can be read; in a known section keep the others."""
        for unit, run in self._runs(section):
            for grid in grids(run, self.words.money):
                if self._read_grid(section, grid, unit):
                    self.read_tables |= {id(table) for table in grid.pieces}
                elif section.code != UNKNOWN:
                    self._keep_tables(section, grid.pieces)

    def _keep_tables(self, section: Section, tables: Sequence[TableBlock]) -> None:
        code: str | None = "unknown_table"
        if section.code == "budget" and any(
            holds_amount([c.text]) for t in tables for c in t.cells
        ):
            code = "unread_amounts"
        elif section.code in ("yearly_plan", KEPT):
            code = None  # a plan by quarters, a table of effects: text, as far as the form goes
        for table in tables:
            place = cell_place(table, table.cells[0])
            text = f"{section.heading.text}\n{text_of_table(table)}"
            self.stage.keep(text, place, code, section.heading.text)

    def _read_grid(self, section: Section, grid: Grid, unit: Unit) -> bool:
        """Read a table as money or as a plan; return whether it is one."""
        budget = BudgetReader(self.stage, section, grid, unit)
        is_own = budget.has_measure or (section.code == "budget" and budget.has_amounts)
        if section.code not in _OF_YEARS:
            return False
        if is_own and budget.is_money:
            budget.read()
            self.found.add("budget")
        elif is_plan(grid):
            read_plan(self.stage, section, grid)
        else:
            return False
        return True

    def _runs(self, section: Section) -> Iterator[tuple[Unit, list[TableBlock]]]:
        """Yield the tables that follow each other without a line between, with their unit."""
        unit = printed_unit(section.heading.text) or _NO_UNIT
        run: list[TableBlock] = []
        for item in section.items:
            if isinstance(item, Line):
                if run:
                    yield unit, run
                run, unit = [], printed_unit(item.text) or unit
            elif id(item) not in self.read_tables and item.cells:
                run.append(item)
        if run:
            yield unit, run

    def _keep_lines(self, section: Section) -> None:
        """Keep the lines around the tables of a section, save those that print the unit."""
        lines = [line for line in section.lines if not printed_unit(line.text)]
        if lines:
            heading = [section.heading.text] if section.code != HEADER else []
            text = "\n".join([*heading, *(line.text for line in lines)])
            self.stage.keep(text, lines[0].place)

    def _keep_whole(self, section: Section, code: str | None) -> None:
        """Keep a section as text, without the tables that were read."""
        rest = [item for item in section.items if id(item) not in self.read_tables]
        left = Section(section.code, section.heading, rest)
        self.stage.keep(text_of_section(left), section.heading.place, code, section.heading.text)

    def _read_people(self, labelled: LabelTable) -> None:
        pairs, known = labelled.pairs, self.words
        is_of_people = is_role_table(labelled.table, known)
        named = {id(pair) for pair in pairs if is_of_people and not pair.name
                 and known.form.role_pattern.fullmatch(label_key(pair.label.text))}  # fmt: skip
        roles = [pair for pair in pairs if pair.name in _ROLES or id(pair) in named]
        contacts = [pair for pair in pairs if pair.name == "contact"]
        heading = next((pair.label.text.strip() for pair in pairs), "")
        read_contacts(self.stage, contacts)
        read_roles(self.stage, roles, heading)
        for pair in pairs:
            if pair.name in (None, KEPT) and id(pair) not in named:
                texts = [pair.label.text, *(cell.text for cell in pair.values)]
                text = ": ".join(text.strip() for text in texts if text.strip())
                place = cell_place(pair.table, pair.label)
                # Beside 작성자 it may be a person's name: findings do not repeat it.
                seen = heading if is_of_people else pair.label.text
                self.stage.keep(text, place, None if pair.name else "unknown_label", seen)

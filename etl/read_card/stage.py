"""What one card stages: its own tables, each value with its place, and what could not be taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.cells import BLANK, Cell, clean
from etl.cells.suggestions import expected_of
from etl.documents.blocks import GridCell, TableBlock
from etl.problems import CellProblem
from etl.read_card.lines import Line, Place
from etl.read_card.sections import HEADER, Section
from etl.read_card.words import CardWords
from etl.staged import StagedFile, StagedTable, staged_values

_SHORT = 60


def cell_place(table: TableBlock, cell: GridCell) -> Place:
    return Place(table.locator(cell.row, cell.column))


@dataclass
class StagedSection:
    """One table of a staged file under construction: rows that a section of a card gives."""

    number: int
    code: str
    heading: str
    header_row: int
    money_unit: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    last_row: int = 0
    row_count: int = 0

    def next_row(self, wanted: int = 0) -> int:
        """Return the number of a new line: the wanted one, or the next that is free above it."""
        self.last_row = max(wanted, self.last_row + 1)
        self.row_count += 1
        return self.last_row

    def put(self, row: int, field: str, place: Place) -> str:
        """Note where a field of a line stands; return it as a row's `_column` says it."""
        written = place.template if place.number == row else place.locator
        if self.columns.setdefault(field, written) != written:
            self.columns[f"{field}@{row}"] = place.locator
        return written

    def table(self) -> StagedTable:
        return StagedTable(
            self.number, self.code, self.heading, self.header_row, self.columns, self.money_unit,
            self.row_count,
        )  # fmt: skip


class CardStage:
    """Gathers what one card stages; `sections` is shared by all cards of a file."""

    def __init__(self, staged: StagedFile, words: CardWords, sections: list[StagedSection]) -> None:
        self.staged = staged
        self.words = words
        self.pledge = BLANK
        self.pledge_place: Place | None = None
        self.pledge_name: str | None = None
        self._sections = sections
        self._annexes: StagedSection | None = None

    def section(self, code: str, heading: str, header_row: int) -> StagedSection:
        """Open one more table of the file."""
        section = StagedSection(len(self._sections) + 1, code, heading, header_row)
        if self.pledge_place:
            section.columns["pledge_id"] = self.pledge_place.locator
        self._sections.append(section)
        return section

    def add(self, code: str, section: StagedSection, row: int, *values: Any) -> None:
        """Add a row to the staging table of a code."""
        target = self.staged.rows.setdefault(self.words.tables[code].stage, [])
        target.append((section.number, row, *values))

    def add_line(
        self, section: StagedSection, read: Mapping[str, Cell], places: Mapping[str, Place]
    ) -> int:
        """Stage one line, each field with its value and place; return its number.

        A field that was not read is blank; the pledge is the card's.
        """
        row = section.next_row(min((p.number for p in places.values() if p.number), default=0))
        for name, place in places.items():
            section.put(row, name, place)
            if name in read:
                self.note_cell(section, row, name, place, read[name])
        stage = self.words.tables[section.code].stage
        whole = {"pledge_id": self.pledge} | dict(read)
        self.add(section.code, section, row, *staged_values(stage, whole))
        return row

    def note(
        self,
        code: str,
        seen: str = "",
        expected: str = "",
        section: StagedSection | None = None,
        row: int | None = None,
        place: Place | None = None,
        field: str | None = None,
    ) -> None:
        """Note down one problem of this card; its `column` is a whole locator."""
        self.staged.problems.append(
            CellProblem(
                code, seen, expected, section.heading if section else None,
                section.number if section else None, row, place.locator if place else None,
                field, self.pledge.value,
            )
        )  # fmt: skip

    def note_cell(
        self, section: StagedSection, row: int, field: str, place: Place, cell: Cell
    ) -> None:
        """Note down what is wrong with a value, if anything is."""
        if cell.problem:
            expected = expected_of(cell, is_money="." in field or field == "declared_total")
            self.note(cell.problem, cell.raw, expected, section, row, place, field)

    def keep(self, text: str, place: Place, code: str | None = None, seen: str = "") -> None:
        """Keep text as an annex; `code` names it where it was not understood."""
        if self._annexes is None:
            self._annexes = self.section("annex", self.words.tables["annex"].sheet, place.number)
        row = self._annexes.row_count + 1
        read = {"entry_number": plain(row), "content": plain(text)}
        self.add_line(self._annexes, read, {"content": Place(place.locator)})
        if code:
            seen = clean(seen).replace("\n", " ")[:_SHORT]
            self.note(code, seen, "", self._annexes, row, place, "content")


def plain(value: Any) -> Cell:
    """Return a value of the reader's own, or a text, as a field is staged."""
    return Cell(value, f"{value}", "value")


def text_of_table(table: TableBlock) -> str:
    """Return a table as lines of cells between tabs."""
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(" ".join(cell.text.split()))
    return "\n".join("\t".join(texts) for _, texts in sorted(rows.items()))


def text_of_section(section: Section) -> str:
    """Return a section whole: its heading, its lines and its tables."""
    parts = [section.heading.text] if section.code != HEADER else []
    for item in section.items:
        parts.append(item.text if isinstance(item, Line) else text_of_table(item))
    return "\n".join(parts)

"""The header of a card and its sections of text: one line of progress, one line of the card."""

import re
from collections.abc import Iterable, Sequence

from etl import cells
from etl.cells import BLANK, UNITS, Cell, RawCell, label_key
from etl.documents.blocks import GridCell, TableBlock
from etl.form import Field
from etl.read_card.entries import Achievements
from etl.read_card.labelled import LabelTable, Pair, marked
from etl.read_card.lines import Place
from etl.read_card.sections import Card
from etl.read_card.stage import CardStage, cell_place, plain
from etl.read_card.words import own_unit

Unit = tuple[str, str | None]
_READERS = {"code": cells.code, "rate": cells.rate, "integer": cells.integer}
_PARTS = re.compile(r"[()\[\]/,\n]+")
_HEADER_TABLES = ("progress", "header")
_REQUIRED = ("pledge_id", "status", "rate")
_TEXTS = ("goal", "overview", "plan", "problem", "correction_reason")


class _HeaderCells:
    """The fields of one card as they are found: each with its value and its place."""

    def __init__(self, stage: CardStage, unit: Unit) -> None:
        self.stage = stage
        self.unit = unit
        self.read: dict[str, Cell] = {}
        self.places: dict[str, Place] = {}
        self.fields: dict[str, Field] = {}
        for code in _HEADER_TABLES:
            self.fields |= stage.words.tables[code].by_name

    def put(self, name: str, cell: Cell, place: Place) -> None:
        """Take a field; the first one of its name holds."""
        if name not in self.read:
            self.read[name], self.places[name] = cell, place

    def take(self, pair: Pair) -> bool:
        """Take what a pair says, if its label names a field that is not known yet."""
        name = pair.name or ""
        if name not in self.fields or name in self.read:
            return False
        if pair.options:
            cell, at = marked(pair, self.stage.words)
            self.put(name, cell, cell_place(pair.table, at))
            return True
        at = pair.value or pair.label
        text = pair.value.text if pair.value else ""
        place = cell_place(pair.table, at)
        if name == "due":
            due, due_year = _due(text)
            self.put("due", due, place)
            if due_year.kind != "blank":
                self.put("due_year", due_year, place)
        else:
            self.put(name, self._cell(name, text, pair), place)
        return True

    def _cell(self, name: str, text: str, pair: Pair) -> Cell:
        kind = self.fields[name].type
        if kind == "money":
            return self._money(text, own_unit(pair.label.text))
        if kind in _READERS:
            return _READERS[kind](RawCell(text))
        return cells.text(RawCell(" ".join(text.split())))

    def _money(self, text: str, unit: int | None) -> Cell:
        if label_key(text) in self.stage.words.no_money:
            return Cell(None, text.strip(), "not_applicable")
        return cells.money(RawCell(text), unit or UNITS.get(self.unit[1] or ""))


def stage_header(
    stage: CardStage, card: Card, labelled: Sequence[LabelTable], found: Achievements, unit: Unit
) -> None:
    """Stage a card's progress and header, and tell the stage whose card it is.

    `unit` is what the card prints above its money; it holds for 총사업비 without a unit.
    """
    header = _HeaderCells(stage, unit)
    rest: list[Pair] = []
    for one in labelled:
        _take_title(header, one.table, one.title[:2])
        rest += [pair for pair in one.pairs if not header.take(pair)]
    stage.pledge = header.read.get("pledge_id", BLANK)
    stage.pledge_place = header.places.get("pledge_id")
    stage.pledge_name = header.read.get("pledge_name", BLANK).value
    _take_texts(header, card)
    if found.newest:
        titles = "; ".join(entry.title for entry in found.newest)
        header.put("content", plain(titles), found.newest[0].line.place)
    if found.newest_quarter_id:
        line = found.quarters[found.newest_quarter_id]
        header.put("newest_quarter_id", plain(found.newest_quarter_id), line.place)
    first = next((pair.label.row for pair in labelled[0].pairs), 1)
    for code in _HEADER_TABLES:
        own = stage.words.tables[code].by_name
        table = stage.section(code, stage.words.form.title, first)
        stage.add_line(
            table,
            {name: cell for name, cell in header.read.items() if name in own},
            {name: Place(place.locator) for name, place in header.places.items() if name in own},
        )
    _note_missing(stage, header)
    _keep_repeated(stage, rest, header)
    for one in labelled:
        for cell in one.title[2:]:
            stage.keep(cell.text.strip(), cell_place(one.table, cell), "unknown_label", cell.text)


def _take_title(header: _HeaderCells, table: TableBlock, title: Sequence[GridCell]) -> None:
    """Take the row without labels: number and name, or the name alone."""
    for name, cell in zip(("pledge_name", "pledge_id"), reversed(title), strict=False):
        text = " ".join(cell.text.split())
        header.put(name, cells.identifier(RawCell(text)), cell_place(table, cell))


def _take_texts(header: _HeaderCells, card: Card) -> None:
    for code in _TEXTS:
        lines = [line for section in card.named(code) for line in section.lines]
        if lines:
            text = "\n".join(line.text for line in lines)
            header.put(code, plain(text), lines[0].place)


def _due(text: str) -> tuple[Cell, Cell]:
    """Return (완료시기, 완료연도) of a text such as `임기내 (2019)`."""
    parts = [part for part in _PARTS.split(text) if part.strip()]
    if len(parts) == 1:
        parts = text.rsplit(None, 1) if _is_year(text.split()[-1]) else parts
    years = [part for part in parts if _is_year(part)]
    words = [part for part in parts if part not in years]
    due = cells.code(RawCell(" ".join(words)))
    return due, cells.integer(RawCell(years[0])) if len(years) == 1 else BLANK


def _is_year(text: str) -> bool:
    return cells.integer(RawCell(text)).kind == "value"


def _note_missing(stage: CardStage, header: _HeaderCells) -> None:
    for name in _REQUIRED:
        if name not in header.read:
            stage.note("missing_column", "", stage.words.form.labels[name][0], field=name)


def _keep_repeated(stage: CardStage, rest: Iterable[Pair], header: _HeaderCells) -> None:
    """Keep what a field's label says a second time, with other words."""
    for pair in rest:
        known = header.read.get(pair.name or "", BLANK).raw
        if pair.name in header.fields and pair.value and pair.value.text.strip() != known:
            text = f"{pair.label.text.strip()}: {pair.value.text.strip()}"
            place = cell_place(pair.table, pair.label)
            stage.keep(text, place, "unknown_label", pair.label.text)

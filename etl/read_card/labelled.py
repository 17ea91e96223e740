"""Tables that pair a label with its value: the header of a card, its authors and partners.

A value stands to the right of its label or, under a row of labels, below it. A list of codes may
be printed whole, with a mark at the one that holds.
"""

from dataclasses import dataclass, field
from itertools import takewhile

from etl.cells import BLANK, Cell, RawCell, code, label_key
from etl.documents.blocks import GridCell, TableBlock
from etl.read_card.words import CardWords

_MANY = frozenset({"contact"})
_FEWEST_OPTIONS = 2


@dataclass
class Pair:
    """One label with its values; `name` is None where the label is not known.

    `options` are the codes of a list printed whole, each with the cell for its mark.
    """

    name: str | None
    table: TableBlock
    label: GridCell
    values: list[GridCell] = field(default_factory=list)
    options: list[tuple[GridCell, GridCell | None]] = field(default_factory=list)

    @property
    def value(self) -> GridCell | None:
        return self.values[0] if self.values else None


class LabelTable:
    """Reads one table of labels and values.

    `title` are the cells of a row above the labels: a card's number and name, where no label says
    them. It is the first such row with two texts, else with one.
    """

    def __init__(self, table: TableBlock, words: CardWords) -> None:
        self.table = table
        self.words = words
        self.pairs: list[Pair] = []
        self._by_label: dict[GridCell, Pair] = {}
        self._used: set[GridCell] = set()
        self.title = self._title()
        self._used |= {*self.title}
        for row in range(1, table.row_count + 1):
            self._read_row(row, self._row(row))

    def _title(self) -> list[GridCell]:
        names = {self._name(cell) for cell in self.table.cells}
        if not names & self.words.starts_card or names & {"pledge_id", "pledge_name"}:
            return []
        rows = map(self._row, range(1, self.table.row_count + 1))
        above = takewhile(lambda row: not any(map(self._name, row)), rows)
        texts = [[cell for cell in row if cell.text.strip()] for row in above]
        return next((row for row in texts if len(row) > 1), next(filter(None, texts), []))

    def _name(self, cell: GridCell) -> str | None:
        return self.words.label(cell.text)

    def _row(self, row: int) -> list[GridCell]:
        """Return the cells that cover a row, each once, without those read already."""
        places = (self.table.at(row, column) for column in range(1, self.table.column_count + 1))
        return list(dict.fromkeys(c for c in places if c and c not in self._used))

    def _read_row(self, row: int, cells: list[GridCell]) -> None:
        new: list[Pair] = []
        pair: Pair | None = None
        for index, cell in enumerate(cells):
            if cell in self._used:
                continue
            if name := self._name(cell):
                pair = self._pair(name, cell, new)
                self._take_options(pair, cells[index + 1 :])
            elif pair and self._wants(pair, row):
                if cell.row == row:
                    pair.values.append(cell)
            elif cell.text.strip():
                pair = self._pair(None, cell, new)
        self.pairs += new
        for pair in new:
            self._drop_blanks(pair)
            if not pair.values and not pair.options and pair.name:
                self._take_below(pair)

    def _pair(self, name: str | None, cell: GridCell, new: list[Pair]) -> Pair:
        """Return the pair of a label; one that covers several rows is met again in each."""
        if cell not in self._by_label:
            self._by_label[cell] = Pair(name, self.table, cell)
            new.append(self._by_label[cell])
        return self._by_label[cell]

    def _wants(self, pair: Pair, row: int) -> bool:
        here = [cell for cell in pair.values if cell.row == row]
        if pair.name in _MANY:
            return True
        if pair.options or (pair.values and not here):
            return False
        is_found = any(cell.text.strip() for cell in here)
        # Where merges are not told, blanks beside a label may be the rest of it.
        return not (here if self.table.spans_known else is_found)

    def _drop_blanks(self, pair: Pair) -> None:
        filled = [cell for cell in pair.values if cell.text.strip()]
        pair.values = filled or pair.values[:1]

    def _take_below(self, pair: Pair) -> None:
        label = pair.label
        below = self.table.at(label.row + label.row_span, label.column)
        if below and below not in self._used and not self._name(below):
            pair.values.append(below)
            self._used.add(below)

    def _take_options(self, pair: Pair, behind: list[GridCell]) -> None:
        """Take the codes printed behind a label, and the cell beside or below each for its mark."""
        known = self.words.code_labels.get(pair.name or "", frozenset())
        group = list(takewhile(lambda cell: not self._name(cell), behind))
        is_option = [label_key(cell.text) in known for cell in group]
        if pair.options or sum(is_option) < _FEWEST_OPTIONS:
            return
        is_beside = all(is_option[::2]) and not any(is_option[1::2])
        for cell, beside in zip(group, [*group[1:], None], strict=True):
            if label_key(cell.text) in known:
                below = self.table.at(cell.row + cell.row_span, cell.column)
                pair.options.append((cell, beside if is_beside else below))
        self._used |= {cell for pair_ in pair.options for cell in pair_ if cell}


def marked(pair: Pair, words: CardWords) -> tuple[Cell, GridCell]:
    """Return the code that is marked, and its place: none is blank, several are unreadable."""
    written = [
        (option, mark)
        for option, mark in pair.options
        if mark and code(RawCell(mark.text)).kind not in ("blank", "not_applicable")
    ]
    if not written:
        return BLANK, pair.label
    option, mark = written[0]
    if len(written) == 1 and mark.text.strip() in words.form.marks:
        return code(RawCell(option.text)), mark
    seen = ", ".join(f"{o.text.strip()} {m.text.strip()}" for o, m in written)
    return Cell(None, seen, "unreadable", "unreadable_text"), mark

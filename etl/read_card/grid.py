"""Tables of years: where the header ends, what each column is headed by, pieces put together.

A header may take several rows with merged cells. Where a format does not tell merges (text, PDF),
a blank place belongs to the header on its left; and where an export drops covered places too, the
columns under a header are found by counting.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from etl.cells import RawCell, label_key, money
from etl.cells.phrases import printed_unit
from etl.documents.blocks import GridCell, TableBlock
from etl.read_card.bare_years import spelt_out
from etl.read_card.lines import Place
from etl.read_card.stage import CardStage
from etl.read_card.words import MoneyWords, Sign, own_unit

_LONGEST_AMOUNT = 40


class Column(NamedTuple):
    """What heads a column: texts from above, the labels it holds, what it says of money.

    `signs` stand with the header row that they stand in; `unit` is the column's own, in won;
    `has_unknown_below` where a word below a year is none of the form's.
    """

    texts: tuple[str, ...]
    field: str | None
    signs: tuple[tuple[int, Sign], ...]
    unit: int | None
    has_unknown_below: bool

    @property
    def is_of_year(self) -> bool:
        return any(sign.axis == "year" and sign.value[0].isdigit() for _, sign in self.signs)

    @property
    def has_measure(self) -> bool:
        return any(sign.axis == "measure" for _, sign in self.signs)


@dataclass(frozen=True, eq=False)
class Header:
    """The header rows of one table: who covers each place of each row, columns from 1."""

    rows: Sequence[Sequence[GridCell | None]]
    words: MoneyWords

    @property
    def height(self) -> int:
        return len(self.rows)

    @cached_property
    def columns(self) -> dict[int, Column]:
        width = len(self.rows[0]) if self.rows else 0
        return {column: self._column(column) for column in range(1, width + 1)}

    def _column(self, column: int) -> Column:
        words = self.words
        path = [(n, row[column - 1]) for n, row in enumerate(self.rows, 1)]
        above: dict[GridCell, int] = {}
        for number, cell in path:
            if cell and cell.text.strip():
                above.setdefault(cell, number)
        texts = tuple(cell.text.strip() for cell in above)
        signs = tuple((n, sign) for cell, n in above.items() for sign in words.signs(cell.text))
        units = (own_unit(text) for text in texts)
        years = [n for n, sign in signs if sign.axis in ("year", "total")]
        below = (c.text for c, n in above.items() if years and n > years[0])
        field = next(filter(None, map(words.field, texts)), None)
        if field == "year" and years:  # 연도별 over the years themselves
            field = None
        return Column(
            texts, field, signs, next(filter(None, units), None),
            not all(words.is_known(text) for text in below),
        )  # fmt: skip

    @cached_property
    def unit(self) -> tuple[str, str | None] | None:
        """The money unit that a header row prints, as written and by its name."""
        texts = (cell.text for row in self.rows for cell in row if cell)
        return next(filter(None, map(printed_unit, texts)), None)

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The header as it is compared with that of another piece."""
        return tuple(tuple(map(label_key, c.texts)) for c in self.columns.values())

    @property
    def is_of_years(self) -> bool:
        """Tell whether this is the header of such a table at all: it says something known."""
        return any(c.field or c.signs for c in self.columns.values())


class Grid:
    """Rows of one table below its header, with those of the pieces that follow it."""

    def __init__(self, table: TableBlock, header: Header) -> None:
        self.header = header
        self.table = table
        self.width = max(table.column_count, 1)
        self.rows: list[tuple[TableBlock, int]] = []
        self.pieces: list[TableBlock] = []
        self.first_rows: dict[int, int] = {}
        self._take(table, header.height)

    def _take(self, table: TableBlock, above: int) -> None:
        self.pieces.append(table)
        self.first_rows[id(table)] = above + 1
        self.rows += [(table, row) for row in range(above + 1, table.row_count + 1)]

    def add(self, table: TableBlock, header: Header) -> None:
        """Take in the next piece, without the header that it prints again."""
        self._take(table, header.height if header.keys == self.header.keys else 0)

    def at(self, index: int, column: int) -> GridCell | None:
        """Return the cell that covers a place; rows from 0."""
        table, row = self.rows[index]
        return table.at(row, column)

    def text(self, index: int, column: int) -> str:
        cell = self.at(index, column)
        return cell.text.strip() if cell else ""

    def texts(self, column: int) -> list[str]:
        """Return the texts of a column, a row each."""
        return [self.text(index, column) for index in range(len(self.rows))]

    def is_origin(self, index: int, column: int) -> bool:
        """Tell whether a cell begins at a place."""
        cell, (_, row) = self.at(index, column), self.rows[index]
        return cell is not None and (cell.row, cell.column) == (row, column)

    def number(self, index: int) -> int:
        """Return the number of a row: the one printed, counted on in later pieces."""
        return self.table.row_number(index + 1 + self.header.height)

    def place(self, index: int, column: int) -> Place:
        """Return a place as a template over its row; in a later piece it is whole."""
        table, row = self.rows[index]
        if table is not self.table:
            return Place(table.locator(row, column))
        return Place(table.template(column), table.row_number(row))

    def place_along(self, table: TableBlock, row: int, column: int) -> Place:
        """Return a place as a template over its column, where columns are the lines."""
        if table.origin:
            return Place(table.locator(row, column))
        number = self.line_of(column)
        return Place(f"표{table.number} {table.row_number(row)}행{{row}}열", number)

    def line_of(self, column: int) -> int:
        """Return the number of a column as the document counts it."""
        return self.table.column_number(column)

    def may_continue(self, index: int, column: int) -> bool:
        """Tell whether a blank label may be the rest of the one above it.

        It may be where merges are not told, and at the top of a later piece.
        """
        (table, _), cell = self.rows[index], self.at(index, column)
        is_top = cell is not None and cell.row == self.first_rows[id(table)]
        return not table.spans_known or (table is not self.table and is_top)


def header_of(table: TableBlock, words: MoneyWords) -> Header:
    """Return the header of a table; of no height where it begins with its values."""
    table = spelt_out(table, words)
    height = _height(table, words)
    rows = [
        [table.at(r, c) for c in range(1, table.column_count + 1)] for r in range(1, height + 1)
    ]
    if not rows or (table.spans_known and not _is_pasted(table, rows)):
        return Header(rows, words)
    return Header(_counted(rows, words) if _is_shifted(rows, words) else _filled(rows), words)


def grids(run: Sequence[TableBlock], words: MoneyWords) -> Iterator[Grid]:
    """Yield the tables of a run, those put together that a page break cut apart.

    A piece has no header or prints the same one again; a table with a total of its own where the
    one before has its total is another table.
    """
    grid: Grid | None = None
    for table in run:
        header = header_of(table, words)
        if grid and _continues(grid, table, header):
            grid.add(table, header)
            continue
        if grid:
            yield grid
        grid = Grid(table, header)
    if grid:
        yield grid


def keep_columns(
    card: CardStage, grid: Grid, columns: Iterable[int], code: str = "extra_column"
) -> None:
    """Keep columns that were not read as text, each named by its header.

    One with amounts in it, behind the labels, is no remark: the pledge waits until it is mended.
    """
    first = min((n for n, one in grid.header.columns.items() if one.signs), default=0)
    for column in columns:
        texts = grid.texts(column)
        if any(texts):
            header = " ".join(grid.header.columns[column].texts)
            place = Place(grid.table.locator(1, column))
            is_unread = code == "extra_column" and column >= first and holds_amount(texts)
            text = "\n".join([header, *texts])
            card.keep(text, place, "unread_amounts" if is_unread else code, header)


def is_amount(text: str) -> bool:
    """Tell whether a text is an amount or the sign for none."""
    return _money_kind(text) in ("value", "not_applicable")


def holds_amount(texts: Iterable[str]) -> bool:
    """Tell whether one of some texts is an amount that says something: no sign for none, no 0."""
    return any(_money_kind(text) == "value" and text.strip("0.,") for text in texts)


def _money_kind(text: str) -> str:
    return money(RawCell(text), 1).kind if 0 < len(text) <= _LONGEST_AMOUNT else "blank"


def _height(table: TableBlock, words: MoneyWords) -> int:
    """Return how many rows the header takes: those of labels, down to the first of values."""
    held: set[int] = set()  # columns of labels, whose texts below are values
    dated: set[int] = set()  # columns with a year above, where 2018 is an amount
    for row in range(1, table.row_count + 1):
        says = row == 1
        for column in range(1, table.column_count + 1):
            cell = table.at(row, column)
            text = cell.text.strip() if cell else ""
            signs = words.signs(text)
            if words.field(text):
                held.add(column)
                says = True
            elif not cell or cell.row != row or not text:
                says = says or bool(signs)
            elif column in held:
                if not signs:
                    return row - 1
            elif is_amount(text) and (not signs or column in dated):
                return row - 1
            elif signs:
                dated |= {column} if signs[0].axis in ("year", "total") else set()
                says = True
        if not says:
            return row - 1
    return table.row_count


def _is_pasted(table: TableBlock, rows: Sequence[Sequence[GridCell | None]]) -> bool:
    """Tell whether a table lost its merges on the way: none anywhere, and blanks in its header."""
    is_merged = any(cell.row_span > 1 or cell.column_span > 1 for cell in table.cells)
    blanks = (not (cell and cell.text.strip()) for row in rows for cell in row)
    return not is_merged and len(rows) > 1 and any(blanks)


def _filled(rows: Sequence[Sequence[GridCell | None]]) -> list[list[GridCell | None]]:
    """Let a header reach over the blanks on its right, not past the header above it."""
    filled: list[list[GridCell | None]] = []
    for row in rows:
        owners: list[GridCell | None] = []
        for index, cell in enumerate(row):
            if not (cell and cell.text.strip()):
                is_under_one = all(above[index] is above[index - 1] for above in filled)
                cell = owners[index - 1] if index and is_under_one else None
            owners.append(cell)
        filled.append(owners)
    return filled


def _is_shifted(rows: Sequence[Sequence[GridCell | None]], words: MoneyWords) -> bool:
    """Tell whether covered places were dropped: a year or measure stands under 구분."""
    held = [bool(cell and words.field(cell.text)) for cell in rows[0]]
    return any(
        cell and is_held and words.signs(cell.text)
        for row in rows[1:]
        for is_held, cell in zip(held, row, strict=True)
    )


def _counted(
    rows: Sequence[Sequence[GridCell | None]], words: MoneyWords
) -> list[list[GridCell | None]]:
    """Spread header rows whose covered places were dropped; a header of nothing if in doubt.

    The years stand for the words above them, and share the lowest row (확보액, 집행액, …) evenly.
    """
    width = len(rows[0])
    top_row, *years, lowest = [[c for c in row if c and c.text.strip()] for row in rows]
    is_measured = any(s.axis == "measure" for cell in lowest for s in words.signs(cell.text))
    order = top_row
    for row in years if is_measured else [*years, lowest]:
        order = [c for cell in order for c in ([cell] if _is_said(cell, words) else row)]
    shares = _shares(order, len(lowest), words) if is_measured else [1] * len(order)
    if sum(shares) != width:
        return [[None] * width for _ in rows]
    top: list[GridCell | None] = []
    low: list[GridCell | None] = []
    rest = iter(lowest)
    for cell, share in zip(order, shares, strict=True):
        top += [cell] * share
        low += [next(rest) if share > 1 else None for _ in range(share)]
    return [*([top] * (len(rows) - 1)), low if is_measured else top]


def _is_said(cell: GridCell, words: MoneyWords) -> bool:
    said = words.field(cell.text) or words.signs(cell.text)
    return bool(said) or words.is_ignored(cell.text)


def _shares(order: Sequence[GridCell], count: int, words: MoneyWords) -> list[int]:
    """Return how many columns each header takes when those of money share `count` evenly."""
    for single in ((), ("pre_term", "post_term")):
        alone = [
            bool(words.field(cell.text))
            or words.is_ignored(cell.text)
            or any(s.value in single for s in words.signs(cell.text))
            for cell in order
        ]
        groups = alone.count(False)
        if groups and count % groups == 0 and count > groups:
            return [1 if one else count // groups for one in alone]
    return []


def _continues(grid: Grid, table: TableBlock, header: Header) -> bool:
    is_as_wide = table.column_count == grid.width
    if not is_as_wide and (table.spans_known or table.column_count > grid.width):
        return False
    if header.height == 0 or not header.is_of_years:
        return True
    return header.keys == grid.header.keys and not (
        _has_total(grid.table, grid.header) and _has_total(table, header)
    )


def _has_total(table: TableBlock, header: Header) -> bool:
    """Tell whether the first or the last row of values is a total of all."""
    rows = {header.height + 1, table.row_count}
    first = (next((c.text for c in table.cells if c.row == r and c.text.strip()), "") for r in rows)
    return any(label_key(text) in header.words.grand_totals for text in first)

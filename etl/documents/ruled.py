"""Tables drawn with lines on a page: from lines and characters to cells with their spans."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from pdfplumber.table import (
    cells_to_tables,
    edges_to_intersections,
    intersections_to_cells,
    merge_edges,
)
from pdfplumber.utils.clustering import cluster_objects
from pdfplumber.utils.geometry import filter_edges
from pdfplumber.utils.text import extract_text, extract_words

from etl.documents.blocks import (
    Block,
    GridCell,
    Paragraph,
    TableBlock,
    reading_order,
    refuse_large,
)
from etl.documents.package import DocumentError

# A page of a card has some hundred; the search for cells grows with their square.
MAX_LINES = 2_000
MAX_CROSSINGS = 5_000

_TOLERANCE = 3.0  # points between lines that are one
_LINE = 3.0  # points between the tops of characters of one line
_SLANT = 1.0  # points that a line may lean and still be drawn along the page
_NUMBER = re.compile(r"[△▲+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?%?")
_OPEN_SIDE = 10.0  # points that rows reach beyond the last upright line where a side is not drawn

Char = dict[str, Any]
Edge = dict[str, Any]
_Box = tuple[float, float, float, float]  # left, top, right, bottom in points


@dataclass(frozen=True)
class RuledTable:
    """One table of one page, or of several; `bounds` are the x of its column lines in points."""

    top: float
    bounds: tuple[float, ...]
    cells: tuple[GridCell, ...]

    @property
    def row_count(self) -> int:
        return max(cell.bottom for cell in self.cells)

    @property
    def has_text(self) -> bool:
        return any(cell.text for cell in self.cells)

    def block(self) -> TableBlock:
        """Return it as a block; spans are known where the cells leave no place uncovered."""
        covered = sum(cell.row_span * cell.column_span for cell in self.cells)
        is_whole = covered == self.row_count * (len(self.bounds) - 1)
        return TableBlock(0, self.cells, spans_known=is_whole)

    def goes_on_in(self, other: "RuledTable") -> bool:
        """Tell whether a table at the top of the next page has the same columns."""
        return len(self.bounds) == len(other.bounds) and all(
            abs(one - two) <= _TOLERANCE for one, two in zip(self.bounds, other.bounds, strict=True)
        )

    def joined(self, other: "RuledTable") -> "RuledTable":
        """Return this table with the rows of its continuation, without a repeated header."""
        repeated = self._repeated_rows(other)
        below = self.row_count - repeated
        rest = (cell for cell in other.cells if cell.row > repeated)
        moved = tuple(replace(cell, row=cell.row + below) for cell in rest)
        return replace(self, cells=self.cells + moved)

    def _repeated_rows(self, other: "RuledTable") -> int:
        """Return how many leading rows of the other are this one's; never all of them."""
        own, theirs = _rows(self.cells), _rows(other.cells)
        repeated = 0
        while repeated + 1 < other.row_count and own[repeated + 1] == theirs[repeated + 1]:
            repeated += 1
        while any(c.row <= repeated < c.bottom for c in other.cells):
            repeated -= 1
        return repeated


def _rows(cells: Iterable[GridCell]) -> dict[int, list[tuple[int, int, int, str]]]:
    rows: dict[int, list[tuple[int, int, int, str]]] = defaultdict(list)
    for cell in cells:
        text = "".join(cell.text.split())
        rows[cell.row].append((cell.column, cell.row_span, cell.column_span, text))
    return rows


def ruled_tables(edges: list[Edge], chars: list[Char]) -> tuple[list[RuledTable], list[Char]]:
    """Return the tables of a page from top to bottom, and the characters in none of them.

    A table inside a cell of another one is held by that cell. A lone box is no table. Raises
    DocumentError `file_too_large` for too many lines.
    """
    grids = [_RuledGrid(boxes) for boxes in _box_groups(edges)]
    inner_first = sorted(grids, key=lambda grid: grid.area)
    outside = [char for char in chars if not any(grid.takes(char) for grid in inner_first)]
    inner: set[int] = set()
    for number, grid in enumerate(inner_first, 1):
        if any(outer.holds(grid) for outer in inner_first[number:]):
            inner.add(id(grid))
    return [grid.table() for grid in grids if id(grid) not in inner], outside


def text_lines(chars: list[Char]) -> list[tuple[float, str]]:
    """Return lines of text with their tops, in points, from top to bottom."""
    clusters = cluster_objects(extract_words(chars), itemgetter("top"), _LINE)
    return [(words[0]["top"], " ".join(word["text"] for word in words)) for words in clusters]


class _RuledGrid:
    """The boxes of one table on its column and row lines, and the characters in them."""

    def __init__(self, boxes: list[_Box]) -> None:
        self._xs = sorted({x for box in boxes for x in (box[0], box[2])})
        self._ys = sorted({y for box in boxes for y in (box[1], box[3])})
        refuse_large(len(self._ys) - 1, len(self._xs) - 1)
        self._chars: dict[GridCell, list[Char]] = {}
        self._cell_at: dict[tuple[int, int], GridCell] = {}
        self._inner: dict[GridCell, list[_RuledGrid]] = defaultdict(list)
        for box in sorted(boxes, key=_area):
            self._add(box)

    @property
    def area(self) -> float:
        return _area((self._xs[0], self._ys[0], self._xs[-1], self._ys[-1]))

    def _add(self, box: _Box) -> None:
        """Add a box as a cell, unless a smaller one has a part of its place."""
        left, right = self._xs.index(box[0]) + 1, self._xs.index(box[2]) + 1
        top, bottom = self._ys.index(box[1]) + 1, self._ys.index(box[3]) + 1
        cell = GridCell(top, left, "", bottom - top, right - left)
        if not any(place in self._cell_at for place in cell.places):
            self._chars[cell] = []
            self._cell_at.update(dict.fromkeys(cell.places, cell))

    def takes(self, char: Char) -> bool:
        """Put a character into the cell that holds its middle; tell whether there is one."""
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        cell = self._at(x, y)
        if cell is None:
            return False
        self._chars[cell].append(char)
        return True

    def holds(self, inner: "_RuledGrid") -> bool:
        """Note another table where one cell is all around it; tell whether one is."""
        cell = self._at(inner._xs[0], inner._ys[0])
        if cell is None or cell is not self._at(inner._xs[-1], inner._ys[-1]):
            return False
        self._inner[cell].append(inner)
        return True

    def _at(self, x: float, y: float) -> GridCell | None:
        return self._cell_at.get((bisect_right(self._ys, y), bisect_right(self._xs, x)))

    def table(self) -> RuledTable:
        in_order = sorted(map(self._filled, self._chars), key=reading_order)
        return RuledTable(self._ys[0], tuple(self._xs), tuple(in_order))

    def _filled(self, cell: GridCell) -> GridCell:
        text = unbroken(extract_text(self._chars[cell]).strip())
        if cell not in self._inner:
            return replace(cell, text=text)
        held: list[tuple[float, Block]] = [
            (top, Paragraph(0, line)) for top, line in text_lines(self._chars[cell])
        ]
        held += [(grid._ys[0], grid.table().block()) for grid in self._inner[cell]]
        held.sort(key=itemgetter(0))
        return replace(cell, text=text, held=tuple(block for _, block in held))


def unbroken(text: str) -> str:
    """Return the text of a cell with one number that wraps put together again.

    Only where a line of it is no number by itself: `1,14` over `0` is 1,140, but `10` over `20` may
    be two numbers and stays as it is.
    """
    whole = "".join(text.split())
    if not _NUMBER.fullmatch(whole) or all(map(_NUMBER.fullmatch, text.split())):
        return text
    return whole


def _area(box: _Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _box_groups(edges: list[Edge]) -> list[list[_Box]]:
    """Return the boxes between lines, those of one table together, tables from the top."""
    lines = filter_edges(merge_edges(_upright(edges), *[_TOLERANCE] * 4), min_length=_TOLERANCE)
    if len(lines) > MAX_LINES:
        raise DocumentError("file_too_large", f"{len(lines)} lines")
    crossings = _crossings(lines)
    sides = list(_open_sides(crossings))
    boxes = intersections_to_cells(_crossings(lines + sides) if sides else crossings)
    groups: list[list[_Box]] = cells_to_tables(boxes)
    return groups


def _upright(edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges that run along the page, across or down; what is slanted bounds no cell.

    The library calls every line upright that does not lie flat to the last digit, such as the
    diagonal of a blank corner, and has no orientation for a side of a triangle.
    """
    upright: list[Edge] = []
    for edge in edges:
        width, height = edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]
        if min(width, height) <= _SLANT:
            upright.append({**edge, "orientation": "h" if width > height else "v"})
    return upright


def _crossings(lines: list[Edge]) -> dict[Any, dict[str, list[Edge]]]:
    crossings = edges_to_intersections(lines, _TOLERANCE, _TOLERANCE)
    if len(crossings) > MAX_CROSSINGS:
        raise DocumentError("file_too_large", f"{len(crossings)} crossings")
    return crossings


def _open_sides(crossings: dict[Any, dict[str, list[Edge]]]) -> Iterator[Edge]:
    """Yield the left and right lines that a table is drawn without, as is usual in print."""
    for lines in _connected(crossings):
        rows = [line for line in lines if line["orientation"] == "h"]
        uprights = [line["x0"] for line in lines if line["orientation"] == "v"]
        starts, ends = sorted(row["x0"] for row in rows), sorted(row["x1"] for row in rows)
        tops = [row["top"] for row in rows]
        for x, second, upright in (
            (starts[0], starts[1:2], min(uprights)),
            (ends[-1], ends[-2:-1], max(uprights)),
        ):
            if abs(x - upright) > _OPEN_SIDE and second and abs(x - second[0]) <= _TOLERANCE:
                side = {"x0": x, "x1": x, "top": min(tops), "bottom": max(tops)}
                yield {**side, "orientation": "v"}


def _connected(crossings: dict[Any, dict[str, list[Edge]]]) -> list[list[Edge]]:
    """Return the lines that cross each other, directly or through others, in groups."""
    lines: dict[int, Edge] = {}
    groups: list[set[int]] = []
    for crossing in crossings.values():
        here = {id(line): line for line in crossing["v"] + crossing["h"]}
        lines |= here
        touched = [group for group in groups if not group.isdisjoint(here)]
        groups = [group for group in groups if group.isdisjoint(here)]
        groups.append(set(here).union(*touched))
    return [[lines[key] for key in group] for group in groups]

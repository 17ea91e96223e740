"""The money unit of a table: printed above its header; what else its sheet says must agree."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from etl.cells import UNITS
from etl.cells.phrases import printed_unit, said_unit
from etl.read_workbook.found import FoundTable

_LONGEST = 60
UnitReader = Callable[[str], tuple[str, str | None] | None]


class _Said(NamedTuple):
    """One place that says a unit; `name` is None for one that is not ours, `row` 0 for no cell."""

    name: str | None
    text: str
    row: int = 0
    column: int = 0


def take_unit(place: FoundTable, *, is_return: bool) -> None:
    """Take the unit printed above the header, else the form's; note what says another one.

    Problems: `unknown_unit` where none of those above is known, `unit_contradicted` at each place
    of the sheet that says another; a table that is no return's has `unknown_unit` for that too.
    """
    above = list(_in_cells(place, slice(place.header_row), printed_unit))
    known = [one.name for one in above if one.name]
    place.money_unit = known[0] if known else None if above else place.table.money_unit
    others = [one for one in above if one.name != place.money_unit]
    if place.money_unit is None or (others and not is_return):
        place.money_unit = None
        seen = ", ".join(dict.fromkeys(one.text for one in above))
        place.note("unknown_unit", seen, ", ".join(UNITS))
    elif is_return:
        for one in (*others, *_elsewhere(place, place.money_unit)):
            place.note("unit_contradicted", one.text, place.money_unit, one.column, one.row)


def _in_cells(place: FoundTable, rows: slice, unit_of: UnitReader) -> Iterator[_Said]:
    """Yield what the cells of some rows of the sheet say, as `unit_of` understands it."""
    for number, row in islice(enumerate(place.sheet.rows, 1), rows.start, rows.stop):
        for column, text in enumerate(row, 1):
            if type(text) is not str or not ("단" in text or "원" in text):
                continue
            if unit := unit_of(text):
                yield _Said(unit[1], text.strip()[:_LONGEST], number, column)


def _elsewhere(place: FoundTable, unit: str) -> Iterator[_Said]:
    """Yield what below the header, above the cells and in the margins says another unit."""
    below = _in_cells(place, slice(place.header_row, None), said_unit)
    for said in (*below, *_beside(place)):
        if said.name != unit:
            yield said


def _beside(place: FoundTable) -> Iterator[_Said]:
    facts = place.sheet.facts
    for lying in facts.objects:
        for line in lying.text.split("\n"):
            if unit := said_unit(line):
                yield _Said(unit[1], line.strip()[:_LONGEST], lying.row, lying.column)
    for line in facts.margins.split("\n"):
        if unit := said_unit(line):
            yield _Said(unit[1], " ".join(line.split())[:_LONGEST])

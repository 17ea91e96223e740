"""연차별 추진계획: which text is planned for which years of which sub-project."""

from collections.abc import Iterator

from etl import cells
from etl.cells import BLANK, RawCell
from etl.documents.blocks import GridCell
from etl.read_card.grid import Grid, keep_columns
from etl.read_card.sections import Section
from etl.read_card.stage import CardStage, plain

_OUTSIDE = ("pre_term", "post_term")


def is_plan(grid: Grid) -> bool:
    """Tell whether a table has years above."""
    return bool(_years(grid))


def read_plan(card: CardStage, section: Section, grid: Grid) -> None:
    """Stage one row per text, with the years that its cell spans.

    Where merges are not told a text reaches over the blank years on its right, not past the term.
    """
    years = _years(grid)
    others = {c: one for c, one in grid.header.columns.items() if c not in years}
    left = [c for c in others if c < min(years)]
    labels = [c for c in left if others[c].field or not others[c].texts] or left
    table = card.section("yearly_plan", section.heading.text, grid.header.height)
    name = ""
    for index in range(len(grid.rows)):
        names = dict.fromkeys(grid.text(index, column) for column in labels)
        own = " ".join(" ".join(text.split()) for text in names if text)
        is_same = labels and grid.may_continue(index, labels[0])
        name = own or (name if is_same else "")
        for column, cell, columns in _texts(grid, index, years):
            read = cells.text(RawCell(cell.text))
            spanned = {years[c] for c in columns if c in years}
            dated = sorted(
                year for years_ in spanned for year in years_.split("~") if year.isdigit()
            )
            said = {
                "subproject_name": plain(name or card.pledge_name),
                "first_year": plain(int(dated[0])) if dated else BLANK,
                "last_year": plain(int(dated[-1])) if dated else BLANK,
                "is_pre_term": plain("pre_term" in spanned),
                "is_post_term": plain("post_term" in spanned),
                "content": read,
            }
            card.add_line(table, said, {"content": grid.place(index, column)})
    keep_columns(card, grid, [c for c in others if c not in labels])


def _years(grid: Grid) -> dict[int, str]:
    """Return column → the year above it."""
    return {
        number: sign.value
        for number, column in grid.header.columns.items()
        for _, sign in column.signs
        if sign.axis == "year" and not column.field
    }


def _texts(
    grid: Grid, index: int, years: dict[int, str]
) -> Iterator[tuple[int, GridCell, list[int]]]:
    """Yield each text of a row with its column and the columns that it spans."""
    table, _ = grid.rows[index]
    for column in years:
        cell = grid.at(index, column)
        if (
            not cell
            or not grid.is_origin(index, column)
            or cells.code(RawCell(cell.text)).kind != "value"
        ):
            continue
        columns = list(range(column, column + cell.column_span))
        while not table.spans_known and _is_free(grid, index, columns[-1] + 1, years):
            columns.append(columns[-1] + 1)
        yield column, cell, columns


def _is_free(grid: Grid, index: int, column: int, years: dict[int, str]) -> bool:
    year = years.get(column)
    return year is not None and year not in _OUTSIDE and not grid.text(index, column)

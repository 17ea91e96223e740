"""Years printed as two bare digits, `23 24 25`, under or beside words that say that they are years.

Two digits are an amount anywhere else; so a row of them is a header only where nothing else can be
meant: years that follow each other, and not one word beside them that is no header's.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from etl.cells import clean, label_key
from etl.documents.blocks import GridCell, TableBlock
from etl.read_card.words import MoneyWords

_BARE = re.compile(r"[0-9]{2}")
_FEWEST = 2
_TOP_ROWS = 4  # a header has no more


def spelt_out(table: TableBlock, words: MoneyWords) -> TableBlock:
    """Return a table whose bare years are whole ones, `2023`; any other as it is."""
    above: list[GridCell] = []
    for row in range(1, min(table.row_count, _TOP_ROWS) + 1):
        here = [cell for cell in table.cells if cell.row == row and cell.text.strip()]
        if _is_row_of_years(here, above, words):
            bare = {cell for cell in here if _BARE.fullmatch(clean(cell.text))}
            cells = (
                replace(cell, text=f"20{clean(cell.text)}") if cell in bare else cell
                for cell in table.cells
            )
            return replace(table, cells=tuple(cells))
        above += here
    return table


def whole_year(text: str) -> str | None:
    """Return the year that two digits are in a column of years."""
    return f"20{text}" if _BARE.fullmatch(text) else None


def are_years(texts: Iterable[str]) -> bool:
    """Tell whether texts are bare years that follow each other, more than one."""
    found = [clean(text) for text in texts]
    return all(map(_BARE.fullmatch, found)) and _follow(list(map(int, found)))


def _is_row_of_years(here: list[GridCell], above: list[GridCell], words: MoneyWords) -> bool:
    bare = [cell for cell in here if _BARE.fullmatch(clean(cell.text))]
    others = [cell.text for cell in here if cell not in bare]
    if len(bare) < _FEWEST or not _follow([int(clean(cell.text)) for cell in bare]):
        return False
    if any(_says_year(cell.text, words) for cell in above):
        return False
    is_beside = any(words.field(text) for text in others)
    is_under = any(
        label_key(cell.text) in words.headings or words.field(cell.text) == "year" for cell in above
    )
    return (is_beside or is_under) and all(_may_stand_beside(text, words) for text in others)


def _says_year(text: str, words: MoneyWords) -> bool:
    return any(sign.axis == "year" and sign.value[0].isdigit() for sign in words.signs(text))


def _may_stand_beside(text: str, words: MoneyWords) -> bool:
    """Tell whether a word is a header's, and not the label of a row of amounts."""
    axes = {sign.axis for sign in words.signs(text)}
    return bool(words.field(text)) or words.is_ignored(text) or bool(axes & {"year", "total"})


def _follow(years: Sequence[int]) -> bool:
    """Tell whether numbers are years in a row, once or once for each of several groups."""
    if len(years) < _FEWEST:
        return False
    starts = [n for n, year in enumerate(years) if n == 0 or year != years[n - 1] + 1]
    lengths = [b - a for a, b in zip(starts, [*starts[1:], len(years)], strict=True)]
    runs = {(years[start], length) for start, length in zip(starts, lengths, strict=True)}
    return min(lengths) >= _FEWEST and len(runs) == 1

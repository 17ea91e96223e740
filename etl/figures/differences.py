"""Published figures beside the same ones derived again: every difference, to the last digit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, text

from etl.figures import FigureRow
from etl.figures.evidence import Evidence
from etl.quarter import Quarter

Key = tuple[str, str, str]
_COLUMNS = ", ".join(field.name for field in fields(FigureRow))


@dataclass(frozen=True)
class Difference:
    """One thing of one figure that differs: a column of its row, or a value behind it.

    `item` is the column, `figure` for a whole row, or the part and pledge of a value. A side that
    does not have it is None.
    """

    figure_code: str
    scope_type: str
    scope_id: str
    item: str
    released: str | None
    derived: str | None


def released_rows(
    connection: Connection, government_id: str, quarter: Quarter, revision: int
) -> list[FigureRow]:
    """Return the figures of a published revision."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM mart.released_figure WHERE government_id = :g"
            " AND quarter_id = :q AND revision = :r"
        ),
        {"g": government_id, "q": str(quarter), "r": revision},
    )
    return [FigureRow(*row) for row in rows]


def figure_differences(
    released: Iterable[FigureRow], derived: Iterable[FigureRow]
) -> list[Difference]:
    """One entry per column that differs, and per figure that only one side has."""
    then, now = _by_key(released), _by_key(derived)
    return [
        Difference(*key, item, before, after)
        for key in sorted(then.keys() | now.keys())
        for item, before, after in _columns(then.get(key), now.get(key))
    ]


def evidence_differences(
    released: Iterable[Evidence], derived: Iterable[Evidence]
) -> list[Difference]:
    """One entry per value that only one side has; two of the same pledge and part are one."""
    then, now = Counter(released), Counter(derived)
    only_then, only_now = _by_pledge(then - now), _by_pledge(now - then)
    return [
        Difference(*place, before, after)
        for place in sorted(only_then.keys() | only_now.keys())
        for before, after in zip_longest(only_then.get(place, ()), only_now.get(place, ()))
    ]


def _by_key(rows: Iterable[FigureRow]) -> dict[Key, dict[str, Any]]:
    return {(row.figure_code, row.scope_type, row.scope_id): asdict(row) for row in rows}


def _columns(
    then: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> list[tuple[str, str | None, str | None]]:
    if then is None or now is None:
        return [("figure", _shown(then), _shown(now))]
    return [
        (name, _told(value), _told(now[name])) for name, value in then.items() if value != now[name]
    ]


def _shown(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else row["shown"]


def _told(value: object) -> str | None:
    return None if value is None else str(value)


def _by_pledge(values: Counter[Evidence]) -> dict[tuple[str, str, str, str], list[str]]:
    told: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for one in values.elements():
        item = f"{one.part} {one.pledge_id}"
        place = f"{one.file_name}({one.submission_id}) {one.sheet_name} {one.cell}"
        told[one.figure_code, one.scope_type, one.scope_id, item].append(
            f"{place} {one.as_written!r} = {one.value}"
        )
    return {key: sorted(texts) for key, texts in told.items()}

"""The journal: what happened is a row first, in the transaction that does it, and a file after.

Whoever comes next writes what the archive lacks, so the journal in the archive is complete or
behind the rows, and never tells what did not happen.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import methodcaller
from typing import Any

from sqlalchemy import Connection, Row, text

from etl import archive
from etl.pipeline.telling import log
from etl.quarter import SEOUL
from etl.warehouse import run_alone, run_file, transaction

_AS_ISO = methodcaller("isoformat")  # how a moment or a day is told


def note(
    connection: Connection, kind: str, at: datetime, lines: Sequence[Mapping[str, Any]]
) -> None:
    """Note an event with a line for each thing it happened to; it holds when `connection` commits.

    `at` is the moment it stands for. Others that note something wait until then.
    """
    if lines:
        told = json.dumps(list(lines), ensure_ascii=False, default=_AS_ISO)
        run_file(connection, "journal/note.sql", event_kind=kind, at=at, lines=told)


def present() -> datetime:
    """Return the moment that what happens now stands for.

    It is the clock's, or right after the last event where the clock stands behind it, which the log
    tells: what comes later never counts as earlier.
    """
    (row,) = run_alone("journal/present.sql")
    if row.moment > row.by_clock:
        log.warning(
            "시각 | 시계(%s)가 마지막으로 적은 일보다 뒤처져, 그 바로 뒤(%s)로 적습니다.",
            row.by_clock.astimezone(SEOUL).isoformat(" ", "seconds"),
            row.moment.astimezone(SEOUL).isoformat(" ", "seconds"),
        )
    moment: datetime = row.moment.astimezone(SEOUL)
    return moment


def write_journal() -> None:
    """Write the events that the archive lacks; one that is there already is the same bytes.

    Raises OutageError where the archive is away: the next run writes them.
    """
    with transaction() as connection:
        waiting = connection.execute(
            text("SELECT * FROM audit.event WHERE NOT is_in_archive ORDER BY event_number")
        ).all()
    if not waiting:
        return
    for event in waiting:
        archive.write_event(*_as_event(event))
    with transaction() as connection:
        connection.execute(
            text("UPDATE audit.event SET is_in_archive = TRUE WHERE event_number = ANY(:numbers)"),
            {"numbers": [event.event_number for event in waiting]},
        )


def lacking(events: Sequence[archive.Event]) -> list[str]:
    """Return a line for each numbered event that only the archive, or only the warehouse, tells."""
    with transaction() as connection:
        rows = connection.execute(text("SELECT * FROM audit.event ORDER BY event_number")).all()
    known = {_as_event(row)[0].name for row in rows}
    told = {event.name for event in events if event.number is not None}
    return [
        f"{place}에 {name}의 기록이 없습니다."
        for place, names in (("일지", known - told), ("창고", told - known))
        for name in sorted(names)
    ]


def _as_event(row: Row[Any]) -> tuple[archive.Event, bytes]:
    return archive.event(row.event_number, row.event_kind, row.at, row.lines)

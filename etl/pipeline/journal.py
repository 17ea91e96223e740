"""The journal: what happened is a row first, in the transaction that does it, and a file after.

Each government has a journal of its own; that of the receipts tells of files before anybody knows
whose they are, and of those that are nobody's. Whoever comes next writes what the archive lacks, so
the journals in the archive are complete or behind the rows, and never tell what did not happen.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import methodcaller
from typing import Any

from sqlalchemy import Connection, Row, text

from etl import archive
from etl.archive import RECEIPTS
from etl.pipeline.telling import log
from etl.quarter import SEOUL
from etl.warehouse import rows_of, run_alone, run_file, transaction, turn

_AS_ISO = methodcaller("isoformat")  # how a moment or a day is told


# What a file calls its government may be any text, and a journal's code is a folder's name.
_CODE = re.compile(r"[0-9A-Za-z]{1,20}")


def journal_of(government_id: str | None) -> str:
    """Return the journal of a government; that of the receipts for what is nobody's."""
    is_code = government_id is not None and _CODE.fullmatch(government_id)
    return str(government_id) if is_code else RECEIPTS


def note(
    connection: Connection,
    kind: str,
    at: datetime,
    lines: Iterable[tuple[str, Mapping[str, Any]]],
) -> None:
    """Note an event with a line for each thing it happened to; it holds when `connection` commits.

    Each line is told with its journal, and each journal has an event of its own. `at` is the moment
    it stands for. Others that note something in the same journals wait until then.
    """
    lines_of: Mapping[str, list[Mapping[str, Any]]] = defaultdict(list)
    for journal, line in lines:
        lines_of[journal].append(line)
    for journal in sorted(lines_of):  # in one order, so that nobody waits in a ring
        told = json.dumps(lines_of[journal], ensure_ascii=False, default=_AS_ISO)
        run_file(
            connection, "journal/note.sql", journal=journal, event_kind=kind, at=at, lines=told
        )


def note_once(connection: Connection, kind: str, at: datetime, line: Mapping[str, Any]) -> None:
    """Note what happens to a government, unless its journal tells it: a repeated run is no news."""
    if not is_noted(connection, kind, line):
        note(connection, kind, at, [(journal_of(line["government_id"]), line)])


@contextmanager
def happening(*places: str) -> Iterator[Connection]:
    """Give a transaction in the turn of places; what it notes is in the archive after its commit.

    Raises OutageError where the archive is away: what happened holds, and the next run tells it.
    """
    with turn(*places):
        with transaction() as connection:
            yield connection
        write_journal()


def is_noted(connection: Connection, kind: str, line: Mapping[str, Any]) -> bool:
    """Tell whether the journal of a line's government has an event with it."""
    asked = {"g": line["government_id"], "kind": kind, "lines": json.dumps([line])}
    query = text(
        "SELECT EXISTS (SELECT 1 FROM audit.event WHERE journal_code = :g AND event_kind = :kind"
        " AND lines @> CAST(:lines AS jsonb))"
    )
    return bool(connection.execute(query, asked).scalar_one())


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
            text(
                "SELECT * FROM audit.event WHERE NOT is_in_archive"
                " ORDER BY journal_code, event_number"
            )
        ).all()
    if not waiting:
        return
    for event in waiting:
        archive.write_event(*_as_event(event))
    run_alone(
        "journal/mark_archived.sql",
        journals=[event.journal_code for event in waiting],
        numbers=[event.event_number for event in waiting],
    )


def lacking(events: Sequence[archive.Event], journals: Collection[str]) -> list[str]:
    """Return a line for each numbered event that only the archive, or only the warehouse, tells.

    `events` are those of these journals, and of the one of everybody from before.
    """
    query = "SELECT * FROM audit.event WHERE journal_code = ANY(:journals)"
    known = {_as_event(row)[0].place for row in rows_of(query, journals=["", *journals])}
    told = {event.place for event in events if event.number is not None}
    return [
        f"{place}에 {name}의 기록이 없습니다."
        for place, names in (("일지", known - told), ("창고", told - known))
        for name in sorted(names)
    ]


def _as_event(row: Row[Any]) -> tuple[archive.Event, bytes]:
    return archive.event(row.journal_code, row.event_number, row.event_kind, row.at, row.lines)

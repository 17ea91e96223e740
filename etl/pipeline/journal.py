"""Keeping the journal: whatever the warehouse commits, the archive's journal tells, in that order.

Files and a database cannot be written in one step, so what happened is noted in `audit.event` by
the transaction that does it, and written into the archive right after the commit. Should the
machine stop between the two, the note is there: whoever holds the lock next writes it first, under
the name it was given, before anything else can happen. So

- nothing is told that was not committed, since the note is rolled back with it;
- all that was committed is told, in the order in which it happened;
- writing a file again, after a stop between writing and ticking off, gives the very same file.

The names stay in `audit.event`: by them a lost file of the journal is noticed, whatever it told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from etl import archive
from etl.pipeline.telling import log
from etl.warehouse import collector_lock, transaction


@contextmanager
def journaled() -> Iterator[None]:
    """Hold the lock for a block that changes something; tell what it noted, and what is left over.

    What an earlier run noted and could not tell any more is told before the block begins.
    """
    with collector_lock():
        if left := _tell():
            log.warning("일지 | 멈춘 실행이 남긴 기록 %d건을 이제 적었습니다", left)
        yield
        _tell()


def note(
    connection: Connection, event: str, at: datetime, lines: Sequence[Mapping[str, Any]]
) -> None:
    """Note what happened, in the transaction that does it, inside `journaled`; no lines, no note.

    `at` is the moment it stands for, each line one thing that it happened to.
    """
    if lines:
        name, content = archive.journal_file(event, at, lines)
        connection.execute(
            text("INSERT INTO audit.event (file_name, untold_text) VALUES (:n, :c)"),
            {"n": name, "c": content},
        )


def lost_names() -> list[str]:
    """Return the names of files that the journal should hold and does not, oldest first."""
    with transaction() as connection:
        told = connection.execute(
            text("SELECT file_name FROM audit.event WHERE untold_text IS NULL ORDER BY event_id")
        ).scalars()
        names = list(told)
    present = archive.journal_names()
    return [name for name in names if name not in present]


def _tell() -> int:
    """Write what is noted and not told yet into the archive; return how many files that were."""
    with transaction() as connection:
        untold = connection.execute(
            text("SELECT event_id, file_name, untold_text FROM audit.event"
                 " WHERE untold_text IS NOT NULL ORDER BY event_id")
        ).all()  # fmt: skip
    for row in untold:
        archive.write_journal(row.file_name, row.untold_text)
        with transaction() as connection:
            connection.execute(
                text("UPDATE audit.event SET untold_text = NULL WHERE event_id = :e"),
                {"e": row.event_id},
            )
    return len(untold)

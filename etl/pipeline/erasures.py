"""Personal data are erased after a retention period: from the warehouse, then from the files.

That it happened is a row first, in the transaction that does it. What lies in the archive and the
outbox is removed after, for every row there is: a run that was killed is completed by the next one,
and what a restore brought back is gone again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Row

from etl import archive
from etl.archive import RECEIPTS, Event
from etl.common import folders, remove
from etl.period import is_period
from etl.pipeline.journal import journal_of, note, present, write_journal
from etl.pipeline.telling import counted, say
from etl.quarter import SEOUL, seoul_now
from etl.settings import settings
from etl.warehouse import records, run_alone, run_file, transaction, turn

BACKUP_TURN = "backup"
_KIND = "erasure"
_ERASED = "개인정보 보유기간이 지나 지운 글입니다."


@dataclass(frozen=True)
class ErasedFile:
    """One received file whose personal data are erased: when, and after how many days."""

    submission_id: int
    government_id: str | None
    quarter_id: str | None
    file_name: str
    sha256: str
    byte_count: int
    erased_at: datetime
    personal_data_days: int


@dataclass(frozen=True)
class Erased:
    """What a run erased, or (`is_dry_run`) would: files received, and rows of the warehouse.

    `removed` counts files that were removed from archive and outbox, of earlier runs too. `days` is
    the retention period; None where none is set.
    """

    days: int | None
    files: int
    rows: int
    removed: int
    is_dry_run: bool


def erase_personal(at: datetime | None = None, *, is_dry_run: bool = False) -> Erased:
    """Erase the originals and the personal data of all that GONGYAK_PERSONAL_DATA_DAYS is over for.

    Without the setting nothing more is erased. Raises OutageError where the archive is away: what
    the warehouse tells holds, and the next run removes the files.
    """
    started, at, days = perf_counter(), at or present(), settings().personal_data_days
    files = rows = 0
    if days is not None:
        places = sorted({journal_of(one.government_id) for one in _due(at, days)})
        for place in counted("개인정보 삭제", places, len(places)):
            with turn(place):
                some = _erase_in(place, at, days, is_dry_run=is_dry_run)
            files, rows = files + some[0], rows + some[1]
    removed = 0
    if not is_dry_run:
        write_journal()
        removed = remove_erased(at)
    say("개인정보 삭제", started, erased=files, rows=rows, removed=removed)
    return Erased(days, files, rows, removed, is_dry_run)


def _due(at: datetime, days: int, connection: Connection | None = None) -> Sequence[Row[Any]]:
    until = min(at, seoul_now())  # a moment to come makes nothing due
    asked = {"before": until - timedelta(days=days), "today": until.astimezone(SEOUL).date()}
    if connection is None:
        return run_alone("erase/due.sql", **asked)
    return run_file(connection, "erase/due.sql", **asked)


def _erase_in(place: str, at: datetime, days: int, *, is_dry_run: bool) -> tuple[int, int]:
    """Erase in the warehouse what is due in one journal; return how many files and rows."""
    with transaction() as connection, connection.begin_nested() as tried:
        due = [one for one in _due(at, days, connection) if journal_of(one.government_id) == place]
        numbers = [one.submission_id for one in due]
        asked = {"submission_ids": numbers}
        (row,) = run_file(connection, "erase/forget.sql", erased=_ERASED, **asked)
        run_file(connection, "erase/record.sql", at=at, days=days, **asked)
        if due and not is_dry_run:
            note(connection, _KIND, at, [(place, _line(one, days)) for one in due])
        if is_dry_run:
            tried.rollback()
    return len(due), row.erased_rows


def _line(one: Row[Any], days: int) -> dict[str, Any]:
    return {**one._mapping, "personal_data_days": days}


# -- the files ------------------------------------------------------------------------------------


def remove_erased(at: datetime) -> int:
    """Remove what is left of all erased files in archive and outbox; return how many files.

    Bytes of which another receipt counts stay: they came again, and have a time of their own.
    Nobody receives or backs up meanwhile.
    """
    with turn(RECEIPTS, BACKUP_TURN):
        all_erased = erased_files()
        again = {row.sha256 for row in run_alone("erase/sent_again.sql")}
        removed = _remove_archived([one for one in all_erased if one.sha256 not in again])
    return removed + sum(map(remove, _left_in_outbox(all_erased, at)))


def _remove_archived(files: Sequence[ErasedFile]) -> int:
    there, stones, removed = archive.places(), archive.erased(), 0
    for sha256, same in groupby(sorted(files, key=lambda one: one.sha256), lambda o: o.sha256):
        if sha256 not in stones or archive.place_of(sha256) in there:
            removed += archive.erase(sha256, [_told(one) for one in same])
    return removed


def _told(one: ErasedFile) -> dict[str, Any]:
    return {
        "submission_id": one.submission_id,
        "byte_count": one.byte_count,
        "erased_at": one.erased_at.isoformat(),
        "personal_data_days": one.personal_data_days,
    }


def _left_in_outbox(files: Collection[ErasedFile], at: datetime) -> Iterator[Path]:
    """Yield folders of answers to erased files, and of what was filled in with what they said.

    Pre-filled files of a quarter that departments may still fill in stay until its window closes.
    """
    outbox = settings().outbox
    numbers = {str(one.submission_id) for one in files}
    yield from (path for path in folders(outbox, "answers/*/*/*") if path.name in numbers)
    names = {one.sha256[:12] for one in files}
    yield from (path for path in folders(outbox, "checks/*") if path.name in names)
    governments, today = {one.government_id for one in files}, at.astimezone(SEOUL).date()
    is_open = {
        (window.quarter_id, window.government_id)
        for window in run_alone("quarter/windows.sql")
        if window.last_grace_date >= today
    }
    for folder in folders(outbox, "[0-9][0-9][0-9][0-9][-HQ]*/*"):
        place = folder.parent.name, folder.name
        if folder.name in governments and is_period(place[0]) and place not in is_open:
            yield folder


# -- what others say of it ------------------------------------------------------------------------


def erased_files(government_id: str | None = None, quarter_id: str | None = None,
                 ) -> list[ErasedFile]:  # fmt: skip
    """Return the erased files, of one government and quarter or of all, in order of arrival."""
    return [
        one
        for one in records(ErasedFile, run_alone("erase/erased.sql"))
        if government_id in (None, one.government_id) and quarter_id in (None, one.quarter_id)
    ]


def told_erased(files: Iterable[ErasedFile]) -> list[str]:
    """Return a line for each day and setting of an erasure, with the files it took."""

    def key(one: ErasedFile) -> tuple[str, int]:
        return f"{one.erased_at.astimezone(SEOUL):%Y-%m-%d}", one.personal_data_days

    return [
        f"{day}에 개인정보 보유기간 {days}일(GONGYAK_PERSONAL_DATA_DAYS={days})이 지나 지운 원본: "
        + ", ".join(f"{one.file_name}(접수 {one.submission_id})" for one in some)
        for (day, days), some in groupby(sorted(files, key=key), key)
    ]


def erasure_gaps(
    events: Sequence[Event], journals: Collection[str], erased: Iterable[ErasedFile]
) -> list[str]:
    """Return a line for each erasure that journal and warehouse tell otherwise."""
    known = {
        (one.submission_id, one.sha256, one.personal_data_days)
        for one in erased
        if journal_of(one.government_id) in journals
    }
    told = {
        (line["submission_id"], line["sha256"], line["personal_data_days"])
        for event in events
        if event.kind == _KIND
        for line in event.lines
    }
    return [
        f"{place}에 접수 {number}의 개인정보 삭제 기록이 없거나 다릅니다."
        for place, missing in (("일지", known - told), ("창고", told - known))
        for number, *_ in sorted(missing)
    ]

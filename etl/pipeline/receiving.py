"""Receiving: every entry is opened apart, archived before anyone reads it, and registered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from time import perf_counter, sleep

from sqlalchemy import Connection

from etl import archive, collect as collecting
from etl.archive import RECEIPTS
from etl.check import rule_version
from etl.collect import NOBODY_SAID, Asked as Asked
from etl.documents.bundle import is_bundle
from etl.documents.package import DocumentError
from etl.documents.pictures import is_picture
from etl.inbox import (
    CHANGED,
    Arrival,
    NotTaken,
    as_text,
    content_of,
    inbox_arrivals,
    may_be_cut_off,
    named_arrivals,
    reason_of,
    told,
)
from etl.period import asked_period
from etl.pipeline.journal import happening, note, present
from etl.pipeline.quarters import only_government
from etl.pipeline.reading import sent_members
from etl.pipeline.telling import counted, log, say
from etl.settings import settings
from etl.storage import Away
from etl.warehouse import rows_of, run_alone, transaction, turn


@dataclass(frozen=True)
class ReceivedPlace:
    """Where one file of a batch came from, and where the archive keeps it."""

    source_uri: str
    archive_uri: str


_MEGABYTE = 1024 * 1024
_FILES_TOLD = 200  # each in a line of its own
_SETTLING = 3.0  # seconds for which what may be cut off must lie as it lay


@dataclass(frozen=True)
class ReceiptLine:
    """One receipt as the journal tells it; its moment is ISO text.

    `form_edition` is what it was read by before; None for a file that nobody has read.
    """

    batch_id: int
    purpose: str
    asked_government_id: str | None
    asked_quarter_id: str | None
    submission_id: int
    file_name: str
    sha256: str
    source_uri: str
    received_at: str
    form_edition: str | None


def told_of_documents(quarter: str | None, government: str | None) -> Asked:
    """Return what a caller says of documents that cannot; raises UsageError for what is unknown."""
    chosen = only_government(government) if government else None
    return Asked(chosen, str(asked_period(quarter)) if quarter else None)


def receive(
    files: Sequence[str | Arrival] | None,
    at: datetime | None = None,
    purpose: str = "collect",
    asked: Asked = NOBODY_SAID,
    settle_seconds: float = 0,
) -> collecting.ReceiveRecord:
    """Archive what is new and register its receipt; there is no batch when nothing is new.

    `files` None takes the inboxes, and of them what lies there for `settle_seconds` unchanged, or
    longer where it shows while others write it. Files of an earlier run that broke off are taken up
    again. `asked` is what the caller says of documents that do not say whose or when they are. What
    cannot be opened is named in the log.
    """
    started = perf_counter()
    before = None if files is not None else _before(settle_seconds)
    at = at or present()
    arrivals, not_listed = _arrivals(files)
    if before is not None:
        not_listed += [NotTaken(one.name, CHANGED) for one in arrivals if one not in before]
        arrivals = [one for one in arrivals if one in before]
    # What is slow or away is so before anybody else has to wait for this turn.
    kept, not_opened = keep(arrivals, archive.put)
    with turn(RECEIPTS):
        with happening() as connection:
            still = {*collecting.unseen(connection, [one.arrival for one in kept])}
            gone = _erased_meanwhile([one.sha256 for one in kept])
            not_opened += [NotTaken(o.arrival.name, CHANGED) for o in kept if o.sha256 in gone]
            kept = [one for one in kept if one.arrival in still and one.sha256 not in gone]
            record = _register(connection, kept, at, purpose, asked)
            if record.batch_id is not None:
                lines = _receipt_lines(record.batch_id, purpose, asked, record.receipts)
                note(connection, "receipt", at, [(RECEIPTS, asdict(line)) for line in lines])
        record.not_taken = not_listed + not_opened
    for one in record.recognised:
        log.info("접수 | 이미 반영된 파일이라 바꾸지 않았습니다: %s", one.arrival.name)
    for line in told(record.not_taken):
        log.warning("접수 | 받지 않은 것: %s", line)
    for receipt in record.receipts[:_FILES_TOLD]:
        log.info("접수 | %d번: %s", receipt.submission_id, receipt.file_name)
    say("접수", started, batch=record.batch_id, files=len(record.receipts),
         recognised=len(record.recognised), not_taken=len(record.not_taken) or None)  # fmt: skip
    return record


def _erased_meanwhile(hashes: Sequence[str]) -> set[str]:
    """Return the files that were erased since they were archived: the next run takes them."""
    rows = rows_of("SELECT DISTINCT sha256 FROM audit.erasure WHERE sha256 = ANY(:h)", h=hashes)
    return {row.sha256 for row in rows if not archive.holds(row.sha256)}


def received_places(batch_id: int) -> list[ReceivedPlace]:
    """Return where the files of a batch came from and lie, in the order of their addresses."""
    rows = run_alone("lineage/received_places.sql", batch_id=batch_id)
    return [ReceivedPlace(row.source_uri, archive.uri(row.sha256)) for row in rows]


def waiting(inboxes: Sequence[str] | None = None) -> list[Arrival]:
    """Return what lies in inboxes (default: all) now and no receipt has settled, oldest first.

    Raises OutageError where every one of them or the database is away.
    """
    return _unsettled(inbox_arrivals(inboxes)[0])


def _before(settle_seconds: float) -> set[Arrival] | None:
    """Return what waits in the inbox, after it has had the time to change if it still does.

    None where nothing needs that time: it was laid there by who asks.
    """
    seconds = max(settle_seconds, _SETTLING if may_be_cut_off() else 0)
    if not seconds:
        return None
    if found := waiting():
        sleep(seconds)
    return {*found}


def keep(
    arrivals: Sequence[Arrival], put: Callable[[bytes], str]
) -> tuple[list[collecting.Kept], list[NotTaken]]:
    """Open files one by one and keep them; return those kept, and those that cannot be opened.

    `put` keeps bytes and returns their sha256.
    """
    kept: list[collecting.Kept] = []
    not_taken: list[NotTaken] = []
    away: set[int] = set()
    for arrival in counted("접수", arrivals, len(arrivals)):
        if id(arrival.filesystem) in away:
            continue
        try:
            content = content_of(arrival)
        except Away as error:  # told once, and not waited for at each of its files
            away.add(id(arrival.filesystem))
            said = f"이것부터 열지 못했습니다. {reason_of(error)}"
            content = NotTaken(arrival.name, said, is_away=True)
        if isinstance(content, bytes) and is_picture(content):
            content = _small_enough(arrival, content)
        if isinstance(content, NotTaken):
            not_taken.append(content)
        else:
            kept += _kept_files(arrival, content, put)
    return kept, not_taken


def _small_enough(arrival: Arrival, content: bytes) -> bytes | NotTaken:
    limit, size = settings().picture_limit_mb, len(content) / _MEGABYTE
    if size <= limit:
        return content
    return NotTaken(arrival.name, f"사진이 {size:,.0f}MB로 한도 {limit}MB를 넘어 받지 않았습니다")


def _kept_files(
    arrival: Arrival, content: bytes, put: Callable[[bytes], str]
) -> Iterator[collecting.Kept]:
    """Keep a file, and each member of a bundle as a file of its own, called `BUNDLE/MEMBER`."""
    sha256 = put(content)
    if not is_bundle(content):
        is_one = is_picture(content)
        yield collecting.Kept(arrival, sha256, len(content), is_picture=is_one)
        return
    yield collecting.Kept(arrival, sha256, len(content), sha256)
    with suppress(DocumentError):  # its own reading tells why it is not unpacked
        for member in sent_members(content):
            named = replace(arrival, name=f"{arrival.name}/{as_text(member.name)}")
            kept = collecting.Kept(named, put(member.content), len(member.content), sha256)
            yield replace(kept, is_picture=is_picture(member.content))


def _receipt_lines(
    batch_id: int, purpose: str, asked: Asked, receipts: Iterable[collecting.Receipt]
) -> list[ReceiptLine]:
    batch = batch_id, purpose, asked.government_id, asked.quarter_id
    told = [asdict(one) | {"received_at": one.received_at.isoformat()} for one in receipts]
    return [ReceiptLine(*batch, **receipt) for receipt in told]


def _arrivals(files: Sequence[str | Arrival] | None) -> tuple[list[Arrival], list[NotTaken]]:
    if files is not None:
        return named_arrivals(files), []
    arrivals, not_taken = inbox_arrivals()
    return _unsettled(arrivals), not_taken


def _unsettled(arrivals: Sequence[Arrival]) -> list[Arrival]:
    with transaction() as connection:
        return collecting.unseen(connection, arrivals)


def _register(
    connection: Connection,
    kept: Sequence[collecting.Kept],
    at: datetime,
    purpose: str,
    asked: Asked,
) -> collecting.ReceiveRecord:
    record = collecting.ReceiveRecord()
    orphans = collecting.unfinished(connection, purpose)
    waiting = purpose != "check" and (
        collecting.unanswered(connection) or collecting.uncounted(connection)
    )
    known = collecting.in_force(connection, [one.sha256 for one in kept])
    fresh: dict[tuple[str, ...], collecting.Kept] = {}
    taken_up = {(one.sha256, one.source_uri) for one in orphans}
    for one in kept:
        if (one.sha256, one.arrival.uri) in taken_up:
            continue  # a killed run received it, and it goes on from there
        if one.sha256 in known or one.news in fresh:
            record.recognised.append(one)
        else:
            fresh[one.news] = one
    _leave_known_bundles(kept, fresh, record)
    if purpose == "collect":
        collecting.note_recognised(connection, record.recognised, at)
    if fresh or orphans or waiting:
        record.batch_id = collecting.open_batch(connection, purpose, rule_version(), at)
        collecting.adopt(connection, record.batch_id, [one.submission_id for one in orphans])
        record.receipts = collecting.register_receipts(
            connection, record.batch_id, list(fresh.values()), at, asked
        )
    return record


def _leave_known_bundles(
    kept: Sequence[collecting.Kept],
    fresh: dict[tuple[str, ...], collecting.Kept],
    record: collecting.ReceiveRecord,
) -> None:
    """Take out the bundles of which every member is in force: they bring no news either."""
    with_news = {one.bundle for one in fresh.values() if not one.is_bundle}
    with_members = {one.bundle for one in kept if not one.is_bundle}
    for one in [one for one in fresh.values() if one.is_bundle]:
        if one.sha256 in with_members - with_news:
            del fresh[one.news]
            record.recognised.append(one)

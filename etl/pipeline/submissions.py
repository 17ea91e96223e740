"""The way of a file: receive, read, check, load, answer; and back again when it was wrong."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import chain, count, groupby
from operator import attrgetter
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Row, text

from etl import archive
from etl.answer import AnswerFinding
from etl.archive import RECEIPTS
from etl.collect import NOBODY_SAID, Asked, ReceiveRecord
from etl.form import PUBLISHED
from etl.inbox import Arrival, told
from etl.load import LoadedFile, WithdrawRecord, load_batch, withdraw as take_out_of_force
from etl.pipeline.answers import answer, department_groups, findings_of
from etl.pipeline.checks import Checked, check
from etl.pipeline.faults import OpenFault, faults_of, note_faults
from etl.pipeline.journal import happening, journal_of, note, present, write_journal
from etl.pipeline.quarters import Refreshed, refresh
from etl.pipeline.reading import ReadRecord, StagedFiles, identify, stage_files
from etl.pipeline.receiving import receive
from etl.pipeline.telling import at_stage, log, say
from etl.pipeline.working import side_by_side, turn_of, with_left_over, working_on
from etl.quarter import seoul_now
from etl.register import RegisterRecord, load_published, load_register
from etl.warehouse import at_work, rows_of, run_file, transaction, turn, values_of


@dataclass(frozen=True)
class BatchRead:
    """What reading a batch did, as its log line tells it; `rows` were staged."""

    batch: int
    files: int
    rows: int
    repeated: int
    set_aside: int | None


@dataclass(frozen=True)
class BatchLoaded:
    """What loading a batch did: counts of files and pledges, and what each register changed."""

    batch: int
    files: int
    accepted: int
    blocked: int
    registers: list[RegisterRecord]


@dataclass(frozen=True)
class Collected:
    """What taking files the whole way did; `batch` is None where nothing was new.

    `accepted` and `blocked` count pledges, `answers` are paths; `not_taken` has a line for each
    entry that could not be opened, `is_partial` says that one of them is an inbox that could not be
    looked at or went away, `faults` the files that a fault of ours set aside.
    """

    batch: int | None
    not_taken: list[str]
    is_partial: bool = False
    submission_ids: list[int] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    findings: int = 0
    accepted: int = 0
    blocked: int = 0
    faults: list[OpenFault] = field(default_factory=list)


@dataclass(frozen=True)
class Registered:
    """What loading a register file did; `batch` is None where it was loaded before."""

    batch: int | None
    registers: list[RegisterRecord] = field(default_factory=list)
    findings: list[AnswerFinding] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    faults: list[OpenFault] = field(default_factory=list)


def read(batch_id: int) -> BatchRead:
    """Read every received file of a batch into staging; one that cannot be read is a finding."""
    started = perf_counter()
    with at_work(batch_id):
        staged = stage_files(batch_id, archive.get)
        with turn_of(batch_id):
            return _identified(batch_id, staged, started)


def _identified(batch_id: int, staged: StagedFiles, started: float) -> BatchRead:
    record = identify(batch_id, staged, _note_read)
    write_journal()
    note_faults(batch_id, record.faults)
    for name, twin in record.repeated.items():
        log.info("읽기 | 접수 %s과 내용이 같아 바꾸지 않았습니다: %s", twin, name)
    counts = len(record.files), record.rows, len(record.repeated), len(record.faults) or None
    done = BatchRead(batch_id, *counts)
    say("읽기", started, **asdict(done))
    return done


def _note_read(connection: Connection, record: ReadRecord) -> None:
    lines = [(journal_of(file.government_id), asdict(file)) for file in record.files]
    note(connection, "read", seoul_now(), lines)


def load(batch_id: int, at: datetime | None = None) -> BatchLoaded:
    """Load what was accepted, in one transaction; a register is loaded by its difference.

    It holds from `at`, or right after what it replaces where that came later, which the log tells.
    """
    started, at = perf_counter(), at or present()
    at_stage("반영")
    with working_on(batch_id), happening() as connection:
        (row,) = run_file(connection, "load/next_moment.sql", batch_id=batch_id, at=at)
        registers, files = load_checked(connection, batch_id, row.moment)
        lines = [(journal_of(file.government_id), _told(batch_id, file)) for file in files]
        note(connection, "acceptance", row.moment, lines)
    if row.moment > at:
        log.warning("반영 | 바꾸는 보고가 더 늦게 반영되어, 그 바로 뒤로 적습니다: %s", row.moment)
    accepted, blocked = sum(f.accepted_count for f in files), sum(f.blocked_count for f in files)
    say("반영", started, batch=batch_id, files=len(files), accepted=accepted, blocked=blocked)
    return BatchLoaded(batch_id, len(files), accepted, blocked, registers)


def _told(batch_id: int, file: LoadedFile) -> dict[str, Any]:
    return {"batch_id": batch_id, "submission_id": file.submission_id, "sha256": file.sha256,
            "accepted": file.accepted_count, "blocked": file.blocked_count}  # fmt: skip


def load_checked(
    connection: Connection, batch_id: int, at: datetime
) -> tuple[list[RegisterRecord], list[LoadedFile]]:
    """Load a checked batch in the caller's transaction; return what registers and files did."""
    return _load_registers(connection, batch_id, at), load_batch(connection, batch_id, at)


def _load_registers(connection: Connection, batch_id: int, at: datetime) -> list[RegisterRecord]:
    found = connection.execute(
        text(
            "SELECT form_code, submission_id FROM audit.submission WHERE batch_id = :b"
            " AND state = 'checked' AND form_code = ANY(:forms) ORDER BY received_at"
        ),
        {"b": batch_id, "forms": list(_REGISTERS)},
    ).all()  # fmt: skip
    return [_REGISTERS[code](connection, submission_id, at) for code, submission_id in found]


_REGISTERS = {"register": load_register, PUBLISHED: load_published}


def refresh_batch(batch_id: int, at: datetime | None = None) -> list[Refreshed]:
    """Refresh the marts that a batch touched: its quarters, and later ones already computed.

    Batches that an earlier run left before this come with it.
    """
    with at_work(batch_id):
        batch_ids = with_left_over(batch_id)
        with turn_of(*batch_ids):
            return _refreshed(batch_ids, at)


def _refreshed(batch_ids: Sequence[int], at: datetime | None) -> list[Refreshed]:
    at = at or present()
    with transaction() as connection:
        touched = run_file(connection, "answer/touched_quarters.sql", batch_ids=list(batch_ids))

    begun = count()

    def of_government(rows: Sequence[Row[Any]]) -> list[Refreshed]:
        at_stage("지표", next(begun) / len(by_government))
        # What was accepted at a later moment than told is counted too.
        return [
            refresh(row.quarter_id, row.government_id, max(at, row.last_accepted_at or at))
            for row in rows
        ]

    by_government = [[*rows] for _, rows in groupby(touched, attrgetter("government_id"))]
    done = [*chain.from_iterable(side_by_side(of_government, by_government))]
    with transaction() as connection:
        _mark_counted(connection, batch_ids, at)
    return done


def told_of_batch(
    batch_id: int, accepted: int, blocked: int, refreshed: Sequence[Refreshed]
) -> str:
    """Return in one line what came of a batch, whose counts of pledges are told."""
    (row,) = rows_of(
        "SELECT COUNT(*) AS files, COUNT(*) FILTER (WHERE state = 'rejected') AS rejected"
        " FROM audit.submission WHERE batch_id = :b",
        b=batch_id,
    )
    sent_back = f"(반려 {row.rejected})" if row.rejected else ""
    moved = [f"{one.government} {one.quarter} {one.moved}" for one in refreshed if one.moved]
    figures = f" → {', '.join(moved)}" if moved else ""
    return f"파일 {row.files}{sent_back}: 공약 반영 {accepted}, 보류 {blocked}{figures}"


def _mark_counted(connection: Connection, batch_ids: Sequence[int], at: datetime | None) -> None:
    connection.execute(
        text("UPDATE audit.batch SET counted_at = :at WHERE batch_id = ANY(:ids)"),
        {"at": at, "ids": list(batch_ids)},
    )


def collect(
    files: Sequence[str | Arrival] | None = None,
    at: datetime | None = None,
    asked: Asked = NOBODY_SAID,
) -> Collected:
    """Take files the whole way: archive, read, check, load, refresh, answer."""
    with _received(files, at, "collect", asked) as received:
        batch_id, not_taken = received.batch_id, told(received.not_taken)
        is_partial = any(one.is_away for one in received.not_taken)
        if batch_id is None:
            return Collected(None, not_taken, is_partial)
        checked, loaded = _worked_through(batch_id, at)
        submissions = _to_answer(batch_id)
        answers = answer(submissions, batch_id).answers
    return Collected(
        batch=batch_id,
        not_taken=not_taken,
        is_partial=is_partial,
        submission_ids=submissions,
        answers=answers,
        findings=checked.findings,
        accepted=loaded.accepted,
        blocked=loaded.blocked,
        faults=faults_of(batch_id),
    )


def register(
    file: str,
    at: datetime | None = None,
    purpose: str = "register",
    asked: Asked = NOBODY_SAID,
) -> Registered:
    """Load one register: what it opened and closed, what was left out, and the findings.

    With the purpose `published` the file is the register's sheet 공표값 alone, of the government
    that is asked for.
    """
    with _received([file], at, purpose, asked) as received:
        batch_id = received.batch_id
        if batch_id is None:
            return Registered(None)
        _, loaded = _worked_through(batch_id, at)
        answers = answer(_to_answer(batch_id), batch_id).answers
    ids = values_of("SELECT submission_id FROM audit.submission WHERE batch_id = :b", b=batch_id)
    taken = batch_id if ids else None  # else only what an earlier run left was finished
    return Registered(taken, loaded.registers, findings_of(ids), answers, faults_of(batch_id))


@contextmanager
def _received(
    files: Sequence[str | Arrival] | None,
    at: datetime | None,
    purpose: str,
    asked: Asked = NOBODY_SAID,
) -> Iterator[ReceiveRecord]:
    """Receive files; their batch is worked on, from its first moment, until the block ends."""
    with ExitStack() as working:
        with turn(RECEIPTS):  # nobody takes the batch for left over before it is worked on
            received = receive(files, at, purpose, asked)
            if received.batch_id is not None:
                working.enter_context(at_work(received.batch_id))
        yield received


def _worked_through(batch_id: int, at: datetime | None) -> tuple[Checked, BatchLoaded]:
    """Read, check, load and count a received batch, in one turn of its governments."""
    started = perf_counter()
    staged = stage_files(batch_id, archive.get)
    batch_ids = with_left_over(batch_id)
    with turn_of(*batch_ids):
        _identified(batch_id, staged, started)
        checked, loaded = check(batch_id, at), load(batch_id, at)
        _refreshed(batch_ids, at)
    return checked, loaded


def _to_answer(batch_id: int) -> list[int]:
    """Return the files of a batch that are to be answered: all but those set aside."""
    return [number for group in department_groups(batch_id) for number in group.members]


def withdraw(
    submission_id: int, by: str, reason: str, at: datetime | None = None
) -> WithdrawRecord:
    """Take a wrong submission out of force; the reports before it are in force again."""
    started, at = perf_counter(), at or present()
    own = values_of("SELECT batch_id FROM audit.submission WHERE submission_id = :s",
                    s=submission_id)  # fmt: skip
    batch_ids = with_left_over(own[0]) if own else []
    with turn_of(*batch_ids):
        with happening() as connection:
            record = take_out_of_force(connection, submission_id, by, reason, at)
            if not record.is_repeated:
                line = {"submission_id": submission_id, "by": by, "reason": reason}
                note(connection, "withdrawal", at, [(journal_of(record.government_id), line)])
                _mark_counted(connection, own, None)
        _refreshed(batch_ids, at)
    say("철회", started, submission=submission_id, withdrawn=len(record.withdrawn))
    return record

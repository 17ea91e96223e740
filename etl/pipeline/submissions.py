"""The way of a file: receive, read, check, load, answer; and back again when it was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from time import perf_counter

from sqlalchemy import Connection, text

from etl import archive
from etl.collect import NOBODY_SAID, Asked
from etl.inbox import told
from etl.load import LoadRecord, WithdrawRecord, load_batch
from etl.load import withdraw as take_out_of_force
from etl.pipeline.answers import answer, department_groups
from etl.pipeline.checks import check
from etl.pipeline.faults import faults_of, note_faults
from etl.pipeline.quarters import Refreshed, refresh, refresh_from
from etl.pipeline.reading import stage_files
from etl.pipeline.receiving import take_in
from etl.pipeline.telling import Facts, log, say
from etl.pipeline.trials import findings_of
from etl.quarter import seoul_now
from etl.register import load_register
from etl.warehouse import collector_lock, run_file, transaction


def read(batch_id: int) -> Facts:
    """Read every received file of a batch into staging; one that cannot be read is a finding."""
    started = perf_counter()
    with collector_lock():
        record = stage_files(batch_id, archive.get)
        archive.journal("read", seoul_now(), record.files)
        note_faults(batch_id, record.faults)
    for name, twin in record.repeated.items():
        log.info("읽기 | 접수 %s과 내용이 같아 바꾸지 않았습니다: %s", twin, name)
    facts = {
        "batch": batch_id, "files": len(record.files), "rows_out": record.rows,
        "repeated": len(record.repeated), "set_aside": len(record.faults) or None,
    }  # fmt: skip
    say("읽기", started, **facts)
    return facts


def load(batch_id: int, at: datetime | None = None) -> Facts:
    """Load what was accepted, in one transaction; a register is loaded by its difference."""
    started, at = perf_counter(), at or seoul_now()
    with collector_lock():
        registers, record = load_checked(batch_id, at)
        archive.journal(
            "acceptance",
            at,
            [{"batch_id": batch_id, "submission_id": r.submission_id, "sha256": r.sha256,
              "accepted": r.accepted_count, "blocked": r.blocked_count} for r in record.files],
        )  # fmt: skip
    facts = {
        "batch": batch_id,
        "files": len(record.files),
        "accepted": record.accepted,
        "blocked": sum(row.blocked_count for row in record.files),
        "registers": registers,
    }
    say("적재", started, **{k: v for k, v in facts.items() if k != "registers"})
    return facts


def load_checked(batch_id: int, at: datetime) -> tuple[list[Facts], LoadRecord]:
    """Load a checked batch in one transaction; return what its registers and its files did."""
    with transaction() as connection:
        return _load_registers(connection, batch_id, at), load_batch(connection, batch_id, at)


def _load_registers(connection: Connection, batch_id: int, at: datetime) -> list[Facts]:
    found = connection.execute(
        text(
            "SELECT submission_id FROM audit.submission WHERE batch_id = :b"
            " AND state = 'checked' AND form_code = 'register' ORDER BY received_at"
        ),
        {"b": batch_id},
    ).scalars().all()  # fmt: skip
    return [asdict(load_register(connection, submission_id, at)) for submission_id in found]


def refresh_batch(batch_id: int, at: datetime | None = None) -> list[Refreshed]:
    """Refresh the marts that a batch touched: its quarters, and later ones already computed."""
    at = at or seoul_now()
    with transaction() as connection:
        touched = run_file(connection, "answer/touched_quarters.sql", batch_id=batch_id)
    return [refresh(r.quarter_id, r.government_id, at) for r in touched]


def collect(
    files: Sequence[str] | None = None, at: datetime | None = None, asked: Asked = NOBODY_SAID
) -> Facts:
    """Take files the whole way: archive, read, check, load, answer, refresh.

    `not_taken` names what could not be opened, `faults` the files that a fault of ours set aside.
    """
    with collector_lock():
        received = take_in(files, at, "collect", asked)
        batch_id = received.batch_id
        facts: Facts = {"batch": batch_id, "submission_ids": [], "answers": [], "faults": [],
                        "not_taken": told(received.not_taken)}  # fmt: skip
        if batch_id is None:
            return facts
        read(batch_id)
        checked = check(batch_id, at)
        loaded = load(batch_id, at)
        submissions = _to_answer(batch_id)
        answers = answer(submissions, batch_id)["answers"]
        refresh_batch(batch_id, at)
    return facts | {
        "submission_ids": submissions,
        "answers": answers,
        "findings": checked["findings"],
        "import_seconds": checked["import_seconds"],
        "accepted": loaded["accepted"],
        "blocked": loaded["blocked"],
        "faults": faults_of(batch_id),
    }


def register(file: str, at: datetime | None = None) -> Facts:
    """Load one register: what it opened and closed, what was left out, and the findings."""
    with collector_lock():
        batch_id = take_in([file], at, "register", NOBODY_SAID).batch_id
        if batch_id is None:
            return {"batch": None, "registers": [], "findings": [], "answers": [], "faults": []}
        read(batch_id)
        check(batch_id, at)
        loaded = load(batch_id, at)
        refresh_batch(batch_id, at)
    with transaction() as connection:
        ids = connection.execute(
            text("SELECT submission_id FROM audit.submission WHERE batch_id = :b"), {"b": batch_id}
        ).scalars().all()  # fmt: skip
    answers = answer(_to_answer(batch_id), batch_id)["answers"]
    return {
        "batch": batch_id,
        "registers": loaded["registers"],
        "findings": findings_of(ids),
        "answers": answers,
        "faults": faults_of(batch_id),
    }


def _to_answer(batch_id: int) -> list[int]:
    """Return the files of a batch that are to be answered: all but those set aside."""
    return [number for group in department_groups(batch_id) for number in group.members]


def withdraw(submission_id: int, by: str, reason: str, at: datetime | None = None) -> Facts:
    """Take a wrong submission out of force; the reports before it are in force again."""
    started, at = perf_counter(), at or seoul_now()
    with collector_lock():
        with transaction() as connection:
            record: WithdrawRecord = take_out_of_force(connection, submission_id, by, reason, at)
        archive.journal(
            "withdrawal", at, [{"submission_id": submission_id, "by": by, "reason": reason}]
        )
        if record.government_id and record.quarter_id:
            refresh_from(record.government_id, record.quarter_id, at)
    facts = asdict(record)
    say("철회", started, submission=submission_id, rows_out=len(record.withdrawn))
    return facts

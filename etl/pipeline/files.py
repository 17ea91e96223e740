"""The way of a file: receive, read, check, load, answer; and back again when it was wrong."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Row, text

from etl import archive
from etl import collect as collecting
from etl.answer import AnswerFinding, AnswerSummary, write_answer
from etl.check import office_rules, rule_version
from etl.collect import NOBODY_SAID, Asked
from etl.documents.bundle import is_bundle
from etl.documents.package import DocumentError
from etl.inbox import (
    Arrival,
    NotTaken,
    as_text,
    content_of,
    inbox_arrivals,
    named_arrivals,
    told,
)
from etl.load import LoadRecord, WithdrawRecord, load_batch
from etl.load import withdraw as take_out_of_force
from etl.pipeline.changes import answer_changes
from etl.pipeline.checks import check, check_files, write_rules_page
from etl.pipeline.faults import faults_of, note_faults
from etl.pipeline.quarters import bundled, refresh, refresh_from
from etl.pipeline.reading import Contents, sent_members, stage_files
from etl.pipeline.telling import LEVEL_NAMES, Facts, log, say
from etl.problems import FileFault, GongyakError
from etl.quarter import SEOUL, seoul_now
from etl.register import load_register
from etl.settings import settings
from etl.warehouse import collector_lock, run_file, transaction


def receive(
    files: Sequence[str] | None,
    at: datetime | None = None,
    purpose: str = "collect",
    asked: Asked = NOBODY_SAID,
) -> int | None:
    """Archive what is new and register its receipt; return the batch, or None when nothing is new.

    `files` None takes the inbox. Files of an earlier run that broke off are taken up again. `asked`
    is what the caller says of documents that do not say whose or when they are. What cannot be
    opened is named in the log.
    """
    return _receive(files, at, purpose, asked).batch_id


def _receive(
    files: Sequence[str] | None, at: datetime | None, purpose: str, asked: Asked
) -> collecting.ReceiveRecord:
    started, at = perf_counter(), at or seoul_now()
    with collector_lock():
        record = _received(files, at, purpose, asked)
        archive.journal("receipt", at, _receipt_lines(record, purpose, asked))
    for name in record.recognised:
        log.info("접수 | 이미 반영된 파일이라 바꾸지 않았습니다: %s", name)
    for line in told(record.not_taken):
        log.warning("접수 | 받지 않은 것: %s", line)
    say("접수", started, batch=record.batch_id, files=len(record.receipts),
         recognised=len(record.recognised), not_taken=len(record.not_taken) or None)  # fmt: skip
    return record


def _received(
    files: Sequence[str] | None, at: datetime, purpose: str, asked: Asked
) -> collecting.ReceiveRecord:
    arrivals, not_taken = _arrivals(files)
    kept: list[collecting.Kept] = []
    for arrival in arrivals:
        content = content_of(arrival)
        if isinstance(content, NotTaken):
            not_taken.append(content)
        else:
            kept += _kept(arrival, content, archive.put)
    with transaction() as connection:
        record = _register(connection, kept, at, purpose, asked)
    record.not_taken = not_taken
    return record


def _kept(
    arrival: Arrival, content: bytes, put: Callable[[bytes], str]
) -> Iterator[collecting.Kept]:
    """Keep a file, and each member of a bundle as a file of its own, called `BUNDLE/MEMBER`."""
    sha256 = put(content)
    if not is_bundle(content):
        yield collecting.Kept(arrival, sha256, len(content))
        return
    yield collecting.Kept(arrival, sha256, len(content), sha256)
    with suppress(DocumentError):  # its own reading tells why it is not unpacked
        for member in sent_members(content):
            named = replace(arrival, name=f"{arrival.name}/{as_text(member.name)}")
            yield collecting.Kept(named, put(member.content), len(member.content), sha256)


def _receipt_lines(
    record: collecting.ReceiveRecord, purpose: str, asked: Asked
) -> list[dict[str, Any]]:
    batch = {
        "batch_id": record.batch_id,
        "purpose": purpose,
        "asked_government_id": asked.government_id,
        "asked_quarter_id": asked.quarter_id,
    }
    return [
        {**batch, **asdict(one), "received_at": one.received_at.isoformat()}
        for one in record.receipts
    ]


def _arrivals(files: Sequence[str] | None) -> tuple[list[Arrival], list[NotTaken]]:
    if files is not None:
        return named_arrivals(files), []
    arrivals, not_taken = inbox_arrivals()
    with transaction() as connection:
        return collecting.unseen(connection, arrivals), not_taken


def _register(
    connection: Connection,
    kept: Sequence[collecting.Kept],
    at: datetime,
    purpose: str,
    asked: Asked,
) -> collecting.ReceiveRecord:
    record = collecting.ReceiveRecord()
    orphans = collecting.unfinished(connection, purpose)
    waiting = collecting.unanswered(connection) if purpose == "collect" else []
    known = collecting.in_force(connection, [one.sha256 for one in kept])
    fresh: dict[str, collecting.Kept] = {}
    for one in kept:
        if one.sha256 in known or one.sha256 in fresh:
            record.recognised.append(one.arrival.name)
        else:
            fresh[one.sha256] = one
    _leave_known_bundles(kept, fresh, record)
    if fresh or orphans or waiting:
        record.batch_id = collecting.open_batch(connection, purpose, rule_version(), at)
        collecting.adopt(connection, record.batch_id, orphans)
        record.receipts = collecting.register_receipts(
            connection, record.batch_id, list(fresh.values()), at, asked
        )
    return record


def _leave_known_bundles(
    kept: Sequence[collecting.Kept],
    fresh: dict[str, collecting.Kept],
    record: collecting.ReceiveRecord,
) -> None:
    """Take out the bundles of which every member is in force: they bring no news either."""
    with_news = {one.bundle for one in fresh.values() if not one.is_bundle}
    with_members = {one.bundle for one in kept if not one.is_bundle}
    for one in [one for one in fresh.values() if one.is_bundle]:
        if one.sha256 in with_members - with_news:
            del fresh[one.sha256]
            record.recognised.append(one.arrival.name)


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


def department_groups(batch_id: int) -> list[Facts]:
    """One entry per department of a batch (several, when there are very many): label and files.

    Files that an earlier run could not answer come with it.
    """
    with transaction() as connection:
        waiting = collecting.unanswered(connection)
        rows = run_file(
            connection, "core/batch_departments.sql", batch_id=batch_id, unanswered=waiting
        )
    groups = [{"label": r.label, "submission_ids": list(r.submission_ids)} for r in rows]
    return [{"batch": batch_id, **one} for one in bundled(groups, "submission_ids")]


def answer(
    submission_ids: Sequence[int], batch_id: int | None = None, contents: Contents = archive.get
) -> Facts:
    """Write the answer to each file, and tell in the log what came in and what to do next.

    One that cannot be written costs no other: it is a fault of ours in this batch, tried again by
    the next run; without a batch (a mere check) it is only returned.
    """
    started = perf_counter()
    page = write_rules_page()
    paths: list[str] = []
    faults: dict[int, FileFault] = {}
    for one in submission_ids:
        try:
            paths.append(str(_answer_one(one, contents, page)))
        except GongyakError:
            raise
        except Exception as error:
            faults[one] = FileFault.of("answer", error)
    if batch_id is not None:
        note_faults(batch_id, faults)
    say("회신", started, files=len(paths), set_aside=len(faults) or None)
    return {"answers": paths, "faults": len(faults)}


def _answer_one(submission_id: int, contents: Contents, rules_page: Path) -> Path:
    with transaction() as connection:
        file = run_file(connection, "core/answer_summary.sql", submission_id=submission_id)[0]
        told = [
            AnswerFinding(**row._mapping)
            for row in run_file(connection, "core/answers.sql", submission_id=submission_id)
        ]
        changes = answer_changes(connection, file.government_id, file.quarter_id, submission_id)
    findings = [finding for finding in told if finding.rule_id not in office_rules()]
    folder = _answer_folder(file)
    summary = AnswerSummary(
        submission_id=submission_id,
        quarter_id=file.quarter_id,
        department_name=file.department_name,
        received_at=file.received_at.astimezone(SEOUL),
        rule_version=file.rule_version,
        accepted_count=file.accepted_count,
        blocked_count=file.stopped_count,
        needs_reason_count=file.needs_reason_count,
        is_late=file.is_late,
        is_dry_run=file.is_dry_run,
        changes=changes,
        repeats_submission_id=file.repeats_submission_id,
        is_document=file.is_document,
        rules_page=os.path.relpath(rules_page, folder),
    )
    path = write_answer(contents(file.sha256), file.file_name, findings, summary, folder)
    with transaction() as connection:
        connection.execute(
            text("UPDATE audit.submission SET answer_path = :p WHERE submission_id = :s"),
            {"p": str(path.relative_to(settings().home.resolve())), "s": submission_id},
        )
    _tell(file, told, path)
    return path


def _answer_folder(file: Row[Any]) -> Path:
    if file.is_dry_run:
        return settings().outbox / "checks" / str(file.sha256)[:12]
    quarter, government = file.quarter_id or "분기미상", file.government_id or "기관미상"
    return settings().outbox / "answers" / str(quarter) / str(government) / str(file.submission_id)


def _tell(file: Row[Any], findings: Sequence[AnswerFinding], path: Path) -> None:
    counts = {name: 0 for name in (*LEVEL_NAMES.values(), "예외")}
    for finding in findings:
        if finding.waiver_reason:
            counts["예외"] += 1
        elif finding.level != "acknowledge" or finding.needs_reason:
            counts[LEVEL_NAMES[finding.level]] += 1
    told = " · ".join(f"{name} {count}건" for name, count in counts.items() if count) or "지적 없음"
    log.info(
        "%s | 분기=%s 부서=%s 접수=%s 파일=%s | 반영 %d공약, 멈춤 %d공약 | %s"
        " | 회신: %s | 다음: %s",
        "점검만 함" if file.is_dry_run else "회신",
        file.quarter_id or "미상",
        file.department_name or "미상",
        file.submission_id,
        file.file_name,
        file.accepted_count,
        file.stopped_count + file.needs_reason_count,
        told,
        path,
        _next_step(counts),
    )


def _next_step(counts: Mapping[str, int]) -> str:
    if counts["반려"]:
        return "부서에 회신을 보내 파일을 다시 받으십시오"
    if counts["보류"] or counts["사유 필요"]:
        return "부서에 회신을 보내 고친 파일이나 정정사유를 받으십시오"
    return "할 일이 없습니다"


def refresh_batch(batch_id: int, at: datetime | None = None) -> Facts:
    """Refresh the marts that a batch touched: its quarters, and later ones already computed."""
    at = at or seoul_now()
    with transaction() as connection:
        touched = run_file(connection, "core/touched_quarters.sql", batch_id=batch_id)
    return {"quarters": [refresh(r.quarter_id, r.government_id, at) for r in touched]}


def collect(
    files: Sequence[str] | None = None, at: datetime | None = None, asked: Asked = NOBODY_SAID
) -> Facts:
    """Take files the whole way: archive, read, check, load, answer, refresh.

    `not_taken` names what could not be opened, `faults` the files that a fault of ours set aside.
    """
    with collector_lock():
        received = _receive(files, at, "collect", asked)
        batch_id = received.batch_id
        facts: Facts = {"batch": batch_id, "submission_ids": [], "answers": [], "faults": [],
                        "not_taken": told(received.not_taken)}  # fmt: skip
        if batch_id is None:
            return facts
        read(batch_id)
        checked = check(batch_id, at)
        loaded = load(batch_id, at)
        groups = department_groups(batch_id)
        submissions = [s for group in groups for s in group["submission_ids"]]
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
        batch_id = receive([file], at, "register")
        if batch_id is None:
            return {"batch": None, "registers": [], "findings": [], "answers": []}
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
    return [number for group in department_groups(batch_id) for number in group["submission_ids"]]


def findings_of(submission_ids: Sequence[int]) -> list[Facts]:
    """Return the findings of files as `gongyak check --json` prints them."""
    listed: list[Facts] = []
    with transaction() as connection:
        for submission_id in submission_ids:
            name = connection.execute(
                text("SELECT file_name FROM audit.submission WHERE submission_id = :s"),
                {"s": submission_id},
            ).scalar_one()
            for row in run_file(connection, "core/answers.sql", submission_id=submission_id):
                listed.append(
                    {
                        "file": name,
                        "rule_id": row.rule_id,
                        "level": row.level,
                        "sheet": row.sheet_name,
                        "cell": row.cell,
                        "related_cells": list(row.related_cells),
                        "pledge_id": row.pledge_id,
                        "seen": row.seen,
                        "expected": row.expected,
                        "message": row.message,
                        "acknowledged": row.acknowledged_reason is not None,
                        "waived": row.waiver_reason is not None,
                    }
                )
    return listed


def dry_run(files: Sequence[str], at: datetime | None = None, asked: Asked = NOBODY_SAID) -> Facts:
    """Check files without receiving them: findings and marked workbooks, nothing else stays.

    `not_taken` names what could not be opened, `faults` says how many files met a fault of ours.
    """
    at = at or seoul_now()
    by_hash: dict[str, bytes] = {}
    kept: list[collecting.Kept] = []
    not_taken: list[NotTaken] = []

    def put(content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        by_hash[sha256] = content
        return sha256

    for arrival in named_arrivals(files):
        content = content_of(arrival)
        if isinstance(content, NotTaken):
            not_taken.append(content)
        else:
            kept += _kept(arrival, content, put)
    facts = _checked_only(kept, by_hash, at, asked)
    return facts | {"not_taken": told(not_taken)}


def _checked_only(
    kept: Sequence[collecting.Kept], by_hash: Mapping[str, bytes], at: datetime, asked: Asked
) -> Facts:
    with collector_lock():
        with transaction() as connection:
            batch_id = collecting.open_batch(connection, "check", rule_version(), at)
            receipts = collecting.register_receipts(connection, batch_id, kept, at, asked)
        ids = [receipt.submission_id for receipt in receipts]
        try:
            faults = dict(stage_files(batch_id, by_hash.__getitem__).faults)
            faults |= check_files(batch_id, at)
            sound = [number for number in ids if number not in faults]
            findings = findings_of(sound)
            answered = answer(sound, contents=by_hash.__getitem__)
        finally:
            with transaction() as connection:
                collecting.forget(connection, batch_id)
    for fault in faults.values():
        log.error("점검 | 프로그램의 잘못 %s (%s)\n%s", fault.error_type, fault.place, fault.trace)
    return {
        "findings": findings,
        "answers": answered["answers"],
        "blocks": any(map(_blocks, findings)),
        "faults": len(faults) + answered["faults"],
    }


def _blocks(finding: Facts) -> bool:
    if finding["waived"]:
        return False
    return finding["level"] in ("reject_file", "block_pledge") or (
        finding["level"] == "acknowledge" and not finding["acknowledged"]
    )


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

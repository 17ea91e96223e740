"""The way of a file: receive, read, check, load, answer; and back again when it was wrong."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
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
from etl.load import LoadRecord, WithdrawRecord, load_batch
from etl.load import withdraw as take_out_of_force
from etl.pipeline.changes import answer_changes
from etl.pipeline.checks import check, write_rules_page
from etl.pipeline.quarters import bundled, refresh, refresh_from
from etl.pipeline.reading import Contents, stage_files
from etl.pipeline.telling import LEVEL_NAMES, Facts, log, say
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
    is what the caller says of documents that do not say whose or when they are.
    """
    started, at = perf_counter(), at or seoul_now()
    with collector_lock():
        kept = [_keep(arrival) for arrival in _arrivals(files)]
        with transaction() as connection:
            record = _register(connection, kept, at, purpose, asked)
        archive.journal("receipt", at, _receipt_lines(record, purpose, asked))
    for name in record.recognised:
        log.info("접수 | 이미 반영된 파일이라 바꾸지 않았습니다: %s", name)
    say("접수", started, batch=record.batch_id, files=len(record.receipts),
         recognised=len(record.recognised))  # fmt: skip
    return record.batch_id


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


def _arrivals(files: Sequence[str] | None) -> list[collecting.Arrival]:
    if files is not None:
        return collecting.named_arrivals(files)
    with transaction() as connection:
        return collecting.unseen(connection, collecting.inbox_arrivals())


def _keep(arrival: collecting.Arrival) -> collecting.Kept:
    content = collecting.content_of(arrival)
    return collecting.Kept(arrival, archive.put(content), len(content))


def _register(
    connection: Connection,
    kept: Sequence[collecting.Kept],
    at: datetime,
    purpose: str,
    asked: Asked,
) -> collecting.ReceiveRecord:
    record = collecting.ReceiveRecord()
    orphans = collecting.unfinished(connection, purpose)
    known = collecting.in_force(connection, [one.sha256 for one in kept])
    fresh: dict[str, collecting.Kept] = {}
    for one in kept:
        if one.sha256 in known or one.sha256 in fresh:
            record.recognised.append(one.arrival.name)
        else:
            fresh[one.sha256] = one
    if fresh or orphans:
        record.batch_id = collecting.open_batch(connection, purpose, rule_version(), at)
        collecting.adopt(connection, record.batch_id, orphans)
        record.receipts = collecting.register_receipts(
            connection, record.batch_id, list(fresh.values()), at, asked
        )
    return record


def read(batch_id: int) -> Facts:
    """Read every received file of a batch into staging; one that cannot be read is a finding."""
    started = perf_counter()
    with collector_lock():
        record = stage_files(batch_id, archive.get)
        archive.journal("read", seoul_now(), record.files)
    for name, twin in record.repeated.items():
        log.info("읽기 | 접수 %s과 내용이 같아 바꾸지 않았습니다: %s", twin, name)
    facts = {
        "batch": batch_id, "files": len(record.files), "rows_out": record.rows,
        "repeated": len(record.repeated),
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
    """One entry per department of a batch (several, when there are very many): label and files."""
    with transaction() as connection:
        rows = run_file(connection, "core/batch_departments.sql", batch_id=batch_id)
    groups = [{"label": r.label, "submission_ids": list(r.submission_ids)} for r in rows]
    return bundled(groups, "submission_ids")


def answer(submission_ids: Sequence[int], contents: Contents = archive.get) -> Facts:
    """Write the answer to each file, and tell in the log what came in and what to do next."""
    started = perf_counter()
    page = write_rules_page()
    paths = [str(_answer_one(one, contents, page)) for one in submission_ids]
    say("회신", started, files=len(paths))
    return {"answers": paths}


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
    """Take files the whole way: archive, read, check, load, answer, refresh."""
    with collector_lock():
        batch_id = receive(files, at, asked=asked)
        if batch_id is None:
            return {"batch": None, "submission_ids": [], "answers": []}
        read(batch_id)
        checked = check(batch_id, at)
        loaded = load(batch_id, at)
        groups = department_groups(batch_id)
        submissions = [s for group in groups for s in group["submission_ids"]]
        answers = answer(submissions)["answers"]
        refresh_batch(batch_id, at)
    return {
        "batch": batch_id,
        "submission_ids": submissions,
        "answers": answers,
        "findings": checked["findings"],
        "import_seconds": checked["import_seconds"],
        "accepted": loaded["accepted"],
        "blocked": loaded["blocked"],
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
    answers = answer(list(ids))["answers"]
    return {
        "batch": batch_id,
        "registers": loaded["registers"],
        "findings": findings_of(ids),
        "answers": answers,
    }


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
    """Check files without receiving them: findings and marked workbooks, nothing else stays."""
    at = at or seoul_now()
    by_hash: dict[str, bytes] = {}
    kept: list[collecting.Kept] = []
    for arrival in _arrivals(files):
        content = collecting.content_of(arrival)
        sha256 = hashlib.sha256(content).hexdigest()
        by_hash[sha256] = content
        kept.append(collecting.Kept(arrival, sha256, len(content)))
    with collector_lock():
        with transaction() as connection:
            batch_id = collecting.open_batch(connection, "check", rule_version(), at)
            receipts = collecting.register_receipts(connection, batch_id, kept, at, asked)
        ids = [receipt.submission_id for receipt in receipts]
        try:
            stage_files(batch_id, by_hash.__getitem__)
            check(batch_id, at)
            findings = findings_of(ids)
            answers = answer(ids, by_hash.__getitem__)["answers"]
        finally:
            with transaction() as connection:
                collecting.forget(connection, batch_id)
    return {"findings": findings, "answers": answers, "blocks": any(map(_blocks, findings))}


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

"""The stages in order: one function per task, ids in and plain facts out.

The shell and the DAGs call these and nothing below. Each stage logs one line with the same keys.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Row, text

from etl import archive, collect as collecting
from etl.answer import AnswerFinding, AnswerSummary, write_answer
from etl.check import check_batch, rule_version
from etl.documents.isolation import read_each
from etl.figures import compute as compute_figures
from etl.figures import figure_rows
from etl.figures import refresh as refresh_figures
from etl.invite import write_invitations
from etl.load import WithdrawRecord, load_batch
from etl.load import withdraw as take_out_of_force
from etl.problems import SystemFault, UsageError
from etl.publish import write_collection
from etl.quarter import SEOUL, Quarter, seoul_now
from etl.read_workbook import read_workbook, stage_columns
from etl.register import load_register
from etl.settings import settings
from etl.warehouse import collector_lock, dump, run_file, transaction

log = logging.getLogger("gongyak")
Facts = dict[str, Any]
Contents = Callable[[str], bytes]

LEVEL_NAMES = {
    "reject_file": "반려",
    "block_pledge": "보류",
    "acknowledge": "사유 필요",
    "inform": "참고",
}
STATE_NAMES = {
    "missing": "미제출",
    "rejected": "반려",
    "withdrawn": "철회",
    "blocked": "보류 있음",
    "needs_reason": "사유 필요",
    "late": "지연 제출",
    "submitted": "제출",
}


def _say(stage: str, started: float, **facts: Any) -> None:
    told = " ".join(f"{name}={value}" for name, value in facts.items() if value is not None)
    log.info("%s | %s seconds=%.2f", stage, told, perf_counter() - started)


# --- the way of a file -------------------------------------------------------------------------


def receive(
    files: Sequence[str] | None, at: datetime | None = None, purpose: str = "collect"
) -> int | None:
    """Archive what is new and register its receipt; return the batch, or None when nothing is new.

    `files` None takes the inbox. Files of an earlier run that broke off are taken up again.
    """
    started, at = perf_counter(), at or seoul_now()
    with collector_lock():
        kept = [(arrival, collecting.content_of(arrival)) for arrival in _arrivals(files)]
        hashes = [archive.put(content) for _, content in kept]
        with transaction() as connection:
            record = _register(connection, kept, hashes, at, purpose)
    for name in record.recognised:
        log.info("접수 | 이미 반영된 파일이라 바꾸지 않았습니다: %s", name)
    archive.journal(
        "receipt",
        at,
        [{"batch_id": record.batch_id, "purpose": purpose, **asdict(r)} for r in record.receipts],
    )
    _say("접수", started, batch=record.batch_id, files=len(record.receipts),
         recognised=len(record.recognised))  # fmt: skip
    return record.batch_id


def _arrivals(files: Sequence[str] | None) -> list[collecting.Arrival]:
    if files is not None:
        return collecting.named_arrivals(files)
    with transaction() as connection:
        return collecting.unseen(connection, collecting.inbox_arrivals())


def _register(
    connection: Connection,
    kept: Sequence[tuple[collecting.Arrival, bytes]],
    hashes: Sequence[str],
    at: datetime,
    purpose: str,
) -> collecting.ReceiveRecord:
    record = collecting.ReceiveRecord()
    orphans = collecting.unfinished(connection, purpose)
    fresh: dict[str, tuple[collecting.Arrival, int]] = {}
    for (arrival, content), sha256 in zip(kept, hashes, strict=True):
        if sha256 in fresh or (
            purpose != "check" and collecting.is_in_force(connection, sha256)
        ):
            record.recognised.append(arrival.name)
        else:
            fresh[sha256] = (arrival, len(content))
    if not fresh and not orphans:
        return record
    record.batch_id = collecting.open_batch(connection, purpose, rule_version(), at)
    collecting.adopt(connection, record.batch_id, orphans)
    for number, (sha256, (arrival, size)) in enumerate(fresh.items()):
        moment = collecting.receipt_moment(at, number)
        receipt = collecting.register_receipt(
            connection, record.batch_id, arrival, sha256, size, moment
        )
        record.receipts.append(receipt)
    return record


def read(batch_id: int, contents: Contents = archive.get) -> Facts:
    """Read every received file of a batch into staging; a file that cannot be read is a finding.

    `contents` gives the bytes behind a sha256.
    """
    started = perf_counter()
    staged = collecting.Staged()
    with collector_lock():
        with transaction() as connection:
            receipts = collecting.received(connection, batch_id)
        names = {r.submission_id: r.file_name for r in receipts}
        items = ((r.submission_id, contents(r.sha256), r.file_name) for r in receipts)
        for submission_id, found in read_each(
            items,
            read_workbook,
            workers=settings().reader_workers,
            seconds=settings().reader_seconds,
            memory_mb=settings().reader_memory_mb,
        ):
            staged.add(submission_id, found)
        columns = {stage: stage_columns(stage) for stage in staged.rows if _is_form_stage(stage)}
        with transaction() as connection:
            rows = collecting.write_staged(connection, staged, columns)
    facts = {"batch": batch_id, "files": len(names), "rows_out": rows}
    _say("읽기", started, **facts)
    return facts


def _is_form_stage(stage: str) -> bool:
    return stage not in ("audit.submission_table", "staging.problem")


def check(batch_id: int) -> Facts:
    """Check a batch against the rules; findings, verdicts and states are written."""
    started = perf_counter()
    with collector_lock():
        record = check_batch(batch_id)
    for result in sorted(record.results, key=lambda r: -r.findings):
        if result.findings:
            log.info("점검 | rule=%s findings=%d", result.rule_id, result.findings)
    facts = {
        "batch": batch_id,
        "rules": len(record.results),
        "findings": record.findings,
        "import_seconds": round(record.import_seconds, 2),
    }
    _say("점검", started, **facts)
    return facts


def load(batch_id: int, at: datetime | None = None) -> Facts:
    """Load what was accepted, in one transaction; a register is loaded by its difference."""
    started, at = perf_counter(), at or seoul_now()
    with collector_lock(), transaction() as connection:
        registers = _load_registers(connection, batch_id, at)
        record = load_batch(connection, batch_id, at)
    archive.journal(
        "acceptance",
        at,
        [{"submission_id": r.submission_id, "sha256": r.sha256, "accepted": r.accepted_count,
          "blocked": r.blocked_count} for r in record.files],
    )  # fmt: skip
    facts = {
        "batch": batch_id,
        "files": len(record.files),
        "accepted": record.accepted,
        "blocked": sum(row.blocked_count for row in record.files),
        "registers": registers,
    }
    _say("적재", started, **{k: v for k, v in facts.items() if k != "registers"})
    return facts


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
    return _bundled(groups, "submission_ids")


def _bundled(groups: Sequence[Facts], key: str) -> list[Facts]:
    """Put several departments into one task when a task each would cost more than its work."""
    size = settings().departments_per_task
    if len(groups) <= size:
        return list(groups)
    bundles = [groups[start : start + size] for start in range(0, len(groups), size)]
    return [
        {
            "label": f"{bundle[0]['label']} 외 {len(bundle) - 1}개",
            key: [value for group in bundle for value in group[key]],
        }
        for bundle in bundles
    ]


def answer(submission_ids: Sequence[int], contents: Contents = archive.get) -> Facts:
    """Write the answer to each file, and tell in the log what came in and what to do next."""
    started = perf_counter()
    paths = [str(_answer_one(submission_id, contents)) for submission_id in submission_ids]
    _say("회신", started, files=len(paths))
    return {"answers": paths}


def _answer_one(submission_id: int, contents: Contents) -> Path:
    with transaction() as connection:
        file = run_file(connection, "core/answer_summary.sql", submission_id=submission_id)[0]
        findings = [
            AnswerFinding(**row._mapping)
            for row in run_file(connection, "core/answers.sql", submission_id=submission_id)
        ]
    folder = (
        settings().outbox / "answers" / (file.quarter_id or "분기미상")
        / (file.government_id or "기관미상") / str(submission_id)
    )  # fmt: skip
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
    )
    path = write_answer(contents(file.sha256), file.file_name, findings, summary, folder)
    with transaction() as connection:
        connection.execute(
            text("UPDATE audit.submission SET answer_path = :p WHERE submission_id = :s"),
            {"p": str(path.relative_to(settings().home.resolve())), "s": submission_id},
        )
    _tell(file, findings, path)
    return path


def _tell(file: Row[Any], findings: Sequence[AnswerFinding], path: Path) -> None:
    counts = {name: 0 for name in LEVEL_NAMES.values()}
    for finding in findings:
        counts[LEVEL_NAMES[finding.level]] += 1
    told = " · ".join(f"{name} {count}건" for name, count in counts.items() if count) or "지적 없음"
    log.info(
        "회신 | 분기=%s 부서=%s 접수=%s 파일=%s | 반영 %d공약, 멈춤 %d공약 | %s | 회신: %s | 다음: %s",
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
    return {"quarters": [_refresh_one(r.government_id, r.quarter_id, at) for r in touched]}


def _refresh_one(government_id: str, quarter_id: str, at: datetime) -> Facts:
    started = perf_counter()
    with transaction() as connection:
        record = refresh_figures(connection, government_id, Quarter.parse(quarter_id), at)
    facts = {"government": government_id, "quarter": quarter_id, "rows_out": record.figures}
    _say("지표", started, **facts)
    return facts


def collect(files: Sequence[str] | None = None, at: datetime | None = None) -> Facts:
    """Take files the whole way: archive, read, check, load, answer, refresh."""
    with collector_lock():
        batch_id = receive(files, at)
        if batch_id is None:
            return {"batch": None, "submission_ids": [], "answers": []}
        read(batch_id)
        checked = check(batch_id)
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
        check(batch_id)
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
                    }
                )
    return listed


def dry_run(files: Sequence[str], at: datetime | None = None) -> Facts:
    """Check files without receiving them: findings and marked workbooks, nothing else stays."""
    at = at or seoul_now()
    kept = [(arrival, collecting.content_of(arrival)) for arrival in _arrivals(files)]
    hashes = [hashlib.sha256(content).hexdigest() for _, content in kept]
    by_hash = dict(zip(hashes, (content for _, content in kept), strict=True))
    with collector_lock():
        with transaction() as connection:
            record = _register(connection, kept, hashes, at, "check")
        if record.batch_id is None:
            return {"findings": [], "answers": [], "blocks": False}
        ids = [receipt.submission_id for receipt in record.receipts]
        try:
            read(record.batch_id, by_hash.__getitem__)
            check(record.batch_id)
            findings = findings_of(ids)
            answers = answer(ids, by_hash.__getitem__)["answers"]
        finally:
            _forget(record.batch_id)
    return {"findings": findings, "answers": answers, "blocks": any(map(_blocks, findings))}


def _blocks(finding: Facts) -> bool:
    return finding["level"] in ("reject_file", "block_pledge") or (
        finding["level"] == "acknowledge" and not finding["acknowledged"]
    )


def _forget(batch_id: int) -> None:
    with transaction() as connection:
        connection.execute(
            text("DELETE FROM audit.submission WHERE batch_id = :b"), {"b": batch_id}
        )
        connection.execute(text("DELETE FROM audit.batch WHERE batch_id = :b"), {"b": batch_id})


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
            _refresh_from(record.government_id, record.quarter_id, at)
    facts = asdict(record)
    _say("철회", started, submission=submission_id, rows_out=len(record.withdrawn))
    return facts


def _refresh_from(government_id: str, quarter_id: str, at: datetime) -> None:
    with transaction() as connection:
        later = connection.execute(
            text("SELECT DISTINCT quarter_id FROM mart.pledge_status WHERE government_id = :g"
                 " AND quarter_id >= :q"),
            {"g": government_id, "q": quarter_id},
        ).scalars().all()  # fmt: skip
    for known in sorted(later):
        _refresh_one(government_id, known, at)


# --- the quarter -------------------------------------------------------------------------------


def governments() -> list[str]:
    """Return the ids of every government whose register is loaded."""
    with transaction() as connection:
        return list(
            connection.execute(
                text("SELECT government_id FROM core.dim_government"
                     " WHERE superseded_at = 'infinity' ORDER BY 1")
            ).scalars()
        )  # fmt: skip


def only_government(asked: str | None) -> str:
    """Return the government asked for, or the only one loaded; raises UsageError else."""
    known = governments()
    if asked in known:
        return str(asked)
    if asked is None and len(known) == 1:
        return known[0]
    untouched = "아무것도 바뀌지 않았습니다."
    if not known:
        raise UsageError("불러온 공약대장이 없습니다.", untouched,
                         "gongyak register 파일로 공약대장을 먼저 불러오십시오.")  # fmt: skip
    happened = f"기관 {asked}을(를) 모릅니다." if asked else "기관이 여럿입니다."
    raise UsageError(happened, untouched, f"--government에 {', '.join(known)} 가운데 하나를 주십시오.")


def _reference_date(connection: Connection, government_id: str, quarter: Quarter) -> date:
    known: date | None = connection.execute(
        text("SELECT reference_date FROM core.submission_window WHERE government_id = :g"
             " AND quarter_id = :q AND superseded_at = 'infinity'"),
        {"g": government_id, "q": str(quarter)},
    ).scalar()  # fmt: skip
    return known or quarter.last_day


def invite(quarter_id: str, government_id: str, at: datetime | None = None) -> Facts:
    """Write one pre-filled return per owning department into `outbox/QUARTER/GOVERNMENT/`."""
    started, at = perf_counter(), at or seoul_now()
    folder = settings().outbox / quarter_id / government_id
    with transaction() as connection:
        paths = write_invitations(connection, government_id, Quarter.parse(quarter_id), at, folder)
    _say("배포", started, quarter=quarter_id, government=government_id, files=len(paths))
    return {"folder": str(folder), "files": [str(path) for path in paths]}


def status(quarter_id: str, government_id: str) -> list[Facts]:
    """One entry per department: what it owes, what it sent, and how that stands."""
    quarter = Quarter.parse(quarter_id)
    with transaction() as connection:
        rows = run_file(
            connection,
            "core/quarter_status.sql",
            government_id=government_id,
            quarter_id=str(quarter),
            reference_date=_reference_date(connection, government_id, quarter),
        )
    return [dict(row._mapping) for row in rows]


def rejected_without_department() -> list[Facts]:
    """Files that could not be assigned to a department or quarter, newest first."""
    with transaction() as connection:
        rows = connection.execute(
            text("SELECT submission_id, file_name, received_at, answer_path FROM audit.submission"
                 " INNER JOIN audit.batch USING (batch_id)"
                 " WHERE purpose = 'collect' AND state = 'rejected'"
                 " AND (quarter_id IS NULL OR department_code IS NULL) ORDER BY received_at DESC")
        )  # fmt: skip
        return [dict(row._mapping) for row in rows]


def figures(
    quarter_id: str,
    government_id: str,
    as_of: datetime,
    code: str | None = None,
    scope_type: str | None = None,
) -> list[Facts]:
    """Figure rows of one quarter as they stood at a moment; computed afresh, nothing is written."""
    quarter = Quarter.parse(quarter_id)
    with transaction() as connection:
        compute_figures(connection, government_id, quarter, as_of)
        return [asdict(row) for row in figure_rows(connection, code, scope_type)]


def roster(quarter_id: str, government_id: str) -> list[Facts]:
    """One entry per department of the quarter for a mapped task: its label and its codes."""
    groups = [
        {"label": row["department_name"], "department_codes": [row["department_code"]]}
        for row in status(quarter_id, government_id)
        if row["department_code"]
    ]
    return _bundled(groups, "department_codes")


def department_status(
    quarter_id: str, government_id: str, department_codes: Sequence[str]
) -> Facts:
    """Tell how departments stand for a quarter; read from the warehouse, not from other tasks."""
    told = [
        row for row in status(quarter_id, government_id)
        if row["department_code"] in department_codes
    ]  # fmt: skip
    for row in told:
        log.info(
            "현황 | 분기=%s 부서=%s 상태=%s 보고 %d/%d공약 | 보류 %d건 · 사유 필요 %d건 · 참고 %d건%s",
            quarter_id, row["department_name"], STATE_NAMES[row["state"]], row["reported_count"],
            row["owed_count"], row["blocking_count"], row["open_count"], row["inform_count"],
            f" | 회신: {row['answer_path']}" if row["answer_path"] else "",
        )  # fmt: skip
    return {"states": {row["department_code"]: row["state"] for row in told}}


def refresh(quarter_id: str, government_id: str, at: datetime | None = None) -> Facts:
    """Compute the figures of one quarter, prove them from rows, and replace its marts."""
    return _refresh_one(government_id, quarter_id, at or seoul_now())


def report(quarter_id: str, government_id: str, at: datetime | None = None) -> Facts:
    """Refresh the figures of a quarter and write its 취합.xlsx below `published/`."""
    at = at or seoul_now()
    started = perf_counter()
    refresh(quarter_id, government_id, at)
    folder = settings().published / government_id / quarter_id
    with transaction() as connection:
        path = write_collection(connection, government_id, Quarter.parse(quarter_id), folder)
    _say("보고", started, quarter=quarter_id, government=government_id, file=path)
    return {"file": str(path)}


# --- the calendar and the house ------------------------------------------------------------------


def _windows() -> Sequence[Row[Any]]:
    with transaction() as connection:
        return run_file(connection, "core/windows.sql")


def open_windows(at: datetime | None = None) -> list[Facts]:
    """Quarters whose window is open today in Seoul and that have no invitations yet."""
    today = (at or seoul_now()).astimezone(SEOUL).date()
    return [
        {"government_id": row.government_id, "quarter_id": row.quarter_id}
        for row in _windows()
        if row.start_date <= today <= row.grace_date
        and not any((settings().outbox / row.quarter_id / row.government_id).glob("*.xlsx"))
    ]


def quarters_to_report(at: datetime | None = None) -> list[Facts]:
    """The newest quarter of each government whose due date has passed in Seoul."""
    today = (at or seoul_now()).astimezone(SEOUL).date()
    newest = {row.government_id: row for row in _windows() if row.due_date < today}
    return [{"government_id": g, "quarter_id": row.quarter_id} for g, row in newest.items()]


def back_up(at: datetime | None = None) -> Facts:
    """Dump the warehouse into `backup/`, one file a day in Seoul."""
    started = perf_counter()
    day = (at or seoul_now()).astimezone(SEOUL).date()
    path = settings().home.resolve() / "backup" / f"warehouse-{day:%Y%m%d}.dump"
    dump(path)
    _say("백업", started, file=path, bytes=path.stat().st_size)
    return {"file": str(path)}


def check_archive() -> Facts:
    """Compare every archived file with its name, and every receipt with the archive.

    Raises SystemFault that names the files when one is damaged or missing.
    """
    started = perf_counter()
    damaged = set(archive.damaged())
    with transaction() as connection:
        received = set(
            connection.execute(
                text("SELECT DISTINCT sha256 FROM audit.submission INNER JOIN audit.batch"
                     " USING (batch_id) WHERE purpose <> 'check'")
            ).scalars()
        )  # fmt: skip
    bad = damaged | {sha256 for sha256 in received if not archive.holds(sha256)}
    _say("보관 점검", started, files=len(received), damaged=len(bad))
    if bad:
        raise SystemFault(
            f"보관된 파일 {len(bad)}개가 없거나 바뀌었습니다: {', '.join(sorted(bad))}.",
            "자료는 그대로입니다.",
            "백업에서 이 파일들을 되살리십시오.",
        )
    return {"files": len(received)}


def reminders(at: datetime | None = None) -> Facts:
    """Departments that have not reported in an open window: who, how long still, until when."""
    today = (at or seoul_now()).astimezone(SEOUL).date()
    due = [row for row in _windows() if row.start_date <= today <= row.grace_date]
    told = []
    for window in due:
        for row in status(window.quarter_id, window.government_id):
            if row["owed_count"] > row["reported_count"]:
                left = (window.due_date - today).days
                told.append({"quarter_id": window.quarter_id, "department": row["department_name"],
                             "days_left": left})  # fmt: skip
                log.info("알림 | 분기=%s 부서=%s 상태=%s 미보고 %d공약, 마감 %s(%+d일)",
                         window.quarter_id, row["department_name"], STATE_NAMES[row["state"]],
                         row["owed_count"] - row["reported_count"], window.due_date, left)  # fmt: skip
    return {"reminders": told}

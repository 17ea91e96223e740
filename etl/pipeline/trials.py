"""Checking files without receiving them, and the findings of files as they are told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text

from etl import collect as collecting
from etl.check import rule_version
from etl.collect import NOBODY_SAID, Asked
from etl.inbox import NotTaken, content_of, named_arrivals, told
from etl.load import staging
from etl.pipeline.answers import answer
from etl.pipeline.checks import check_files
from etl.pipeline.reading import stage_files
from etl.pipeline.receiving import kept_files
from etl.pipeline.telling import Facts, log
from etl.quarter import seoul_now
from etl.warehouse import collector_lock, run_file, transaction


def findings_of(submission_ids: Sequence[int]) -> list[Facts]:
    """Return the findings of files as `gongyak check --json` prints them."""
    listed: list[Facts] = []
    with transaction() as connection:
        for submission_id in submission_ids:
            name = connection.execute(
                text("SELECT file_name FROM audit.submission WHERE submission_id = :s"),
                {"s": submission_id},
            ).scalar_one()
            for row in run_file(connection, "answer/answers.sql", submission_id=submission_id):
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
            kept += kept_files(arrival, content, put)
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
                staging.forget(connection, batch_id)
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

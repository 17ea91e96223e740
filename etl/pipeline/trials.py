"""Checking files without receiving them, and the findings of files as they are told."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from etl import collect as collecting
from etl.answer import AnswerFinding
from etl.check import rule_version
from etl.collect import NOBODY_SAID, Asked
from etl.inbox import Arrival, named_arrivals, told
from etl.load import staging
from etl.logs import Indented
from etl.pipeline.answers import answer, findings_of
from etl.pipeline.checks import check_files
from etl.pipeline.desk import SentFile, sent_files
from etl.pipeline.reading import identify, stage_files
from etl.pipeline.receiving import keep
from etl.pipeline.telling import log
from etl.quarter import seoul_now
from etl.warehouse import transaction


@dataclass(frozen=True)
class Trial:
    """What checking files brought: their findings, and the answers that were written, as paths.

    `not_taken` has a line for each file that could not be opened, `faults` says how many met a
    fault of ours. `files` are what was looked at, members of a bundle too, and whose each is.
    """

    findings: list[AnswerFinding]
    answers: list[str]
    faults: int
    not_taken: list[str]
    files: list[SentFile] = field(default_factory=list)

    @property
    def blocks(self) -> bool:
        return any(finding.blocks for finding in self.findings)


def dry_run(
    files: Sequence[str | Arrival], at: datetime | None = None, asked: Asked = NOBODY_SAID
) -> Trial:
    """Check files without receiving them: findings and marked workbooks, nothing else stays."""
    at = at or seoul_now()
    by_hash: dict[str, bytes] = {}

    def put(content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        by_hash[sha256] = content
        return sha256

    kept, not_taken = keep(named_arrivals(files), put)
    with transaction() as connection:
        batch_id = collecting.open_batch(connection, "check", rule_version(), at)
        receipts = collecting.register_receipts(connection, batch_id, kept, at, asked)
    ids = [receipt.submission_id for receipt in receipts]
    try:
        read = identify(batch_id, stage_files(batch_id, by_hash.__getitem__))
        faults = read.faults | check_files(batch_id, at, by="own_queries")
        sound = [number for number in ids if number not in faults]
        findings, looked_at = findings_of(sound), sent_files(ids)
        answered = answer(sound, contents=by_hash.__getitem__)
    finally:
        with transaction() as connection:
            staging.forget(connection, batch_id)
    for fault in faults.values():
        log.error(
            "점검 | 프로그램의 잘못 %s (%s)\n%s",
            fault.error_type,
            fault.place,
            Indented.of(fault.trace),
        )
    faulty = len(faults) + answered.faults
    return Trial(findings, answered.answers, faulty, told(not_taken), looked_at)

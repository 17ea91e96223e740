"""Checking a batch: the verdicts, what the log says about it, and the page of the run."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Row, text

from etl.check import (
    LEVELS as LEVELS,
    CheckRecord,
    Judge,
    check_batch,
    data_docs,
    fault_in,
    rules as rules,
    rules_page as rules_page,
)
from etl.common import content, hand_over, is_there, shown
from etl.home import disk_told
from etl.load import staging
from etl.pipeline.faults import failing_alone, note_faults
from etl.pipeline.journal import journal_of, note, present, write_journal
from etl.pipeline.judgements import versions
from etl.pipeline.telling import at_stage, log, say
from etl.pipeline.working import working_on
from etl.problems import FileFault, OutageError, UsageError
from etl.settings import settings
from etl.warehouse import run_alone, run_file, transaction, values_of

_LOG_WIDTH = 110


@dataclass(frozen=True)
class Checked:
    """What checking a batch did, as its log line tells it; `data_docs` is the address of a page.

    `set_aside` counts the files that a fault of ours hindered, None for none.
    """

    batch: int
    rules: int
    findings: int
    import_seconds: float
    set_aside: int | None
    data_docs: str | None


def check(batch_id: int, at: datetime | None = None) -> Checked:
    """Check a batch against the rules: findings, verdicts and states are written.

    The log ends with a table of what each rule found, and with where Great Expectations' own page
    of the run lies (`logs/data_docs/`; not for a mere check, which leaves nothing behind).
    """
    started, at = perf_counter(), at or present()
    with working_on(batch_id):
        record, faults = _judged(batch_id, at, "great_expectations")
        write_journal()
        with transaction() as connection:
            summary = run_file(connection, "check/steps/summary.sql", batch_id=batch_id)
            is_trial = connection.execute(_IS_TRIAL, {"b": batch_id}).scalar_one()
        if not is_trial:
            note_faults(batch_id, faults)
    has_page = not is_trial and record.outcomes
    done = Checked(
        batch=batch_id,
        rules=len(record.results),
        findings=record.findings,
        import_seconds=round(record.import_seconds, 2),
        set_aside=len(faults) or None,
        data_docs=_write_data_docs(batch_id, record) if has_page else None,
    )
    _tell_summary(record, summary)
    say("점검", started, **asdict(done))
    return done


_IS_TRIAL = text("SELECT purpose = 'check' FROM audit.batch WHERE batch_id = :b")
_OWNERS = text(
    "SELECT DISTINCT government_id FROM audit.submission INNER JOIN audit.batch USING (batch_id)"
    " WHERE batch_id = :b AND purpose <> 'check' AND state <> 'set_aside'"
)


def check_files(
    batch_id: int, at: datetime, by: Judge = "great_expectations"
) -> dict[int, FileFault]:
    """Check a batch that is not received; return the files that a fault of ours hindered."""
    record, faults = _judged(batch_id, at, by)
    _tell_summary(record, run_alone("check/steps/summary.sql", batch_id=batch_id))
    return faults


def _judged(batch_id: int, at: datetime, by: Judge) -> tuple[CheckRecord, dict[int, FileFault]]:
    """Judge a batch; the files that alone make judging fail are set aside, the others judged.

    A rule that fails whatever it reads is no file's matter, and raises as it is.
    """
    at_stage("점검")
    try:
        noting = partial(_note_check, batch_id, at, [])
        return check_batch(batch_id, at, by=by, noting=noting), {}
    except (OutageError, UsageError):
        raise
    except Exception:
        if fault_in(batch_id, at, []):
            raise
        found = failing_alone(_files_of(batch_id), lambda some: fault_in(batch_id, at, some))
        if not found:
            raise
        with transaction() as connection:
            staging.set_aside(connection, list(found))
        # The cause, where an exception of ours wraps it.
        faults = {n: FileFault.of("check", error.__cause__ or error) for n, error in found.items()}
        noting = partial(_note_check, batch_id, at, sorted(faults))
        return check_batch(batch_id, at, by=by, noting=noting), faults


def _note_check(
    batch_id: int, at: datetime, set_aside: Sequence[int], connection: Connection
) -> None:
    """Note that a batch was judged; of a mere check, or a batch without files, nothing."""
    owners = connection.execute(_OWNERS, {"b": batch_id}).scalars()
    line = {"batch_id": batch_id, "set_aside": set_aside, **versions()}
    note(connection, "check", at, [(journal, line) for journal in {*map(journal_of, owners)}])


def _files_of(batch_id: int) -> list[int]:
    return values_of(
        "SELECT submission_id FROM audit.submission WHERE batch_id = :b"
        " AND state NOT IN ('repeated', 'set_aside') ORDER BY submission_id",
        b=batch_id,
    )


@disk_told()
def _write_data_docs(batch_id: int, record: CheckRecord) -> str:
    """Write Great Expectations' page of a run; return its address."""
    path = settings().data_docs / f"batch-{batch_id}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data_docs(f"점검 묶음 {batch_id}", record.outcomes), encoding="utf-8")
    hand_over(path, settings().data_docs)
    return path.as_uri() if path.exists() else shown(path)


@disk_told()
def write_rules_page() -> Path:
    """Write the page of all rules to `outbox/rules.html`, where answers link to it."""
    path, page = settings().outbox / "rules.html", rules_page()
    if not is_there(path) or content(path).decode() != page:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
        hand_over(path, settings().outbox)
    return path


def _tell_summary(record: CheckRecord, summary: Sequence[Row[Any]]) -> None:
    titles = {rule.id: rule.title for rule in rules()}
    table = Table(title="점검 요약", title_justify="left")
    for header in ("규칙", "구분", "지적", "파일", "사유 받음", "예외", "초", "제목"):
        table.add_column(header, justify="right" if header in _NUMBERS else "left")
    for row in summary:
        level = LEVELS[row.level] + ("(시험)" if row.is_shadow else "")
        table.add_row(
            row.rule_id, level, f"{row.finding_count:,}", f"{row.file_count:,}",
            f"{row.acknowledged_count:,}", f"{row.waived_count:,}", f"{row.seconds:.3f}",
            titles.get(row.rule_id, ""),
        )  # fmt: skip
    for line in _lines(table) if summary else ["지적이 없습니다."]:
        log.info("점검 | %s", line)
    slowest = sorted(record.results, key=lambda result: -result.seconds)[:3]
    seconds = sum(result.seconds for result in record.results)
    told = ", ".join(f"{result.rule_id} {result.seconds:.3f}초" for result in slowest)
    log.info("점검 | 규칙에 걸린 시간 %.2f초, 오래 걸린 규칙: %s", seconds, told)


_NUMBERS = ("지적", "파일", "사유 받음", "예외", "초")


def _lines(table: Table) -> list[str]:
    drawn = io.StringIO()
    Console(file=drawn, width=_LOG_WIDTH, color_system=None).print(table)
    return [line.rstrip() for line in drawn.getvalue().splitlines()]

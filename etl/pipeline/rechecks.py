"""Replay a quarter's archived files against the present rules, and show what that changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Row

from etl import archive, collect as collecting
from etl.check import rule_version, rules
from etl.load import staging
from etl.logs import Indented
from etl.pipeline.checks import check_files
from etl.pipeline.journal import journal_of, note, present, write_journal
from etl.pipeline.judgements import judged_files, versions
from etl.pipeline.reading import identify, stage_files
from etl.pipeline.telling import log, say
from etl.problems import FileFault, SystemFault, UsageError
from etl.warehouse import run_file, transaction, turn


@dataclass(frozen=True)
class RuleChange:
    """What one rule found then (`recorded`) and finds now, in findings.

    `would_stop` counts accepted pledges that its present findings would stop.
    """

    rule_id: str
    title: str
    level: str
    is_shadow: bool
    recorded: int
    found: int
    appeared: int
    gone: int
    would_stop: int


@dataclass(frozen=True)
class FindingChange:
    """One finding that `appeared` or is `gone`."""

    change: str
    rule_id: str
    level: str
    file: str
    submission_id: int
    sheet: str | None
    cell: str | None
    pledge_id: str | None
    message: str
    would_stop: bool


@dataclass(frozen=True)
class Rechecked:
    """What checking a quarter's files again showed, and whether it was `recorded`.

    `erased` counts files that were erased after their retention period and stay as they were
    judged; `stale_files` counts those judged by other versions before; `rules` are those whose
    findings differ or that are on trial.
    """

    quarter: str
    government: str
    files: int
    erased: int
    stale_files: int
    rule_version: str
    recorded: bool
    rules: list[RuleChange]
    differences: list[FindingChange]


def recheck(
    quarter_id: str, government_id: str, *, record: bool = False, at: datetime | None = None
) -> Rechecked:
    """Check the files that count for a quarter again, as on the day they came.

    Each is read from the archive and judged by the present rules, beside the reports it could know
    then. Nothing changes, unless `record`: then findings, verdicts and versions are these from now
    on, and `as_of` an earlier moment what they were; reports in force stay so. Raises UsageError
    when the quarter has no file.
    """
    started = perf_counter()
    with turn(government_id) if record else nullcontext():
        at = at or present()
        files = judged_files(quarter_id, government_id)
        if not files:
            raise UsageError.refused(
                f"{quarter_id}에 다시 점검할 파일이 없습니다.",
                "분기와 기관을 확인하거나 먼저 gongyak collect로 접수하십시오.",
            )
        ids = [file.submission_id for file in files if not file.is_erased]
        told = {"government_id": government_id, "quarter_id": quarter_id, "submission_ids": ids}
        line = {**told, **versions()}
        found = judge_again(ids, at, record=record, line=line) if ids else []
        write_journal()
    done = Rechecked(
        quarter=quarter_id,
        government=government_id,
        files=len(ids),
        erased=len(files) - len(ids),
        stale_files=sum(file.is_stale for file in files),
        rule_version=rule_version(),
        recorded=record,
        rules=_by_rule(found),
        differences=[_difference(row) for row in found if row.is_recorded != row.is_found_now],
    )
    _tell(done.rules)
    say("다시 점검", started, quarter=quarter_id, government=government_id, files=done.files,
        erased=done.erased or None, stale_files=done.stale_files, recorded=record,
        differences=len(done.differences))  # fmt: skip
    return done


def judge_again(
    submission_ids: Sequence[int],
    at: datetime,
    *,
    record: bool,
    line: Mapping[str, Any] | None = None,
) -> Sequence[Row[Any]]:
    """Read and check archived files again; return the findings of then and now, side by side.

    What is recorded holds from `at`, or right after the judgement before where that came later. It
    is noted with its `line`, where there is one.
    """
    with transaction() as connection:
        batch_id = collecting.open_batch(connection, "check", rule_version(), at)
        ids = list(submission_ids)
        run_file(connection, "replay/receipts.sql", batch_id=batch_id, submission_ids=ids)
    try:
        record_read = identify(batch_id, stage_files(batch_id, archive.get))
        if faults := record_read.faults or check_files(batch_id, at):
            raise _not_judged(list(faults.values()))
        with transaction() as connection:
            found = run_file(connection, "replay/recheck_findings.sql", batch_id=batch_id)
            if record:
                moment = _record(connection, batch_id, at)
                if line:
                    note(connection, "recheck", moment, [(journal_of(line["government_id"]), line)])
        return found
    finally:
        with transaction() as connection:
            staging.forget(connection, batch_id)


def _not_judged(faults: Sequence[FileFault]) -> SystemFault:
    for fault in faults:
        log.error(
            "다시 점검 | %s (%s)\n%s", fault.error_type, fault.place, Indented.of(fault.trace)
        )
    return SystemFault(
        f"프로그램의 잘못으로 파일 {len(faults)}개를 다시 점검하지 못했습니다.",
        "기록된 판정은 바뀌지 않았습니다.",
        "기록(log)의 잘못된 자리를 개발자에게 알리십시오.",
    )


def _record(connection: Connection, batch_id: int, at: datetime) -> datetime:
    """Let the judgement of a batch of replays be that of the replayed files; return from when."""
    (row,) = run_file(connection, "replay/recheck_moment.sql", batch_id=batch_id, at=at)
    moment: datetime = row.moment
    for name in ("record_recheck", "record_recheck_verdicts"):
        run_file(connection, f"replay/{name}.sql", batch_id=batch_id, at=moment)
    if moment > at:
        log.warning("다시 점검 | 앞선 판정이 더 늦어, 그 바로 뒤로 적습니다: %s", moment)
    return moment


def _by_rule(found: Sequence[Row[Any]]) -> list[RuleChange]:
    of_rule: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in found:
        of_rule[row.rule_id].append(row)
    catalogue = {rule.id: rule for rule in rules()}
    listed = [
        RuleChange(
            rule_id,
            catalogue[rule_id].title if rule_id in catalogue else "(없어진 규칙)",
            rows[0].level,
            rows[0].is_shadow,
            recorded=sum(row.is_recorded for row in rows),
            found=sum(row.is_found_now for row in rows),
            appeared=sum(row.is_found_now and not row.is_recorded for row in rows),
            gone=sum(row.is_recorded and not row.is_found_now for row in rows),
            would_stop=len({(r.submission_id, r.pledge_id) for r in rows if r.would_stop}),
        )
        for rule_id, rows in sorted(of_rule.items())
    ]
    return [one for one in listed if one.appeared or one.gone or one.is_shadow]


def _tell(differing: Sequence[RuleChange]) -> None:
    for one in differing:
        rule = f"{one.rule_id}(시험)" if one.is_shadow else one.rule_id
        log.info(
            "다시 점검 | 규칙=%s %s: 기록 %d건 → 지금 %d건 (생김 %d, 없어짐 %d), 멈추게 될 공약 %s",
            rule,
            one.title,
            one.recorded,
            one.found,
            one.appeared,
            one.gone,
            one.would_stop,
        )


def _difference(row: Row[Any]) -> FindingChange:
    return FindingChange(
        "appeared" if row.is_found_now else "gone",
        row.rule_id,
        row.level,
        row.file_name,
        row.submission_id,
        row.sheet_name,
        row.cell,
        row.pledge_id,
        row.message,
        row.would_stop,
    )

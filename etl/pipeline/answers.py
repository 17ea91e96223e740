"""Answering: what goes back to each sender, and what the log says of each file."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from sqlalchemy import Connection

from etl import archive, collect as collecting
from etl.answer import AnswerFinding as AnswerFinding, AnswerSummary, write_answer
from etl.archive import RECEIPTS
from etl.check import LEVELS, office_rules
from etl.common import hand_over, shown
from etl.home import disk_told
from etl.pipeline.changes import changes_of
from etl.pipeline.checks import write_rules_page
from etl.pipeline.faults import note_faults
from etl.pipeline.journal import happening, journal_of, note
from etl.pipeline.mails import owe_answers, send_owed
from etl.pipeline.quarters import Group, bundled
from etl.pipeline.reading import Contents
from etl.pipeline.telling import counted, log, say
from etl.problems import FileFault, GongyakError
from etl.quarter import seoul_now
from etl.settings import settings
from etl.warehouse import records, run_file, transaction

_PLACES_TOLD = 10
_OFFICE_OWN = "공약대장"  # whose answers are of no quarter and no department


@dataclass(frozen=True)
class Answered:
    """The answers that were written, as paths, and how many a fault of ours prevented.

    `verdicts` counts by their Korean names the pledges that were accepted, stopped or need a
    reason, and the files that were sent back whole.
    """

    answers: list[str]
    faults: int
    verdicts: dict[str, int]


def department_groups(batch_id: int) -> list[Group]:
    """One entry per department of a batch (several, when there are very many), with its files.

    Files that an earlier run could not answer come with it.
    """
    with transaction() as connection:
        asked = {"batch_id": batch_id, "unanswered": collecting.unanswered(connection)}
        rows = run_file(connection, "answer/batch_departments.sql", **asked)
    return bundled([Group(row.label, row.submission_ids) for row in rows])


def answer(
    submission_ids: Sequence[int], batch_id: int | None = None, contents: Contents = archive.get
) -> Answered:
    """Write the answer to each file, and tell in the log what came in and what to do next.

    One that cannot be written costs no other: it is a fault of ours in this batch, tried again by
    the next run; without a batch (a mere check) it is only returned.
    """
    started = perf_counter()
    page = write_rules_page()
    written: list[tuple[AnswerSummary, Path]] = []
    verdicts = Counter[str]()
    faults: dict[int, FileFault] = {}
    for one in counted("회신", submission_ids, len(submission_ids)):
        try:
            with disk_told():  # which is no fault of ours on one file
                file, path, findings = _answer_one(one, contents, page)
            written.append((file, path))
            verdicts.update(_verdicts(file, findings))
        except GongyakError:
            raise
        except Exception as error:
            faults[one] = FileFault.of("answer", error)
    if batch_id is not None:
        _record(written)
        note_faults(batch_id, faults)
        send_owed()
    say("회신", started, files=len(written), set_aside=len(faults) or None)
    return Answered([shown(path) for _, path in written], len(faults), dict(verdicts))


def _verdicts(file: AnswerSummary, findings: Sequence[AnswerFinding]) -> dict[str, int]:
    return {
        "반영": file.accepted_count,
        "보류": file.blocked_count,
        "사유 필요": file.needs_reason_count,
        "반려": int(any(one.level == "reject_file" and one.blocks for one in findings)),
    }


def _record(written: Sequence[tuple[AnswerSummary, Path]]) -> None:
    """Write down that files are answered, which is the end of their way."""
    home = settings().home.resolve()
    with happening() as connection:
        run_file(
            connection,
            "answer/record_answers.sql",
            submission_ids=[file.submission_id for file, _ in written],
            paths=[os.path.relpath(path, home) for _, path in written],
        )
        lines = [
            (journal_of(file.government_id), {"submission_id": file.submission_id})
            for file, _ in written
        ]
        note(connection, "answer", seoul_now(), lines)
        owe_answers(connection, [file.submission_id for file, _ in written])


def findings_of(submission_ids: Iterable[int]) -> list[AnswerFinding]:
    """Return the findings of files, file by file in the order in which the sender reads them."""
    with transaction() as connection:
        return [one for number in submission_ids for one in _findings(connection, number)]


def sender_findings(submission_ids: Iterable[int]) -> list[AnswerFinding]:
    """Return the findings of files as their senders are told them: without what the office sees."""
    return for_sender(findings_of(submission_ids))


def for_sender(findings: Iterable[AnswerFinding]) -> list[AnswerFinding]:
    """Leave out the findings of rules that speak to the general office."""
    return [one for one in findings if one.rule_id not in office_rules()]


def _findings(connection: Connection, submission_id: int) -> list[AnswerFinding]:
    rows = run_file(connection, "answer/answers.sql", submission_id=submission_id)
    return records(AnswerFinding, rows)


def _answer_one(
    submission_id: int, contents: Contents, rules_page: Path
) -> tuple[AnswerSummary, Path, list[AnswerFinding]]:
    with transaction() as connection:
        rows = run_file(connection, "answer/answer_summary.sql", submission_id=submission_id)
        (file,) = records(AnswerSummary, rows)
        told = _findings(connection, submission_id)
        changes = changes_of(connection, file.quarter_id, file.government_id, submission_id)
    findings = for_sender(told)
    folder = _answer_folder(file)
    summary = replace(file, changes=changes, rules_page=os.path.relpath(rules_page, folder))
    path = write_answer(contents(file.sha256), file.file_name, findings, summary, folder)
    hand_over(folder, settings().outbox)
    _tell(file, told, path)
    return file, path, told


def _answer_folder(file: AnswerSummary) -> Path:
    if file.is_dry_run:
        return settings().outbox / "checks" / file.sha256[:12]
    # What a file calls its government may be anything, also the way to another folder.
    place = journal_of(file.government_id)
    government = "기관미상" if place == RECEIPTS else place
    whose = _OFFICE_OWN if file.is_office_own else file.quarter_id or "분기미상"
    return settings().outbox / "answers" / whose / government / str(file.submission_id)


def _tell(file: AnswerSummary, findings: Sequence[AnswerFinding], path: Path) -> None:
    counts = {name: 0 for name in (*LEVELS.values(), "예외")}
    for finding in findings:
        if finding.waiver_reason:
            counts["예외"] += 1
        elif finding.level != "acknowledge" or finding.needs_reason:
            counts[LEVELS[finding.level]] += 1
    told = " · ".join(f"{name} {count}건" for name, count in counts.items() if count) or "지적 없음"
    stopped = file.blocked_count + file.needs_reason_count
    kind = "점검만 함" if file.is_dry_run else "회신"
    log.info(
        "%s | %s %s · 접수 %d %s",
        kind,
        _OFFICE_OWN if file.is_office_own else file.quarter_id or "분기 미상",
        "총괄부서" if file.is_office_own else file.department_name or "부서 미상",
        file.submission_id,
        file.file_name,
    )
    log.info("%s |   반영 %d공약, 멈춤 %d공약 · %s", kind, file.accepted_count, stopped, told)
    if places := _places(findings):
        log.info("%s |   %s", kind, places)
    log.info("%s |   파일: %s", kind, shown(path))
    log.info("%s |   다음: %s", kind, _next_step(counts, file))


def _places(findings: Sequence[AnswerFinding]) -> str:
    """Return the rules and cells of what stops something; nothing where nothing does."""
    stopping = [f for f in findings if f.level != "inform" and not f.waiver_reason]
    told = [" ".join(filter(None, (f.rule_id, f.sheet_name, f.cell))) for f in stopping]
    more = f" 외 {len(told) - _PLACES_TOLD}건" if len(told) > _PLACES_TOLD else ""
    return ", ".join(told[:_PLACES_TOLD]) + more


def _next_step(counts: Mapping[str, int], file: AnswerSummary) -> str:
    if file.is_office_own and (counts["반려"] or counts["보류"]):
        return "회신을 보고 파일을 고쳐서 다시 올리십시오"
    if counts["반려"]:
        return "부서에 회신을 보내 파일을 다시 받으십시오"
    if counts["보류"] or counts["사유 필요"]:
        return "부서에 회신을 보내 고친 파일이나 정정사유를 받으십시오"
    return "할 일이 없습니다"

"""What the pages show, taken from the pipeline as it is; only words are chosen here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from etl import pipeline
from etl.desk.rights import Visitor
from etl.desk.waiting import CheckedFile, CheckResult, Waiting
from etl.form import ATTACHMENT, PUBLISHED
from etl.quarter import SEOUL, seoul_now

SET_ASIDE = "set_aside"
STATES = {**pipeline.STATE_NAMES, SET_ASIDE: "따로 둠"}
FILE_STATES = {
    "received": "처리 중", "read": "처리 중", "checked": "처리 중", "loaded": "접수됨",
    "rejected": "반려", "withdrawn": "철회", "repeated": "앞선 파일과 같음", SET_ASIDE: "따로 둠",
}  # fmt: skip
LEVELS = pipeline.LEVELS
MOST_FINDINGS = 1_000


@dataclass(frozen=True)
class Standing:
    """One department of a quarter: what the pipeline says of it, and what to do next."""

    status: pipeline.DepartmentStatus
    state: str
    next_step: str
    days: str
    has_invitation: bool
    has_answer: bool


@dataclass(frozen=True)
class Overview:
    """One quarter of one government, as much of it as a visitor may see."""

    government_id: str
    quarter_id: str
    standings: list[Standing]
    counts: dict[str, int]
    owed: int
    reported: int
    unassigned: Sequence[Any]
    faults: Sequence[str]
    revisions: Sequence[pipeline.Revision]


def visible_governments(guest: Visitor) -> list[pipeline.GovernmentName]:
    """Return the governments of which a visitor sees anything."""
    known = pipeline.government_names()
    return [one for one in known if guest.sees_all or one.government_id in guest.governments()]


def overview(guest: Visitor, government_id: str, quarter_id: str) -> Overview:
    """Return the departments of a quarter that a visitor may see."""
    standings = [
        one
        for one in _standings(government_id, quarter_id)
        if guest.sees(government_id, one.status.department_code)
    ]
    counts = Counter(one.state for one in standings)
    faults = pipeline.open_faults() if guest.sees_all else []
    return Overview(
        government_id=government_id,
        quarter_id=quarter_id,
        standings=standings,
        counts={state: counts[state] for state in STATES if counts[state]},
        owed=sum(one.status.owed_count for one in standings),
        reported=sum(one.status.reported_count for one in standings),
        unassigned=pipeline.rejected_without_department()[:20] if guest.sees_all else (),
        faults=[pipeline.told_fault(one) for one in faults],
        revisions=pipeline.revisions(government_id, quarter_id),
    )


def standing(government_id: str, quarter_id: str, department_code: str) -> Standing | None:
    """Return how one department stands; None where it neither owes nor sent anything."""
    found = _standings(government_id, quarter_id)
    return next((one for one in found if one.status.department_code == department_code), None)


def _standings(government_id: str, quarter_id: str) -> list[Standing]:
    set_aside = {one.submission_id for one in pipeline.open_faults()}
    today = seoul_now().astimezone(SEOUL).date()
    return [
        _standing(government_id, quarter_id, one, one.submission_id in set_aside, today)
        for one in pipeline.status(quarter_id, government_id)
    ]


def _standing(
    government_id: str,
    quarter_id: str,
    status: pipeline.DepartmentStatus,
    is_set_aside: bool,
    today: date,
) -> Standing:
    state = SET_ASIDE if is_set_aside else status.state
    code = status.department_code or ""
    return Standing(
        status=status,
        state=state,
        next_step=_next_step(state, status),
        days=_days(status, today),
        has_invitation=pipeline.invitation_file(government_id, quarter_id, code) is not None,
        has_answer=pipeline.answer_file(status.answer_path) is not None,
    )


def _next_step(state: str, status: pipeline.DepartmentStatus) -> str:
    left, reasons = status.owed_count - status.reported_count, status.open_count
    told = {
        "missing": "작성 파일을 채워 올립니다." if left else "보고할 공약이 없습니다.",
        "rejected": "회신에 적힌 까닭대로 고친 파일을 다시 올립니다.",
        "withdrawn": "거둔 파일입니다. 바른 파일을 올립니다.",
        "blocked": f"회신의 붉은 칸 {status.blocking_count}건을 고"
        + (f"치고 사유 {reasons}건을 적어 다시 올립니다." if reasons else "쳐 다시 올립니다."),
        "needs_reason": f"회신에 사유 {reasons}건을 적어 다시 올립니다.",
        SET_ASIDE: "프로그램의 문제입니다. 기다리면 다시 처리합니다.",
    }
    rest = f"보고하지 않은 공약 {left}건을 올립니다." if left > 0 else "할 일이 없습니다."
    return told.get(state, rest)


def _days(status: pipeline.DepartmentStatus, today: date) -> str:
    if status.due_date is None:
        return "마감일 없음"
    left = (status.due_date - today).days
    if left >= 0:
        return f"{status.due_date} 마감, {left}일 남음" if left else f"{status.due_date} 오늘 마감"
    in_grace = status.grace_date is not None and today <= status.grace_date
    return f"{status.due_date} 마감 지남" + (f", {status.grace_date}까지 유예" if in_grace else "")


@dataclass(frozen=True)
class Checked:
    """What the check of a waiting file found, and why this visitor cannot send it in, if so."""

    files: list[CheckedFile]
    findings: list[pipeline.AnswerFinding]
    answers: list[Path]
    faults: int
    obstacle: str | None

    @property
    def blocks(self) -> bool:
        return any(one.blocks for one in self.findings)


def checked(guest: Visitor, kept: Waiting) -> Checked:
    """Return what a check found, less the findings of files that are another department's."""
    result = kept.result or CheckResult([], [], [], [], 0)
    own = [one for one in result.files if _is_seen(guest, one)]
    names = {one.file_name for one in own}
    return Checked(
        files=own,
        findings=[one for one in result.findings if one.file_name in names],
        answers=[Path(path) for path in result.answers] if len(own) == len(result.files) else [],
        faults=result.faults,
        obstacle=_obstacle(guest, kept, result),
    )


def _is_seen(guest: Visitor, file: CheckedFile) -> bool:
    """Tell whether a user who uploaded a file may read what was found in it.

    Of a file that does not say whose it is nothing can be another's.
    """
    is_nobodys = file.department_code is None
    return is_nobodys or guest.sees(file.government_id, file.department_code)


_OF_THE_OFFICE = {
    "register": "공약대장은 여기로 받지 않습니다. 총괄부서가 gongyak register로 올립니다.",
    PUBLISHED: "공표값은 여기로 받지 않습니다. 총괄부서가 gongyak published로 올립니다.",
}


def _obstacle(guest: Visitor, kept: Waiting, result: CheckResult) -> str | None:
    """Say why a checked file cannot be sent in by this visitor; None where it can."""
    if result.not_taken:
        return f"파일을 열지 못했습니다: {' '.join(result.not_taken)}."
    if not result.files:
        return "점검을 마치지 못했습니다. 파일을 다시 올려 주십시오."
    if refused := [_OF_THE_OFFICE[f.form_code] for f in result.files
                   if f.form_code in _OF_THE_OFFICE]:  # fmt: skip
        return refused[0]
    others = [one.department_name or "?" for one in result.files if not _is_seen(guest, one)]
    if others:
        return f"다른 부서({', '.join(sorted(set(others)))})의 파일이 들어 있어 접수할 수 없습니다."
    nobodys = {
        one.file_name
        for one in result.files
        if one.department_code is None and one.form_code != ATTACHMENT
    }
    if not guest.sees_all and nobodys - _bundles(kept, result.files):
        return "어느 부서의 파일인지 읽을 수 없어 접수할 수 없습니다. 점검 결과대로 고쳐 올립니다."
    return None


def _bundles(kept: Waiting, files: Sequence[CheckedFile]) -> set[str]:
    """Return the name of the upload itself where it holds other files: those say whose they are."""
    start = f"{kept.file_name}/"
    holds_files = any(one.file_name.startswith(start) for one in files)
    return {kept.file_name} if holds_files else set()

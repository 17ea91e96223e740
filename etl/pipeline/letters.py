"""What departments are told by mail: of a file that was answered, and of a deadline that is near.

A mail names no person and quotes nothing that a file says: a name of a file, of a sheet or a value
may be a person's. It tells rules and places, and where the answer lies.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from etl.answer import AnswerFinding, AnswerSummary
from etl.form import sheet_names
from etl.pipeline.quarters import DepartmentStatus
from etl.quarter import SEOUL

_PLACES_TOLD = 30
# Days before the due date from which a department is reminded; then once more when it is over.
_DAYS_BEFORE = (1, 3, 7)
_OVERDUE = "마감 지남"
_ATTACHED_NOTHING = "이 메일은 프로그램이 보냈으며 파일을 붙이지 않았습니다."


@dataclass(frozen=True)
class Addressee:
    """Whose mail it is; `mail` is as the register says it, which may be nothing or no address."""

    government_name: str
    department_name: str
    mail: str | None


@dataclass(frozen=True)
class Owed:
    """A department that has sent nothing for a quarter, on a day in Seoul."""

    government_id: str
    quarter_id: str
    status: DepartmentStatus
    today: date


class Letter(NamedTuple):
    """A subject and a text."""

    subject: str
    text: str


def days_until(due: date | None, today: date) -> int:
    """Return the days left; below 0 where the due date is over."""
    return (due - today).days if due else 0


def occasion_of(due: date | None, today: date) -> str | None:
    """Return for what a department is reminded, one mail each; None where it is too early."""
    left = days_until(due, today)
    if left < 0:
        return _OVERDUE
    return next((f"마감 {days}일 앞" for days in _DAYS_BEFORE if left <= days), None)


def reminder(owed: Owed, to: Addressee) -> Letter:
    """Return the reminder of a department that has sent nothing."""
    row, left = owed.status, days_until(owed.status.due_date, owed.today)
    still = f"{left}일 남음" if left > 0 else "오늘" if left == 0 else f"{-left}일 지남"
    return Letter(
        f"[공약] {owed.quarter_id} {to.department_name} 제출 마감 {row.due_date}({still})",
        _joined(
            _greeting(to),
            f"{owed.quarter_id} 공약 보고의 마감일은 {row.due_date}입니다({still}).",
            f"보고할 공약 {row.owed_count}건 가운데 {row.owed_count - row.reported_count}건을 아직"
            " 받지 못했습니다.",
            f"할 일: 받으신 작성 파일을 채워 총괄부서에 보내 주십시오. 유예일 {row.grace_date}까지"
            " 받습니다.",
            f"작성 파일: outbox/{owed.quarter_id}/{owed.government_id} 폴더의 부서 파일",
            "",
            _ATTACHED_NOTHING,
        ),
    )


def answer_letter(
    file: AnswerSummary,
    findings: Sequence[AnswerFinding],
    titles: Mapping[str, str],
    to: Addressee,
    folder: str,
    page: str = "",
) -> Letter:
    """Return what a department is told of its file; `titles` are those of the rules.

    `page` is the address of 제출 현황; empty where a department cannot open it.
    """
    wrong = [one for one in findings if one.blocks]
    counts = Counter(one.shown_level.name for one in findings)
    told = ", ".join(f"{name} {count}건" for name, count in counts.items()) or "없음"
    outcome = f"고칠 것 {len(wrong)}건" if wrong else "고칠 것 없음"
    received = f"{file.received_at.astimezone(SEOUL):%Y-%m-%d %H:%M}"
    stopped = f"보류 {file.blocked_count}건, 사유 필요 {file.needs_reason_count}건"
    return Letter(
        f"[공약] {file.quarter_id} {to.department_name} 점검 결과: {outcome}",
        _joined(
            _greeting(to),
            f"{received}에 받은 {file.quarter_id} 공약 보고 파일(접수번호 {file.submission_id})을"
            " 점검했습니다.",
            f"공약: 반영 {file.accepted_count}건, {stopped}",
            f"점검 결과: {told}",
            f"할 일: {_to_do(findings)}",
            *_places(wrong, titles),
            f"회신: {folder}",
            *([f"제출 현황: {page}"] if page else []),
            "",
            _ATTACHED_NOTHING,
        ),
    )


def _greeting(to: Addressee) -> str:
    return f"{to.government_name} {to.department_name} 담당자께".strip() + "\n"


def _to_do(findings: Sequence[AnswerFinding]) -> str:
    if any(one.level == "reject_file" and one.blocks for one in findings):
        return "파일을 받을 수 없어 반영한 것이 없습니다. 회신을 보고 고쳐 다시 보내 주십시오."
    steps = []
    if any(one.level == "block_pledge" and one.blocks for one in findings):
        steps.append("회신에 표시한 칸을 고쳐 다시 보내 주십시오.")
    if any(one.needs_reason for one in findings):
        steps.append("사유가 필요한 칸은 고치거나, 점검결과 시트에 사유를 적어 보내 주십시오.")
    if steps:
        return " ".join([*steps, "그때까지 그 공약은 반영되지 않습니다."])
    return "없습니다. 다르게 적을 것이 있으면 고쳐서 다시 보내 주십시오."


def _places(wrong: Sequence[AnswerFinding], titles: Mapping[str, str]) -> list[str]:
    """Return a line for each thing to correct: its level, its rule and its place."""
    if not wrong:
        return []
    known = {name for names in sheet_names().values() for name in names.values()}
    lines = [
        f"- [{one.shown_level.name}] {one.rule_id} {titles.get(one.rule_id, '')}".rstrip()
        + f": {_place(one, known)}"
        for one in wrong[:_PLACES_TOLD]
    ]
    more = [f"- 그 밖에 {len(wrong) - _PLACES_TOLD}건"] if len(wrong) > _PLACES_TOLD else []
    return ["고칠 곳:", *lines, *more]


def _place(finding: AnswerFinding, known: set[str]) -> str:
    """Return the sheet, where the form calls it so, and the cell."""
    sheet = finding.sheet_name if finding.sheet_name in known else None
    return " ".join(filter(None, (sheet, finding.cell))) or "파일 전체"


def _joined(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)

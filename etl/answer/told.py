"""What an answer tells: findings, what a resubmission changed, and the file as a whole."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from etl.form import Table, form
from etl.office import marks

MOST_PER_RULE = 1_000
MOST_CHANGES = 1_000
NOTHING_TO_DO = "다시 보내지 않아도 됩니다. 다르게 적을 것이 있으면 고쳐서 다시 보내 주십시오."


@dataclass(frozen=True)
class Level:
    """What a level is called, its colour, and its place in the order of reading."""

    name: str
    color: str
    order: int


LEVELS = {
    "reject_file": Level("반려", marks.WRONG, 0),
    "block_pledge": Level("공약 보류", marks.WRONG, 1),
    "acknowledge": Level("사유 필요", marks.DOUBTFUL, 2),
    "inform": Level("참고", marks.NOTED, 3),
}
_SETTLED = Level("사유 받음", marks.NOTED, 2)
_WAIVED = Level("예외", marks.NOTED, 2)


@dataclass(frozen=True)
class AnswerFinding:
    """One finding as its sender is told it; `cell` is `D7` in a workbook, a locator elsewhere."""

    rule_id: str
    level: str
    sheet_name: str | None
    cell: str | None
    related_cells: Sequence[str]
    pledge_id: str | None
    seen: str | None
    expected: str | None
    message: str
    fingerprint: str
    acknowledged_reason: str | None
    waiver_reason: str | None = None
    waiver_expires_on: date | None = None
    file_name: str = ""

    @property
    def shown_level(self) -> Level:
        """Its level as its sender sees it: a waiver or a reason that was given settles it."""
        if self.waiver_reason:
            return _WAIVED
        return _SETTLED if self.is_settled else LEVELS[self.level]

    @property
    def is_settled(self) -> bool:
        is_explained = self.level == "acknowledge" and self.acknowledged_reason
        return bool(self.waiver_reason or is_explained)

    @property
    def needs_reason(self) -> bool:
        return self.level == "acknowledge" and not self.is_settled

    @property
    def blocks(self) -> bool:
        """Whether its file or pledge is not accepted as it stands."""
        return not self.is_settled and self.level != "inform"

    @property
    def told(self) -> str:
        """What the sender reads. A waiver's reason never stands in the column 사유: sent back, it
        would be read as the sender's own and outlive the waiver."""
        if not self.waiver_reason:
            return self.message
        until = f", {self.waiver_expires_on}까지" if self.waiver_expires_on else ""
        return f"예외로 받았습니다({self.waiver_reason}{until}). {self.message}"


@dataclass(frozen=True)
class AnswerChange:
    """One value that an accepted report changed against the version before it.

    `*_value` is as stored (money in won), `*_shown` as people read it. `place` names the line of
    money it belongs to (sub-project, source, fiscal year), else is empty; `cell` is where the new
    value stands, None where the value was taken away.
    """

    pledge_id: str
    version: int
    item_name: str
    place: str
    difference_kind: str
    before_value: str | None
    after_value: str | None
    before_shown: str | None
    after_shown: str | None
    correction_reason: str | None
    accepted_at: datetime
    submission_id: int
    file_name: str
    department_code: str | None
    sheet_name: str | None
    cell: str | None

    @property
    def before(self) -> str:
        """The value before as a sender is told it."""
        return self.before_shown or "(없음)"

    @property
    def after(self) -> str:
        """The value after as a sender is told it."""
        return self.after_shown or "(없음)"


@dataclass(frozen=True)
class AnswerSummary:
    """What the answer says about the file as a whole; counts are pledges.

    `repeats_submission_id` is the submission whose content this file has too: then nothing was
    changed. `rules_page` is where the catalogue lies, seen from the answer's folder. `is_document`
    tells a card from a workbook of tables: its answer is a document too. `is_office_own` tells that
    it is a register or a sheet of it, which no department sent. `form_edition` is what the file was
    read by.
    """

    submission_id: int
    quarter_id: str | None
    department_name: str | None
    received_at: datetime
    rule_version: str
    accepted_count: int
    blocked_count: int
    needs_reason_count: int
    is_late: bool
    is_dry_run: bool = False
    changes: Sequence[AnswerChange] = ()
    repeats_submission_id: int | None = None
    rules_page: str | None = None
    form_edition: str | None = None
    is_document: bool = False
    is_office_own: bool = False
    government_id: str | None = None
    file_name: str = ""
    sha256: str = ""

    @property
    def reasons(self) -> Table:
        """The table of reasons as the file's own edition prints it, which reads them again."""
        return form("quarterly_return", self.form_edition, self.quarter_id).table("reason")


class Answer(NamedTuple):
    """What goes back: every finding, those that are shown, the file as a whole, and remarks."""

    findings: Sequence[AnswerFinding]
    shown: Sequence[AnswerFinding]
    summary: AnswerSummary
    notes: Sequence[str]


def verdict(findings: Sequence[AnswerFinding], *, is_dry_run: bool = False) -> str:
    """Say in one sentence what came of the file."""
    counts = Counter(finding.level for finding in findings if not finding.is_settled)
    waiting = sum(finding.needs_reason for finding in findings)
    noted = f" 참고할 것이 {counts['inform']:,}건 있습니다." if counts["inform"] else ""
    if counts["reject_file"]:
        return f"이 파일은 받지 못했습니다. 고칠 것이 {counts['reject_file']:,}건 있습니다."
    parts = []
    if counts["block_pledge"]:
        parts.append(f"고칠 것 {counts['block_pledge']:,}건")
    if waiting:
        parts.append(f"사유를 적을 것 {waiting:,}건")
    if parts:
        return f"{', '.join(parts)}이 있습니다.{noted}"
    done = "점검만 했습니다(접수하지 않음)." if is_dry_run else "접수했습니다."
    return f"{done} 고칠 것은 없습니다.{noted}"


def next_step(findings: Iterable[AnswerFinding], to_fix: str, to_explain: str, to_send: str) -> str:
    """Say in one sentence what the sender does now, in the words of the answer's own kind."""
    levels = {finding.level for finding in findings if not finding.is_settled}
    if levels <= {"inform"}:
        return NOTHING_TO_DO
    steps = [to_fix] if levels & {"reject_file", "block_pledge"} else []
    steps += [to_explain] if "acknowledge" in levels else []
    return f"{', '.join(steps)}, {to_send}"


def facts(summary: AnswerSummary) -> list[tuple[str, Any]]:
    """Return what is said of the file as a whole, as (name, value)."""
    late = " (유예일이 지나 늦음)" if summary.is_late else ""
    moment = f"{summary.received_at:%Y-%m-%d %H:%M}{late}"
    pledges = {
        "막는 것 없음" if summary.is_dry_run else "반영": summary.accepted_count,
        "보류": summary.blocked_count,
        "사유 대기": summary.needs_reason_count,
    }
    received: list[tuple[str, Any]] = [("접수번호", summary.submission_id), ("접수일시", moment)]
    if summary.is_dry_run:
        received = [("점검일시(접수하지 않음)", moment)]
    told = [
        ("분기", summary.quarter_id),
        ("부서", summary.department_name),
        *received,
        ("규칙판", summary.rule_version),
        ("공약", " · ".join(f"{name} {count}건" for name, count in pledges.items() if count)),
    ]
    return [(name, value) for name, value in told if value]


def shown_of(findings: Iterable[AnswerFinding]) -> list[AnswerFinding]:
    """Return the findings an answer shows, gravest first, at most MOST_PER_RULE of each rule."""
    seen: Counter[str] = Counter()
    shown = []
    for finding in sorted(findings, key=gravity):
        seen[finding.rule_id] += 1
        if seen[finding.rule_id] <= MOST_PER_RULE:
            shown.append(finding)
    return shown


def gravity(finding: AnswerFinding) -> tuple[int, bool]:
    """Order findings as an officer reads them: what stops first."""
    return finding.shown_level.order, not finding.needs_reason


def capped_notes(findings: Sequence[AnswerFinding], shown: Sequence[AnswerFinding]) -> list[str]:
    if len(shown) == len(findings):
        return []
    counts = Counter(finding.rule_id for finding in findings)
    return [
        f"규칙 {rule_id}: {count:,}건 가운데 앞의 {MOST_PER_RULE:,}건만 실었습니다."
        for rule_id, count in sorted(counts.items())
        if count > MOST_PER_RULE
    ]

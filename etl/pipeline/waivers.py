"""Waivers: set a rule aside for one place and some quarters, list them, end one.

A waiver judges nothing again by itself: it counts for what is received, or taken up again, later.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from time import perf_counter
from typing import NamedTuple

from etl.check import rules
from etl.period import asked_period
from etl.pipeline.journal import happening, journal_of, note, present
from etl.pipeline.quarters import require_department
from etl.pipeline.telling import say
from etl.problems import UsageError
from etl.quarter import SEOUL
from etl.warehouse import records, rows_of, run_alone, run_file, values_of


@dataclass(frozen=True)
class Waiver:
    """One rule set aside; department and pledge None mean all, last quarter None until it expires.

    Quarters are written `2021Q4`; `expires_on` is the last day on which a file may come.
    """

    government_id: str
    rule_id: str
    department_code: str | None
    pledge_id: str | None
    first_quarter_id: str
    last_quarter_id: str | None
    expires_on: date
    approver: str
    reason: str


class RecordedWaiver(NamedTuple):
    """A waiver with its number, and whether it is a new one."""

    waiver: Waiver
    waiver_id: int
    is_new: bool


@dataclass(frozen=True)
class KnownWaiver:
    """One waiver of a government, and how it stands."""

    waiver_id: int
    government_id: str
    rule_id: str
    department_code: str | None
    pledge_id: str | None
    first_quarter_id: str
    last_quarter_id: str | None
    expires_on: date
    approver: str
    reason: str
    recorded_at: datetime
    is_from_register: bool
    state: str
    finding_count: int


class WaivedFinding(NamedTuple):
    """One finding behind a quarter's figures that a waiver let through."""

    rule_id: str
    department_code: str | None
    pledge_id: str | None
    message: str
    reason: str
    expires_on: date
    is_expired: bool


def waive(waiver: Waiver, at: datetime | None = None) -> RecordedWaiver:
    """Record a waiver; the very same one in force is not recorded twice.

    Raises UsageError for a rule that is unknown or must not be waived, a place that the register
    does not know, quarters that are none or in the wrong order, a day that has passed, or a blank
    reason or name.
    """
    started, at = perf_counter(), at or present()
    _require_waivable(waiver.rule_id)
    _require_sound(waiver, at.astimezone(SEOUL).date())
    _require_known(waiver)
    with happening(waiver.government_id) as connection:
        (recorded,) = run_file(connection, "waive/record_waiver.sql", at=at, **asdict(waiver))
        if recorded.is_new:
            line = asdict(waiver) | {"waiver_id": recorded.waiver_id}
            note(connection, "waiver", at, [(journal_of(waiver.government_id), line)])
    say("예외", started, waiver=recorded.waiver_id, rule=waiver.rule_id,
        department=waiver.department_code, pledge=waiver.pledge_id)  # fmt: skip
    return RecordedWaiver(waiver, **recorded._mapping)


def end_waiver(waiver_id: int, by: str, reason: str, at: datetime | None = None) -> None:
    """End a waiver for everything that is received later; what it let through stays in force.

    Raises UsageError for one that is unknown, has ended, or stands in a register.
    """
    started, at = perf_counter(), at or present()
    owner = values_of("SELECT government_id FROM audit.waiver WHERE waiver_id = :w", w=waiver_id)
    with happening(*owner) as connection:
        ended = run_file(connection, "waive/end_waiver.sql", waiver_id=waiver_id, at=at)
        if ended:
            line = {"waiver_id": waiver_id, "by": by, "reason": reason}
            note(connection, "waiver_end", at, [(journal_of(owner[0]), line)])
    if not ended:
        raise UsageError.refused(
            f"점검예외 {waiver_id}은(는) gongyak waive로 적은 유효한 예외가 아닙니다.",
            "gongyak waive --list로 번호를 확인하고, 대장에 적힌 예외는 점검예외 시트에서 지운 뒤"
            " gongyak register로 다시 불러오십시오.",
        )
    say("예외 끝", started, waiver=waiver_id, rule=ended[0].rule_id)


def waivers(government_id: str, at: datetime | None = None) -> list[KnownWaiver]:
    """One entry per waiver of a government known by then, newest first, and how it stands."""
    asked = {"government_id": government_id, "at": at or present()}
    return records(KnownWaiver, run_alone("waive/waivers.sql", **asked))


def waived_findings(quarter_id: str, government_id: str) -> list[WaivedFinding]:
    """One entry per waived finding behind a quarter's figures, as the last refresh left them."""
    rows = rows_of(
        f"SELECT {', '.join(WaivedFinding._fields)} FROM mart.waived_finding"
        " WHERE government_id = :g AND quarter_id = :q ORDER BY rule_id, pledge_id, finding_id",
        g=government_id,
        q=quarter_id,
    )
    return records(WaivedFinding, rows)


def _require_waivable(rule_id: str) -> None:
    rule = next((known for known in rules() if known.id == rule_id), None)
    if rule is None:
        raise UsageError.refused(
            f"규칙 {rule_id}을(를) 모릅니다.", "점검 결과에 적힌 규칙 번호를 주십시오."
        )
    if not rule.waivable:
        raise UsageError.refused(
            f"규칙 {rule_id}({rule.title})에는 예외를 둘 수 없습니다.",
            "부서에서 고친 파일을 받아 gongyak collect로 접수하십시오.",
        )


def _require_sound(waiver: Waiver, today: date) -> None:
    last = waiver.last_quarter_id
    first_day = asked_period(waiver.first_quarter_id).first_day
    if last is not None and asked_period(last).last_day < first_day:
        raise UsageError.refused(
            f"종료분기 {last}이(가) 시작분기 {waiver.first_quarter_id}보다 앞섭니다.",
            "--from과 --to를 고쳐 다시 실행하십시오.",
        )
    if waiver.expires_on < today:
        raise UsageError.refused(
            f"만료일 {waiver.expires_on}이(가) 이미 지났습니다.",
            "--expires에 오늘이나 그 뒤의 날을 주십시오.",
        )
    if not (waiver.approver.strip() and waiver.reason.strip()):
        raise UsageError.refused(
            "승인자나 사유가 비었습니다.", "--by와 --reason을 적어 다시 실행하십시오."
        )


def _require_known(waiver: Waiver) -> None:
    require_department(waiver.department_code, waiver.government_id)
    known = values_of(
        "SELECT pledge_id FROM core.dim_pledge WHERE government_id = :g"
        " AND superseded_at = 'infinity'",
        g=waiver.government_id,
    )
    if waiver.pledge_id is not None and waiver.pledge_id not in known:
        raise UsageError.refused(
            f"공약 {waiver.pledge_id}은(는) 기관 {waiver.government_id}의 공약대장에 없습니다.",
            "대장의 공약 시트에 있는 번호를 주십시오.",
        )

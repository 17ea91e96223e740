"""The calendar and the house: what is due today, the archive's health, reminders."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any, NamedTuple

from sqlalchemy import Row

from etl import archive
from etl.period import parse_period
from etl.pipeline.erasures import erased_files
from etl.pipeline.journal import is_noted
from etl.pipeline.letters import Owed, days_until
from etl.pipeline.mails import Mailed, owe_reminders, send_owed
from etl.pipeline.quarters import DepartmentStatus, status
from etl.pipeline.telling import STATE_NAMES, log, say
from etl.problems import SystemFault
from etl.quarter import SEOUL, seoul_now
from etl.settings import settings
from etl.warehouse import run_alone, transaction, values_of

_SENT_NOTHING = frozenset({"missing", "withdrawn"})
_SURELY_DEAD = timedelta(days=1)  # what is older and half written is nobody's work any more


class GovernmentQuarter(NamedTuple):
    """One quarter of one government."""

    government_id: str
    quarter_id: str


class Reminder(NamedTuple):
    """One department that has not reported, and the days until it is due."""

    quarter_id: str
    department: str | None
    days_left: int


class Reminded(NamedTuple):
    """The departments that have not reported, and what became of the mails that were owed."""

    reminders: list[Reminder]
    mails: Mailed


def _day(at: datetime | None) -> date:
    """Return the day in Seoul; None is today."""
    return (at or seoul_now()).astimezone(SEOUL).date()


def _open_on(day: date) -> list[Row[Any]]:
    windows = run_alone("quarter/windows.sql")
    return [row for row in windows if row.start_date <= day <= row.last_grace_date]


def open_windows(at: datetime | None = None) -> list[GovernmentQuarter]:
    """Quarters whose window is open today in Seoul and that have no invitations yet."""
    return [
        GovernmentQuarter(row.government_id, row.quarter_id)
        for row in _open_on(_day(at))
        if not _is_invited(row.government_id, row.quarter_id)
    ]


def _is_invited(government_id: str, quarter_id: str) -> bool:
    line = {"government_id": government_id, "quarter_id": quarter_id}
    with transaction() as connection:
        if is_noted(connection, "invitation", line):
            return True
    # Before invitations were told in the journal, what lay in the outbox told of them.
    return any((settings().outbox / quarter_id / government_id).glob("*.xlsx"))


def quarters_to_report(at: datetime | None = None) -> list[GovernmentQuarter]:
    """The newest quarter of each government whose due date has passed in Seoul, for everyone.

    Where its calendar names other kinds of period, the newest of each kind.
    """
    today = _day(at)
    windows = run_alone("quarter/windows.sql")
    newest = {
        (row.government_id, parse_period(row.quarter_id).kind): row.quarter_id
        for row in windows
        if row.last_due_date < today
    }
    return [GovernmentQuarter(government, one) for (government, _), one in newest.items()]


def check_archive() -> int:
    """Compare every archived file with its name, and every receipt with it; return their number.

    What runs left that were killed while they wrote, more than a day ago, is removed.
    Raises SystemFault that names the files when one is damaged or missing; one that was
    erased after its retention period is neither.
    """
    started = perf_counter()
    swept = archive.sweep(seoul_now() - _SURELY_DEAD)
    damaged = set(archive.damaged())
    received = values_of(
        "SELECT DISTINCT sha256 FROM audit.submission INNER JOIN audit.batch USING (batch_id)"
        " WHERE purpose <> 'check'"
    )
    missing = {sha256 for sha256 in received if not archive.holds(sha256)}
    erased = {one.sha256 for one in erased_files()}  # asked last: it may go on meanwhile
    bad = damaged | missing - erased
    say("보관 점검", started, files=len(received), damaged=len(bad), swept=swept or None,
        erased=len(missing & erased) or None)  # fmt: skip
    if bad:
        raise SystemFault(
            f"보관된 파일 {len(bad)}개가 없거나 바뀌었습니다: {', '.join(sorted(bad))}.",
            "자료는 그대로입니다.",
            "백업에서 이 파일들을 되살리십시오.",
        )
    return len(received)


def remind(at: datetime | None = None) -> Reminded:
    """Name the departments that have not reported in an open window, and mail those that sent none.

    Mails of answers that are still owed go with it.
    """
    today = _day(at)
    late = [*_unreported(today)]
    told = [_reminder(*one, today) for one in late]
    owed = [
        Owed(window.government_id, window.quarter_id, row, today)
        for window, row in late
        if row.state in _SENT_NOTHING
    ]
    return Reminded(told, send_owed(owe_reminders(owed)))


def _unreported(today: date) -> Iterator[tuple[Row[Any], DepartmentStatus]]:
    for window in _open_on(today):
        for row in status(window.quarter_id, window.government_id):
            if row.owed_count <= row.reported_count or not (row.due_date and row.grace_date):
                continue
            if today <= row.grace_date:
                yield window, row


def _reminder(window: Row[Any], row: DepartmentStatus, today: date) -> Reminder:
    days_left = days_until(row.due_date, today)
    log.info(
        "알림 | 분기=%s 부서=%s 상태=%s 미보고 %d공약, 마감 %s(%+d일)",
        window.quarter_id,
        row.department_name,
        STATE_NAMES[row.state],
        row.owed_count - row.reported_count,
        row.due_date,
        days_left,
    )
    return Reminder(window.quarter_id, row.department_name, days_left)

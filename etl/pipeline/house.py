"""The calendar and the house: what is due today, backups, the archive's health, reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlalchemy import Row, text

from etl import archive
from etl.pipeline.quarters import status
from etl.pipeline.telling import STATE_NAMES, Facts, log, say
from etl.problems import SystemFault
from etl.quarter import SEOUL, seoul_now
from etl.settings import settings
from etl.warehouse import dump, run_file, transaction


def _windows() -> Sequence[Row[Any]]:
    with transaction() as connection:
        return run_file(connection, "quarter/windows.sql")


def open_windows(at: datetime | None = None) -> list[Facts]:
    """Quarters whose window is open today in Seoul and that have no invitations yet."""
    today = (at or seoul_now()).astimezone(SEOUL).date()
    return [
        {"government_id": row.government_id, "quarter_id": row.quarter_id}
        for row in _windows()
        if row.start_date <= today <= row.last_grace_date
        and not any((settings().outbox / row.quarter_id / row.government_id).glob("*.xlsx"))
    ]


def quarters_to_report(at: datetime | None = None) -> list[Facts]:
    """The newest quarter of each government whose due date has passed in Seoul, for everyone."""
    today = (at or seoul_now()).astimezone(SEOUL).date()
    newest = {row.government_id: row for row in _windows() if row.last_due_date < today}
    return [{"government_id": g, "quarter_id": row.quarter_id} for g, row in newest.items()]


def back_up(at: datetime | None = None) -> Facts:
    """Dump the warehouse into `backup/`, one file a day in Seoul."""
    started = perf_counter()
    day = (at or seoul_now()).astimezone(SEOUL).date()
    path = settings().home.resolve() / "backup" / f"warehouse-{day:%Y%m%d}.dump"
    dump(path)
    say("백업", started, file=path, bytes=path.stat().st_size)
    return {"file": str(path)}


def check_archive() -> Facts:
    """Compare every archived file with its name, and every receipt with the archive.

    Raises SystemFault that names the files when one is damaged or missing.
    """
    started = perf_counter()
    damaged = set(archive.damaged())
    with transaction() as connection:
        received = set(
            connection.execute(
                text("SELECT DISTINCT sha256 FROM audit.submission INNER JOIN audit.batch"
                     " USING (batch_id) WHERE purpose <> 'check'")
            ).scalars()
        )  # fmt: skip
    bad = damaged | {sha256 for sha256 in received if not archive.holds(sha256)}
    say("보관 점검", started, files=len(received), damaged=len(bad))
    if bad:
        raise SystemFault(
            f"보관된 파일 {len(bad)}개가 없거나 바뀌었습니다: {', '.join(sorted(bad))}.",
            "자료는 그대로입니다.",
            "백업에서 이 파일들을 되살리십시오.",
        )
    return {"files": len(received)}


def reminders(at: datetime | None = None) -> Facts:
    """Departments that have not reported in an open window: who, how long still, until when."""
    today = (at or seoul_now()).astimezone(SEOUL).date()
    due = [row for row in _windows() if row.start_date <= today <= row.last_grace_date]
    told = []
    for window in due:
        for row in status(window.quarter_id, window.government_id):
            if row["owed_count"] > row["reported_count"] and today <= row["grace_date"]:
                told.append(_reminder(window, row, (row["due_date"] - today).days))
    return {"reminders": told}


def _reminder(window: Row[Any], row: Facts, days_left: int) -> Facts:
    log.info(
        "알림 | 분기=%s 부서=%s 상태=%s 미보고 %d공약, 마감 %s(%+d일)",
        window.quarter_id,
        row["department_name"],
        STATE_NAMES[row["state"]],
        row["owed_count"] - row["reported_count"],
        row["due_date"],
        days_left,
    )
    return {
        "quarter_id": window.quarter_id,
        "department": row["department_name"],
        "days_left": days_left,
    }

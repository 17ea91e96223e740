"""Load a checked batch into core, or take a submission out of force again.

One transaction a batch: reports and facts by SQL, control totals compared before the commit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from etl.form import PUBLISHED
from etl.problems import SystemFault, UsageError
from etl.warehouse import MANY_ROWS, dictionary, records, run_file, statement

# What a report holds, by the name of the file that loads it, and where it lies.
_FACTS = {
    "progress": "core.fct_quarterly_progress",
    "budget": "core.fct_quarterly_budget",
    "subproject": "core.fct_quarterly_subproject",
    "achievement": "core.achievement",
    "cooperation": "core.cooperation",
    "attachment": "core.attachment",
    "contact": "restricted.contact",
    "pledge_card": "core.pledge_card",
    "yearly_plan": "core.yearly_plan",
    "annex": "restricted.annex",
}


@dataclass(frozen=True)
class LoadedFile:
    """One file that was loaded, with how many of its pledges were accepted and stopped."""

    submission_id: int
    government_id: str | None
    sha256: str
    accepted_count: int
    blocked_count: int


def load_batch(connection: Connection, batch_id: int, at: datetime) -> list[LoadedFile]:
    """Load every checked return of a batch; raises SystemFault when control totals differ.

    The caller's transaction makes it all or nothing; a batch that was loaded has nothing left.
    """
    parameters = {"batch_id": batch_id, "at": at}
    run_file(connection, "load/close_replaced.sql", **parameters)
    run_file(connection, "load/accept_reports.sql", **parameters)
    facts = [statement(f"load/facts_{fact}.sql") for fact in _FACTS]
    written = [connection.execute(one, {"batch_id": batch_id}).rowcount for one in facts]
    if sum(written) >= MANY_ROWS:
        # Without fresh statistics PostgreSQL takes what a large batch brought for a single row.
        connection.execute(
            text(
                "ANALYZE core.pledge_report, core.fct_quarterly_progress (report_id),"
                " core.fct_quarterly_budget (report_id, fiscal_year)"
            )
        )
    run_file(connection, "load/take_attachments.sql", **parameters)
    differences = run_file(connection, "load/control_totals.sql", batch_id=batch_id)
    if differences:
        first = differences[0]
        raise SystemFault(
            f"통제합계가 다릅니다: 접수 {first.submission_id}의 {first.measure}이(가) 읽은 값"
            f" {first.staged_total}, 적재한 값 {first.loaded_total}입니다"
            f"(모두 {len(differences)}건).",
            "이 묶음은 하나도 적재되지 않았고 앞선 보고가 그대로 유효합니다.",
            "접수 번호와 함께 개발자에게 알리십시오.",
        )
    files = records(LoadedFile, run_file(connection, "load/mark_loaded.sql", **parameters))
    return sorted(files, key=lambda file: file.submission_id)


@dataclass(frozen=True)
class WithdrawRecord:
    """What a withdrawal did: pledges taken out of force, and how many have their earlier report.

    Of a file of printed values it names those instead, and `is_published`.
    `is_repeated`: the same person withdrew it for the same reason before, and nothing changed.
    """

    government_id: str | None
    quarter_id: str | None
    withdrawn: tuple[str, ...] = ()
    reinstated: tuple[str, ...] = ()
    is_repeated: bool = False
    is_published: bool = False


def withdraw(
    connection: Connection, submission_id: int, by: str, reason: str, at: datetime
) -> WithdrawRecord:
    """Take one loaded submission out of force; the report before it is in force again.

    Of a file of printed values those that it had replaced or ended are in force again.

    The same withdrawal once more changes nothing, so that a run that was killed can be repeated.
    Raises UsageError for a submission that does not exist or was never loaded.
    """
    moment = _after_the_last(connection, submission_id, at)
    found = run_file(connection, "load/mark_withdrawn.sql", submission_id=submission_id,
                     at=moment, by=by, reason=reason)  # fmt: skip
    if not found and (known := _withdrawn_before(connection, submission_id, by, reason)):
        return WithdrawRecord(known.government_id, known.quarter_id, is_repeated=True)
    if not found:
        raise UsageError.refused(
            f"접수 {submission_id}은(는) 반영된 분기 보고나 공표값 파일이 아닙니다.",
            "gongyak status 분기나 gongyak published --quarter 분기로 접수번호를 확인하십시오."
            " 공약대장은 고쳐서 다시 올립니다.",
        )
    (file,) = found
    if file.form_code == PUBLISHED:
        asked = {"submission_id": submission_id, "at": moment}
        taken, again = (
            tuple(" ".join(filter(None, row)) for row in run_file(connection, name, **asked))
            for name in ("load/withdraw_published.sql", "load/reinstate_published.sql")
        )
        return WithdrawRecord(file.government_id, None, taken, again, is_published=True)
    closed = run_file(connection, "load/withdraw.sql", submission_id=submission_id, at=moment)
    back = [row.pledge_id for row in closed if _reinstate(connection, row, moment)]
    return WithdrawRecord(
        file.government_id, file.quarter_id, tuple(row.pledge_id for row in closed), tuple(back)
    )


def _withdrawn_before(
    connection: Connection, submission_id: int, by: str, reason: str
) -> Row[Any] | None:
    query = text(
        "SELECT government_id, quarter_id FROM audit.submission WHERE submission_id = :s"
        " AND state = 'withdrawn' AND withdrawn_by = :by AND withdrawn_reason = :reason"
    )
    asked = {"s": submission_id, "by": by, "reason": reason}
    return connection.execute(query, asked).one_or_none()


def _after_the_last(connection: Connection, submission_id: int, at: datetime) -> datetime:
    """Return `at`, or right after what the file brought was accepted, if that is later."""
    accepted = connection.execute(
        text(
            "SELECT GREATEST((SELECT MAX(accepted_at) FROM core.pledge_report"
            " WHERE submission_id = :s), (SELECT MAX(GREATEST(recorded_at,"
            " NULLIF(superseded_at, 'infinity'))) FROM core.published_figure"
            " INNER JOIN audit.submission USING (government_id)"
            " WHERE submission_id = :s AND form_code = 'published'))"
            " + interval '1 microsecond'"
        ),
        {"s": submission_id},
    ).scalar()
    return at if accepted is None else max(at, accepted)


def _reinstate(connection: Connection, closed: Row[Any], at: datetime) -> bool:
    back = run_file(connection, "load/reinstate_report.sql", **closed._mapping, at=at)
    for row in back:
        for table in _FACTS.values():
            known = dictionary()["tables"][table]["columns"]
            columns = ", ".join(name for name in known if name != "report_id")
            connection.execute(
                text(
                    f"INSERT INTO {table} (report_id, {columns})"
                    f" SELECT :new, {columns} FROM {table} WHERE report_id = :old"
                ),
                {"new": row.report_id, "old": row.reinstates_report_id},
            )
    return bool(back)

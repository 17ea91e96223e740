"""Releases: what a head of department decides on, what stands in the way, and what is published.

A release freezes a quarter as known at one moment, `as_of`. What is shown, decided and published is
computed for that moment, so a file that comes in between waits for the next revision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Row, text

from etl import archive
from etl.figures import FigureRow, compute, figure_rows, prove
from etl.figures.released import freeze, is_frozen, released_rows
from etl.pipeline.checks import versions
from etl.pipeline.publications import write_files
from etl.pipeline.telling import Facts, say
from etl.problems import UsageError
from etl.quarter import SEOUL, Quarter, seoul_now
from etl.settings import settings
from etl.shown import figure_change
from etl.warehouse import collector_lock, run_file, transaction

COVERAGE_RULE = "M-05"
DEMO = "시연(--auto-approve-for-demo)"
_UNTOUCHED = "발표한 것은 그대로입니다."


@dataclass(frozen=True)
class Decision:
    """What a person decided, and when; to send back needs a reason."""

    by: str
    at: datetime
    reason: str | None = None
    is_approved: bool = True
    is_demo: bool = False


def release_summary(quarter_id: str, government_id: str, as_of: datetime | None = None) -> Facts:
    """Return what is decided on: figures and how they moved, coverage, what stands in the way.

    `blockers` holds one line for each thing in the way, `is_unchanged` tells that the last revision
    says the same. Every figure is proved. Writes nothing. Raises UsageError for a quarter without
    reports, SystemFault for a figure that does not re-compute or a damaged file in the archive.
    """
    with transaction() as connection:
        return _summary(connection, government_id, Quarter.parse(quarter_id), as_of or seoul_now())


def release(
    quarter_id: str, government_id: str, decision: Decision, as_of: datetime | None = None
) -> Facts:
    """Publish a quarter as known at `as_of`, or record that it was sent back.

    Returns the summary with `outcome`: approved, returned, blocked, or unchanged where the last
    revision says the same; the last two write nothing. Without `as_of` it is the moment of the
    decision. Raises as `release_summary`; UsageError for a decision without a name, or on a state
    older than the last revision's.
    """
    started, quarter = perf_counter(), Quarter.parse(quarter_id)
    as_of = as_of or decision.at
    _require_sound(decision)
    with collector_lock():
        with transaction() as connection:
            facts = _summary(connection, government_id, quarter, as_of)
            facts["outcome"] = _outcome(facts, decision)
            if facts["outcome"] in ("approved", "returned"):
                recorded = _record(connection, facts, decision)
            if facts["outcome"] == "approved":
                freeze(connection, recorded.revision)
                facts |= write_files(connection, recorded)._asdict()
        if facts["outcome"] in ("approved", "returned"):
            told = dict(recorded._mapping)
            moments = {name: told[name].isoformat() for name in ("decided_at", "as_of")}
            archive.journal("approval", decision.at, [{**told, **moments}])
            facts["revision"] = recorded.revision
    say("발표", started, government=government_id, quarter=quarter_id,
        decision=facts["outcome"], revision=facts.get("revision"),
        folder=facts.get("folder"))  # fmt: skip
    return facts


def release_changes(quarter_id: str, government_id: str, revision: int) -> Facts:
    """Return what a revision moved against the one before: `figures` and `pledges`, and why."""
    asked = {"g": government_id, "q": quarter_id, "r": revision}
    where = "WHERE government_id = :g AND quarter_id = :q AND revision = :r"
    with transaction() as connection:
        return {
            kind: [
                dict(row._mapping)
                for row in connection.execute(
                    text(f"SELECT * FROM mart.{view} {where} ORDER BY {order}"), asked
                )
            ]
            for kind, view, order in (
                ("figures", "release_change", "scope_type <> 'all', scope_type, scope_id, 4"),
                ("pledges", "release_pledge_change", "pledge_id"),
            )
        }


def _require_sound(decision: Decision) -> None:
    if not decision.by.strip():
        raise UsageError("결정한 사람이 없습니다.", _UNTOUCHED, "--by를 적어 다시 실행하십시오.")
    if not (decision.is_approved or (decision.reason or "").strip()):
        raise UsageError(
            "돌려보내는 까닭이 없습니다.", _UNTOUCHED, "--reason을 적어 다시 실행하십시오."
        )


def _outcome(facts: Facts, decision: Decision) -> str:
    last = facts["last"]
    if facts["is_unchanged"]:
        return "unchanged"
    if last and facts["as_of"] < last["as_of"]:
        raise UsageError(
            f"그 사이에 {last['decided_by']}이(가) 더 새로운 자료로 {last['revision']}차를"
            " 승인했습니다.",
            _UNTOUCHED,
            "요약을 다시 보고 결정하십시오.",
        )
    if not decision.is_approved:
        return "returned"
    return "blocked" if facts["blockers"] else "approved"


def _record(connection: Connection, facts: Facts, decision: Decision) -> Row[Any]:
    config, last = settings(), facts["last"]
    before = last["revision"] if last else None
    (row,) = run_file(
        connection,
        "release/record.sql",
        government_id=facts["government"],
        quarter_id=facts["quarter"],
        revision=(before or 0) + 1 if decision.is_approved else None,
        decision="approved" if decision.is_approved else "returned",
        decided_by=decision.by,
        decided_at=decision.at,
        reason=decision.reason,
        as_of=facts["as_of"],
        **versions(),
        completed_ongoing_counts=config.completed_ongoing_counts,
        held_and_dropped_count=config.held_and_dropped_count,
        manifesto_decimals=config.manifesto_decimals,
        other_decimals=config.other_decimals,
        is_demo=decision.is_demo,
        supersedes=before if decision.is_approved else None,
    )
    return row


# -- the summary ----------------------------------------------------------------------------------


def _summary(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime
) -> Facts:
    """Compute and prove the quarter, which stays in the transaction, and tell how it stands."""
    before = _previous(connection, government_id, quarter.previous(), as_of)
    compute(connection, government_id, quarter, as_of)
    prove(connection, government_id, quarter, as_of)
    _require_reports(connection, quarter)
    for source in run_file(connection, "release/sources.sql"):
        archive.get(source.sha256)
    last = _last(connection, government_id, quarter)
    published = (
        released_rows(connection, government_id, quarter, last["revision"], "all") if last else []
    )
    asked = {"government_id": government_id, "quarter_id": str(quarter), "as_of": as_of}
    files = run_file(connection, "release/files.sql", **asked, **versions())
    missing = run_file(connection, "release/missing.sql", rule_id=COVERAGE_RULE, as_of=as_of)
    rows = figure_rows(connection, scope_type="all")
    waived = connection.execute(
        text("SELECT rule_id, pledge_id, reason, expires_on FROM waived_finding ORDER BY 1, 2")
    )
    return {
        "government": government_id,
        "quarter": str(quarter),
        "as_of": as_of,
        "last": last,
        "is_unchanged": last is not None
        and is_frozen(connection, government_id, quarter, last["revision"]),
        "figures": [_moved(row, published, before) for row in rows],
        "owing_count": rows[0].owing_count,
        "missing": [dict(row._mapping) for row in missing],
        "waived": [dict(row._mapping) for row in waived],
        "open": [dict(row._mapping) for row in files if row.open_count],
        "stale": [dict(row._mapping) for row in files if row.is_stale],
        "late": [dict(row._mapping) for row in files if row.is_late],
        "blockers": _blockers(government_id, quarter, as_of, files, missing),
    }


def _previous(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime
) -> list[FigureRow]:
    """Return the quarter's figures as published, else as they stand; none without reports."""
    last = _last(connection, government_id, quarter)
    if last:
        return released_rows(connection, government_id, quarter, last["revision"], "all")
    try:
        compute(connection, government_id, quarter, as_of)
    except UsageError:
        return []
    rows = figure_rows(connection, scope_type="all")
    return rows if any(row.reported_count for row in rows) else []


def _last(connection: Connection, government_id: str, quarter: Quarter) -> Facts | None:
    found = run_file(
        connection, "release/last.sql", government_id=government_id, quarter_id=str(quarter)
    )
    return dict(found[0]._mapping) if found else None


def _require_reports(connection: Connection, quarter: Quarter) -> None:
    reported = "SELECT EXISTS (SELECT 1 FROM pledge_status WHERE report_state = 'reported')"
    if not connection.execute(text(reported)).scalar_one():
        raise UsageError(
            f"{quarter}에 반영된 보고가 하나도 없습니다.",
            _UNTOUCHED,
            "분기와 기관을 확인하거나 먼저 gongyak collect로 접수하십시오.",
        )


def _moved(row: FigureRow, published: Sequence[FigureRow], before: Sequence[FigureRow]) -> Facts:
    def change(rows: Sequence[FigureRow]) -> str | None:
        return figure_change(
            next((known for known in rows if known.figure_code == row.figure_code), None), row
        )

    return {
        **asdict(row),
        "change_to_published": change(published),
        "change_to_previous_quarter": change(before),
    }


# -- what stands in the way -----------------------------------------------------------------------


def _blockers(
    government_id: str,
    quarter: Quarter,
    as_of: datetime,
    files: Sequence[Row[Any]],
    missing: Sequence[Row[Any]],
) -> list[str]:
    """Return one line for each thing in the way: what, what is untouched, what to do next."""
    place = f"{quarter} --government {government_id}"
    lines = _uncovered(government_id, quarter, as_of, missing)
    if stale := [row for row in files if row.is_stale]:
        lines.append(
            f"지금과 다른 판의 규칙으로 점검한 파일이 {len(stale)}개 있습니다. {_UNTOUCHED}"
            f" 다음: gongyak recheck {place} --record"
        )
    lines.extend(
        f"{row.department_name} {row.file_name}(접수 {row.submission_id})에 사유를 받지 못한 지적이"
        f" {row.open_count}건 있습니다. {_UNTOUCHED} 정정사유나 고친 파일을 받아 gongyak collect로"
        " 접수하십시오."
        for row in files
        if row.open_count
    )
    return lines


def _uncovered(
    government_id: str, quarter: Quarter, as_of: datetime, missing: Sequence[Row[Any]]
) -> list[str]:
    """Return one line per department whose missing reports no waiver lets pass."""
    pledges: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    for row in missing:
        if row.waiver_id is None:
            pledges[row.department_code, row.department_name].append(row.pledge_id)
    expires = as_of.astimezone(SEOUL).date() + timedelta(days=30)
    return [
        f"보고율이 100 %가 아닙니다: {name}의 공약 {len(ids)}건({', '.join(ids)})이 이번 분기에"
        f" 보고되지 않았습니다. {_UNTOUCHED} 보고를 받거나, 없이 발표하려면 예외를 적으십시오:"
        f" gongyak waive {COVERAGE_RULE}{f' --department {code}' if code else ''}"
        f" --from {quarter} --to {quarter} --expires {expires} --by 결정한사람 --reason 까닭"
        f" --government {government_id}"
        for (code, name), ids in pledges.items()
    ]

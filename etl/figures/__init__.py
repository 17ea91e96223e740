"""Figures of one government and quarter: computed by `sql/figures/*.sql`, proved from core rows.

`compute` fills temporary tables, so a question about another quarter or time leaves the marts
alone. `refresh` works every figure out a second time (`recount`) in the same transaction and
replaces the mart rows only when both agree.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from etl.figures.pledges import QuarterAsOf
from etl.figures.published import fill_published
from etl.figures.recount import Expected, Key, recount
from etl.form import sheet_names
from etl.period import Period, parse_period
from etl.problems import SystemFault, UsageError
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import dictionary, for_many_rows, no_cycle_search, run_file, sql_text

# In the order in which each reads the ones before it.
_TEMPORARY = (
    "pledge_owner",
    "pledge_status",
    "subproject_status",
    "waived_finding",
    "pledge_budget",
    "pledge_money",
    "scope_member",
    "status_count",
    "missing_report",
    "scope_sum",
    "figure",
    "computed_quarter",
)
# What is known of these changes no plan.
_READ_WHOLE = (
    "status_count", "missing_report", "scope_sum", "figure", "computed_quarter",
    "denominator_history", "evidence_cell", "pledge_narrative", "pledge_attachment",
)  # fmt: skip
# Where the rows of each come from; no temporary table is made of what is only written down.
_MARTS = {
    "pledge_status": "pledge_status",
    "subproject_status": "subproject_status",
    "pledge_budget": "pledge_budget",
    "status_count": "status_count",
    "missing_report": "missing_report",
    "waived_finding": "waived_finding",
    "implementation_rate": "figure WHERE _counts_pledges",
    "budget_execution": "figure WHERE NOT _counts_pledges",
    "denominator_history": "denominator_history",
    "computed_quarter": "computed_quarter",
    "published_figure": "published_figure",
    "scope_member": "computed_quarter CROSS JOIN scope_member",
    "evidence_cell": f"(\n{sql_text('figures/evidence_cell.sql')}) AS evidence_cell",
    "pledge_narrative": f"(\n{sql_text('figures/pledge_narrative.sql')}) AS pledge_narrative",
    "pledge_attachment": f"(\n{sql_text('figures/pledge_attachment.sql')}) AS pledge_attachment",
}
_OF_FRAME = {"government_name": "CAST(:government_name AS text)"}
# Behind every figure, from every cell.
_EVERY = {"figure_code": None, "file": None, "sheet": None, "cell": None}


@dataclass(frozen=True)
class FigureRow:
    """One figure for one scope, as `mart.implementation_rate` has it. Money is in won."""

    quarter_id: str
    government_id: str
    figure_code: str
    figure_name: str
    scope_type: str
    scope_id: str
    scope_name: str
    numerator: Decimal
    denominator: Decimal | None
    value_pct: Decimal | None
    shown: str
    no_value_reason: str | None
    denominator_rule: str
    pledge_count: int
    reported_count: int
    carried_forward_count: int
    with_amount_count: int
    owing_count: int
    coverage_pct: Decimal | None
    waiver_count: int


FIGURE_COLUMNS = ", ".join(field.name for field in fields(FigureRow))
_PROVED = ", ".join(Expected._fields).replace("coverage_pct", "ROUND(coverage_pct, 12)")
_SHOWN = Expected._fields.index("shown")


def compute(connection: Connection, asked: QuarterAsOf) -> None:
    """Fill the temporary tables with one quarter as it was known at a moment.

    The tables last until the transaction ends or the next call. Raises UsageError when no term of
    the government, as known then, holds the quarter's 기준일.
    """
    bound = parameters(connection, asked)
    for_many_rows(connection)
    for name in _TEMPORARY:
        fill_temporary(connection, name, bound)
    _fill_history(connection, bound)


def _fill_history(connection: Connection, asked: Mapping[str, Any]) -> None:
    """Fill `denominator_history` from the pledges of this period and of the one before it."""
    quarter = period_before(connection, asked)
    of_quarter = {"quarter_id": str(quarter), "last_day": quarter.last_day}
    (frame,) = run_file(
        connection,
        "figures/frame.sql",
        government_id=asked["government_id"],
        as_of=asked["as_of"],
        **of_quarter,
    )
    # Without its money, which no one asks for here, a status costs next to nothing.
    columns = (
        "term_number, pledge_id, pledge_name, field_name, is_counted, decision_code,"
        " _confirmed_date"
    )
    query = f"SELECT {columns} FROM (\n{sql_text('figures/pledge_status.sql')}) AS status"
    _create_temporary(
        connection, "previous_status", query, {**asked, **of_quarter, **frame._mapping}
    )
    history = {
        **asked, "previous_quarter_id": str(quarter), "previous_day": frame.reference_date
    }  # fmt: skip
    fill_temporary(connection, "denominator_history", history)


def period_before(connection: Connection, asked: Mapping[str, Any]) -> Period:
    """Return the period of the same kind that one is compared with, as known at a moment."""
    query = text("SELECT core.period_before(:government_id, :quarter_id, :as_of)")
    return parse_period(connection.execute(query, asked).scalar_one())


def fill_temporary(connection: Connection, name: str, asked: Mapping[str, Any]) -> None:
    """Fill the temporary table of one file of `sql/figures`, in place of what it held."""
    _create_temporary(connection, name, sql_text(f"figures/{name}.sql"), asked)
    if name not in _READ_WHOLE:
        connection.execute(text(f"ANALYZE {name}"))


def _create_temporary(
    connection: Connection, name: str, query: str, asked: Mapping[str, Any]
) -> None:
    connection.execute(text(f"DROP TABLE IF EXISTS pg_temp.{name}"))
    connection.execute(text(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS\n{query}"), asked)


def figure_rows(
    connection: Connection, code: str | None = None, scope_type: str | None = None
) -> list[FigureRow]:
    """Return the figures that `compute` left, in the order of codes and scopes."""
    rows = connection.execute(
        text(
            f"SELECT {FIGURE_COLUMNS} FROM figure"
            " WHERE figure_code = COALESCE(CAST(:code AS text), figure_code)"
            " AND scope_type = COALESCE(CAST(:scope_type AS text), scope_type)"
            " ORDER BY _figure_number, scope_type <> 'all', scope_type, scope_id"
        ),
        {"code": code, "scope_type": scope_type},
    )
    return [FigureRow(*row) for row in rows]


def refresh(connection: Connection, asked: QuarterAsOf) -> int:
    """Compute one quarter, prove every figure, and replace its mart rows in this transaction.

    The caller holds the turn of the government. Returns how many figures there are. Raises
    SystemFault when a figure and its second computation differ; UsageError as `compute`.
    """
    compute(connection, asked)
    prove(connection, asked)
    fill_published(connection, asked)
    bound = parameters(connection, asked) | _EVERY
    written = {mart: _replace(connection, mart, bound) for mart in _MARTS}
    return written["implementation_rate"] + written["budget_execution"]


def gather_evidence(connection: Connection, asked: QuarterAsOf) -> None:
    """Fill the temporary table `evidence_cell`: all that is behind what `compute` left."""
    fill_temporary(connection, "evidence_cell", parameters(connection, asked) | _EVERY)


def gather_narrative(connection: Connection) -> None:
    """Fill the temporary table `pledge_narrative`: what is said of the pledges of `compute`."""
    fill_temporary(connection, "pledge_narrative", {})


def gather_attachments(connection: Connection, as_of: datetime) -> None:
    """Fill the temporary table `pledge_attachment`: the pictures of the pledges of `compute`."""
    fill_temporary(connection, "pledge_attachment", {"as_of": as_of})


def prove(connection: Connection, asked: QuarterAsOf) -> None:
    """Compare every computed figure with its second computation; raises SystemFault."""
    with no_cycle_search():
        expected = recount(connection, asked)
        found = _found(connection)
    if found == expected:
        return
    keys = sorted(expected.keys() | found.keys())
    key = next(key for key in keys if found.get(key) != expected.get(key))
    raise _mismatch(asked.quarter, key, *_difference(found.get(key), expected.get(key)))


def _found(connection: Connection) -> dict[Key, tuple[Any, ...]]:
    """Return what the proof compares of each computed figure, as `Expected` has it."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(f"SELECT figure_code, scope_type, scope_id, {_PROVED} FROM figure")
        return {row[:3]: row[3:] for row in cursor.fetchall()}


def parameters(connection: Connection, asked: QuarterAsOf) -> dict[str, Any]:
    """Return what the files of `sql/figures` are asked with; raises UsageError as `compute`."""
    bound = asked.bound | {"last_day": asked.quarter.last_day}
    (frame,) = run_file(connection, "figures/frame.sql", **bound)
    if frame.term_number is None:
        raise UsageError(
            f"{asked.government_id}의 {asked.quarter} 기준일({frame.reference_date})이 든 임기가"
            " 없습니다.",
            "지표는 하나도 바뀌지 않았습니다.",
            "분기와 기준 시각을 확인하거나 임기가 적힌 대장을 gongyak register로 등록하십시오.",
        )
    held = "포함" if asked.rules.held_and_dropped_count else "제외"
    ongoing = "셈" if asked.rules.completed_ongoing_counts else "세지 않음"
    return {
        **bound,
        **frame._mapping,
        **asked.rules._asdict(),
        "population_rule": f"기준일 현재 공약(보류·폐기 {held})",
        "completed_rule": f"이행후계속추진은 완료로 {ongoing}",
        "current_day": max(asked.as_of.astimezone(SEOUL).date(), frame.reference_date),
        "reporting_year": asked.quarter.year,
        "small_denominator": settings().small_denominator,
        "sheet_names": json.dumps(sheet_names(), ensure_ascii=False),
    }


def _replace(connection: Connection, mart: str, asked: Mapping[str, Any]) -> int:
    columns: list[str] = dictionary()["tables"][f"mart.{mart}"]["columns"]
    # What the whole quarter has in common is known, and need not stand in every row before.
    values = [_OF_FRAME.get(column, column) for column in columns]
    quarter = "government_id = :government_id AND quarter_id = :quarter_id"
    connection.execute(text(f"DELETE FROM mart.{mart} WHERE {quarter}"), asked)
    written = connection.execute(
        text(
            f"INSERT INTO mart.{mart} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM {_MARTS[mart]}"
        ),
        asked,
    )
    return written.rowcount


def _difference(found: tuple[Any, ...] | None, expected: Expected | None) -> tuple[object, object]:
    if found is None or expected is None:
        return found and found[_SHOWN], expected and expected.shown
    pairs = zip(found, expected, strict=True)
    return next(pair for pair in pairs if pair[0] != pair[1])


def _mismatch(quarter: Period, key: Key, found: object, expected: object) -> SystemFault:
    code, scope_type, scope_id = key
    scope = f"{scope_type}:{scope_id}" if scope_id else scope_type
    return SystemFault(
        f"{quarter} {code}({scope})의 두 계산이 다릅니다: SQL {found}, 재계산 {expected}.",
        "지표는 하나도 바뀌지 않았습니다.",
        "sql/mart와 etl/figures/recount.py를 견주어 고친 뒤 다시 실행하십시오.",
    )

"""One quarter of one government: who has reported, and its figures."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from etl.figures import (
    FigureRow as FigureRow,
    compute as compute_figures,
    figure_rows,
    refresh as refresh_figures,
)
from etl.figures.comparison import (
    ComparedFigure as ComparedFigure,
    compared_figures as compare,
    shown_change as shown_change,
)
from etl.figures.pledges import QuarterAsOf
from etl.measures import measures
from etl.period import Period, Quarter, asked_period, is_period, parse_period
from etl.pipeline.journal import present
from etl.pipeline.telling import STATE_NAMES, log, say
from etl.problems import UsageError
from etl.quarter import EVER, SEOUL
from etl.settings import settings
from etl.warehouse import (
    end_overdue,
    records,
    rows_of,
    run_alone,
    run_file,
    transaction,
    turn,
    values_of,
)


@dataclass(frozen=True)
class DepartmentStatus:
    """One department of a quarter: what it owes, its newest file, and how that stands."""

    department_code: str | None
    department_name: str | None
    submission_id: int | None
    file_name: str | None
    received_at: datetime | None
    answer_path: str | None
    is_late: bool
    due_date: date | None
    grace_date: date | None
    owed_count: int
    reported_count: int
    blocking_count: int
    open_count: int
    inform_count: int
    state: str


class Unassigned(NamedTuple):
    """One file that no department or quarter could be told for."""

    submission_id: int
    file_name: str
    received_at: datetime
    answer_path: str | None


class DenominatorChange(NamedTuple):
    """One pledge that entered or left a quarter's denominators."""

    pledge_id: str
    change_kind: str
    reason_name: str
    decided_on: date | None
    related_pledge_ids: str | None
    approver: str | None
    count_before: int
    count_after: int


class Group(NamedTuple):
    """Departments that one task takes: what they are called, and their codes or files."""

    label: str
    members: list[Any]


class Refreshed(NamedTuple):
    """One quarter whose figures were computed anew, and how many there are.

    `moved` tells the first headline, as it was in the marts before and is now: `R1 70.2→74.4`.
    """

    government: str
    quarter: str
    figures: int
    moved: str


def governments() -> list[str]:
    """Return the ids of every government whose register is loaded."""
    return values_of(
        "SELECT government_id FROM core.dim_government WHERE superseded_at = 'infinity' ORDER BY 1"
    )


def government_set(set_id: str) -> list[str]:
    """Return the governments of a set of `mart.government_set`; raises UsageError for another."""
    found = values_of(
        "SELECT government_id FROM mart.government_set WHERE set_id = :s ORDER BY 1", s=set_id
    )
    if not found:
        known = values_of("SELECT DISTINCT set_id FROM mart.government_set ORDER BY 1")
        raise UsageError.refused(
            f"기관 묶음 {set_id}을(를) 모릅니다.",
            f"{', '.join(known) or '불러온 기관이 없으니 대장을 등록한 뒤 all'} 가운데 고르십시오.",
        )
    return found


def only_government(asked: str | None) -> str:
    """Return the government asked for, or the only one loaded; raises UsageError else."""
    known = governments()
    if asked in known:
        return str(asked)
    if asked is None and len(known) == 1:
        return known[0]
    if not known:
        raise UsageError.refused(
            "불러온 공약대장이 없습니다.", "gongyak register 파일로 공약대장을 먼저 불러오십시오."
        )
    happened = f"기관 {asked}을(를) 모릅니다." if asked else "기관이 여럿입니다."
    raise UsageError.refused(happened, f"--government에 {', '.join(known)} 가운데 하나를 주십시오.")


def require_quarter(quarter_id: str, government_id: str, as_of: datetime | None = None) -> None:
    """Raise UsageError for a quarter that neither calendar, reports nor a term know.

    Of another kind of period only the calendar and reports know. Also for what names no period,
    and for a moment at which nothing of the government's register was recorded yet.
    """
    asked_period(quarter_id)
    known = run_alone(
        "quarter/known_quarters.sql", government_id=government_id, quarter_id=quarter_id
    )
    first = min(row.first_recorded_at for row in known)
    if as_of is not None and as_of < first:
        raise UsageError.refused(
            f"공약대장은 {_when(first, as_of)}에 처음 기록되었습니다.",
            "그때나 그 뒤의 시각을 주십시오.",
        )
    spans = [(Quarter.of(row.start_date), Quarter.of(row.end_date))
             for row in known if row.term_number is not None]  # fmt: skip
    if any(row.is_named for row in known):
        return
    if not is_period(quarter_id, Quarter):
        raise UsageError.refused(
            f"기간 {quarter_id}을(를) 모릅니다.",
            "분기가 아닌 기간은 공약대장의 제출일정에 적고 gongyak register로 등록하십시오.",
        )
    if not any(first <= Quarter.parse(quarter_id) <= last for first, last in spans):
        told = ", ".join(f"{first}~{last}" for first, last in spans)
        raise UsageError.refused(
            f"분기 {quarter_id}을(를) 모릅니다.", f"공약대장의 임기는 {told}입니다."
        )


def _when(moment: datetime, other: datetime) -> str:
    """Return a moment's day in Seoul, with the time where the other is of the same day."""
    shown, asked = moment.astimezone(SEOUL), other.astimezone(SEOUL)
    return f"{shown:%Y-%m-%d %H:%M:%S}" if shown.date() == asked.date() else f"{shown:%Y-%m-%d}"


def require_department(department_code: str | None, government_id: str) -> None:
    """Raise UsageError for a department that the register does not know; None is any."""
    rows = rows_of(
        "SELECT DISTINCT department_code, core.department_name(government_id, department_code)"
        " AS department_name FROM core.dim_department"
        " WHERE government_id = :g AND superseded_at = 'infinity' ORDER BY 1",
        g=government_id,
    )
    if department_code is not None and department_code not in {row[0] for row in rows}:
        named = ", ".join(f"{row.department_code}({row.department_name})" for row in rows)
        raise UsageError.refused(
            f"부서 {department_code}을(를) 모릅니다.", f"{named} 가운데 하나를 주십시오."
        )


def _reference_date(connection: Connection, government_id: str, quarter: Period) -> date:
    known: date | None = connection.execute(
        text("SELECT reference_date FROM core.submission_window WHERE government_id = :g"
             " AND quarter_id = :q AND superseded_at = 'infinity'"),
        {"g": government_id, "q": str(quarter)},
    ).scalar()  # fmt: skip
    return known or quarter.last_day


def status(
    quarter_id: str, government_id: str, as_of: datetime | None = None
) -> list[DepartmentStatus]:
    """One entry per department: what it owes, what it sent, and how that stands.

    As it was known at a moment; by default as it is known.
    """
    quarter = parse_period(quarter_id)
    with transaction() as connection:
        rows = run_file(
            connection,
            "quarter/quarter_status.sql",
            government_id=government_id,
            quarter_id=str(quarter),
            reference_date=_reference_date(connection, government_id, quarter),
            as_of=as_of or EVER,
        )
    return records(DepartmentStatus, rows)


def rejected_without_department(as_of: datetime | None = None) -> list[Unassigned]:
    """Files that could not be assigned to a department or quarter, newest first."""
    return records(Unassigned, run_alone("quarter/unassigned.sql", as_of=as_of or EVER))


def figures(
    quarter_id: str,
    government_id: str,
    as_of: datetime,
    code: str | None = None,
    scope_type: str | None = None,
) -> list[FigureRow]:
    """Figure rows of one quarter as they stood at a moment; computed afresh, nothing is written.

    Raises UsageError for a code or a kind of scope that no figure has.
    """
    require_known("지표 코드", code, measures().figures)
    require_known("범위", scope_type, measures().scopes)
    with transaction() as connection:
        compute_figures(connection, QuarterAsOf(government_id, parse_period(quarter_id), as_of))
        return figure_rows(connection, code, scope_type)


def compared_figures(
    quarter_id: str,
    government_id: str,
    as_of: datetime,
    code: str | None = None,
    scope_type: str | None = None,
) -> list[ComparedFigure]:
    """`figures` with the quarter before and the same quarter a year before, known at that moment.

    Raises UsageError as `figures`.
    """
    require_known("지표 코드", code, measures().figures)
    require_known("범위", scope_type, measures().scopes)
    asked = QuarterAsOf(government_id, parse_period(quarter_id), as_of)
    with transaction() as connection:
        return compare(connection, asked, code, scope_type)


def denominator_changes(quarter_id: str, government_id: str) -> list[DenominatorChange]:
    """One entry per pledge that moved the quarter's denominators, as the last refresh left them."""
    asked = {"government_id": government_id, "quarter_id": quarter_id}
    return records(DenominatorChange, run_alone("quarter/denominator_changes.sql", **asked))


def require_known(what: str, asked: str | None, known: Collection[str]) -> None:
    """Raise UsageError for anything but one of the known names, or None."""
    if asked is not None and asked not in known:
        raise UsageError.refused(
            f"{what} {asked}을(를) 모릅니다.", f"{', '.join(known)} 가운데 하나를 주십시오."
        )


def roster(quarter_id: str, government_id: str) -> list[Group]:
    """One entry per department of the quarter for a mapped task; its members are codes."""
    return bundled([
        Group(str(row.department_name), [row.department_code])
        for row in status(quarter_id, government_id)
        if row.department_code
    ])  # fmt: skip


def department_status(
    quarter_id: str, government_id: str, department_codes: Sequence[str]
) -> dict[str, str]:
    """Tell how departments stand, by code; read from the warehouse, not from other tasks."""
    told = [
        row for row in status(quarter_id, government_id)
        if row.department_code in department_codes
    ]  # fmt: skip
    for row in told:
        log.info(
            "현황 | %s %s: %s · 보고 %d/%d공약",
            quarter_id,
            row.department_name,
            STATE_NAMES[row.state],
            row.reported_count,
            row.owed_count,
        )
        log.info(
            "현황 |   보류 %d건 · 사유 필요 %d건 · 참고 %d건",
            row.blocking_count,
            row.open_count,
            row.inform_count,
        )
        if row.answer_path:
            log.info("현황 |   회신: %s", row.answer_path)
    return {str(row.department_code): row.state for row in told}


def states_told(states: Collection[str]) -> dict[str, int]:
    """Count departments by how they stand, in Korean, in the order of `STATE_NAMES`."""
    counts = Counter(states)
    return {name: counts[state] for state, name in STATE_NAMES.items()}


def refresh(quarter_id: str, government_id: str, at: datetime | None = None) -> Refreshed:
    """Compute the figures of one quarter, prove them from rows, and replace its marts."""
    started, at = perf_counter(), at or present()
    end_overdue()  # a reader's open transaction keeps what is replaced on the disk
    with turn(government_id), transaction() as connection:
        asked = QuarterAsOf(government_id, parse_period(quarter_id), at)
        before = _shown_before(connection, government_id, quarter_id)
        figures = refresh_figures(connection, asked)
        whole = figure_rows(connection, scope_type="all")
    say("지표", started, government=government_id, quarter=quarter_id, figures=figures)
    now = {f.figure_code: f.shown for f in whole if f.figure_code in measures().headlines}
    told = " · ".join(f"{code} {shown}" for code, shown in now.items())
    log.info("지표 | %s %s: %s", government_id, quarter_id, told)
    return Refreshed(government_id, quarter_id, figures, _moved(before, now))


def _shown_before(connection: Connection, government_id: str, quarter_id: str) -> dict[str, str]:
    """Return how the marts show the rates of a quarter as a whole, by their codes."""
    rows = connection.execute(
        text("SELECT figure_code, shown FROM mart.implementation_rate"
             " WHERE government_id = :g AND quarter_id = :q AND scope_type = 'all'"),
        {"g": government_id, "q": quarter_id},
    )  # fmt: skip
    return {row.figure_code: row.shown for row in rows}


def _moved(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return the first headline that there is, and from where it came if it moved."""
    for code, shown in now.items():
        came = f"{before[code]}→" if before.get(code, shown) != shown else ""
        return f"{code} {came}{shown}"
    return ""


def bundled(groups: Sequence[Group]) -> list[Group]:
    """Put several departments into one task when a task each would cost more than its work."""
    size = settings().departments_per_task
    if len(groups) <= size:
        return list(groups)
    bundles = [groups[start : start + size] for start in range(0, len(groups), size)]
    return [
        Group(
            f"{bundle[0].label} 외 {len(bundle) - 1}개",
            [member for group in bundle for member in group.members],
        )
        for bundle in bundles
    ]

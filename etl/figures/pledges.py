"""Pledges in force and their money, from core rows, for the second way to every figure.

It knows no mart, no temporary table and no SQL beyond reading the rows that were known at a time.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self, TypeVar

from sqlalchemy import Connection, Row, text

from etl.period import Period, parse_period
from etl.quarter import SEOUL
from etl.settings import settings

Scope = tuple[str, str]
Sums = tuple[int, ...]
_ID_SEPARATOR = re.compile(r"\s*[,;、\r\n]\s*")

_KNOWN = "government_id = :government_id AND recorded_at <= :as_of AND superseded_at > :as_of"
_CORE = {
    "windows": f"SELECT quarter_id, reference_date FROM core.submission_window WHERE {_KNOWN}",
    "terms": f"SELECT term_number, start_date, end_date FROM core.dim_term WHERE {_KNOWN}",
    "departments": "SELECT department_code, successor_code,"
    " GREATEST(valid_from, '0001-01-01') AS valid_from,"
    f" LEAST(valid_to, '9999-12-31') AS valid_to FROM core.dim_department WHERE {_KNOWN}",
    "pledges": "SELECT term_number, pledge_id, field_name, department_codes, due_code,"
    " novelty_code, actor_code, delivery_code, confirmed_date,"
    " GREATEST(valid_from, '0001-01-01') AS valid_from,"
    f" LEAST(valid_to, '9999-12-31') AS valid_to FROM core.dim_pledge WHERE {_KNOWN}",
    "changes": "SELECT term_number, pledge_id, change_date, change_code, after_text"
    f" FROM core.pledge_change WHERE {_KNOWN}",
    "waived": "SELECT submission_id, finding.pledge_id FROM audit.finding"
    " JOIN audit.submission USING (submission_id)"
    f" WHERE {_KNOWN} AND waiver_id IS NOT NULL AND NOT is_shadow",
}
# The latest of each pledge alone, so that a long history is not carried here. `quarter_ids` stand
# in the order in which reports of them count, those of one place by what was received last.
_REPORTS = (
    "SELECT term_number, pledge_id, place, report_id, submission_id, status_code,"
    " declared_rate_pct, is_target_met, grade_code"
    " FROM (SELECT DISTINCT ON (term_number, pledge_id) * FROM core.pledge_report"
    " JOIN UNNEST(CAST(:quarter_ids AS text[]), CAST(:places AS integer[]))"
    " AS period (quarter_id, place) USING (quarter_id)"
    " WHERE government_id = :government_id AND accepted_at <= :as_of AND superseded_at > :as_of"
    " ORDER BY term_number, pledge_id, place, received_at DESC, quarter_id DESC) AS latest"
    " JOIN core.fct_quarterly_progress USING (report_id)"
)
_REPORTED = (
    "SELECT DISTINCT quarter_id FROM core.pledge_report WHERE government_id = :government_id"
)
_LINES = (
    "SELECT report_id, funding_source_code, fiscal_year, first_year, last_year,"
    " plan_krw::bigint, secured_krw::bigint, executed_krw::bigint"
    " FROM core.fct_quarterly_budget WHERE report_id = ANY(%s)"
)


_SUBPROJECTS = (
    "SELECT report_id, status_code FROM core.fct_quarterly_subproject"
    " WHERE report_id = ANY(:report_ids)"
)


class FigureSettings(NamedTuple):
    """The settings that a figure depends on."""

    completed_ongoing_counts: bool
    held_and_dropped_count: bool
    manifesto_decimals: int
    other_decimals: int

    @classmethod
    def of(cls, holder: Any) -> Self:
        """Return what settings say, or a release that was computed with them."""
        return cls(*(getattr(holder, name) for name in cls._fields))


@dataclass(frozen=True)
class QuarterAsOf:
    """What figures are asked of: a quarter of a government as known then, by these settings."""

    government_id: str
    quarter: Period
    as_of: datetime
    rules: FigureSettings = field(default_factory=lambda: FigureSettings.of(settings()))

    @property
    def bound(self) -> dict[str, Any]:
        """What every query of it binds."""
        return {
            "government_id": self.government_id,
            "quarter_id": str(self.quarter),
            "as_of": self.as_of,
        }


@dataclass(frozen=True)
class QuarterFrame:
    """What is asked: the day, the fiscal years of the term, the reporting year."""

    quarter: Period
    day: date
    term_number: int
    years: range


class Money(NamedTuple):
    """Won added up: the whole, the fiscal years of the term, of these the past ones, this year.

    `hidden` counts the amounts of joined years that hold this one, `amounts` all lines with one.
    """

    plan: int
    secured: int
    executed: int
    term_plan: int
    term_secured: int
    term_executed: int
    past_secured: int
    past_executed: int
    now_secured: int
    now_executed: int
    hidden: int
    amounts: int


class Count(NamedTuple):
    """What one pledge counts for in a population of pledges, or many pledges added up."""

    pledges: int
    reported: int
    carried_forward: int
    with_amount: int
    owing: int
    waivers: int
    answered: int
    rate_sum: int | Decimal
    rates: int
    met: int
    completed: int
    only_completed: int
    on_track: int
    graded: int
    subprojects: int
    completed_subprojects: int


class Pledge(NamedTuple):
    """One pledge in force with its report, and the scopes that hold the whole of it."""

    scopes: frozenset[Scope]
    money: Money
    in_force: Count
    counted: Count
    counted_in_term: Count


class Part(NamedTuple):
    """The lines of one source or fiscal year: reports that have one, reports with an amount."""

    holders: set[int]
    funded: set[int]
    money: list[Money]


_AMOUNTS = Money._fields.index("amounts")
Columns = TypeVar("Columns", Money, Count)
_NOTHING = Count(*[0] * len(Count._fields))
# A pledge, its report, the decisions on it and how many findings of the report were waived.
Subprojects = Mapping[int, Sequence[str]]
Found = tuple[Row[Any], Row[Any] | None, Sequence[Row[Any]], int]
Owners = Mapping[str, tuple[str, str]]


class Known(NamedTuple):
    """Everything a figure is worked out from; `reported` is keyed by report id."""

    frame: QuarterFrame
    pledges: Sequence[Pledge]
    reported: Mapping[int, Count]
    parts: Mapping[Scope, Part]


def read(connection: Connection, asked: QuarterAsOf) -> Known:
    """Read one quarter as known at a time: its pledges in force and the lines they report."""
    core = {name: connection.execute(text(sql), asked.bound).all() for name, sql in _CORE.items()}
    days = {row.quarter_id: row.reference_date for row in core["windows"]}
    frame = _frame(core["terms"], asked.quarter, days)
    core["reports"] = _reports(connection, asked, frame, days)
    current_day = max(asked.as_of.astimezone(SEOUL).date(), frame.day)
    owners = _owners(core["departments"], core["pledges"], frame.day, current_day)
    found = list(_found(core, frame))
    ids = [report.report_id for _, report, *_ in found if report]
    lines, parts = _budget(connection, ids, frame)
    statuses = _subprojects(connection, ids)
    pledges = [_pledge(one, lines, statuses, owners, asked.rules) for one in found]
    reported = {r.report_id: p.in_force for (_, r, *_), p in zip(found, pledges, strict=True) if r}
    return Known(frame, pledges, reported, parts)


def _frame(terms: Sequence[Row[Any]], quarter: Period, days: Mapping[str, date]) -> QuarterFrame:
    day = days.get(str(quarter), quarter.last_day)
    term = max((t for t in terms if t.start_date <= day <= t.end_date), key=lambda t: t.start_date)
    years = range(term.start_date.year, term.end_date.year + 1)
    return QuarterFrame(quarter, day, term.term_number, years)


def _reports(
    connection: Connection, asked: QuarterAsOf, frame: QuarterFrame, days: Mapping[str, date]
) -> Sequence[Row[Any]]:
    """Return each pledge's report in force: of the period itself, else of the latest 기준일.

    Its place is 0 for the period's own, 1 for another's of the same 기준일, and more for earlier.
    """
    reported = connection.execute(text(_REPORTED), asked.bound).scalars()
    dated = {one: days.get(one) or parse_period(one).last_day for one in reported}
    dated[str(asked.quarter)] = frame.day
    until = [one for one, day in dated.items() if day <= frame.day]
    own = str(asked.quarter)
    places = [0 if one == own else (frame.day - dated[one]).days + 1 for one in until]
    bound = asked.bound | {"quarter_ids": until, "places": places}
    return connection.execute(text(_REPORTS), bound).all()


def _subprojects(connection: Connection, report_ids: list[int]) -> Subprojects:
    """Return the statuses of the sub-tasks that reports tell of."""
    told: dict[int, list[str]] = defaultdict(list)
    for report_id, status in connection.execute(text(_SUBPROJECTS), {"report_ids": report_ids}):
        told[report_id].append(status)
    return told


# -- pledges in force -----------------------------------------------------------------------------


def _found(core: Mapping[str, Sequence[Row[Any]]], frame: QuarterFrame) -> Iterator[Found]:
    """Yield each pledge in force with its report and the changes decided by the day asked."""
    decided = defaultdict(list)
    for change in core["changes"]:
        if change.term_number == frame.term_number and change.change_date <= frame.day:
            decided[change.pledge_id].append(change)
    latest = {r.pledge_id: r for r in core["reports"] if r.term_number == frame.term_number}
    waived = Counter((w.submission_id, w.pledge_id) for w in core["waived"])
    for row in core["pledges"]:
        decisions = decided.get(row.pledge_id, ())
        if row.term_number == frame.term_number and _in_force(row, decisions, frame.day):
            report = latest.get(row.pledge_id)
            yield row, report, decisions, _waivers(report, waived)


def _waivers(report: Row[Any] | None, waived: Mapping[tuple[int, str | None], int]) -> int:
    """Return how many findings of a report's pledge, or of its whole file, were waived."""
    if report is None:
        return 0
    file = report.submission_id
    return waived.get((file, report.pledge_id), 0) + waived.get((file, None), 0)


def _in_force(row: Row[Any], decisions: Iterable[Row[Any]], day: date) -> bool:
    if not (row.confirmed_date <= day and row.valid_from <= day < row.valid_to):
        return False
    for decision in decisions:
        named = set(_ID_SEPARATOR.split((decision.after_text or "").strip()))
        if decision.change_code == "SPLIT" and row.pledge_id not in named:
            return False
        if decision.change_code == "MERGED" and named != {row.pledge_id}:
            return False
    return True


def _followed(code: str, day: date, slices: Mapping[str, list[Row[Any]]]) -> str:
    for _ in range(20):
        begun = [known for known in slices.get(code, []) if known.valid_from <= day]
        last = max(begun, key=lambda known: known.valid_from, default=None)
        if last is None or last.valid_to > day or last.successor_code is None:
            break
        code = last.successor_code
    return code


def _owners(
    departments: Iterable[Row[Any]], pledges: Iterable[Row[Any]], day: date, current_day: date
) -> Owners:
    """Return the department of record and the current one of every code that pledges name."""
    slices = defaultdict(list)
    for department in departments:
        slices[department.department_code].append(department)
    owners = {}
    for code in {code for pledge in pledges for code in pledge.department_codes}:
        record = _followed(code, day, slices)
        owners[code] = record, _followed(record, current_day, slices)
    return owners


def _pledge(
    found: Found,
    lines: Mapping[int, Sequence[Sums]],
    subprojects: Subprojects,
    owners: Owners,
    rules: FigureSettings,
) -> Pledge:
    row, report, decisions, _ = found
    status = report.status_code if report else "NOT_REPORTED"
    money = added(Money, lines.get(report.report_id, ()) if report else ())
    statuses = subprojects.get(report.report_id, ()) if report else ()
    in_force = _count(found, status, money, statuses, rules)
    is_counted = rules.held_and_dropped_count or not _is_set_aside(status, decisions)
    asked = _NOTHING._replace(owing=in_force.owing, answered=in_force.answered)
    counted = in_force if is_counted else asked
    return Pledge(
        scopes=frozenset(_scopes(row, report, owners)),
        money=money,
        in_force=in_force,
        counted=counted,
        counted_in_term=counted if row.due_code == "IN_TERM" else _NOTHING,
    )


def _is_completed(status: str, rules: FigureSettings) -> bool:
    ongoing = status == "COMPLETED_ONGOING" and rules.completed_ongoing_counts
    return status == "COMPLETED" or ongoing


def _count(
    found: Found, status: str, money: Money, subprojects: Sequence[str], rules: FigureSettings
) -> Count:
    _, report, decisions, waivers = found
    rate = report.declared_rate_pct if report else None
    is_reported = report is not None and report.place <= 1
    owes = not any(d.change_code in ("COMPLETED", "DROPPED") for d in decisions)
    return Count(
        pledges=1,
        reported=is_reported,
        carried_forward=report is not None and not is_reported,
        with_amount=money.amounts > 0,
        owing=owes,
        waivers=waivers,
        answered=owes and is_reported,
        rate_sum=0 if rate is None else rate,
        rates=rate is not None,
        met=bool(report and report.is_target_met),
        completed=_is_completed(status, rules),
        only_completed=status == "COMPLETED",
        on_track=status == "ON_TRACK",
        graded=bool(report and report.grade_code),
        subprojects=len(subprojects),
        completed_subprojects=sum(_is_completed(one, rules) for one in subprojects),
    )


def _is_set_aside(status: str, decisions: Sequence[Row[Any]]) -> bool:
    order = ["SPLIT", "MERGED", "HELD", "DROPPED", "COMPLETED"]
    known = [
        (d.change_date, order.index(d.change_code)) for d in decisions if d.change_code in order
    ]
    newest = order[max(known)[1]] if known else None
    return status in ("ON_HOLD", "DROPPED") or newest in ("HELD", "DROPPED")


def _scopes(row: Row[Any], report: Row[Any] | None, owners: Owners) -> Iterator[Scope]:
    yield "all", ""
    yield "status", report.status_code if report else "NOT_REPORTED"
    if report and report.grade_code:
        yield "grade", report.grade_code
    for code in row.department_codes:
        record, current = owners[code]
        yield "department", record
        yield "department_current", current
    if row.field_name:
        yield "field", row.field_name
    if row.due_code:
        yield "due", row.due_code
    for axis in ("novelty", "actor", "delivery"):
        code = getattr(row, f"{axis}_code")
        if code:
            yield "project_type", f"{axis}:{code}"


# -- money ----------------------------------------------------------------------------------------


def _budget(
    connection: Connection, report_ids: list[int], frame: QuarterFrame
) -> tuple[Mapping[int, Sequence[Sums]], Mapping[Scope, Part]]:
    """Return every line of the reports: by report, and by source and by fiscal year."""
    of_report: dict[int, list[Sums]] = defaultdict(list)
    cells: dict[Scope, list[tuple[int, Sums]]] = defaultdict(list)
    driver: Any = connection.connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        lines = cursor.execute(_LINES, (report_ids,)).fetchall()
    for report_id, source, fiscal_year, first, last, plan, secured, executed in lines:
        sums = _sums(first, last, plan, secured, executed, frame)
        of_report[report_id].append(sums)
        cells[source, fiscal_year].append((report_id, sums))
    parts: dict[Scope, Part] = defaultdict(lambda: Part(set(), set(), []))
    for (source, fiscal_year), cell in cells.items():
        money = added(Money, [sums for _, sums in cell])
        holders = {report_id for report_id, _ in cell}
        funded = {report_id for report_id, sums in cell if sums[_AMOUNTS]}
        for part in (parts["funding_source", source], parts["fiscal_year", fiscal_year]):
            part.holders.update(holders)
            part.funded.update(funded)
            part.money.append(money)
    return of_report, parts


def added(columns: type[Columns], rows: Iterable[Sequence[Any]]) -> Columns:
    """Add rows up column by column; nothing adds up to zeros."""
    zeros = (0,) * len(columns._fields)
    return columns._make(map(sum, zip(zeros, *rows, strict=True)))


def _sums(
    first: int | None, last: int | None, plan: int, secured: int, executed: int, frame: QuarterFrame
) -> Sums:
    """Return one line as `Money` has it, but as the plain tuple that thousands of lines need."""
    some = 1 if plan or secured or executed else 0
    if first is None or last is None:
        return (plan, secured, executed, 0, 0, 0, 0, 0, 0, 0, 0, some)
    year = frame.quarter.year
    hidden = some if first != last and first <= year <= last else 0
    if first not in frame.years or last not in frame.years:
        return (plan, secured, executed, 0, 0, 0, 0, 0, 0, 0, hidden, some)
    is_past = last <= year
    is_now = first == last == year
    return (
        plan, secured, executed,
        plan, secured, executed,
        secured if is_past else 0, executed if is_past or first == last else 0,
        secured if is_now else 0, executed if is_now else 0,
        hidden, some,
    )  # fmt: skip

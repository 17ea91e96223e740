"""The second way to every figure: plain Python over core rows, sharing nothing with the SQL.

Whatever `sql/mart` gets wrong must not be wrong here for the same cause, so this module knows
no mart, no temporary table and no SQL beyond reading the rows that were known at a time.
Won are `int`, rates `Decimal`: nothing is ever a float.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from etl.quarter import SEOUL, Quarter

Key = tuple[str, str, str]
Sums = tuple[int, ...]
_DEEP = Context(prec=60)
_ID_SEPARATOR = re.compile(r"\s*[,;、\r\n]\s*")

_KNOWN = "government_id = :government_id AND recorded_at <= :as_of AND superseded_at > :as_of"
_CORE = {
    "windows": "SELECT reference_date FROM core.submission_window"
    f" WHERE quarter_id = :quarter_id AND {_KNOWN}",
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
    "reports": "SELECT term_number, pledge_id, quarter_id, report_id, status_code,"
    " declared_rate_pct, is_target_met"
    " FROM core.pledge_report JOIN core.fct_quarterly_progress USING (report_id)"
    " WHERE government_id = :government_id AND quarter_id <= :quarter_id"
    " AND accepted_at <= :as_of AND superseded_at > :as_of ORDER BY quarter_id",
}
_LINES = (
    "SELECT report_id, funding_source_code, fiscal_year, first_year, last_year,"
    " plan_krw::bigint AS plan, secured_krw::bigint AS secured, executed_krw::bigint AS executed"
    " FROM core.fct_quarterly_budget WHERE report_id = ANY(:report_ids)"
)


class Rules(NamedTuple):
    """The settings that a figure depends on."""

    completed_ongoing_counts: bool
    held_and_dropped_count: bool
    manifesto_decimals: int
    other_decimals: int


class Expected(NamedTuple):
    """One figure worked out again; `shown` carries the value, rounded half-up."""

    numerator: Decimal
    denominator: Decimal | None
    shown: str
    pledge_count: int
    reported_count: int
    carried_forward_count: int
    with_amount_count: int
    owing_count: int
    answered_count: int


@dataclass(frozen=True)
class Frame:
    """What is asked: the day, the fiscal years of the term, the reporting year."""

    quarter: Quarter
    day: date
    term_number: int
    years: range


class Line(NamedTuple):
    """One budget line of a report, in won."""

    source: str
    fiscal_year: str
    first_year: int | None
    last_year: int | None
    plan: int
    secured: int
    executed: int


class Pledge(NamedTuple):
    """One pledge in force with its report; `money` is keyed by part of its budget."""

    scopes: frozenset[tuple[str, str]]
    due: str | None
    status: str
    rate: Decimal | None
    is_met: bool
    state: str
    owes: bool
    counted: bool
    money: Mapping[tuple[str, str], Sums]


def recount(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime, rules: Rules
) -> dict[Key, Expected]:
    """Work out every figure of a quarter as known at a time, by code, scope type and scope id."""
    asked = {"government_id": government_id, "quarter_id": str(quarter), "as_of": as_of}
    core = {name: connection.execute(text(sql), asked).all() for name, sql in _CORE.items()}
    frame = _frame(core, quarter)
    latest = {r.pledge_id: r for r in core["reports"] if r.term_number == frame.term_number}
    ids = [report.report_id for report in latest.values()]
    lines: dict[int, list[Line]] = defaultdict(list)
    for report_id, *line in connection.execute(text(_LINES), {"report_ids": ids}).all():
        lines[report_id].append(Line(*line))
    current_day = max(as_of.astimezone(SEOUL).date(), frame.day)
    pledges = list(_pledges(core, frame, current_day, latest, lines, rules))
    return dict(_figures(pledges, frame, rules))


def _frame(core: Mapping[str, Sequence[Row[Any]]], quarter: Quarter) -> Frame:
    day = core["windows"][0].reference_date if core["windows"] else quarter.last_day
    term = max(
        (t for t in core["terms"] if t.start_date <= day <= t.end_date), key=lambda t: t.start_date
    )
    years = range(term.start_date.year, term.end_date.year + 1)
    return Frame(quarter, day, term.term_number, years)


# -- pledges in force -----------------------------------------------------------------------------


def _pledges(
    core: Mapping[str, Sequence[Row[Any]]],
    frame: Frame,
    current_day: date,
    latest: Mapping[str, Row[Any]],
    lines: Mapping[int, list[Line]],
    rules: Rules,
) -> Iterator[Pledge]:
    decided = defaultdict(list)
    for change in core["changes"]:
        if change.term_number == frame.term_number and change.change_date <= frame.day:
            decided[change.pledge_id].append(change)
    slices = defaultdict(list)
    for department in core["departments"]:
        slices[department.department_code].append(department)
    for row in core["pledges"]:
        decisions = decided[row.pledge_id]
        if row.term_number != frame.term_number or not _in_force(row, decisions, frame.day):
            continue
        report = latest.get(row.pledge_id)
        record = {_followed(code, frame.day, slices) for code in row.department_codes}
        current = {_followed(code, current_day, slices) for code in record}
        budget = lines.get(report.report_id, []) if report else []
        yield _pledge(row, decisions, report, budget, (record, current), frame, rules)


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


def _pledge(
    row: Row[Any],
    decisions: Sequence[Row[Any]],
    report: Row[Any] | None,
    budget: Sequence[Line],
    owners: tuple[set[str], set[str]],
    frame: Frame,
    rules: Rules,
) -> Pledge:
    status = report.status_code if report else "NOT_REPORTED"
    money = _money(budget, frame)
    state = "not_reported"
    if report:
        state = "reported" if report.quarter_id == str(frame.quarter) else "carried_forward"
    return Pledge(
        scopes=frozenset(_scopes(row, status, owners, money)),
        due=row.due_code,
        status=status,
        rate=report.declared_rate_pct if report else None,
        is_met=bool(report and report.is_target_met),
        state=state,
        owes=not any(d.change_code in ("COMPLETED", "DROPPED") for d in decisions),
        counted=rules.held_and_dropped_count or not _is_set_aside(status, decisions),
        money=money,
    )


def _is_set_aside(status: str, decisions: Sequence[Row[Any]]) -> bool:
    order = ["SPLIT", "MERGED", "HELD", "DROPPED", "COMPLETED"]
    known = [
        (d.change_date, order.index(d.change_code)) for d in decisions if d.change_code in order
    ]
    newest = order[max(known)[1]] if known else None
    return status in ("ON_HOLD", "DROPPED") or newest in ("HELD", "DROPPED")


def _scopes(
    row: Row[Any], status: str, owners: tuple[set[str], set[str]], money: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    yield "all", ""
    yield "status", status
    yield from (("department", code) for code in owners[0])
    yield from (("department_current", code) for code in owners[1])
    yield from (part for part in money if part != ("all", ""))
    if row.field_name:
        yield "field", row.field_name
    if row.due_code:
        yield "due", row.due_code
    for axis in ("novelty", "actor", "delivery"):
        code = getattr(row, f"{axis}_code")
        if code:
            yield "project_type", f"{axis}:{code}"


# -- money ----------------------------------------------------------------------------------------

# Places in a `Sums`: the whole, the fiscal years of the term, of these the past ones, this year.
(
    _PLAN, _SECURED, _EXECUTED, _TERM_PLAN, _TERM_SECURED, _TERM_EXECUTED,
    _PAST_SECURED, _PAST_EXECUTED, _NOW_SECURED, _NOW_EXECUTED, _JOINED, _ANY,
) = range(12)  # fmt: skip
_RATIOS = {
    "B1": (_SECURED, _PLAN),
    "B2": (_TERM_SECURED, _TERM_PLAN),
    "B3": (_TERM_EXECUTED, _TERM_PLAN),
    "B4": (_EXECUTED, _PLAN),
    "B5": (_PAST_EXECUTED, _PAST_SECURED),
    "B5_VOTED": (_TERM_EXECUTED, _TERM_SECURED),
    "B6": (_NOW_EXECUTED, _NOW_SECURED),
}
_YEAR_RATIOS = {"B3": (_TERM_EXECUTED, _TERM_PLAN), "B6": (_TERM_EXECUTED, _TERM_SECURED)}
_PLAIN = {"PLAN": _PLAN, "SECURED": _SECURED, "EXECUTED": _EXECUTED}
_EMPTY: Sums = (0,) * 12


def _money(budget: Sequence[Line], frame: Frame) -> dict[tuple[str, str], Sums]:
    parts: dict[tuple[str, str], list[Sums]] = defaultdict(list)
    for line in budget:
        sums = _sums(line, frame)
        parts["all", ""].append(sums)
        parts["funding_source", line.source].append(sums)
        parts["fiscal_year", line.fiscal_year].append(sums)
    return {part: _added(found) for part, found in parts.items()}


def _added(found: Sequence[Sums]) -> Sums:
    if len(found) == 1:
        return found[0]
    return tuple(map(sum, zip(*found, strict=True))) or _EMPTY


def _sums(line: Line, frame: Frame) -> Sums:
    _, _, first, last, plan, secured, executed = line
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


# -- figures --------------------------------------------------------------------------------------


def _figures(
    pledges: Sequence[Pledge], frame: Frame, rules: Rules
) -> Iterator[tuple[Key, Expected]]:
    members: dict[tuple[str, str], list[Pledge]] = defaultdict(list)
    for pledge in pledges:
        for scope in pledge.scopes:
            members[scope].append(pledge)
    joined = [_years(year) for kind, year in members if kind == "fiscal_year" and "~" in year
              and any(p.money["fiscal_year", year][_ANY] for p in members[kind, year])]  # fmt: skip
    for scope, held in members.items():
        part = scope if scope[0] in ("funding_source", "fiscal_year") else ("all", "")
        sums = _added([p.money.get(part, _EMPTY) for p in held])
        counts = _counts(held, held, part)
        for code, place in _PLAIN.items():
            yield (code, *scope), Expected(Decimal(sums[place]), None, f"{sums[place]:,}", *counts)
        for code, numerator, denominator in _ratios(scope, sums, frame, joined):
            digits = (
                rules.manifesto_decimals if code in ("B1", "B2", "B3") else rules.other_decimals
            )
            yield (code, *scope), _quotient(numerator, denominator, 100, digits, counts)
        if part == ("all", ""):
            yield from (((code, *scope), e) for code, e in _rates(scope[0], held, rules))


def _years(fiscal_year: str) -> range:
    first, _, last = fiscal_year.partition("~")
    return range(int(first), int(last or first) + 1)


def _ratios(
    scope: tuple[str, str], sums: Sums, frame: Frame, joined: Sequence[range]
) -> Iterator[tuple[str, int, int | None]]:
    if scope[0] != "fiscal_year":
        for code, (above, below) in _RATIOS.items():
            is_hidden = code == "B6" and sums[_JOINED]
            yield code, sums[above], None if is_hidden else sums[below]
        return
    if scope[1] in ("pre_term", "post_term"):
        return
    years = _years(scope[1])
    if years[0] in frame.years and years[-1] in frame.years:
        is_hidden = len(years) > 1 or any(years[0] in other for other in joined)
        for code, (above, below) in _YEAR_RATIOS.items():
            yield code, sums[above], None if is_hidden and code == "B6" else sums[below]


def _rates(scope_type: str, held: Sequence[Pledge], rules: Rules) -> Iterator[tuple[str, Expected]]:
    done = {"COMPLETED"} | ({"COMPLETED_ONGOING"} if rules.completed_ongoing_counts else set())
    in_term = [p for p in held if p.due == "IN_TERM"]
    for code, asked in (("R1", held), ("R1_IN", in_term)):
        counted = [p for p in asked if p.counted]
        rates = [p.rate for p in counted if p.rate is not None]
        counts = _counts(counted, asked, ("all", ""))
        yield code, _quotient(sum(rates, Decimal(0)), len(rates), 1, rules.other_decimals, counts)
    counted = [p for p in held if p.counted]
    counts = _counts(counted, held, ("all", ""))
    met = sum(p.is_met for p in counted)
    yield "R3", _quotient(met, len(counted), 100, rules.manifesto_decimals, counts)
    if scope_type != "status":
        completed = sum(p.status in done for p in counted)
        on_track = completed + sum(p.status == "ON_TRACK" for p in counted)
        yield "R2", _quotient(completed, len(counted), 100, rules.manifesto_decimals, counts)
        yield "R4", _quotient(on_track, len(counted), 100, rules.other_decimals, counts)


def _counts(
    counted: Sequence[Pledge], held: Sequence[Pledge], part: tuple[str, str]
) -> tuple[int, int, int, int, int, int]:
    return (
        len(counted),
        sum(p.state == "reported" for p in counted),
        sum(p.state == "carried_forward" for p in counted),
        sum(bool(p.money.get(part, _EMPTY)[_ANY]) for p in counted),
        sum(p.owes for p in held),
        sum(p.owes and p.state == "reported" for p in held),
    )


def _quotient(
    numerator: int | Decimal,
    denominator: int | None,
    factor: int,
    digits: int,
    counts: tuple[int, int, int, int, int, int],
) -> Expected:
    above = Decimal(numerator)
    if not denominator:
        below = None if denominator is None else Decimal(0)
        return Expected(above, below, "해당 없음", *counts)
    below = Decimal(denominator)
    value = _DEEP.divide(_DEEP.multiply(above, Decimal(factor)), below)
    shown = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return Expected(above, below, str(shown), *counts)

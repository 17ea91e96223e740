"""The second way to every figure: plain Python over core rows, sharing nothing with the SQL.

Whatever `sql/figures` gets wrong must not be wrong here for the same cause, so this module knows
no mart, no temporary table and no SQL beyond reading the rows that were known at a time.
Won are `int`, rates `Decimal`: nothing is ever a float.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection

from etl.figures.pledges import (
    Count,
    FigureSettings,
    Known,
    Money,
    Pledge,
    QuarterAsOf,
    Scope,
    added,
    read,
)
from etl.form import code_names

Key = tuple[str, str, str]
# What stands beside a figure: the fields of `Expected` from pledge_count on.
Facts = tuple[int, int, int, int, int, int, Decimal | None]
_DEEP = Context(prec=60)


class Expected(NamedTuple):
    """One figure worked out again; `shown` carries the value, rounded half-up."""

    numerator: int | Decimal
    denominator: int | None
    shown: str
    pledge_count: int
    reported_count: int
    carried_forward_count: int
    with_amount_count: int
    owing_count: int
    waiver_count: int
    coverage_pct: Decimal | None


def recount(connection: Connection, asked: QuarterAsOf) -> dict[Key, Expected]:
    """Work out every figure of a quarter as known at a time, by code, scope type and scope id."""
    known, rules = read(connection, asked), asked.rules
    return dict(
        chain(
            _whole_figures(known.pledges, rules),
            _part_figures(known, rules),
            _status_shares(known.pledges, rules),
            _grade_shares(known.pledges, rules),
        )
    )


def _whole_figures(
    pledges: Sequence[Pledge], rules: FigureSettings
) -> Iterator[tuple[Key, Expected]]:
    """Yield the figures of every scope that counts the whole money of its pledges.

    Scopes of the same pledges, as a department then and now, are worked out once.
    """
    members: dict[Scope, list[int]] = defaultdict(list)
    for number, pledge in enumerate(pledges):
        for scope in pledge.scopes:
            members[scope].append(number)
    scopes: dict[tuple[int, ...], list[Scope]] = defaultdict(list)
    for scope, held in members.items():
        scopes[tuple(held)].append(scope)
    for numbers, alike in scopes.items():
        figures = list(_whole([pledges[number] for number in numbers], rules))
        for scope_type, scope_id in alike:
            for code, expected in figures:
                if _has(code, scope_type):
                    yield (code, scope_type, scope_id), expected


def _has(code: str, scope_type: str) -> bool:
    """Tell whether a figure of pledges or their money is worked out in a kind of scope."""
    if scope_type == "grade":
        return False
    if code == "S2":
        return scope_type in ("all", "field", "department")
    return not (scope_type == "status" and code in ("R2", "R2_ONLY", "R4"))


def _whole(held: Sequence[Pledge], rules: FigureSettings) -> Iterator[tuple[str, Expected]]:
    _, moneys, in_force, counted, in_term = zip(*held, strict=True)
    money, facts = added(Money, moneys), _facts(added(Count, in_force))
    yield from _plain(money, facts)
    yield from _ratios(money, facts, rules)
    yield from _rates(added(Count, counted), added(Count, in_term), rules)


def _part_figures(known: Known, rules: FigureSettings) -> Iterator[tuple[Key, Expected]]:
    """Yield the figures of every source and fiscal year, which count that part of the money."""
    joined = [
        _years(scope_id)
        for (_, scope_id), part in known.parts.items()
        if "~" in scope_id and part.funded
    ]
    for (scope_type, scope_id), part in known.parts.items():
        money = added(Money, part.money)
        count = added(Count, [known.reported[report_id] for report_id in part.holders])
        facts = _facts(count._replace(with_amount=len(part.funded)))
        if scope_type == "funding_source":
            ratios = _ratios(money, facts, rules)
        elif _is_in_term(scope_id, known.frame.years):
            ratios = _year_ratios(scope_id, money, facts, joined, rules)
        else:
            ratios = iter(())
        for code, expected in chain(_plain(money, facts), ratios):
            yield (code, scope_type, scope_id), expected


def _status_shares(
    pledges: Sequence[Pledge], rules: FigureSettings
) -> Iterator[tuple[Key, Expected]]:
    """Yield what share of all pledges each status has, whether a pledge has it or not."""
    for status in code_names("status") if pledges else ():
        scope = "status", status
        count = added(Count, [pledge.in_force for pledge in pledges if scope in pledge.scopes])
        share = _quotient(count.pledges, len(pledges), 100, rules.other_decimals, _facts(count))
        yield ("STATUS_SHARE", *scope), share


def _grade_shares(
    pledges: Sequence[Pledge], rules: FigureSettings
) -> Iterator[tuple[Key, Expected]]:
    """Yield what share of the graded pledges each grade has; nothing where none is graded."""
    graded = sum(pledge.in_force.graded for pledge in pledges)
    for grade in code_names("grade") if graded else ():
        scope = "grade", grade
        count = added(Count, [pledge.in_force for pledge in pledges if scope in pledge.scopes])
        share = _quotient(count.pledges, graded, 100, rules.other_decimals, _facts(count))
        yield ("GRADE_SHARE", *scope), share


def _is_in_term(fiscal_year: str, term: range) -> bool:
    if fiscal_year in ("pre_term", "post_term"):
        return False
    years = _years(fiscal_year)
    return years[0] in term and years[-1] in term


def _years(fiscal_year: str) -> range:
    first, _, last = fiscal_year.partition("~")
    return range(int(first), int(last or first) + 1)


def _plain(money: Money, facts: Facts) -> Iterator[tuple[str, Expected]]:
    for code, amount in (
        ("PLAN", money.plan), ("SECURED", money.secured), ("EXECUTED", money.executed),
    ):  # fmt: skip
        yield code, Expected(amount, None, f"{amount:,}", *facts)


def _ratios(money: Money, facts: Facts, rules: FigureSettings) -> Iterator[tuple[str, Expected]]:
    many, few = rules.manifesto_decimals, rules.other_decimals
    now_secured = None if money.hidden else money.now_secured
    for code, above, below, digits in (
        ("B1", money.secured, money.plan, many),
        ("B2", money.term_secured, money.term_plan, many),
        ("B3", money.term_executed, money.term_plan, many),
        ("B4", money.executed, money.plan, few),
        ("B5", money.past_executed, money.past_secured, few),
        ("B5_VOTED", money.term_executed, money.term_secured, few),
        ("B6", money.now_executed, now_secured, few),
    ):
        yield code, _quotient(above, below, 100, digits, facts)


def _year_ratios(
    fiscal_year: str, money: Money, facts: Facts, joined: Sequence[range], rules: FigureSettings
) -> Iterator[tuple[str, Expected]]:
    years = _years(fiscal_year)
    is_hidden = len(years) > 1 or any(years[0] in other for other in joined)
    secured = None if is_hidden else money.term_secured
    executed = money.term_executed
    yield "B3", _quotient(executed, money.term_plan, 100, rules.manifesto_decimals, facts)
    yield "B6", _quotient(executed, secured, 100, rules.other_decimals, facts)


def _rates(counted: Count, in_term: Count, rules: FigureSettings) -> Iterator[tuple[str, Expected]]:
    many, few = rules.manifesto_decimals, rules.other_decimals
    facts, of_all = _facts(counted), counted.pledges
    yield "R1", _quotient(counted.rate_sum, counted.rates, 1, few, facts)
    yield "R1_IN", _quotient(in_term.rate_sum, in_term.rates, 1, few, _facts(in_term))
    yield "R3", _quotient(counted.met, of_all, 100, many, facts)
    on_track = counted.completed + counted.on_track
    yield "R2", _quotient(counted.completed, of_all, 100, many, facts)
    yield "R2_ONLY", _quotient(counted.only_completed, of_all, 100, many, facts)
    yield "R4", _quotient(on_track, of_all, 100, few, facts)
    if counted.subprojects:
        done = counted.completed_subprojects
        yield "S2", _quotient(done, counted.subprojects, 100, many, facts)


def _facts(count: Count) -> Facts:
    return (*count[:6], _coverage(count.answered, count.owing))


@cache
def _coverage(answered: int, owing: int) -> Decimal | None:
    """Return the share of owed reports that came, to 12 decimals."""
    if not owing:
        return None
    value = _DEEP.divide(Decimal(answered * 100), Decimal(owing))
    return value.quantize(Decimal("1e-12"), ROUND_HALF_UP)


def _quotient(
    numerator: int | Decimal, denominator: int | None, factor: int, digits: int, facts: Facts
) -> Expected:
    if not denominator:
        return Expected(numerator, denominator, "해당 없음", *facts)
    value = _DEEP.divide(numerator * factor, denominator)
    shown = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return Expected(numerator, denominator, str(shown), *facts)

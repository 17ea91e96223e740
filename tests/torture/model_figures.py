"""The figures of a quarter in plain Python, from what is known at a moment: sums and counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.torture.model_domain import COMPLETED, Known, Line

MILLION = 1_000_000
TERM_YEARS = range(2018, 2023)
# Numerator, denominator; pledges, reported, carried forward, owing; of these, how many answered.
Row = tuple[Decimal, Decimal | None, int, int, int, int, int]
Figures = dict[tuple[str, str, str], Row]


@dataclass(frozen=True)
class _Counted:
    """One pledge in force with the line that counts for it."""

    owners: tuple[str, ...]
    field: str
    is_in_term: bool
    owes: bool
    line: Line | None
    is_own: bool

    def money(self, *measures: str, years: range | None = None) -> int:
        """Won under headers that end so; with `years`, only of these fiscal years."""
        written = self.line.money if self.line else ()
        return MILLION * sum(
            amount
            for header, amount in written
            if header.endswith(measures)
            and (years is None or (header[:4].isdigit() and int(header[:4]) in years))
        )

    def status_in(self, *statuses: str) -> bool:
        return self.line is not None and self.line.status in statuses


def _counted(known: Known, quarter: str) -> Iterator[_Counted]:
    register, day = known.register, known.register.reference_day(quarter)
    for pledge in register.in_force(day):
        found = known.line_of(pledge, quarter)
        yield _Counted(
            tuple(register.owners_on(pledge, day)),
            register.text_on(pledge, "field", day),
            register.text_on(pledge, "due", day) == "임기내",
            register.owes(pledge, day),
            found[1] if found else None,
            found is not None and found[0] == quarter,
        )


def figures(known: Known, quarter: str) -> Figures:
    """Numerator, denominator and the counts behind them, by code and scope."""
    scopes: dict[tuple[str, str], list[_Counted]] = {}
    for one in _counted(known, quarter):
        own = [("department", code) for code in dict.fromkeys(one.owners)]
        for scope in [("all", ""), ("field", one.field), *own]:
            scopes.setdefault(scope, []).append(one)
    year = int(quarter[:4])
    return {
        (code, *scope): row
        for scope, pledges in scopes.items()
        for code, row in _rows(pledges, year).items()
    }


PLAN = ("기투자", "확보액", "투자수요", "임기후")
SECURED = ("기투자", "확보액")


def _rows(pledges: list[_Counted], year: int) -> dict[str, Row]:
    in_term = [p for p in pledges if p.is_in_term]

    def total(*measures: str, years: range | None = None) -> Decimal:
        return Decimal(sum(p.money(*measures, years=years) for p in pledges))

    def count(*statuses: str) -> Decimal:
        return Decimal(sum(p.status_in(*statuses) for p in pledges))

    def rates(of: list[_Counted]) -> tuple[Decimal, Decimal]:
        known = [p.line.rate for p in of if p.line]
        return sum(known, Decimal(0)), Decimal(len(known))

    everything = Decimal(len(pledges))
    met = Decimal(sum(p.line is not None and p.line.target == "달성" for p in pledges))
    plan, secured, executed = total(*PLAN), total(*SECURED), total("집행액")
    term_plan = total("확보액", "투자수요", years=TERM_YEARS)
    term_secured = total("확보액", years=TERM_YEARS)
    past_secured = total("확보액", years=range(2018, year + 1))
    now = range(year, year + 1)
    parts: dict[str, tuple[Decimal, Decimal | None]] = {
        "R1": rates(pledges),
        "R2": (count(*COMPLETED), everything),
        "R2_ONLY": (count("완료"), everything),
        "R3": (met, everything),
        "R4": (count(*COMPLETED, "정상추진"), everything),
        "B1": (secured, plan),
        "B2": (term_secured, term_plan),
        "B3": (executed, term_plan),
        "B4": (executed, plan),
        "B5": (executed, past_secured),
        "B5_VOTED": (executed, term_secured),
        "B6": (total("집행액", years=now), total("확보액", years=now)),
        "PLAN": (plan, None),
        "SECURED": (secured, None),
        "EXECUTED": (executed, None),
    }
    rows = {code: (*both, *_counts(pledges)) for code, both in parts.items()}
    return rows | {"R1_IN": (*rates(in_term), *_counts(in_term))}


def _counts(pledges: list[_Counted]) -> tuple[int, int, int, int, int]:
    """What stands behind a figure, as `Row` has it."""
    return (
        len(pledges),
        sum(p.is_own for p in pledges),
        sum(p.line is not None and not p.is_own for p in pledges),
        sum(p.owes for p in pledges),
        sum(p.owes and p.is_own for p in pledges),
    )

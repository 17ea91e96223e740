"""One line of a money table, a sub-project × source, and its amounts as a return has them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from etl.cells import Cell
from etl.read_card.lines import Place

_UNSAID = {"pre_term": "secured", "total": "plan", "in_term": "plan"}


class Said(NamedTuple):
    """What headers and labels say of an amount; sub-project and source as written."""

    year: str | None = None
    measure: str | None = None
    subproject: str | None = None
    source: str | None = None

    def __or__(self, other: "Said") -> "Said":
        """Add what another header says where this one is silent."""
        return Said(*(own or theirs for own, theirs in zip(self, other, strict=True)))

    @property
    def measure_meant(self) -> str:
        """The measure, also where no header says it: a plan of money yet to come is demand."""
        if self.year in ("total", "in_term") and self.measure == "demand":
            return "plan"
        return self.measure or _UNSAID.get(self.year or "", "demand")


class Amount(NamedTuple):
    """One money cell; `year` may be `total`, or `in_term` for a total of the term's years.

    `secured_above` is the text of 확보 where it goes beyond the 계획 of this amount.
    """

    year: str
    measure: str
    cell: Cell
    place: Place
    secured_above: str | None = None

    @property
    def fiscal_year(self) -> str:
        return "total" if self.year == "in_term" else self.year

    @property
    def field(self) -> str:
        return f"{self.year}.{self.measure}"


@dataclass
class BudgetLine:
    """One sub-project × source: its labels with their places, its amounts."""

    said: Said
    places: dict[str, Place]
    number: int
    amounts: list[Amount] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        return any(amount.cell.kind in ("value", "unreadable") for amount in self.amounts)


# What may say how much is secured in a year; the first of these that is there says it.
_SECURED = ("secured", "carried", "initial")


@dataclass
class Returned:
    """The amounts of a line in the measures of a return, and what stands beside them.

    `again` say a field a second time; `carried` are secured amounts with money carried over in
    them; `compared` pairs an amount that is not taken with the secured one that is.
    """

    amounts: list[Amount] = field(default_factory=list)
    again: list[Amount] = field(default_factory=list)
    carried: list[Amount] = field(default_factory=list)
    compared: list[tuple[Amount, Amount]] = field(default_factory=list)


def as_returned(amounts: Sequence[Amount]) -> Returned:
    """Return amounts in the measures of a return.

    Of 최종예산, 예산현액 and 본예산 of one year the first that is there is 확보액, and the others
    are compared with it. A return knows no 계획 of a year: plan is 확보액 and 투자수요 together. So
    계획 beside 확보 says what is still to be secured, 투자수요 = 계획 - 확보, at the place of 계획;
    below zero where more is secured than was planned. 계획 alone is 투자수요; of 기투자, 확보액.
    """
    returned = _one_secured(amounts)
    secured = {a.year: a for a in reversed(returned.amounts) if a.measure == "secured"}
    known: dict[str, Amount] = {}
    for amount in returned.amounts:
        if amount.measure == "plan" and amount.fiscal_year != "total":
            amount = _without_plan(amount, secured.get(amount.year))
        if amount.field in known:
            returned.again.append(amount)
        else:
            known[amount.field] = amount
    return replace(returned, amounts=[*known.values()])


def _one_secured(amounts: Sequence[Amount]) -> Returned:
    """Return amounts of which one secures a year, with what is told of the others."""
    first: dict[str, Amount] = {}
    for measure in _SECURED:
        for amount in amounts:
            if amount.measure == measure:
                first.setdefault(amount.year, amount)
    returned = Returned()
    for amount in amounts:
        chosen = first.get(amount.year, amount)
        if amount.measure not in _SECURED[1:]:
            returned.amounts.append(amount)
        elif amount is chosen:
            as_secured = amount._replace(measure="secured")
            returned.amounts.append(as_secured)
            returned.carried += [as_secured] if amount.measure == "carried" else []
        else:
            returned.compared.append((amount, chosen._replace(measure="secured")))
    return returned


def _without_plan(plan: Amount, secured: Amount | None) -> Amount:
    if secured is None:
        return plan._replace(measure="secured" if plan.year == "pre_term" else "demand")
    plan = plan._replace(measure="demand")
    if plan.cell.kind != "value":
        return plan
    if secured.cell.kind == "unreadable":
        return plan._replace(cell=Cell(None, plan.cell.raw, "unreadable"))
    left = plan.cell.value - (secured.cell.value or 0)
    above = secured.cell.raw if left < 0 else None
    return plan._replace(cell=plan.cell._replace(value=left), secured_above=above)

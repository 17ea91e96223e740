"""Break a rule in every small way: drop it, invert it, shift its bounds, forget one of its codes.

A mutant is a rule whose condition (or expectation) was changed at one place. Conditions are parsed
and printed again by sqlglot, so that what is changed is an operator or a number, never a character.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlglot import exp, parse_one

from etl.check import Rule

_NEIGHBOUR: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
_ARITHMETIC = {
    exp.Add: Decimal.__add__,
    exp.Sub: Decimal.__sub__,
    exp.Mul: Decimal.__mul__,
    exp.Div: Decimal.__truediv__,
}


@dataclass(frozen=True)
class Mutant:
    """A broken rule, and what was done to it."""

    rule: Rule
    change: str

    def __str__(self) -> str:
        return f"{self.rule.id}: {self.change}"


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Yield every mutant of a rule."""
    if rule.expectation:
        yield from _of_expectation(rule)
        return
    condition = str(rule.condition)
    yield Mutant(replace(rule, condition="FALSE"), "dropped")
    yield Mutant(replace(rule, condition=f"NOT ({condition})"), "inverted")
    tree = _folded(parse_one(condition, read="postgres"))
    for number, node in enumerate(tree.walk()):
        for change, other in _changes(node):
            broken = _replaced(tree, number, other)
            yield Mutant(replace(rule, condition=broken), f"{node.sql('postgres')} → {change}")


def _replaced(tree: exp.Expression, number: int, other: exp.Expression) -> str:
    copied = tree.copy()
    target = next(node for place, node in enumerate(copied.walk()) if place == number)
    if target is copied:
        copied = other
    else:
        target.replace(other)
    return copied.sql(dialect="postgres")


def _changes(node: exp.Expression) -> Iterator[tuple[str, exp.Expression]]:
    """Yield what one node may be broken into, with a name for it."""
    if type(node) in _NEIGHBOUR:
        other = _NEIGHBOUR[type(node)](this=node.this.copy(), expression=node.expression.copy())
        yield other.sql("postgres"), other
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for left_out in node.expressions:
            kept = [e.copy() for e in node.expressions if e is not left_out]
            yield f"without {left_out}", exp.In(this=node.this.copy(), expressions=kept)
    if isinstance(node, exp.Literal) and node.is_number and _is_bound(node):
        for step in (Decimal(1), Decimal(-1)):
            yield f"{step:+}", _number(Decimal(node.name) + step)


def _is_bound(node: exp.Expression) -> bool:
    """A number that something is compared with, not one inside a call or a cast."""
    parent = node.parent
    while isinstance(parent, exp.Paren | exp.Neg | exp.Add | exp.Sub | exp.Mul | exp.Div):
        parent = parent.parent
    return isinstance(parent, exp.Between | exp.Predicate)


def _folded(tree: exp.Expression) -> exp.Expression:
    """Compute what holds only numbers: 0.9 * 1000 is one bound, 900."""

    def fold(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Paren) and isinstance(node.this, exp.Literal):
            return node.this
        work = _ARITHMETIC.get(type(node))
        if work and all(isinstance(e, exp.Literal) for e in (node.this, node.expression)):
            return _number(work(Decimal(node.this.name), Decimal(node.expression.name)))
        return node

    before, after = "", tree
    while before != after.sql("postgres"):
        before = after.sql("postgres")
        after = after.transform(fold)
    return after


def _number(value: Decimal) -> exp.Expression:
    return parse_one(f"{value.normalize():f}", read="postgres")


def _of_expectation(rule: Rule) -> Iterator[Mutant]:
    told: dict[str, Any] = dict(rule.expectation or {})
    for bound in ("min_value", "max_value"):
        if bound not in told:
            continue
        for step in (1, -1):
            shifted = told | {bound: told[bound] + step}
            yield Mutant(replace(rule, expectation=shifted), f"{bound} {step:+}")
        strict = told | {f"strict_{bound[:3]}": True}
        yield Mutant(replace(rule, expectation=strict), f"{bound} itself is refused")
        without = {name: value for name, value in told.items() if name != bound}
        if any(name in without for name in ("min_value", "max_value")):
            yield Mutant(replace(rule, expectation=without), f"without {bound}")
    yield Mutant(replace(rule, expectation=None, condition="FALSE"), "dropped")

"""M rules: each world is a government of its own; which rules fire there, and what mutants say.

A world has one department with so many pledges, what it reported in the third quarter and what it
reports in the fourth. A rule must fire in the worlds that name it and nowhere else.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl import pipeline
from etl.check import Rule, rules
from etl.check.relations import checked_relations
from etl.quarter import SEOUL
from tests.conftest import fresh_home
from tests.factories import register_workbook, return_workbook
from tests.rules.conftest import CHECKED
from tests.rules.mutants import mutants
from tests.rules.test_mutations import relations, stage

EARLIER = datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL)
GRACE = date(2022, 1, 17)


@dataclass(frozen=True)
class World:
    """Rates and executed amounts of pledge 1, 2, …: then (third quarter) and now."""

    name: str
    fires: set[str]
    now: list[float]
    then: list[float] | None = None
    spent_now: list[float] | None = None
    spent_then: list[float] | None = None
    pledges: int = 0
    at: datetime = CHECKED


def rising(count: int) -> list[float]:
    return [float(number) for number in range(1, count + 1)]


def after_grace(days: int) -> datetime:
    return datetime(GRACE.year, GRACE.month, GRACE.day, 12, tzinfo=SEOUL) + timedelta(days=days)


WORLDS = (
    # 18 of 20 are 90 %; 17 of 20 are not; 19 pledges are too few.
    World("18 of 20", {"M-01"}, [100.0] * 18 + [1.0, 2.0]),
    World("17 of 20", set(), [100.0] * 17 + [1.0, 2.0, 3.0]),
    World("19 of 19", set(), [100.0] * 19),
    # 18.9 of 21 would be the bound: 19 are enough, 18 of 21 (85.7 %) are not.
    World("19 of 21", {"M-01"}, [100.0] * 19 + [1.0, 2.0]),
    World("ten equal", {"M-02"}, [50.0] * 10),
    World("nine equal", set(), [50.0] * 9),
    World("ten at two rates", set(), [50.0] * 9 + [51.0]),
    World("ten at 100", set(), [100.0] * 10),
    World("one at 100", set(), [50.0] * 9 + [100.0]),
    World("no rate moved", {"M-04"}, rising(10), then=rising(10)),
    World("one rate moved", set(), [*rising(9), 11.0], then=rising(10)),
    World("nine did not move", set(), rising(9), then=rising(9)),
    World("no money moved", {"M-03"}, [n + 1 for n in rising(10)], then=rising(10),
          spent_now=rising(10), spent_then=rising(10)),
    World("one amount moved", set(), [n + 1 for n in rising(10)], then=rising(10),
          spent_now=[*rising(9), 11.0], spent_then=rising(10)),
    World("nine amounts", set(), [n + 1 for n in rising(9)], then=rising(9),
          spent_now=rising(9), spent_then=rising(9)),
    # The grace day itself is in time.
    World("late, one missing", {"M-05"}, rising(2), pledges=3, at=after_grace(1)),
    World("on the day, one missing", set(), rising(2), pledges=3, at=after_grace(0)),
    World("late, complete", set(), rising(3), at=after_grace(1)),
)  # fmt: skip


def _lines(rates: list[float]) -> list[dict[str, Any]]:
    return [
        {"공약번호": f"1-{n}", "이행률(%)": rate, "추진상황": "완료" if rate == 100 else "정상추진"}
        for n, rate in enumerate(rates, start=1)
    ]


def _money(spent: list[float] | None) -> list[dict[str, Any]]:
    return [
        {"공약번호": f"1-{n}", "2021 확보액": 100, "2021 집행액": amount}
        for n, amount in enumerate(spent or [], start=1)
    ]


def _staged(world: World, folder: Path) -> int:
    pledges = [{"공약번호": f"1-{n}", "공약명": f"공약 {n}"}
               for n in range(1, max(len(world.now), world.pledges) + 1)]  # fmt: skip
    register = register_workbook(folder / "register.xlsx", pledges=pledges)
    pipeline.register(str(register), at=EARLIER)
    if world.then:
        then = return_workbook(
            folder / "then.xlsx", quarter="2021Q3", progress=_lines(world.then),
            budget=_money(world.spent_then),
        )  # fmt: skip
        assert pipeline.collect([str(then)], at=EARLIER).accepted == len(world.then)
    now = return_workbook(
        folder / "now.xlsx", progress=_lines(world.now), budget=_money(world.spent_now)
    )
    batch_id, _ = stage([(str(now), world.at)], "check")
    return batch_id


def _fires(rule: Rule) -> bool:
    with relations() as connection:
        query = rule.offenders(rule.relation).replace("%", "%%")
        return bool(connection.exec_driver_sql(query).all())


M_RULES = [rule for rule in rules() if rule.id.startswith("M-")]


@pytest.fixture(scope="module")
def said(server: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What every rule and every mutant says in every world: world → mutant → fires."""
    found: dict[str, Any] = {}
    for number, world in enumerate(WORLDS):
        folder = tmp_path_factory.mktemp(f"government{number}")
        with fresh_home(server, folder / "home"):
            batch_id = _staged(world, folder)
            with checked_relations(batch_id, ["quarterly_return"]):
                broken = [mutant for rule in M_RULES for mutant in mutants(rule)]
                found[world.name] = {str(mutant): _fires(mutant.rule) for mutant in broken}
                found[world.name] |= {rule.id: _fires(rule) for rule in M_RULES}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_rules_fire_where_they_should(world: World, said: dict[str, Any]) -> None:
    assert {rule.id for rule in M_RULES if said[world.name][rule.id]} == world.fires


@pytest.mark.slow
@pytest.mark.parametrize("rule", M_RULES, ids=lambda rule: rule.id)
def test_every_mutant_is_noticed_in_some_world(rule: Rule, said: dict[str, Any]) -> None:
    expected = {world.name: rule.id in world.fires for world in WORLDS}
    alive = [
        str(mutant)
        for mutant in mutants(rule)
        if all(said[name][str(mutant)] == fires for name, fires in expected.items())
    ]
    assert alive == []


@pytest.mark.slow
def test_a_department_is_not_told_of_the_whole_government(world: Path) -> None:
    """Ten pledges at one rate: the check names M-02, the answer to the department is a receipt."""
    pledges = [{"공약번호": f"1-{n}", "공약명": f"공약 {n}"} for n in range(1, 11)]
    register = register_workbook(world / "again.xlsx", pledges=pledges)
    pipeline.register(str(register), at=EARLIER)
    names = [{"공약명": f"공약 {n}"} for n in range(1, 11)]
    lines = [line | name for line, name in zip(_lines([50.0] * 10), names, strict=True)]
    path = return_workbook(world / "r.xlsx", progress=lines)
    facts = pipeline.dry_run([str(path)], at=CHECKED)
    assert {finding.rule_id for finding in facts.findings} == {"M-02"}
    (answer,) = facts.answers
    assert "고칠 것이 나오지 않았습니다" in Path(answer).read_text(encoding="utf-8")

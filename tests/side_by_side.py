"""Many governments at once: what each office does in its order, and workers that do it together.

`course` is a quarter of several governments, the same whoever else works beside it; `jostled` is
what becomes of a few to which several workers do anything, with chance as their guide.
"""

import random
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import text

from etl import pipeline, warehouse
from etl.pipeline import Decision, Waiver
from etl.problems import UsageError
from etl.quarter import SEOUL
from etl.warehouse import rows_of, transaction
from tests.factories import register_workbook, return_workbook
from tests.torture.internals import lighten

QUARTER = "2021Q4"
REGISTERED = datetime(2021, 12, 20, 9, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)


def codes(count: int) -> list[str]:
    """Codes that are given out to nobody."""
    return [f"39{number:05}" for number in range(1, count + 1)]


@dataclass(frozen=True)
class Office:
    """One government whose figures depend on its number alone."""

    folder: Path
    code: str

    @property
    def seed(self) -> int:
        return int(self.code[2:])

    def register(self) -> Path:
        government = {"기관코드": self.code, "기관명": f"가람{self.seed}구"}
        return register_workbook(self.folder / f"대장-{self.code}.xlsx", government=government)

    def report(self, name: str, department: str, pledges: dict[str, int], **more: Any) -> str:
        """Write a return; `pledges` gives a rate to each."""
        lines = [
            {"공약번호": pledge, "이행률(%)": rate, **more} for pledge, rate in pledges.items()
        ]
        path = self.folder / f"{self.code}-{name}.xlsx"
        return_workbook(path, department=department, progress=lines, form={"government": self.code})
        return str(path)

    def first(self) -> list[str]:
        rate = self.seed % 60
        return [
            self.report("a", "D01", {"1-1": rate, "1-2": rate + 20}),
            self.report("b", "D02", {"2-1": rate + 5}),
            self.report("c", "D03", {"2-2": rate + 30}),
        ]

    def wrong(self) -> str:
        return self.report("d", "D02", {"2-1": 99})

    def corrected(self) -> str:
        return self.report("e", "D01", {"1-1": self.seed % 60 + 7}, 정정사유="집계를 다시 함")


def course(folder: Path, own: Sequence[str]) -> None:
    """Do a quarter for some governments, with batches of all of them: from register to release."""
    offices = [Office(folder, code) for code in own]
    for office in offices:
        pipeline.register(str(office.register()), at=REGISTERED)
    at = REGISTERED + 14 * DAY
    pipeline.collect([file for office in offices for file in office.first()], at=at)
    pipeline.collect([office.wrong() for office in offices], at=at + DAY)
    for office in offices:
        _withdraw_newest(office.code, at + 2 * DAY)
        pipeline.waive(_waiver(office.code, at), at=at + 2 * DAY)
    pipeline.collect([office.corrected() for office in offices], at=at + 3 * DAY)
    for office in offices:
        decision = Decision("과장", at + 4 * DAY)
        pipeline.release(QUARTER, office.code, decision)


def _waiver(code: str, at: datetime) -> Waiver:
    until = date(at.year + 1, 1, 1)
    return Waiver(code, "P-09", "D01", None, QUARTER, QUARTER, until, "평가단", "정산 중")


def _withdraw_newest(code: str, at: datetime) -> None:
    (row,) = rows_of(
        "SELECT max(submission_id) FROM audit.submission"
        " WHERE government_id = :g AND state = 'loaded' AND form_code = 'quarterly_return'",
        g=code,
    )
    pipeline.withdraw(row[0], "총괄", "잘못 보냄", at)


def at_once(works: Iterable[Callable[[], None]]) -> list[str]:
    """Do each work in a process of its own, all at the same time; return what went wrong in any."""
    warehouse.engine().dispose()  # a child must not use its parent's connections
    context = get_context("fork")
    failures = context.SimpleQueue()

    def begin(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException:
            failures.put(traceback.format_exc())

    children = [context.Process(target=begin, args=(work,)) for work in works]
    for child in children:
        child.start()
    found = []
    while any(child.is_alive() for child in children) or not failures.empty():
        if failures.empty():
            children[0].join(0.05)
        else:
            found.append(failures.get())
    return found + [f"exit {child.exitcode}" for child in children if child.exitcode]


# -- the same whoever wrote it ---------------------------------------------------------------------

# Numbers that the database gives in the order of writing, and moments of writing.
_NOT_SAID = {
    "report_id", "submission_id", "_submission_id", "finding_id", "waiver_id", "batch_id",
    "reinstates_report_id", "received_at", "recorded_at", "computed_at", "released_at",
}  # fmt: skip


def told_of(schemas: Sequence[str] = ("core", "mart")) -> dict[str, list[str]]:
    """Return every row of the tables as text, sorted, without what depends on who came first."""
    columns: dict[str, list[str]] = {}
    for name, column in rows_of(
        "SELECT format('%I.%I', table_schema, table_name), column_name"
        " FROM information_schema.columns INNER JOIN information_schema.tables"
        " USING (table_schema, table_name)"
        " WHERE table_type = 'BASE TABLE' AND table_schema = ANY(:s)"
        " ORDER BY 1, ordinal_position",
        s=list(schemas),
    ):
        columns.setdefault(name, []).append(column)
    return {name: _rows(name, [c for c in own if c not in _NOT_SAID])
            for name, own in columns.items()}  # fmt: skip


def _rows(table: str, columns: Sequence[str]) -> list[str]:
    listed = ", ".join(f'"{column}"' for column in columns)
    with transaction() as connection:
        found = connection.execute(text(f"SELECT ROW({listed})::text FROM {table}"))
        return sorted(found.scalars())


def differing(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """Return a line for each table that is not the same in both."""
    return [f"{table} differs" for table in one if one[table] != other[table]]


# -- anything, by anybody --------------------------------------------------------------------------


def jostled(home: Path, rounds: int, seed: int) -> list[str]:
    """Let four workers jostle each other at three governments; return what is wrong after it.

    What each did is in the order of its numbers: every release comes out of the journals again.
    """
    own = codes(3)
    course(home, own)
    works = [partial(_jostle, home, own, rounds, seed * 100 + n) for n in range(4)]
    wrong = at_once(works)
    for code in own:
        verified = pipeline.verify(QUARTER, code)
        wrong += [*verified.refused, *map(str, verified.differences)]
    return wrong


def _jostle(folder: Path, own: Sequence[str], rounds: int, seed: int) -> None:
    """Do things by chance to governments that others are at too."""
    lighten()
    chance = random.Random(seed)  # noqa: S311  not for secrets
    for number in range(rounds):
        one = chance.choices(
            (_submit, _take_back, _set_aside, _end, _judge_again, _count, _try, _decide),
            (8, 3, 2, 1, 1, 1, 1, 1),
        )[0]
        name = f"{seed}-{number}"
        try:
            one(folder, own, chance, name)
        except UsageError:
            continue  # somebody else was there before, and that is said


def _submit(folder: Path, own: Sequence[str], chance: random.Random, name: str) -> None:
    files = []
    for code in chance.sample(list(own), chance.randint(1, len(own))):
        department, pledge = chance.choice(
            (("D01", "1-1"), ("D01", "1-2"), ("D02", "2-1"), ("D03", "2-2"))
        )
        files.append(
            Office(folder, code).report(
                name, department, {pledge: chance.randint(0, 99)}, 정정사유="다시 셈"
            )
        )
    pipeline.collect(files)


def _take_back(_folder: Path, own: Sequence[str], chance: random.Random, _name: str) -> None:
    found = rows_of(
        "SELECT submission_id FROM audit.submission WHERE government_id = :g"
        " AND state = 'loaded' AND form_code = 'quarterly_return'",
        g=chance.choice(own),
    )
    if found:
        pipeline.withdraw(chance.choice(found)[0], "총괄", "잘못 보냄")


def _set_aside(_folder: Path, own: Sequence[str], chance: random.Random, _name: str) -> None:
    pipeline.waive(_waiver(chance.choice(own), pipeline.present()))


def _end(_folder: Path, own: Sequence[str], chance: random.Random, _name: str) -> None:
    found = rows_of(
        "SELECT waiver_id FROM audit.waiver WHERE superseded_at = 'infinity'"
        " AND government_id = :g",
        g=chance.choice(own),
    )
    if found:
        pipeline.end_waiver(found[0][0], "총괄", "이제 없앰")


def _judge_again(_folder: Path, own: Sequence[str], chance: random.Random, _name: str) -> None:
    pipeline.recheck(QUARTER, chance.choice(own), record=chance.random() < 0.5)


def _count(_folder: Path, own: Sequence[str], chance: random.Random, _name: str) -> None:
    pipeline.refresh(QUARTER, chance.choice(own))
    pipeline.collect([])


def _try(folder: Path, own: Sequence[str], chance: random.Random, name: str) -> None:
    file = Office(folder, chance.choice(own)).report(f"{name}-t", "D01", {"1-1": 50})
    pipeline.dry_run([file])


def _decide(_folder: Path, own: Sequence[str], chance: random.Random, _name: str) -> None:
    pipeline.release(QUARTER, chance.choice(own), Decision("과장", pipeline.present()))

"""What it costs to prove a release: a government's quarter derived again from its archive.

    .venv/bin/python -m benchmarks.verify [DEPARTMENTS] [QUARTERS]   # default 30, of 3 pledges; 14

The returns of one quarter are received twice over, in warehouses of their own: all at once, and one
by one, as they come in through a window; then those of all QUARTERS up to it, one by one. Each time
the last quarter is released and verified, as the product does it and with every batch replayed
alone. Times are of one run: compare them with each other.
"""

from __future__ import annotations

import logging
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

from rich.console import Console
from rich.table import Table

from benchmarks.quarter import QUARTER, RECEIVED_AT, home, make_returns, register
from etl import pipeline
from etl.check import rules
from etl.quarter import Quarter
from tests.factories import GOVERNMENT

QUARTERS = 14
BETWEEN_QUARTERS = timedelta(days=91)


def verified(
    departments: int, quarters: int, is_one_by_one: bool
) -> tuple[int, float, float, float]:
    """Return the batches of files, and the seconds of receiving, of verifying, and of that alone.

    The last is with every batch replayed by itself.
    """
    with home() as folder:
        first_at = RECEIVED_AT - quarters * BETWEEN_QUARTERS
        pipeline.register(str(register(folder / "register.xlsx", departments)), at=first_at)
        _accept_everything()
        started = time.perf_counter()
        batches = sum(
            _received(folder / quarter, quarter, departments, is_one_by_one, age)
            for age, quarter in reversed(list(enumerate(_back_from(QUARTER, quarters))))
        )
        received = time.perf_counter() - started
        decision = pipeline.Decision("과장", RECEIVED_AT + timedelta(days=1))
        facts = pipeline.release(QUARTER, GOVERNMENT, decision)
        assert facts["outcome"] == "approved", facts["blockers"]
        together = _seconds_of_proof()
        with mock.patch("etl.pipeline.replay.groups", _each_alone):
            return batches, received, together, _seconds_of_proof()


def _accept_everything() -> None:
    # The same amounts are sent in every quarter: what is odd about that may not stop them.
    for rule in rules():
        if rule.level == "acknowledge" and rule.waivable:
            pipeline.waive(
                pipeline.Waiver(GOVERNMENT, rule.id, None, None, "2018Q3", None, date(2030, 1, 1),
                                "총괄부서", "시험 자료"),
                at=RECEIVED_AT,
            )  # fmt: skip


def _back_from(quarter_id: str, count: int) -> list[str]:
    quarters = [Quarter.parse(quarter_id)]
    while len(quarters) < count:
        quarters.append(quarters[-1].previous())
    return [str(quarter) for quarter in quarters]


def _received(folder: Path, quarter: str, departments: int, is_one_by_one: bool, age: int) -> int:
    folder.mkdir()
    files = [str(path) for path in make_returns(folder, departments, quarter)]
    groups = [[file] for file in files] if is_one_by_one else [files]
    for number, group in enumerate(groups):
        at = RECEIVED_AT - age * BETWEEN_QUARTERS + timedelta(minutes=number)
        assert pipeline.collect(group, at=at)["accepted"] == 3 * len(group)
    return len(groups)


def _seconds_of_proof() -> float:
    started = time.perf_counter()
    proof = pipeline.verify(QUARTER, GOVERNMENT)
    assert not proof["differences"], proof["differences"]
    assert not proof["refused"], proof["refused"]
    return time.perf_counter() - started


def _each_alone(steps: list[tuple[object, int | None]], _touched: object) -> list[list[object]]:
    return [[step] for step, _ in steps]


def main(departments: int, quarters: int) -> None:
    logging.disable(logging.INFO)
    table = Table(title=f"{departments} departments", title_justify="left")
    for heading in (
        "received",
        "batches",
        "receiving s",
        "verify s",
        "each batch alone s",
        "ratio",
    ):
        table.add_column(heading, justify="right")
    for count, is_one_by_one in ((1, False), (1, True), (quarters, True)):
        batches, received, together, alone = verified(departments, count, is_one_by_one)
        how = f"{count} quarters, " if count > 1 else "1 quarter, "
        how += "one by one" if is_one_by_one else "at once"
        table.add_row(how, str(batches), f"{received:.1f}", f"{together:.1f}", f"{alone:.1f}",
                      f"{alone / together:.1f}")  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [30, QUARTERS][len(given) :]))

"""What it costs to prove a release: a government's figures derived again from its archive.

    .venv/bin/python -m benchmarks.verify [DEPARTMENTS] [QUARTERS]   # default 30, of 3 pledges; 1

The returns of some quarters are received twice over, in warehouses of their own: each quarter at
once, and one by one, as they come in through a window. The last is released and verified. 14
quarters of 30 departments, one by one, are the 420 batches of a term. Times are of one run: compare
them with each other.
"""

import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.quarter import QUARTER, home, make_returns, register
from etl import pipeline
from etl.quarter import SEOUL, Quarter
from tests.factories import GOVERNMENT

REGISTERED_AT = datetime(2018, 7, 2, 9, 0, tzinfo=SEOUL)


def last_quarters(count: int) -> list[Quarter]:
    """Return so many quarters up to QUARTER, in order."""
    found = [Quarter.parse(QUARTER)]
    while len(found) < count:
        found.insert(0, found[0].previous())
    return found


def batches(
    folder: Path, departments: int, quarters: list[Quarter], *, is_one_by_one: bool
) -> Iterator[tuple[list[str], datetime]]:
    """Yield the files that come together, and when: from the day after their quarter."""
    for quarter in quarters:
        made = folder / str(quarter)
        made.mkdir(parents=True)
        files = [str(path) for path in make_returns(made, departments, str(quarter))]
        begins = datetime.combine(quarter.last_day, datetime.min.time(), SEOUL) + timedelta(days=1)
        groups = [[file] for file in files] if is_one_by_one else [files]
        for number, group in enumerate(groups):
            yield group, begins + timedelta(hours=9, minutes=number)


def verified(
    departments: int, quarters: list[Quarter], *, is_one_by_one: bool
) -> tuple[int, float, float]:
    """Return the batches that were replayed, and the seconds of receiving and of verifying."""
    with home() as folder:
        pipeline.register(str(register(folder / "register.xlsx", departments)), at=REGISTERED_AT)
        arriving = batches(folder / "made", departments, quarters, is_one_by_one=is_one_by_one)
        count, received = 1, 0.0
        for files, at in arriving:
            started = time.perf_counter()
            done = pipeline.collect(files, at=at)
            count, received = count + 1, received + time.perf_counter() - started
            assert done.accepted == 3 * len(files), (files, done)
        decision = pipeline.Decision("과장", at + timedelta(days=1))
        facts = pipeline.release(QUARTER, GOVERNMENT, decision)
        assert facts.outcome == "approved", facts.summary.blockers
        started = time.perf_counter()
        proof = pipeline.verify(QUARTER, GOVERNMENT)
        assert not proof.differences, proof.differences
        assert not proof.refused, proof.refused
        return count, received, time.perf_counter() - started


def main(departments: int, quarters: int) -> None:
    title = f"{departments} departments, {quarters} quarter(s)"
    table = Table(title=title, title_justify="left")
    for heading in ("received", "batches", "receiving s", "verify s", "s a batch"):
        table.add_column(heading, justify="right")
    for is_one_by_one in (False, True):
        count, received, proved = verified(
            departments, last_quarters(quarters), is_one_by_one=is_one_by_one
        )
        how = "one by one" if is_one_by_one else "at once"
        table.add_row(how, str(count), f"{received:.1f}", f"{proved:.1f}", f"{proved / count:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main(*(int(sys.argv[place]) if len(sys.argv) > place else usual
           for place, usual in ((1, 30), (2, 1))))  # fmt: skip

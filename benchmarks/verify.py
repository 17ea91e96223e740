"""What it costs to prove a release: a government's quarter derived again from its archive.

    .venv/bin/python -m benchmarks.verify [DEPARTMENTS]        # default 30, of 3 pledges each

The returns of one quarter are received twice over, in warehouses of their own: all at once, and one
by one, as they come in through a window. Each is released and verified. Times are of one run:
compare them with each other.
"""

import sys
import time
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from benchmarks.quarter import QUARTER, RECEIVED_AT, REGISTERED_AT, home, make_returns, register
from etl import pipeline
from tests.factories import GOVERNMENT


def verified(departments: int, is_one_by_one: bool) -> tuple[int, float, float]:
    """Return the batches that were replayed, and the seconds of receiving and of verifying."""
    with home() as folder:
        pipeline.register(str(register(folder / "register.xlsx", departments)), at=REGISTERED_AT)
        (folder / "made").mkdir()
        files = [str(path) for path in make_returns(folder / "made", departments)]
        groups = [[file] for file in files] if is_one_by_one else [files]
        started = time.perf_counter()
        for number, group in enumerate(groups):
            pipeline.collect(group, at=RECEIVED_AT + timedelta(minutes=number))
        received = time.perf_counter() - started
        decided_at = RECEIVED_AT + timedelta(days=1)
        facts = pipeline.release(QUARTER, GOVERNMENT, pipeline.Decision("과장", decided_at))
        assert facts.outcome == "approved", facts.summary.blockers
        started = time.perf_counter()
        proof = pipeline.verify(QUARTER, GOVERNMENT)
        assert not proof.differences, proof.differences
        assert not proof.refused, proof.refused
        return len(groups) + 1, received, time.perf_counter() - started


def main(departments: int) -> None:
    table = Table(title=f"{departments} departments, one quarter", title_justify="left")
    for heading in ("received", "batches", "receiving s", "verify s", "s a batch"):
        table.add_column(heading, justify="right")
    for is_one_by_one in (False, True):
        batches, received, proved = verified(departments, is_one_by_one)
        how = "one by one" if is_one_by_one else "at once"
        table.add_row(
            how, str(batches), f"{received:.1f}", f"{proved:.1f}", f"{proved / batches:.2f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)

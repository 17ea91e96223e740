"""How much sooner a country's quarter is done by two worker processes than by one.

    .venv/bin/python -m benchmarks.workers [GOVERNMENTS] [DEPARTMENTS]      # default 40 30

A worker is a process that takes batches of whole governments, file to figures, as
`benchmarks.national` makes them. It has one core: itself, its reader and its database sessions are
held to it. One worker takes every batch in turn; two take every second one each, beside each other
on two cores and one database server, whose other processes run where there is room. What the two
leave of a halving is the part that does not run side by side; from it Amdahl's law says what four
and sixteen would do.
"""

import multiprocessing
import os
import sys
import time
import warnings
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import event

from benchmarks.national import all_counted, make_country
from benchmarks.quarter import REGISTERED_AT, home, import_expectations, ours
from etl import pipeline, warehouse
from etl.settings import settings

_GOVERNMENTS_PER_BATCH = 10


def seconds(workers: int, governments: int, departments: int) -> float:
    """Return how long so many workers take, each on a core of its own, in a warehouse of its own.

    What a worker imports comes before the clock starts.
    """
    with home() as folder:
        registers, returns = make_country(folder, governments, departments)
        for path in registers:
            pipeline.register(str(path), at=REGISTERED_AT)
        warehouse.engine().dispose()
        size = _GOVERNMENTS_PER_BATCH * departments
        batches = [returns[start : start + size] for start in range(0, len(returns), size)]
        context = multiprocessing.get_context("spawn")
        ready = context.Barrier(workers + 1)
        processes = [
            context.Process(target=_work, args=(core, batches[core::workers], ready))
            for core in range(workers)
        ]
        for process in processes:
            process.start()
        ready.wait()
        begun = time.perf_counter()
        for process in processes:
            process.join()
        took = time.perf_counter() - begun
        assert all(process.exitcode == 0 for process in processes)
        all_counted(governments, 3 * departments)
        return took


def _work(core: int, batches: list[list[Path]], ready: Barrier) -> None:
    warnings.filterwarnings("ignore")
    os.sched_setaffinity(0, {core})
    settings().reader_workers = 1

    @event.listens_for(warehouse.engine(), "connect")
    def hold(connection: Any, _record: Any) -> None:
        os.sched_setaffinity(connection.info.backend_pid, {core})

    import_expectations()
    ready.wait()
    for batch in batches:
        ours(batch)


def main(governments: int, departments: int) -> None:
    warnings.filterwarnings("ignore")
    console = Console(width=100, highlight=False)
    alone, together = (seconds(workers, governments, departments) for workers in (1, 2))
    ratio = alone / together
    console.print(f"one worker    {alone:.1f} s for {governments} × {departments} returns")
    console.print(f"two workers   {together:.1f} s")
    console.print(f"ratio         {ratio:.2f}   (target: 1.7 or more)")
    serial = max(0.0, 2 / ratio - 1)
    expected = {n: 1 / (serial + (1 - serial) / n) for n in (4, 16)}
    told = ", ".join(f"{n} workers {times:.1f} times" for n, times in expected.items())
    console.print(f"not side by side {100 * serial:.0f} %: {told} as fast as one, cores provided")


if __name__ == "__main__":
    main(*([int(count) for count in sys.argv[1:]] or [40, 30]))

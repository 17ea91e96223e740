"""How much sooner a country's quarter is done by two workers than by one.

    .venv/bin/python -m benchmarks.workers [GOVERNMENTS] [DEPARTMENTS]          # default 40 30
    .venv/bin/python -m benchmarks.workers airflow [GOVERNMENTS] [DEPARTMENTS]

A worker is a process that takes batches of whole governments, file to figures, as
`benchmarks.national` makes them. It has one core: itself, its reader and its database sessions are
held to it. One worker takes every batch in turn; two take every second one each, beside each other
on two cores and one database server, whose other processes run where there is room. What the two
leave of a halving is the part that does not run side by side; from it Amdahl's law says what four
and sixteen would do.

With `airflow` a batch is a mapped task of the DAG `national_quarter`, answers to senders too, and
a LocalExecutor of one process or of two runs them under the real scheduler: from the first task's
start to the last one's end, as Airflow's database tells it.
"""

import fcntl
import json
import multiprocessing
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console
from sqlalchemy import create_engine, event, text

from benchmarks.national import all_counted, make_country
from benchmarks.quarter import REGISTERED_AT, home, import_expectations, ours
from etl import pipeline, service, warehouse
from etl.settings import settings

_GOVERNMENTS_PER_BATCH = 10
_PORT = 18_080
_BUNDLE = {  # of DAGs, in place of the project's
    "name": "dags-folder",
    "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
    "kwargs": {"path": str(Path(__file__).parent / "dags")},
}
Batches = list[list[Path]]


@contextmanager
def country(governments: int, departments: int) -> Iterator[Batches]:
    """Give a warehouse that knows the governments, and their returns in batches; all are counted.

    What takes them is the block's.
    """
    with home() as folder:
        registers, returns = make_country(folder, governments, departments)
        for path in registers:
            pipeline.register(str(path), at=REGISTERED_AT)
        size = _GOVERNMENTS_PER_BATCH * departments
        yield [returns[start : start + size] for start in range(0, len(returns), size)]
        all_counted(governments, 3 * departments)


def processes(workers: int, governments: int, departments: int) -> float:
    """Return the seconds that so many workers take; what they import comes before."""
    with country(governments, departments) as batches:
        context = multiprocessing.get_context("spawn")
        ready = context.Barrier(workers + 1)
        started = [
            context.Process(target=_work, args=(batches[number::workers], ready))
            for number in range(workers)
        ]
        for process in started:
            process.start()
        ready.wait()
        begun = time.perf_counter()
        for process in started:
            process.join()
        took = time.perf_counter() - begun
        assert all(process.exitcode == 0 for process in started)
    return took


def _work(batches: Batches, ready: Barrier) -> None:
    warnings.filterwarnings("ignore")
    import_expectations()
    ready.wait()
    with on_one_core():
        for batch in batches:
            ours(batch)


@contextmanager
def on_one_core() -> Iterator[None]:
    """Hold this process, its readers and its database sessions to a core that nobody else holds."""
    with _free_core() as core:
        os.sched_setaffinity(0, {core})
        settings().reader_workers = 1
        warehouse.engine().dispose()

        @event.listens_for(warehouse.engine(), "connect")
        def hold(connection: Any, _record: Any) -> None:
            os.sched_setaffinity(connection.info.backend_pid, {core})

        yield


@contextmanager
def _free_core() -> Iterator[int]:
    for core in sorted(os.sched_getaffinity(0)):
        with (settings().home / f"core{core}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield core
            return
    raise AssertionError("more workers than cores")


def under_airflow(workers: int, governments: int, departments: int) -> float:
    """Return the seconds that a LocalExecutor of so many processes takes."""
    with country(governments, departments) as batches:
        told = {
            "AIRFLOW__CORE__PARALLELISM": str(workers),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([_BUNDLE]),
        }
        conf = json.dumps({"batches": [[str(path) for path in batch] for batch in batches]})
        with mock.patch.dict(os.environ, told):
            try:
                service.up(_PORT)
                trigger = ["dags", "trigger", "national_quarter", "--conf", conf]
                command = [sys.executable, "-m", "airflow", *trigger]
                environment = service.airflow_environment(_PORT)
                subprocess.run(command, env=environment, check=True, capture_output=True)
                return _seconds_of_tasks(len(batches))
            finally:
                service.stop_airflow()


def _seconds_of_tasks(count: int) -> float:
    server = create_engine(warehouse.database_url(warehouse.AIRFLOW))
    asked = text(
        "SELECT array_agg(state), extract(epoch FROM max(end_date) - min(start_date))"
        " FROM task_instance WHERE task_id = 'take' AND state IN ('success', 'failed')"
    )
    while True:
        with server.connect() as connection:
            states, seconds = connection.execute(asked).one()
        if states and len(states) == count:
            server.dispose()
            assert set(states) == {"success"}, states
            return float(seconds)
        time.sleep(0.5)


def main(way: Callable[[int, int, int], float], governments: int, departments: int) -> None:
    warnings.filterwarnings("ignore")
    console = Console(width=100, highlight=False)
    alone, together = (way(workers, governments, departments) for workers in (1, 2))
    ratio = alone / together
    console.print(f"one worker    {alone:.1f} s for {governments} × {departments} returns")
    console.print(f"two workers   {together:.1f} s")
    console.print(f"ratio         {ratio:.2f}   (target: 1.7 or more)")
    serial = max(0.0, 2 / ratio - 1)
    expected = {n: 1 / (serial + (1 - serial) / n) for n in (4, 16)}
    told = ", ".join(f"{n} workers {times:.1f} times" for n, times in expected.items())
    console.print(f"not side by side {100 * serial:.0f} %: {told} as fast as one, cores provided")


if __name__ == "__main__":
    asked = sys.argv[1:]
    chosen = under_airflow if asked[:1] == ["airflow"] else processes
    main(chosen, *([int(count) for count in asked if count != "airflow"] or [40, 30]))

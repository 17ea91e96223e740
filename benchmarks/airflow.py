"""What Airflow adds and what we add to it: `report_quarter` beside a DAG of empty tasks.

    .venv/bin/python -m benchmarks.airflow [DEPARTMENTS]        # default: 30

Both DAGs have the same shape and run with `dag.test()` on the embedded database, each in a process
of its own in which everything was imported and one run was made before. The ratio is of medians.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

RUNS = 3
CLOSED_AT = "2022-01-31T09:00:00+09:00"


def run_here(dag_id: str, folder: str, parameters: dict[str, Any]) -> list[float]:
    """Run a DAG once to warm up and `RUNS` times more; return the seconds of those."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=Path(folder) / f"{dag_id}.py").get_dag(dag_id)
    assert dag is not None
    seconds = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        assert str(dag.test(run_conf=parameters).state.value) == "success"
        seconds.append(time.perf_counter() - begun)
    return seconds[1:]


def run_apart(dag_id: str, folder: Path, parameters: dict[str, Any]) -> list[float]:
    from etl import service

    environment = service.airflow_environment() | {"AIRFLOW__CORE__DAGS_FOLDER": str(folder)}
    service.prepare(environment)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.airflow", dag_id, str(folder), json.dumps(parameters)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    seconds: list[float] = json.loads(done.stdout.decode().splitlines()[-1])
    return seconds


def medians(departments: int) -> tuple[float, float]:
    """Return the seconds of `report_quarter` and of a DAG of its shape with empty tasks."""
    from benchmarks import quarter
    from etl import pipeline
    from etl.service import REPOSITORY

    with quarter.home() as folder:
        made = folder / "made"
        made.mkdir()
        files = quarter.make_returns(made, departments)
        register = quarter.register(folder / "register.xlsx", departments)
        pipeline.register(str(register), at=quarter.REGISTERED_AT)
        pipeline.collect([str(path) for path in files], quarter.RECEIVED_AT)
        target = {
            "quarter": quarter.QUARTER,
            "government": quarter.GOVERNMENT,
            "at": CLOSED_AT,
        }
        full = run_apart("report_quarter", REPOSITORY / "dags", target)
        empty_folder = Path(__file__).parent / "dags"
        empty = run_apart("empty_quarter", empty_folder, {"departments": departments})
    return statistics.median(full), statistics.median(empty)


def ratios(departments: int) -> dict[str, float]:
    """Return what Airflow's tasks cost beside empty ones."""
    own, least = medians(departments)
    return {"report_quarter / empty tasks": own / least}


def main(departments: int) -> None:
    console = Console(highlight=False)
    own, least = medians(departments)
    console.print(f"{departments} departments, median of {RUNS} runs")
    console.print(f"report_quarter  {own:6.2f} s")
    console.print(f"empty tasks     {least:6.2f} s")
    console.print(f"ratio           {own / least:6.2f}   (target: 1.2 or less)")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        sys.stdout.write(
            "\n" + json.dumps(run_here(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))) + "\n"
        )
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)

"""One DAG run from a shell, without a scheduler."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.problems import UsageError
from etl.service.environment import REPOSITORY
from etl.settings import settings


@dataclass(frozen=True)
class DagResult:
    """The end of one DAG run: its state, the seconds it took, and the file with its log."""

    dag_id: str
    state: str
    seconds: float
    log: Path


def run_dag(
    environment: Mapping[str, str], dag_id: str, parameters: Mapping[str, Any] | None = None
) -> DagResult:
    """Run one DAG to its end in a process of its own, without a scheduler; returns its state.

    `environment` is Airflow's, and prepared. The tasks run one after another with Airflow's own
    task runner and leave their states, labels and XComs in Airflow's database, where the web pages
    show them.
    """
    begun = time.monotonic()
    log = settings().logs / f"{dag_id}.log"
    with log.open("wb") as file:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "etl.service", "test", dag_id, json.dumps(parameters or {})],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            check=False,
        )
    state = "failed" if done.returncode else done.stdout.decode()
    return DagResult(dag_id, state, time.monotonic() - begun, log)


def test_dag(dag_id: str, parameters: Mapping[str, Any]) -> str:
    """Run a DAG in this process; needs `airflow_environment()` to have been set before."""
    from airflow.dag_processing.dagbag import DagBag

    folder = REPOSITORY / "dags" / f"{dag_id}.py"
    dag = DagBag(dag_folder=folder).get_dag(dag_id)
    if dag is None:
        raise UsageError(
            f"DAG {dag_id}이(가) 없습니다.", "아무것도 실행하지 않았습니다.", "이름을 확인하십시오."
        )
    return str(dag.test(run_conf=dict(parameters)).state.value)

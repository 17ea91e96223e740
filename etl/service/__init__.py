"""Airflow around the same pipeline: `gongyak up`, `gongyak down`, and one DAG run from a shell.

Everything Airflow writes lies below `GONGYAK_HOME`; its metadata is a second database on the
server that holds the warehouse. The web pages listen on this machine only.
"""

from etl.service.dag_runs import DagResult, run_dag
from etl.service.environment import (
    DEMO_MARK,
    REPOSITORY,
    USER,
    airflow_environment,
    airflow_home,
    demo_home,
    password_file,
)
from etl.service.preparing import environment_in_use, prepare, prepare_users, ready
from etl.service.processes import (
    PROCESSES,
    WORKER,
    health,
    running_names,
    stop_airflow,
    well_names,
)
from etl.service.running import ServiceState, down, up

__all__ = [
    "DEMO_MARK",
    "PROCESSES",
    "REPOSITORY",
    "USER",
    "WORKER",
    "DagResult",
    "ServiceState",
    "airflow_environment",
    "airflow_home",
    "demo_home",
    "down",
    "environment_in_use",
    "health",
    "password_file",
    "prepare",
    "prepare_users",
    "ready",
    "run_dag",
    "running_names",
    "stop_airflow",
    "up",
    "well_names",
]

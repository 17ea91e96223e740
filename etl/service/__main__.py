"""`python -m etl.service NAME`: become one of the processes, or do one thing and end."""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable

from etl import alerts
from etl.service.dag_runs import test_dag
from etl.service.preparing import prepare_server, ready
from etl.service.processes import become_airflow, supervise, watchdog

_ALERT_SECONDS = 120  # after which the process that sends an alert ends itself


def _alert() -> None:
    """Tell of a process that ended; this one ends itself where that takes too long."""
    signal.alarm(_ALERT_SECONDS)
    alerts.tell(alerts.ended_process(*sys.argv[2:]))


def _test() -> None:
    # Airflow logs to stdout: give it stderr, which is the log file, and keep stdout to answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, test_dag(sys.argv[2], json.loads(sys.argv[3])).encode())


_TOLD: dict[str, Callable[[], object]] = {
    "alert": _alert, "ready": ready, "supervise": supervise, "watchdog": watchdog,
}  # fmt: skip
_UNTOLD: dict[str, Callable[[], object]] = {"prepare": prepare_server, "test": _test}


def main(name: str) -> None:
    """Do what a name stands for; ours tell of themselves on stderr, Airflow's as Airflow does."""
    if name in _TOLD:
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
        _TOLD[name]()
    elif name in _UNTOLD:
        _UNTOLD[name]()
    else:
        become_airflow(name)


if __name__ == "__main__":
    main(sys.argv[1])

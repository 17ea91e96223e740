"""The processes of Airflow and ours beside them: what each becomes, and how each of them is."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from etl import choices, lineage, supervisor, warehouse
from etl.problems import OutageError
from etl.service.environment import airflow_environment, airflow_home
from etl.settings import settings

# In the order in which they begin: a task needs the api-server from its first moment on. The last
# is ours.
PROCESSES = ("api-server", "triggerer", "dag-processor", "scheduler", "watchdog")
# What Airflow's pages tell of, beside themselves.
_TOLD_BY_THE_PAGES = ("triggerer", "dag-processor", "scheduler")
# Not kept by `up`: it is begun on every machine that shares the tasks (docs/cluster.md).
WORKER = "worker"
_COMMANDS = {WORKER: ["celery", "worker"]}


def health(port: int, seconds: float = 5) -> dict[str, str] | None:
    """Return what Airflow's pages say of the database and the other processes.

    None where nobody answers within so many seconds.
    """
    address = f"http://127.0.0.1:{port}/api/v2/monitor/health"
    try:
        with urllib.request.urlopen(address, timeout=seconds) as answer:
            parts: dict[str, Any] = json.load(answer)
    except (OSError, ValueError):
        return None
    told = {"metadatabase": "metadatabase"} | {n: n.replace("-", "_") for n in _TOLD_BY_THE_PAGES}
    return {name: str((parts.get(part) or {}).get("status")) for name, part in told.items()}


def _well(port: int) -> dict[str, bool]:
    """Return which of the processes are well; those of which nothing is known not.

    Where the pages do not answer, or have no database, nothing is known of the others.
    """
    said = health(port)
    if said is None:
        return {"api-server": False}
    known = _TOLD_BY_THE_PAGES if said["metadatabase"] == "healthy" else ()
    return {"api-server": True, **{name: said[name] == "healthy" for name in known}}


def _record() -> Path:
    return airflow_home() / "processes.json"


def _kept() -> Mapping[str, supervisor.ProgramState] | None:
    found = supervisor.recorded(_record())
    return found.programs if found else None


def running_names() -> set[str]:
    """Return which of PROCESSES run, as `up` started them."""
    return {name for name, one in (_kept() or {}).items() if one.pid}


def well_names() -> set[str]:
    """Return which of PROCESSES run and say that they are well."""
    return {name for name, one in (_kept() or {}).items() if one.is_well}


def unwell() -> list[str]:
    """Return the processes that are not well; the supervisor where it does not run itself."""
    kept = _kept()
    if kept is None:
        return ["supervisor"]
    return [name for name, one in kept.items() if not one.is_well]


def stop_airflow() -> int:
    """Stop what `up` started, with every child; return how many processes that were."""
    return supervisor.stop(_record())


def _database_answers() -> bool:
    """Whether the database answers; the embedded server is begun where it does not run."""
    with suppress(OutageError):
        return warehouse.values_of("SELECT 1") == [1]
    return False


def supervise() -> None:
    """Keep Airflow's processes running, in this process, until it is asked to end."""
    environment = airflow_environment()
    os.environ.update(environment)
    programs = [
        supervisor.Program(
            name,
            [sys.executable, "-m", "etl.service", name],
            settings().logs / f"airflow_{name}.log",
        )
        for name in PROCESSES
    ]
    port = settings().airflow_port
    supervisor.supervise(programs, _database_answers, lambda: _well(port), _record(), _tell_of_end)


def _tell_of_end(name: str, code: int) -> None:
    """Tell a person that a process ended, by a process that nobody waits for."""
    with suppress(OSError):  # a machine without room for it: the log has told
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "etl.service", "alert", name, str(code)],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # or the keeper would end it as an orphan
        )


def watchdog() -> None:
    """Watch over analysts, and over the installation from a thread beside, for ever."""
    from etl.doctor.alarm import keep_alarmed

    Thread(target=keep_alarmed, daemon=True).start()
    warehouse.watch(choices.write)


def _has_tasks(name: str) -> bool:
    """Tell whether tasks are forked from a process: the scheduler's, unless others take them."""
    executor = os.environ.get("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    return name == WORKER or (name == "scheduler" and executor == "LocalExecutor")


def become_airflow(name: str) -> None:
    """Become one process of Airflow, with the options behind its name, if any.

    What runs tasks hands the loaded stages down to them.
    """
    # On a server nobody else turns our setting into Airflow's.
    os.environ.update(lineage.environment())
    from airflow.__main__ import main

    if _has_tasks(name):
        import_module("etl.loaded")
    # Pages and tasks share a disk here, so nobody needs the log server, which listens everywhere.
    options = ["--skip-serve-logs"] if name in ("scheduler", "triggerer") else []
    sys.argv = ["airflow", *_COMMANDS.get(name, [name]), *options, *sys.argv[2:]]
    main()

"""Airflow around the same pipeline: `gongyak up`, `gongyak down`, and one DAG run from a shell.

Everything Airflow writes lies below `GONGYAK_HOME`; its metadata is a second database on the
server that holds the warehouse. The web pages listen on this machine only.
"""

import base64
import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from etl import alerts, choices, supervisor, warehouse
from etl.desk.accounts import ADMIN, prepare_accounts
from etl.desk.smoke import page_fault
from etl.problems import OutageError, SystemFault, UsageError
from etl.settings import alone_in, another_home, settings

REPOSITORY = Path(__file__).resolve().parent.parent
# In the order in which they begin: a task needs the api-server from its first moment on. The last
# is ours.
PROCESSES = ("api-server", "triggerer", "dag-processor", "scheduler", "watchdog")
USER = ADMIN
AUTH_MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
# Lies in the demo's home, so that a demo within the demo is the same one.
DEMO_MARK = "시연.txt"
_START_SECONDS = 180.0
_ALERT_SECONDS = 120  # after which the process that sends an alert ends itself
# What Airflow's pages tell of, beside themselves.
_TOLD_BY_THE_PAGES = ("triggerer", "dag-processor", "scheduler")
# Airflow's own lines that would stand between ours in a task's log; its errors stay.
_QUIET = "airflow.dag_processing airflow.models airflow.task.operators airflow.sdk task"


@dataclass(frozen=True)
class ServiceState:
    """A running Airflow: where its pages are, who logs in, and where the password is written.

    `page_fault` says in one line why the page 제출 현황 does not answer, None where it does.
    """

    url: str
    user: str
    password_file: Path
    logs: Path
    seconds: float
    was_running: bool
    page_fault: str | None = None


@dataclass(frozen=True)
class DagResult:
    """The end of one DAG run: its state, the seconds it took, and the file with its log."""

    dag_id: str
    state: str
    seconds: float
    log: Path


def demo_home() -> Path:
    """Return the home of the demo: below the office's, or this one where it is the demo's own."""
    home = settings().home.resolve()
    return home if (home / DEMO_MARK).exists() else home / "demo"


def airflow_home() -> Path:
    return settings().home.resolve() / "airflow"


def _private(name: str, **content: str) -> Path:
    """Return a JSON file of this installation: made once, and readable by its owner only."""
    path = airflow_home() / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
    return path


def _keys() -> dict[str, str]:
    """Return the keys of this installation."""
    fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    jwt, pages = secrets.token_hex(32), secrets.token_hex(32)
    path = _private("keys.json", fernet=fernet, jwt=jwt, pages=pages)
    keys: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return keys


def password_file() -> Path:
    """Return the file with the generated password."""
    return _private("password.json", **{USER: secrets.token_urlsafe(12)})


def prepare_users(environment: Mapping[str, str]) -> None:
    """Bring roles and the first user into Airflow's database, which must be prepared."""
    is_new = not (airflow_home() / "password.json").exists()
    password = json.loads(password_file().read_text(encoding="utf-8"))[USER]
    prepare_accounts(environment, password, is_new)


def airflow_environment(port: int | None = None) -> dict[str, str]:
    """Return the environment in which Airflow runs here: settings of this process plus its own.

    Starts the embedded server when it is not running, because the address leads to it.
    """
    port = port or settings().airflow_port
    keys = _keys()
    database = warehouse.database_url(warehouse.AIRFLOW, driver="psycopg2")
    home, logs = airflow_home(), settings().logs
    python_path = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        "GONGYAK_HOME": str(settings().home.resolve()),
        "GONGYAK_AIRFLOW_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(python_path),
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "etl" / "desk" / "plugins"),
        "AIRFLOW__CORE__AUTH_MANAGER": AUTH_MANAGER,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Seoul",
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        # What a killed scheduler had taken, queued or running, is taken anew within two minutes.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        # A task that runs while the pages are begun again waits for them.
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "12",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "10",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys["pages"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.render_as_string(hide_password=False),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(logs / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(logs / "dags"),
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": " ".join(f"{x}=WARNING" for x in _QUIET.split()),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / "bundles"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {**os.environ, **own}


def _airflow(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def prepare(environment: Mapping[str, str]) -> None:
    """Bring warehouse and Airflow's own database to their newest state; raises SystemFault."""
    warehouse.migrate()
    log = settings().logs / "airflow_db_migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        done = subprocess.run(  # noqa: S603
            _airflow("db", "migrate"), env=dict(environment), stdout=file, stderr=file, check=False
        )
    if done.returncode:
        raise SystemFault(
            "Airflow의 데이터베이스를 준비하지 못했습니다.",
            "공약 자료는 그대로입니다.",
            f"{log}의 마지막 줄을 확인하십시오.",
        )


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


def ready() -> None:
    """Make this installation ready for `supervise`, as `up` does before it."""
    environment = airflow_environment()
    prepare(environment)
    prepare_users(environment)


def running_names() -> set[str]:
    """Return which of PROCESSES run, as `up` started them."""
    found = supervisor.recorded(_record())
    return {name for name, one in found.programs.items() if one.pid} if found else set()


def well_names() -> set[str]:
    """Return which of PROCESSES run and say that they are well."""
    found = supervisor.recorded(_record())
    return {name for name, one in found.programs.items() if one.is_well} if found else set()


def pages() -> str:
    """Return where Airflow's web pages are."""
    return settings().pages


def _start(environment: Mapping[str, str]) -> None:
    with (settings().logs / "airflow_supervisor.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "etl.service", "supervise"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_until_well() -> None:
    deadline = time.monotonic() + _START_SECONDS
    while _unwell():
        if time.monotonic() > deadline:
            logs = ", ".join(str(settings().logs / f"airflow_{name}.log") for name in _unwell())
            stop_airflow()
            raise OutageError(
                "Airflow가 뜨지 않았습니다.",
                "공약 자료는 그대로이며 시작한 프로세스는 모두 멈추었습니다.",
                f"{logs}을(를) 확인한 뒤 `gongyak up`을 다시 실행하십시오.",
            )
        time.sleep(0.5)


def _unwell() -> list[str]:
    """Return the processes that are not well; the supervisor where it does not run itself."""
    found = supervisor.recorded(_record())
    if found is None:
        return ["supervisor"]
    return [name for name, one in found.programs.items() if not one.is_well]


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(
                f"127.0.0.1:{port}을(를) 다른 프로그램이 쓰고 있습니다.",
                "아무것도 시작하지 않았습니다.",
                "`GONGYAK_AIRFLOW_PORT`를 다른 번호로 바꾼 뒤 다시 실행하십시오.",
            ) from error


def up(port: int | None = None) -> ServiceState:
    """Start Airflow and wait until it is healthy; a no-op where it already runs.

    Raises UsageError when the port is taken, OutageError when it does not become healthy,
    SystemFault when its database cannot be prepared.
    """
    begun = time.monotonic()
    port = port or settings().airflow_port
    was_running = not _unwell()
    if not was_running:
        stop_airflow()
        _refuse_taken_port(port)
        environment = airflow_environment(port)
        prepare(environment)
        prepare_users(environment)
        _start(environment)
        _wait_until_well()
    seconds = time.monotonic() - begun
    url = f"http://127.0.0.1:{port}"
    password = json.loads(password_file().read_text(encoding="utf-8"))[USER]
    fault = page_fault(port, USER, password)
    return ServiceState(url, USER, password_file(), settings().logs, seconds, was_running, fault)


def stop_airflow() -> int:
    """Stop what `up` started, with every child; return how many processes that were."""
    return supervisor.stop(_record())


def down() -> bool:
    """Stop Airflow and the embedded PostgreSQL, the demo's too; return whether anything ran."""
    stopped = _stop()
    with another_home(alone_in(demo_home())):
        return _stop() or stopped


def _stop() -> bool:
    stopped = stop_airflow()
    return warehouse.stop_embedded() or stopped > 0


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


def _test_dag(dag_id: str, parameters: Mapping[str, Any]) -> str:
    """Run a DAG in this process; needs `airflow_environment()` to have been set before."""
    from airflow.dag_processing.dagbag import DagBag

    folder = REPOSITORY / "dags" / f"{dag_id}.py"
    dag = DagBag(dag_folder=folder).get_dag(dag_id)
    if dag is None:
        raise UsageError(
            f"DAG {dag_id}이(가) 없습니다.", "아무것도 실행하지 않았습니다.", "이름을 확인하십시오."
        )
    return str(dag.test(run_conf=dict(parameters)).state.value)


def prepare_server() -> None:
    """Make a configured server ready: Airflow's database, both migrations, the first user.

    The password of that user comes from AIRFLOW_ADMIN_PASSWORD; an existing user keeps theirs.
    """
    warehouse.make_airflow_database()
    prepare(os.environ)
    prepare_accounts(os.environ, os.environ["AIRFLOW_ADMIN_PASSWORD"], is_new=False)


def load_stages() -> None:
    """Load every stage, and Great Expectations: what is forked from here finds all of it there."""
    from etl import check, pipeline

    for stage in dir(pipeline):
        getattr(pipeline, stage)
    check.load_expectations()


def _become_airflow(name: str) -> None:
    """Become one process of Airflow; the scheduler hands the loaded stages down to its tasks."""
    from airflow.__main__ import main

    if name == "scheduler":
        load_stages()
    # Pages and tasks share a disk here, so nobody needs the log server, which listens everywhere.
    options = ["--skip-serve-logs"] if name in ("scheduler", "triggerer") else []
    sys.argv = ["airflow", name, *options]
    main()


def _serve(name: str) -> None:
    """Become one process of Airflow, or one of ours, which Airflow knows nothing of."""
    ours: dict[str, Callable[[], None]] = {
        "ready": ready,
        "supervise": supervise,
        "watchdog": watchdog,
    }
    if name not in ours:
        _become_airflow(name)
        return
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    ours[name]()


if __name__ == "__main__":
    if sys.argv[1] == "test":
        # Airflow logs to stdout: give it stderr, which is the log file, and keep stdout to answer.
        answer = os.dup(1)
        os.dup2(2, 1)
        os.write(answer, _test_dag(sys.argv[2], json.loads(sys.argv[3])).encode())
    elif sys.argv[1] == "prepare":
        prepare_server()
    elif sys.argv[1] == "alert":
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
        signal.alarm(_ALERT_SECONDS)
        alerts.tell(alerts.ended_process(*sys.argv[2:]))
    else:
        _serve(sys.argv[1])

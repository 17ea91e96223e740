"""`gongyak up` and `gongyak down`: private keys, one address, and nothing left behind."""

import json
import socket
import stat
import sys
import time
import urllib.request
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import create_engine, make_url, text

from etl import service, supervisor, warehouse
from etl.problems import UsageError
from etl.service import processes


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.slow
def test_keys_and_password_are_made_once_and_private(empty_home: Path) -> None:
    first = service.airflow_environment()
    files = [service.airflow_home() / "keys.json", service.password_file()]
    assert [_mode(path) for path in files] == [0o600, 0o600]
    password = json.loads(files[1].read_text(encoding="utf-8"))[service.USER]
    assert len(password) >= 16
    assert service.airflow_environment() == first
    assert password not in str(first)


def test_pages_listen_on_this_machine_only(empty_home: Path) -> None:
    environment = service.airflow_environment(18080)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:18080"
    assert Path(environment["AIRFLOW_HOME"]).is_relative_to(empty_home)
    assert Path(environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]).is_relative_to(empty_home)


@pytest.mark.slow
def test_who_runs_the_tasks_is_a_setting(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert service.airflow_environment()["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    assert service.airflow_environment()["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


def test_a_worker_has_every_stage_before_its_first_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """It becomes Airflow's own command, with what was told behind its name."""
    become = import_module("airflow.__main__")
    loaded: list[str] = []
    monkeypatch.setattr(processes, "import_module", loaded.append)
    monkeypatch.setattr(become, "main", lambda: loaded.append(" ".join(sys.argv)))
    monkeypatch.setattr(sys, "argv", ["etl.service", service.WORKER, "--skip-serve-logs"])
    processes.become_airflow(service.WORKER)
    assert loaded == ["etl.loaded", "airflow celery worker --skip-serve-logs"]
    loads: list[tuple[str, list[str]]] = [("CeleryExecutor", []), ("LocalExecutor", ["etl.loaded"])]
    for executor, first in loads:
        loaded.clear()
        monkeypatch.setattr(sys, "argv", ["etl.service", "scheduler"])
        monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executor)
        processes.become_airflow("scheduler")
        assert loaded == [*first, "airflow scheduler --skip-serve-logs"]
    assert service.WORKER not in service.PROCESSES


@pytest.mark.slow
def test_the_address_leads_to_airflows_own_database(empty_home: Path) -> None:
    warehouse.migrate()
    address = service.airflow_environment()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    engine = create_engine(make_url(address))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_database()")).scalar() == warehouse.AIRFLOW
    engine.dispose()


def test_a_taken_port_is_refused_before_anything_starts(empty_home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UsageError, match="GONGYAK_AIRFLOW_PORT"):
            service.up(other.getsockname()[1])
    assert not (empty_home / "pg").exists()


def test_down_with_nothing_running_does_nothing(empty_home: Path) -> None:
    assert service.down() is False


@pytest.mark.slow
def test_up_twice_then_down_leaves_no_process(empty_home: Path) -> None:
    port = _free_port()
    try:
        state = service.up(port)
        family = _family()
        assert not state.was_running
        assert service.up(port).was_running
        assert _health(port)["scheduler"]["status"] == "healthy"
        assert _listening_addresses(family) == {"127.0.0.1"}
        password = json.loads(state.password_file.read_text(encoding="utf-8"))[state.user]
        told = [path.read_text(encoding="utf-8") for path in state.logs.glob("*.log")]
        assert told
        assert not [text for text in told if password in text]
        _kill_server_and_scheduler(empty_home)
        assert _health(port)["scheduler"]["status"] == "healthy"
        family += _family()
    finally:
        assert service.down() is True
    assert service.down() is False
    assert not [process for process in family if _is_alive(process)]
    assert not (empty_home / "pg" / "postmaster.pid").exists()


def _kill_server_and_scheduler(home: Path) -> None:
    """Kill PostgreSQL and the scheduler, and wait until both are there again."""
    server = psutil.Process(int((home / "pg" / "postmaster.pid").read_text().split()[0]))
    before = supervisor.recorded(processes._record())
    assert before is not None
    scheduler = psutil.Process(before.programs["scheduler"].pid)
    workers = scheduler.children()
    for process in (server, scheduler):
        process.kill()
    deadline = time.monotonic() + 180
    while (
        processes.unwell()
        or (now := supervisor.recorded(processes._record())) is None
        or now.programs["scheduler"].starts == 1
    ):
        assert time.monotonic() < deadline, processes.unwell()
        time.sleep(0.5)
    assert workers
    assert not [process for process in workers if _is_alive(process)]


def _family() -> list[psutil.Process]:
    """Every process that `up` started, children included."""
    found = supervisor.recorded(processes._record())
    assert found is not None
    assert [name for name, one in found.programs.items() if one.pid] == list(service.PROCESSES)
    return [found.keeper, *found.keeper.children(recursive=True)]


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _health(port: int) -> dict[str, Any]:
    address = f"http://127.0.0.1:{port}/api/v2/monitor/health"
    with urllib.request.urlopen(address, timeout=10) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def _listening_addresses(family: list[psutil.Process]) -> set[str]:
    found = set()
    for process in family:
        with suppress(psutil.NoSuchProcess):  # one that read a DAG file
            open_ones = process.net_connections("inet")
            found |= {one.laddr.ip for one in open_ones if one.status == psutil.CONN_LISTEN}
    return found

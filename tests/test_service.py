"""`gongyak up` and `gongyak down`: private keys, one address, and nothing left behind."""

import json
import socket
import stat
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import create_engine, make_url, text

from etl import service, warehouse
from etl.problems import UsageError


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
    finally:
        assert service.down() is True
    assert service.down() is False
    assert not [process for process in family if _is_alive(process)]
    assert not (empty_home / "pg" / "postmaster.pid").exists()


def _family() -> list[psutil.Process]:
    """Every process that `up` started, children included."""
    leaders = list(service._running().values())
    assert len(leaders) == len(service.PROCESSES)
    return leaders + [child for leader in leaders for child in leader.children(recursive=True)]


def _is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _health(port: int) -> dict[str, Any]:
    address = f"http://127.0.0.1:{port}/api/v2/monitor/health"
    with urllib.request.urlopen(address, timeout=10) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def _listening_addresses(family: list[psutil.Process]) -> set[str]:
    return {address for process in family for address in _listening(process)}


def _listening(process: psutil.Process) -> set[str]:
    """Where a process listens; nowhere, where it has ended: children parse a file and go."""
    try:
        found = process.net_connections("inet")
    except psutil.NoSuchProcess:
        return set()
    return {one.laddr.ip for one in found if one.status == psutil.CONN_LISTEN}

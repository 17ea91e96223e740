"""`gongyak up` and `gongyak down`."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from etl import warehouse
from etl.desk.smoke import page_fault
from etl.problems import OutageError, UsageError
from etl.service.environment import USER, demo_home, password_file
from etl.service.preparing import ready
from etl.service.processes import stop_airflow, unwell
from etl.settings import alone_in, another_home, settings

_START_SECONDS = 180.0


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


def up(port: int | None = None) -> ServiceState:
    """Start Airflow and wait until it is healthy; a no-op where it already runs.

    Raises UsageError when the port is taken, OutageError when it does not become healthy,
    SystemFault when its database cannot be prepared.
    """
    begun = time.monotonic()
    port = port or settings().airflow_port
    was_running = not unwell()
    if not was_running:
        stop_airflow()
        _refuse_taken_port(port)
        _start(ready(port))
        _wait_until_well()
    seconds = time.monotonic() - begun
    url = f"http://127.0.0.1:{port}"
    password = json.loads(password_file().read_text(encoding="utf-8"))[USER]
    fault = page_fault(port, USER, password)
    return ServiceState(url, USER, password_file(), settings().logs, seconds, was_running, fault)


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
    while unwell():
        if time.monotonic() > deadline:
            logs = ", ".join(str(settings().logs / f"airflow_{name}.log") for name in unwell())
            stop_airflow()
            raise OutageError(
                "Airflow가 뜨지 않았습니다.",
                "공약 자료는 그대로이며 시작한 프로세스는 모두 멈추었습니다.",
                f"{logs}을(를) 확인한 뒤 `gongyak up`을 다시 실행하십시오.",
            )
        time.sleep(0.5)


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


def down() -> bool:
    """Stop Airflow and the embedded PostgreSQL, the demo's too; return whether anything ran."""
    stopped = _stop()
    with another_home(alone_in(demo_home())):
        return _stop() or stopped


def _stop() -> bool:
    stopped = stop_airflow()
    return warehouse.stop_embedded() or stopped > 0

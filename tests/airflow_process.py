"""Airflow on the embedded database of a home, in a process beside the test's own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl import pipeline, service, warehouse
from etl.warehouse.server import create_databases, on_server
from tests.conftest import REGISTERED_AT
from tests.factories import register_workbook

ROOT = Path(__file__).parent.parent


@dataclass
class Airflow:
    """The process that runs DAGs, and the file with everything it printed."""

    process: subprocess.Popen[str]
    log: Path

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.told()[-3000:]
        answer: dict[str, Any] = json.loads(line)
        return answer

    def told(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def run(
        self,
        dag_id: str,
        fault: str | None = None,
        answer: tuple[str, str] | None = None,
        **conf: Any,
    ) -> dict[str, Any]:
        asked = {"dag_id": dag_id, "conf": conf, "fault": fault, "answer": answer}
        return self.ask(do="run", run=asked)


@contextmanager
def airflow_at(home: Path) -> Iterator[Airflow]:
    """Load the register into a home, and run Airflow there until the block ends."""
    pipeline.register(str(register_workbook(home / "register.xlsx")), at=REGISTERED_AT)
    environment = service.airflow_environment()
    service.prepare(environment)
    log = home / "runner.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.dag_runner"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
    yield Airflow(process, log)
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.wait(30)
    # Airflow's tables are none of the next test's, which may have the same server.
    on_server(f"DROP DATABASE {warehouse.AIRFLOW} WITH (FORCE)")
    create_databases()

"""A quarter on two machines that share no folder, one of which is lost on the way.

    python -m tests.torture.cluster [--kill-in answer] [--seed 1] [--no-common]

Airflow with CeleryExecutor: Redis, a bucket for inbox, archive and what is written for
others, and two workers, each with a home of its own. All departments' returns are put into the
bucket; once a task of that name runs on the first worker, every process of that worker is killed
with SIGKILL. The other has to finish the quarter: collected, reported, released by a person's
approval, and the release verified. Then every file must have been taken exactly once and have its
answer, the figures must be those of an empty home that was given the same files, and nothing that
others read may lie in a worker's home.

With `--no-common` nothing says where the machines keep what they write for others: what then goes
wrong is told, and so is it shown that the judge notices.

Needs redis-server, and `requirements-cluster.lock` beside `requirements-dev.lock`.
"""

import json
import logging
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.quarter import GOVERNMENT, QUARTER, home, members_of
from etl import pipeline, service, warehouse
from etl.quarter import seoul_now
from etl.settings import another_home
from tests.servers import S3_NAME, Buckets, bucket_server
from tests.torture.soak import (
    Office,
    of_airflow,
    registered,
    runs_left,
    wrongly_taken,
)

_PORT = 18_091
_BUCKET = "incoming"
_INBOX = "inbox"
_PATIENCE = 900.0


def missing() -> list[str]:
    """Return what a cluster needs and this machine does not have."""
    programs = [name for name in ("redis-server",) if shutil.which(name) is None]
    return programs + [name for name in ("celery", "redis") if find_spec(name) is None]


@dataclass
class FarOffice(Office):
    """Puts its files into a bucket instead of a folder."""

    buckets: Buckets | None = None

    def _put(self, name: str, content: bytes) -> None:
        assert self.buckets
        key = f"{_INBOX}/{name}"
        self.buckets.client.put_object(Bucket=_BUCKET, Key=key, Body=content)


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """Give the address of a Redis server with a password that keeps nothing on disk."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_hex(16)
    said = f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ''\ndir {folder}\n"
    server = subprocess.Popen(["redis-server", "-"], stdin=subprocess.PIPE, text=True,
                              stdout=subprocess.DEVNULL)  # fmt: skip
    assert server.stdin
    server.stdin.write(said)
    server.stdin.close()
    try:
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def settings_of(buckets: Buckets, broker_url: str, has_common: bool) -> dict[str, str]:
    """Return what every machine of the cluster is told: settings alone."""
    place = f"s3://{S3_NAME}@{_BUCKET}"
    return {
        "GONGYAK_INBOX_URL": f"{place}/{_INBOX}",
        "GONGYAK_ARCHIVE_URL": f"{place}/archive",
        "GONGYAK_COMMON_URL": f"{place}/common" if has_common else "",
        f"AIRFLOW_CONN_{S3_NAME.upper()}": json.dumps(buckets.connection()),
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": broker_url,
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "2",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "20",
    }


@dataclass
class Machine:
    """A machine of the cluster: its home, and the first process of each program that runs there."""

    name: str
    folder: Path
    programs: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def begin(self, environment: Mapping[str, str], program: str, *options: str) -> None:
        """Start a program, whose environment leads to no other machine's folder."""
        self.folder.mkdir(exist_ok=True)
        own = {
            "GONGYAK_HOME": str(self.folder),
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.folder / "logs" / "tasks"),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(self.folder / "bundles"),
        }
        with (self.folder / f"{program}.log").open("ab") as log:
            self.programs.append(
                subprocess.Popen(
                    [sys.executable, "-m", "etl.service", program, *options],
                    env={**environment, **own},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            )

    def processes(self) -> list[psutil.Process]:
        found = []
        for one in self.programs:
            with suppress(psutil.NoSuchProcess):
                first = psutil.Process(one.pid)
                found += [first, *first.children(recursive=True)]
        return found

    def kill(self) -> None:
        """End every process of it at once, as a machine ends that loses its power."""
        for one in self.processes():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        for program in self.programs:
            program.wait()

    def left(self) -> list[str]:
        """Name what lies in its home that others would look for."""
        places = ("outbox", "published", "archive", "inbox", "logs/data_docs")
        found = [path for place in places for path in (self.folder / place).rglob("*")]
        return [str(path.relative_to(self.folder)) for path in found if path.is_file()]


@contextmanager
def cluster(
    home_of_pages: Path, apart: Path, shared_settings: Mapping[str, str]
) -> Iterator[list[Machine]]:
    """Give two workers of a running installation, each in a home of its own."""
    pages = Machine("pages", home_of_pages)
    workers = [Machine(f"worker{number}", apart / f"worker{number}") for number in (1, 2)]
    with another_home(shared_settings):
        try:
            registered(home_of_pages)
            environment = service.ready(_PORT)
            # Great Expectations takes no address without a host, which psycopg2's form has.
            server = warehouse.database_url(driver="psycopg2").render_as_string(hide_password=False)
            for one in workers:
                # On one machine the two would want one port for their logs.
                options = "--celery-hostname", one.name, "--skip-serve-logs"
                one.begin(environment | {"GONGYAK_DATABASE_URL": server}, service.WORKER, *options)
            for program in service.PROCESSES:
                pages.begin(environment, program)
            yield workers
        finally:
            for one in (pages, *workers):
                one.kill()


def until(happens: Callable[[], Any], what: str, seconds: float = _PATIENCE) -> Any:
    """Return the first thing that is not nothing; raises AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := happens():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


def running_on(worker: Machine, task: str) -> bool:
    """Tell whether a task of that name runs in one of a worker's processes."""
    own = {one.pid for one in worker.processes()}
    asked = f"SELECT pid FROM task_instance WHERE state = 'running' AND task_id = '{task}'"
    return any(row.pid in own for row in of_airflow(asked))


def triggered(dag_id: str, **conf: str) -> None:
    """Set a DAG off and wait until nothing runs; raises AssertionError where it is not green."""
    command = ["dags", "trigger", dag_id, "--conf", json.dumps(conf)]
    subprocess.run([sys.executable, "-m", "airflow", *command], check=True, capture_output=True,
                   env=service.airflow_environment(_PORT))  # fmt: skip
    until(lambda: not runs_left(), dag_id)


def approve(dag_id: str) -> "subprocess.Popen[bytes]":
    """Answer, in a process of its own, what a DAG asks a person."""
    code = f"from tests.dag_runner import respond; respond({dag_id!r}, '승인', '시험 결재', [])"
    return subprocess.Popen([sys.executable, "-c", code], env=service.airflow_environment(_PORT),
                            stdout=subprocess.DEVNULL)  # fmt: skip


def finish_the_quarter() -> None:
    """Report, release and verify, each a run of its DAG."""
    target = {"quarter": QUARTER, "government": GOVERNMENT}
    triggered("report_quarter", **target, at=seoul_now().isoformat())
    person = approve("release_quarter")
    triggered("release_quarter", **target)
    assert person.wait(60) == 0
    triggered("verify_release", **target)


def went_wrong(office: FarOffice, workers: Sequence[Machine]) -> list[str]:
    """Name what the cluster did otherwise than one machine does."""
    runs = of_airflow("SELECT dag_id, run_id, state FROM dag_run WHERE state <> 'success'")
    wrong = [f"{one.dag_id} {one.run_id}: {one.state}" for one in runs]
    rows = warehouse.rows_of("SELECT submission_id, answer_path, state FROM audit.submission")
    wrong += [
        f"not loaded: {row.submission_id} {row.state}" for row in rows if row.state != "loaded"
    ]
    lost = [row.submission_id for row in rows if pipeline.answer_file(row.answer_path) is None]
    wrong += [f"its answer cannot be read from the pages: {number}" for number in lost]
    files = pipeline.released_files(GOVERNMENT, QUARTER, 1)
    print(f"files of the release, as the pages see them: {len(files)}")
    wrong += [] if files else ["the release's files cannot be read from the pages"]
    for worker in workers:
        wrong += [f"left in the home of {worker.name}: {path}" for path in worker.left()]
    return wrong + wrongly_taken(office)


def shares(workers: Sequence[Machine]) -> None:
    """Print how many logs of tasks each worker has: both shared the quarter."""
    for one in workers:
        print(f"{one.name}: {len([*one.folder.rglob('attempt=*.log')])} logs of tasks")


def live(kill_in: str, seed: int, has_common: bool) -> list[str]:
    """Live through a quarter; return what went wrong."""
    made = members_of()
    with ExitStack() as stack:
        folder = stack.enter_context(home())
        apart = Path(stack.enter_context(TemporaryDirectory(prefix="workers")))
        buckets, url = stack.enter_context(bucket_server()), stack.enter_context(broker(apart))
        workers = stack.enter_context(cluster(folder, apart, settings_of(buckets, url, has_common)))
        office = FarOffice(folder / "inbox", made, random.Random(seed), {}, Counter(),  # noqa: S311
                           buckets=buckets)  # fmt: skip
        began = time.monotonic()
        office.begin()
        until(lambda: running_on(workers[0], kill_in), f"{kill_in} on {workers[0].name}")
        workers[0].kill()
        print(f"{workers[0].name} killed in {kill_in} after {time.monotonic() - began:.0f} s")
        until(lambda: not pipeline.waiting() and not runs_left(), "collected")
        print(f"collected after {time.monotonic() - began:.0f} s")
        finish_the_quarter()
        print(f"released and verified after {time.monotonic() - began:.0f} s")
        shares(workers)
        return went_wrong(office, workers)


def main() -> None:
    asked = ArgumentParser()
    kinds: dict[str, Any] = {"kill-in": "answer", "seed": 1}
    for name, usual in kinds.items():
        asked.add_argument(f"--{name}", type=type(usual), default=usual)
    asked.add_argument("--no-common", action="store_true")
    told = asked.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # the bucket tells of every request
    if lacking := missing():
        sys.exit(f"a cluster needs {', '.join(lacking)}, which this machine does not have")
    wrong = live(told.kill_in, told.seed, not told.no_common)
    print(f"{len(wrong)} wrong")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()

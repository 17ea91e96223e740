"""An hour under `gongyak up`: files arrive, grow, change and break, and nothing else may grow.

    python -m tests.torture.soak [--minutes 60] [--every 8] [--kills 0] [--seed 1]

30 departments' returns come at once, then one file every so many seconds: a correction, one that is
written slowly, one written over, the same again, one that is damaged. With `--kills` so many
processes of tasks are killed on the way, spread over the time; `--minutes 0 --kills 1` is a quarter
with one worker killed. At the end every file must have been taken exactly once, and the figures
must be those of an empty home that was given each department's last good file.
"""

import os
import random
import signal
import statistics
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import NullPool, Row, create_engine, text

from benchmarks.quarter import QUARTER, REGISTERED_AT, home, members_of, register, write_return
from etl import pipeline, service, supervisor, warehouse
from etl.settings import alone_in, another_home, settings

DEPARTMENTS = 30
_PORT = 18_087
_LOOK_SECONDS = 30.0
_DRAIN_SECONDS = 300.0
_LATE_SECONDS = 90.0
_MAY_GROW = 1.15  # of what is neither archive nor database
_FIGURES = " UNION ALL ".join(
    "SELECT figure_code, scope_type, scope_id, numerator, denominator, value_pct, reported_count"
    f" FROM mart.{mart} WHERE quarter_id = '{QUARTER}'"
    for mart in ("implementation_rate", "budget_execution")
)


@dataclass
class Office:
    """What was put into the inbox, and each department's last good file."""

    inbox: Path
    members: dict[str, bytes]
    chance: random.Random
    last: dict[int, bytes]
    put: Counter[str]
    number: int = 0

    def begin(self) -> None:
        for department in range(DEPARTMENTS):
            self._put(f"{department:05d}-처음.xlsx", self._made(department))

    def one_more(self) -> None:
        """Put one file there, of any kind."""
        kinds = ("corrected", "growing", "written over", "again", "damaged", "other")
        kind = self.chance.choice(kinds)
        self.put[kind] += 1
        self.number += 1
        department = self.chance.randrange(DEPARTMENTS)
        name = f"{department:05d}-{self.number}.xlsx"
        if kind == "growing":
            self._grow(self.inbox / name, self._made(department))
        elif kind == "written over":
            self._put(f"{department:05d}-처음.xlsx", self._made(department))
        elif kind == "again":
            self._put(name, self.last[department])
        elif kind == "damaged":
            content = self.last[department]
            self._put(name, content[: self.chance.randrange(1, len(content))])
        elif kind == "other":
            self._put(f"메모-{self.number}.txt", f"메모 {self.number}".encode())
        else:
            self._put(name, self._made(department))

    def _made(self, department: int) -> bytes:
        path = self.inbox.parent / "made.xlsx"
        seed = self.chance.randrange(10**9)
        self.last[department] = write_return(path, self.members, department, seed).read_bytes()
        return self.last[department]

    def _put(self, name: str, content: bytes) -> None:
        part = self.inbox.parent / "part"
        part.write_bytes(content)
        part.replace(self.inbox / name)

    def _grow(self, path: Path, content: bytes) -> None:
        for start in range(0, len(content), len(content) // 4 + 1):
            with path.open("ab") as file:
                file.write(content[start : start + len(content) // 4 + 1])
            time.sleep(2)


@dataclass(frozen=True)
class Look:
    """What the installation holds at a moment: megabytes, and how many of each."""

    airflow_mb: float
    postgres_mb: float
    processes: int
    open_files: int
    connections: int
    temporary: int
    late: int


def _family() -> list[psutil.Process]:
    found = supervisor.recorded(service.airflow_home() / "processes.json")
    assert found is not None, "the supervisor is gone"
    return [found.keeper, *found.keeper.children(recursive=True)]


def _megabytes(processes: list[psutil.Process]) -> float:
    total = 0
    for one in processes:
        with suppress(psutil.Error):
            total += one.memory_full_info().pss
    return total / 2**20


def _open_files(processes: list[psutil.Process]) -> int:
    total = 0
    for one in processes:
        with suppress(psutil.Error):
            total += one.num_fds()
    return total


def look(since: dict[str, float]) -> Look:
    """Look at the installation; `since` keeps when each waiting file was first seen."""
    [(backend, connections)] = warehouse.rows_of(
        "SELECT pg_backend_pid(), (SELECT count(*) FROM pg_stat_activity WHERE pid <> 0)"
    )
    server = psutil.Process(backend).parent()
    assert server is not None
    database = [server, *server.children(recursive=True)]
    ids = {one.pid for one in database}
    ours = [one for one in _family() if one.pid not in ids]
    now = time.monotonic()
    waiting = {one.uri for one in pipeline.waiting()}
    for gone in since.keys() - waiting:
        del since[gone]
    late = sum(now - since.setdefault(uri, now) > _LATE_SECONDS for uri in waiting)
    places = (Path("/tmp"), Path("/dev/shm"), settings().home / "tmp")  # noqa: S108
    temporary = sum(len([*place.glob("*")]) for place in places)
    return Look(
        _megabytes(ours), _megabytes(database), len(ours), _open_files(ours), connections,
        temporary, late,
    )  # fmt: skip


def _show(minute: float, seen: Look) -> None:
    print(f"{minute:6.1f} " + " ".join(f"{value:>11.0f}" for value in astuple(seen)), flush=True)


def kill_a_task() -> str | None:
    """Kill the process of a task that runs, and return the task's name; None where none runs."""
    running = of_airflow("SELECT pid, task_id FROM task_instance WHERE state = 'running'")
    for pid, task in running:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            return str(task)
    return None


def of_airflow(query: str) -> Sequence[Row[Any]]:
    server = create_engine(warehouse.database_url(warehouse.AIRFLOW), poolclass=NullPool)
    with server.connect() as connection:
        return connection.execute(text(query)).all()


def runs_left() -> bool:
    asked = "SELECT 1 FROM dag_run WHERE state IN ('queued', 'running') LIMIT 1"
    return bool(of_airflow(asked))


def live(office: Office, minutes: float, every: float, kills: int) -> list[Look]:
    """Let files arrive for so long, then wait until nothing waits; return the looks."""
    begun, looks, since = time.monotonic(), [], dict[str, float]()
    end = begun + 60 * minutes
    due_kills = [begun + 10 + (end - begun) * n / max(kills, 1) for n in range(kills)]
    next_look = next_file = begun
    office.begin()
    while time.monotonic() < end or (due_kills and time.monotonic() < end + _DRAIN_SECONDS):
        now = time.monotonic()
        if now >= next_look:
            looks.append(look(since))
            _show((now - begun) / 60, looks[-1])
            next_look = now + _LOOK_SECONDS
        if now >= next_file + every and now < end:
            office.one_more()
            next_file = now
        if due_kills and now >= due_kills[0] and (task := kill_a_task()):
            due_kills.pop(0)
            office.put[f"killed in {task}"] += 1
        time.sleep(0.1)
    drained = time.monotonic() + _DRAIN_SECONDS
    while (pipeline.waiting() or runs_left()) and time.monotonic() < drained:
        time.sleep(2)
    looks.append(look(since))
    _show((time.monotonic() - begun) / 60, looks[-1])
    return looks


def grown(looks: list[Look]) -> list[str]:
    """Name what is larger in the last quarter of the looks than in the second."""
    share = len(looks) // 4
    if share < 4:
        return []
    wrong = []
    for field in fields(Look):
        early, late = (
            statistics.median(getattr(one, field.name) for one in part)
            for part in (looks[share : 2 * share], looks[-share:])
        )
        print(f"{field.name:12} {early:8.1f} → {late:8.1f}")
        if late > early * _MAY_GROW + 1:
            wrong.append(f"{field.name} grew from {early:.1f} to {late:.1f}")
    return wrong


def wrongly_taken(office: Office) -> list[str]:
    """Name what was not taken, taken twice, or counted otherwise than in an empty home."""
    wrong = [f"not taken: {one.name}" for one in pipeline.waiting()]
    twice = warehouse.rows_of(
        "SELECT file_name, sha256 FROM audit.submission GROUP BY 1, 2 HAVING count(*) > 1"
    )
    wrong += [f"taken twice: {row[0]}" for row in twice]
    figures = Counter(warehouse.rows_of(_FIGURES))
    with home() as folder, another_home(alone_in(folder)):
        registered(folder)
        for department, content in office.last.items():
            (folder / f"{department:05d}.xlsx").write_bytes(content)
        pipeline.collect([str(path) for path in sorted(folder.glob("0*.xlsx"))])
        expected = Counter(warehouse.rows_of(_FIGURES))
    print(f"figures: {figures.total()}, as an empty home has them: {figures == expected}")
    return wrong if figures == expected else [*wrong, "the figures differ"]


def registered(folder: Path) -> None:
    pipeline.register(str(register(folder / "register.xlsx", DEPARTMENTS)), at=REGISTERED_AT)


@contextmanager
def installation() -> Iterator[Path]:
    """Give a home with a registered government, and Airflow running."""
    with home() as folder:
        registered(folder)
        try:
            service.up(_PORT)
            yield folder
        finally:
            service.stop_airflow()


def main() -> None:
    asked = ArgumentParser()
    kinds: dict[str, Any] = {"minutes": 60.0, "every": 8.0, "kills": 0, "seed": 1}
    for name, usual in kinds.items():
        asked.add_argument(f"--{name}", type=type(usual), default=usual)
    told = asked.parse_args()
    members = members_of()
    with installation() as folder:
        (folder / "inbox").mkdir(exist_ok=True)
        office = Office(folder / "inbox", members, random.Random(told.seed), {}, Counter())  # noqa: S311
        print("minute " + " ".join(f"{field.name:>11}" for field in fields(Look)))
        looks = live(office, told.minutes, told.every, told.kills)
        print(f"arrived: {DEPARTMENTS} and {dict(office.put)}")
        wrong = grown(looks) + wrongly_taken(office)
    print(f"{len(wrong)} wrong")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()

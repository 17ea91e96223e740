"""One home with a server of its own, taken back to what it was before a step as often as wanted."""

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped]
import psycopg

from tests.torture import events, internals

MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 * 2**30  # noqa: S108  what a server and its copies take
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: what a killed child leaves becomes ours
_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_PATIENCE = 10.0  # seconds within which the readers of a killed process end by themselves


_CLOSE_GAPS = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN
        SELECT attrelid::regclass AS place, attname AS number
        FROM pg_attribute WHERE attidentity <> ''
    LOOP
        EXECUTE format(
            'SELECT setval(pg_get_serial_sequence(%L, %L), COALESCE(max(%I), 0) + 1, FALSE) FROM %s',
            one.place, one.number, one.number, one.place
        );
    END LOOP;
END $$
"""
Ask = Callable[[str], list[tuple[Any, ...]]]


class Ended(NamedTuple):
    """How a command ended (-9: killed), and what it said."""

    code: int
    said: str


class World:
    """A folder with `home`, its server (`server`), snapshots and the files of the scenario."""

    def __init__(self, root: Path) -> None:
        self.root, self.home, self.server = root, root / "home", root / "server"
        self.files, self.snapshots = root / "files", root / "snapshots"
        self.log = root / "events.txt"

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @contextlib.contextmanager
    def asking(self, database: str = internals.DATABASE) -> Iterator[Ask]:
        """Give a function that returns the rows of a query."""
        address = {"host": str(self.server / internals.SOCKETS), "user": "postgres"}
        with psycopg.connect(dbname=database, autocommit=True, **address) as connection:

            def ask(query: str) -> list[tuple[Any, ...]]:
                cursor = connection.execute(query)  # type: ignore[arg-type]
                return cursor.fetchall() if cursor.description else []

            yield ask

    def ask(self, query: str, database: str = internals.DATABASE) -> list[tuple[Any, ...]]:
        """Return the rows of a query, which stands alone: it may make or drop a database."""
        with self.asking(database) as ask:
            return ask(query)

    def save(self, name: str) -> None:
        """Keep database and files as they are now."""
        self._clone(internals.DATABASE, name)
        _copy(self.home, self.snapshots / name)

    def restore(self, name: str) -> None:
        """Take database and files back to what they were."""
        self._clone(name, internals.DATABASE)
        for left in self.strange_databases():
            self.ask(f'DROP DATABASE "{left}" WITH (FORCE)', "postgres")
        _copy(self.snapshots / name, self.home)

    def _clone(self, source: str, target: str) -> None:
        self.ask(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)', "postgres")
        self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{source}' AND pid <> pg_backend_pid()",
            "postgres",
        )
        self.ask(f'CREATE DATABASE "{target}" TEMPLATE "{source}"', "postgres")

    def close_gaps(self) -> None:
        """Let the database give the numbers again that a dead transaction took.

        Documents print the number of a submission; so those of a quarter that was disturbed have
        the same bytes.
        """
        self.ask(_CLOSE_GAPS)

    def strange_databases(self) -> list[str]:
        """The databases that no run should leave."""
        known = {"postgres", "template0", "template1", "airflow", internals.DATABASE}
        known |= {path.name for path in self.snapshots.iterdir()}
        names = {name for (name,) in self.ask("SELECT datname FROM pg_database", "postgres")}
        return sorted(names - known)

    def run(self, arguments: Sequence[str], at: int = 0, *, counted: bool = False) -> Ended:
        """Run `gongyak` in a forked child, which dies before its event `at` (0: it lives)."""
        told = self.root / "said.txt"
        child = os.fork()
        if not child:
            _become(arguments, told)
            events.arm(self.home, at, self.log if at or counted else None)
            _finish()
        _, status = os.waitpid(child, 0)
        return Ended(
            os.waitstatus_to_exitcode(status), told.read_text(encoding="utf-8", errors="replace")
        )

    def counted(self) -> list[events.Event]:
        """The events of the run that was counted last."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [events.Event(*line.split("\t", 1)) for line in lines]


def _become(arguments: Sequence[str], told: Path) -> None:
    """Turn a forked child into the shell: its arguments, its output in a file."""
    output = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["gongyak", *arguments]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _finish() -> None:
    """Run the shell and end this process, whatever comes."""
    code = 70
    try:
        internals.main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def orphans() -> list[str]:
    """Wait for what a killed process left running; end and name what does not end by itself."""
    until = time.monotonic() + _PATIENCE
    while (left := _left_children()) and time.monotonic() < until:
        time.sleep(0.01)
    named = [f"{one.name()} {one.pid}" for one in left]
    for one in left:
        with contextlib.suppress(psutil.Error):
            one.kill()
            os.waitpid(one.pid, 0)
    return named


def _left_children() -> list[Any]:
    """The children that are no server; those that ended are taken note of."""
    left = []
    for one in psutil.Process().children():
        with contextlib.suppress(psutil.Error, ChildProcessError):
            if one.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(one.pid, 0)
            elif one.name() != "postgres":
                left.append(one)
    return left


def _copy(source: Path, target: Path) -> None:
    """Copy a home without what leads to its server; what stands there goes."""
    target.mkdir(mode=0o700, exist_ok=True)
    for one in target.iterdir():
        if not one.is_symlink():
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    for one in source.iterdir():
        if not one.is_symlink():
            to = target / one.name
            shutil.copytree(one, to) if one.is_dir() else shutil.copy2(one, to)


@contextlib.contextmanager
def opened_world() -> Iterator[World]:
    """Give an empty home with a server of its own; both go when the block ends.

    This process takes its environment from it: use it in a process that does nothing else.
    """
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    with TemporaryDirectory(prefix="gongyak-torture-", dir=MEMORY if has_room else None) as folder:
        root = Path(folder)
        root.chmod(0o755)
        world = World(root)
        for one in (world.home, world.server, world.files, world.snapshots):
            one.mkdir(mode=0o700)
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGTERM)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        _use(world.server, root)
        try:
            internals.start_server(world.server)
            for name in ("pg", internals.SOCKETS):
                (world.home / name).symlink_to(world.server / name)
            _use(world.home, root)
            yield world
        finally:
            internals.stop_server(world.server)
            orphans()


def _use(home: Path, root: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GONGYAK_")]:
        del os.environ[name]
    temporary = root / "tmp"
    temporary.mkdir(exist_ok=True)
    # No developer's server, no browser that prints, and no temporary file outside the root.
    os.environ.update(
        GONGYAK_HOME=str(home), GONGYAK_DATABASE_URL="", GONGYAK_BROWSER="none",
        TMPDIR=str(temporary), PYTHONWARNINGS="ignore",
    )  # fmt: skip
    import tempfile

    tempfile.tempdir = None
    from etl.settings import settings

    settings.cache_clear()

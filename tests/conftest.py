"""One PostgreSQL server for the whole session, one fresh warehouse for every test.

The migrated warehouse is kept as a template; each test gets `warehouse` cloned from it: 15 ms in
memory, 20 times that on some disks, for 300 small files. A test's home is its own folder whose
`pg` and `run` lead to the shared server, so the product's usual way to the database, child processes
included, just works.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from shutil import copytree, disk_usage
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import HealthCheck

from etl import warehouse
from etl.check import judging
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse.server import on_server
from tests.factories import register_workbook
from tests.torture.internals import by_own_queries

# A busy machine is no fault of the code: no example has a deadline, and none is drawn too slowly.
# A warehouse may be shared by the examples of a test: they only ask it.
hypothesis.settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("patient")

TEMPLATE = "warehouse_template"
MEMORY, ROOM_BYTES = Path("/dev/shm"), 3 * 2**30  # noqa: S108  what two servers may grow to
REGISTERED_AT = datetime(2021, 1, 4, 9, 0, tzinfo=SEOUL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh", action="store_true", help="write what README.md and docs/*.md show anew"
    )
    parser.addoption(
        "--light",
        action="store_true",
        help="judge as a trial does, where a test is of other things",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let Airflow, where a test imports it, keep its files where they end with the tests."""
    folder = TemporaryDirectory(prefix="airflow-of-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["AIRFLOW_HOME"] = folder.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, or one process would end alone with one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Leave what was loaded alone: looking through all of it for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under --light the rules' own queries judge: they find what Great Expectations finds.

    tests/rules proves that, and every test without --light; a test of the judge itself has a
    fixture of this name that does nothing.
    """
    if request.config.getoption("--light"):
        monkeypatch.setattr(judging, "_validate", by_own_queries)


def _use_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GONGYAK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GONGYAK_HOME", str(home))
    monkeypatch.setenv("GONGYAK_DATABASE_URL", "")  # a developer's .env must not reach a test
    # Printing takes seconds; the tests of it name the browser again.
    monkeypatch.setenv("GONGYAK_BROWSER", "no-browser")
    settings.cache_clear()


def _forget_engine() -> None:
    warehouse.engine().dispose()
    warehouse.connection._engine_of.cache_clear()
    settings.cache_clear()


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """The folder of the session's server; it holds the template and the Airflow database."""
    with private_server() as folder:
        yield folder


@contextmanager
def private_server() -> Iterator[Path]:
    """A server for as long as the block lasts.

    It lies outside pytest's own folder, which another session closes to all but its owner; in
    memory, where the machine has room there.
    """
    has_room = MEMORY.is_dir() and disk_usage(MEMORY).free > ROOM_BYTES
    with TemporaryDirectory(prefix="gongyak", dir=MEMORY if has_room else None) as folder:
        Path(folder).chmod(0o755)
        yield from _server(Path(folder))


def _server(root: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use_home(monkeypatch, root)
        warehouse.database_url()
        on_server(
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "ALTER SYSTEM SET max_wal_size = '128MB'",
            "SELECT pg_reload_conf()",
        )
        warehouse.migrate()
        _forget_engine()
        _use_home(monkeypatch, root)
        on_server(f"ALTER DATABASE {warehouse.WAREHOUSE} RENAME TO {TEMPLATE}")
    settings.cache_clear()
    yield root / "pg"
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use_home(monkeypatch, root)
        warehouse.stop_embedded()
    settings.cache_clear()


@contextmanager
def fresh_home(server: Path, folder: Path, template: str = TEMPLATE) -> Iterator[Path]:
    """A GONGYAK_HOME with a warehouse of its own, for as long as the block lasts.

    The folder may be there already. The warehouse is a clone of the template: migrated and empty,
    unless another is named.
    """
    folder.mkdir(exist_ok=True)
    for name in ("pg", "run"):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(server.with_name(name))
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use_home(monkeypatch, folder)
        _forget_engine()  # a module's home may still be open, and its connections end here
        on_server(
            f"DROP DATABASE IF EXISTS {warehouse.WAREHOUSE} WITH (FORCE)",
            f"CREATE DATABASE {warehouse.WAREHOUSE} TEMPLATE {template}",
        )
        try:
            yield folder
        finally:
            _forget_engine()


Build = Callable[[Path], None]
Begin = Callable[[Build], Path]


class Beginnings:
    """What many tests begin with: built once by a function of a home, then copied for each test."""

    def __init__(self, server: Path, root: Path) -> None:
        self.server = server
        self.root = root
        self._template_of: dict[Build, str] = {}

    @contextmanager
    def home(self, build: Build, folder: Path) -> Iterator[Path]:
        """The home as `build` leaves it, in `folder`, with its warehouse."""
        template = self._template_of.get(build) or self._built(build)
        copytree(self.root / template, folder, symlinks=True)
        with fresh_home(self.server, folder, template):
            yield folder

    def _built(self, build: Build) -> str:
        template = f"beginning_{len(self._template_of)}"
        with fresh_home(self.server, self.root / template) as folder:
            build(folder)
            _forget_engine()
            on_server(f"ALTER DATABASE {warehouse.WAREHOUSE} RENAME TO {template}")
        self._template_of[build] = template
        return template


@pytest.fixture(scope="session")
def beginnings(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Beginnings:
    return Beginnings(server, tmp_path_factory.mktemp("beginnings"))


@pytest.fixture
def begin(beginnings: Beginnings, tmp_path: Path) -> Iterator[Begin]:
    """Return a function that gives the home which another one builds."""
    with ExitStack() as stack:
        yield lambda build: stack.enter_context(beginnings.home(build, tmp_path / "home"))


@pytest.fixture
def home(server: Path, tmp_path: Path) -> Iterator[Path]:
    """An empty GONGYAK_HOME with a migrated, empty warehouse."""
    with fresh_home(server, tmp_path / "home") as folder:
        yield folder


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A GONGYAK_HOME with nothing in it, for tests that start or stop a server of their own."""
    folder = tmp_path / "h"
    folder.mkdir()
    _use_home(monkeypatch, folder)
    yield folder
    warehouse.stop_embedded()
    warehouse.connection._engine_of.cache_clear()
    settings.cache_clear()


def registered(home: Path) -> None:
    """Load the register: 가람구 with three departments and four pledges."""
    from etl import pipeline

    pipeline.register(str(register_workbook(home / "register.xlsx")), at=REGISTERED_AT)


@pytest.fixture
def world(begin: Begin) -> Path:
    """A home whose register is loaded."""
    return begin(registered)

"""One PostgreSQL server for the whole session, one fresh warehouse for every test.

The migrated warehouse is kept as a template; each test gets `warehouse` cloned from it: 15 ms in
memory, 20 times that on some disks, for 300 small files. A test's home is its own folder whose `pg` leads to the shared
server, so the product's usual way to the database, child processes included, just works.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import HealthCheck
from sqlalchemy import create_engine, text

from etl import warehouse
from etl.quarter import SEOUL
from etl.settings import settings
from tests.factories import register_workbook

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
    warehouse._engine_of.cache_clear()
    settings.cache_clear()


def _on_server(*statements: str) -> None:
    engine = create_engine(warehouse.database_url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """The folder of the session's server; it holds the template and the Airflow database.

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
        _on_server(
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "ALTER SYSTEM SET max_wal_size = '128MB'",
            "SELECT pg_reload_conf()",
        )
        warehouse.migrate()
        _forget_engine()
        _use_home(monkeypatch, root)
        _on_server(f"ALTER DATABASE {warehouse.WAREHOUSE} RENAME TO {TEMPLATE}")
    settings.cache_clear()
    yield root / "pg"
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use_home(monkeypatch, root)
        warehouse.stop_embedded()
    settings.cache_clear()


@contextmanager
def fresh_home(server: Path, folder: Path) -> Iterator[Path]:
    """An empty GONGYAK_HOME with a migrated, empty warehouse, for as long as the block lasts."""
    folder.mkdir()
    (folder / "pg").symlink_to(server)
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use_home(monkeypatch, folder)
        _on_server(
            f"DROP DATABASE IF EXISTS {warehouse.WAREHOUSE} WITH (FORCE)",
            f"CREATE DATABASE {warehouse.WAREHOUSE} TEMPLATE {TEMPLATE}",
        )
        try:
            yield folder
        finally:
            _forget_engine()


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
    warehouse._engine_of.cache_clear()
    settings.cache_clear()


@pytest.fixture
def world(home: Path) -> Path:
    """A home whose register is loaded: 가람구 with three departments and four pledges."""
    from etl import pipeline

    pipeline.register(str(register_workbook(home / "register.xlsx")), at=REGISTERED_AT)
    return home

"""The schema of the warehouse: brought up to date, or made beside it and dropped again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]
from sqlalchemy import Connection, text

from etl.warehouse.connection import engine, schema_lock, transaction
from etl.warehouse.contents import content_stamp, is_as_shipped, write_contents
from etl.warehouse.server import CREATE_DATABASE, WAREHOUSE, create_databases, in_use, on_server
from etl.warehouse.watchdog import watched


def migrate() -> bool:
    """Bring the warehouse to the newest migration; return whether anything changed.

    Creates the databases on the embedded server. What stands in it before any file is written
    again whenever its text changed.
    """
    create_databases()
    if is_as_shipped():  # by far the most often: then nobody is waited for, nor is Alembic loaded
        return False
    from etl.warehouse.migrations import upgrade

    with schema_lock(), watched():
        before = _migration_state()
        upgrade(before)
        is_written = write_contents()
        return before != _migration_state() or is_written


class Schema(NamedTuple):
    """The last migration of a warehouse, and the stamp of what is written anew when it changes."""

    migration: str
    content: str


def schema_of(connection: Connection) -> Schema | None:
    """Return the schema of a warehouse; None before it was made, or of one begun before 0015."""
    made = connection.execute(text("SELECT to_regclass('audit.journal')")).scalar()
    if made is None:
        return None
    migration = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    content = connection.execute(text("SELECT content_hash FROM audit.schema_content")).scalar()
    return Schema(migration, content or "")


def shipped_schema() -> Schema:
    """Return the schema as this release makes it."""
    from etl.warehouse.migrations import known

    return Schema(known()[0], content_stamp())


def knows(migration: str) -> bool:
    """Tell whether this release can bring a warehouse of that migration up to date."""
    from etl.warehouse.migrations import known

    return migration in known()


def _migration_state() -> str | None:
    with transaction() as connection:
        exists = connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar()
        if exists is None:
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


_SCRATCH = f"{WAREHOUSE}_scratch_"


def _drop_left_over() -> None:
    """Drop the scratch warehouses of processes that are gone and that nobody is connected to."""
    with transaction() as connection:
        known = connection.execute(
            text(
                "SELECT datname FROM pg_database WHERE datname LIKE :p AND NOT EXISTS"
                " (SELECT 1 FROM pg_stat_activity AS a WHERE a.datid = pg_database.oid"
                " AND a.backend_type = 'client backend')"
            ),
            {"p": f"{_SCRATCH}%"},
        ).scalars().all()  # fmt: skip
    gone = [n for n in known if not psutil.pid_exists(int(n.removeprefix(_SCRATCH)))]
    on_server(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in gone))


@contextmanager
def scratch_warehouse() -> Iterator[None]:
    """Give an empty, migrated warehouse to everything inside the block; dropped at its end.

    It lies beside the real one on the same server. Raises UsageError where the user of a configured
    server may not create databases.
    """
    name = f"{_SCRATCH}{os.getpid()}"
    _drop_left_over()
    on_server(
        f'DROP DATABASE IF EXISTS "{name}"',
        CREATE_DATABASE.format(name=name),
        # What is done here is done again and again, and is gone at the end.
        f'ALTER DATABASE "{name}" SET plan_cache_mode = force_generic_plan',
        f'ALTER DATABASE "{name}" SET synchronous_commit = off',
    )
    token = in_use.set(name)
    try:
        migrate()
        yield
    finally:
        engine().dispose()
        in_use.reset(token)
        on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

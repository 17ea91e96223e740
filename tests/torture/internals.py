"""All that the torture knows of the project's insides: when one of these moves, only this file does.

Everything else goes through the shell (`etl.cli.main`), the files of the home, and what the
database's own catalogue says of its tables.
"""

import importlib
from pathlib import Path
from typing import Any

DATABASE = "warehouse"
SOCKETS = "run"  # where the server of a home has its socket

# What a command imports on its way; imported once, every forked command has it.
_IMPORTED = (
    "etl.cli.commands", "etl.cli.shell", "alembic.command", "pandas", "pyarrow.parquet",
    "openpyxl", "pebble", "etl.read_workbook", "etl.read_card", "etl.publish", "fsspec",
)  # fmt: skip


def warm() -> None:
    """Import what commands need."""
    for name in _IMPORTED:
        importlib.import_module(name)


def start_server(home: Path) -> None:
    """Start the embedded server of a home and make its empty, migrated warehouse."""
    from etl.warehouse import migrate
    from etl.warehouse.server import on_server

    migrate()
    on_server(
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET full_page_writes = off",
        "ALTER SYSTEM SET max_wal_size = '128MB'",
        "SELECT pg_reload_conf()",
    )
    forget()


def stop_server(home: Path) -> None:
    """Stop the server of a home."""
    from etl.warehouse import embedded

    embedded.stop(home)


def forget() -> None:
    """Let go of settings and connections, so that a child takes those of its own environment."""
    from etl.settings import settings
    from etl.warehouse import connection

    connection.engine().dispose()
    connection._engine_of.cache_clear()
    settings.cache_clear()


def lighten() -> None:
    """Let the rules' own queries judge, without Great Expectations before them."""
    from etl.check import judging

    judging._validate = by_own_queries


def by_own_queries(connection: Any, _schema: str, asked: Any, at: Any, _record: Any) -> None:
    """Do what a trial does in place of asking Great Expectations, of whose run nothing is kept."""
    from etl.check import CheckRecord, judging

    judging._ask(connection, asked, at, CheckRecord())


def main() -> None:
    """Run the shell with this process's arguments."""
    from etl.cli import main as shell

    shell()

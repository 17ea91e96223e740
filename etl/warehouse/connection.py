"""The engine, transactions, and every .sql file: no other package opens `sql/`."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Row,
    TextClause,
    create_engine,
    event,
    text,
)

from etl.settings import settings
from etl.warehouse.server import SCHEMA_LOCK, database_url, in_use, outage_told

SQL = Path(__file__).parents[2] / "sql"

MANY_ROWS = 1_000
"""So many new rows make fresh statistics pay for themselves; PostgreSQL sees to fewer itself."""

_PREPARED = 1_000  # statements of a session that keep their plans; a batch asks over a hundred

# The server asks after a client that says nothing: a machine that is lost holds its turns for a
# minute and a half, not for the two hours after which its kernel would ask.
_ALIVE = {"tcp_keepalives_idle": 60, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}
_OPTIONS = " ".join(
    f"-c {name}={value}" for name, value in ({"timezone": "Asia/Seoul"} | _ALIVE).items()
)

T = TypeVar("T")


@cache
def _engine_of(_home: Path, _url: Any, _database: str, _process: int) -> Engine:
    made = create_engine(database_url(), pool_size=4, connect_args={"options": _OPTIONS})
    event.listen(made, "do_connect", _find_server)
    event.listen(made, "connect", _keep_plans)
    return made


def _find_server(_dialect: Any, _record: Any, _told: Any, parameters: dict[str, Any]) -> None:
    """Start the embedded server where it does not run: whoever is connected needs no look at it."""
    parameters["host"] = database_url().query.get("host", parameters["host"])


def _keep_plans(connection: Any, _record: Any) -> None:
    connection.prepare_threshold, connection.prepared_max = 1, _PREPARED


def engine() -> Engine:
    """Return this process's engine on the warehouse."""
    config = settings()
    return _engine_of(config.home, config.database_url, in_use.get(), os.getpid())


@contextmanager
def transaction() -> Iterator[Connection]:
    """Open one transaction: all of it is committed, or nothing.

    Raises OutageError when the database is away.
    """
    with outage_told(), engine().begin() as connection:
        yield connection


@contextmanager
def schema_lock() -> Iterator[None]:
    """Hold the lock with which one process alone brings the schema up to date; waits for it."""
    with outage_told(), engine().connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": SCHEMA_LOCK})
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": SCHEMA_LOCK})
            connection.commit()


def run_file(connection: Connection, name: str, **parameters: Any) -> Sequence[Row[Any]]:
    """Run one file below `sql/` with bound parameters; return its rows (none for a command)."""
    result = connection.execute(statement(name), parameters)
    return result.all() if result.returns_rows else []


def run_as_it_is(connection: Connection, statement: str) -> CursorResult[Any]:
    """Run a statement in which no sign stands for a parameter, be it a colon or per cent."""
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def run_alone(name: str, **parameters: Any) -> Sequence[Row[Any]]:
    """Do what `run_file` does in a transaction of its own."""
    with transaction() as connection:
        return run_file(connection, name, **parameters)


def rows_of(query: str, **parameters: Any) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rows of a query, in a transaction of its own."""
    with transaction() as connection:
        return connection.execute(text(query), parameters).all()


def values_of(query: str, **parameters: Any) -> list[Any]:
    """Return the first column of a query, in a transaction of its own."""
    return [row[0] for row in rows_of(query, **parameters)]


def records(kind: Callable[..., T], rows: Iterable[Row[Any]]) -> list[T]:
    """Make a record of each row; its fields are named as the columns."""
    return [kind(**row._mapping) for row in rows]


@cache
def sql_text(name: str) -> str:
    """Return the text of one file below `sql/`, for example ``load/withdraw.sql``."""
    return (SQL / name).read_text(encoding="utf-8")


@cache
def statement(name: str) -> TextClause:
    """Return one file below `sql/` as a statement whose parameters are known."""
    return text(sql_text(name))


def for_many_rows(connection: Connection) -> None:
    """Let this transaction plan by small samples, and sort what it reads without spilling to disk.

    ANALYZE looks at 300 × 10 rows of a table then, a tenth of the work: rows here are much alike.
    """
    connection.exec_driver_sql("SET LOCAL default_statistics_target = 10")
    connection.exec_driver_sql("SET LOCAL work_mem = '16MB'")


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Hold Python's search for cycles while many rows are made: they hold none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows into a table: the fastest way in that PostgreSQL has."""
    driver: Any = connection.connection.driver_connection
    listed = ", ".join(columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)

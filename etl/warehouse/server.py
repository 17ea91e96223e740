"""The PostgreSQL server: the embedded one by default, or the one that `GONGYAK_DATABASE_URL` names.

Both are PostgreSQL 18 or newer and behave alike.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import psycopg
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from etl.problems import OutageError, UsageError
from etl.settings import settings
from etl.warehouse import embedded

WAREHOUSE = "warehouse"
AIRFLOW = "airflow"
SCHEMA_LOCK = 7_420_260_102

# The built-in locale sorts and compares alike on every machine, and Hangul in its own order.
CREATE_DATABASE = """
CREATE DATABASE "{name}" TEMPLATE template0 ENCODING 'UTF8'
LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'
"""

# The database that this thread of work takes for the warehouse.
in_use: ContextVar[str] = ContextVar("database_in_use", default=WAREHOUSE)


@contextmanager
def _embedded_told(failed: str, untouched: str, again: str) -> Iterator[None]:
    """Raise OutageError where the embedded server does not do what is asked inside the block."""
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        raise OutageError(
            f"내장 PostgreSQL을 {settings().home.resolve()}에서 {failed}({error}).",
            untouched,
            f"디스크 여유와 폴더 권한을 확인한 뒤 {again}.",
        ) from error


def _start_embedded(home: Path) -> Path:
    """Start the server where it does not run; return its socket's folder."""
    with _embedded_told("시작하지 못했습니다", "아무것도 바뀌지 않았습니다.", "다시 실행하십시오"):
        return embedded.start(home)


def has_server() -> bool:
    """Tell whether a server is configured, or the embedded one was ever made in this home."""
    return bool(settings().database_url) or embedded.is_made(settings().home.resolve())


def stop_embedded() -> bool:
    """Stop the embedded server if it runs; return whether it did. Data stay where they are."""
    if settings().database_url:
        return False
    with _embedded_told(
        "멈추지 못했습니다", "자료는 그대로입니다.", "gongyak down을 다시 실행하십시오"
    ):
        return embedded.stop(settings().home.resolve())


def database_url(database: str | None = None, driver: str = "psycopg") -> URL:
    """Return the URL of a database on the server in use, starting the embedded one if needed.

    Without a name it is the warehouse.

    `psycopg2` gives the form that Airflow and Great Expectations take: neither accepts an
    address without a host name, so the socket folder stands in the query.
    """
    config, database = settings(), database or in_use.get()
    if database == AIRFLOW and config.airflow_database_url:
        url = make_url(config.airflow_database_url.get_secret_value())
        return url.set(drivername=f"postgresql+{driver}")
    if config.database_url:
        url = make_url(config.database_url.get_secret_value())
        return url.set(drivername=f"postgresql+{driver}", database=_name_on_server(url, database))
    return _at_socket(str(_start_embedded(config.home.resolve())), database, driver)


def running_url(database: str = WAREHOUSE) -> URL | None:
    """Return the URL of a database; None where the embedded server does not run; starts none."""
    config = settings()
    if config.database_url:
        return database_url(database)
    running = embedded.running(config.home.resolve())
    return _at_socket(str(running.socket_folder), database, "psycopg") if running else None


def _at_socket(folder: str, database: str, driver: str) -> URL:
    return URL.create(
        f"postgresql+{driver}",
        username="postgres",
        password="x" if driver == "psycopg2" else None,
        host="localhost" if driver == "psycopg2" else None,
        port=5432 if driver == "psycopg2" else None,
        database=database,
        query={"host": folder},
    )


def _name_on_server(url: URL, database: str) -> str:
    """Return the database's name on a configured server, whose URL may name the warehouse."""
    return (url.database or WAREHOUSE) if database == WAREHOUSE else database


# Classes of PostgreSQL's error codes: connection, deadlock, resources, shutdown, its disk.
_OUTAGES = ("08", "40", "53", "57", "58")

# What the driver raises itself where it is used without SQLAlchemy, as for COPY.
_OF_DRIVER = (psycopg.OperationalError, psycopg.InterfaceError)


def outage_of(error: Exception) -> OutageError | None:
    """Return what an error tells of a server that is away or short of something.

    None where the server is only at odds with what it got.
    """
    cause = getattr(error, "orig", error)
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if not isinstance(error, (OperationalError, InterfaceError, *_OF_DRIVER)) or (
        state is not None and state[:2] not in _OUTAGES
    ):
        return None
    return OutageError(
        f"데이터베이스가 응답하지 않습니다({cause}).",
        "진행 중이던 작업은 하나도 반영되지 않았습니다.",
        "데이터베이스를 확인한 뒤 같은 명령을 다시 실행하십시오.",
    )


@contextmanager
def outage_told() -> Iterator[None]:
    """Raise OutageError where the database is away or short of something inside the block."""
    try:
        yield
    except Exception as error:
        if told := outage_of(error):
            raise told from error
        raise


def create_databases() -> None:
    """Make the databases that the embedded server lacks; a configured server has its own."""
    if settings().database_url:
        return
    maintenance = create_engine(database_url("postgres"), isolation_level="AUTOCOMMIT")
    with outage_told(), maintenance.connect() as connection:
        # Let go when the session ends, below.
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": SCHEMA_LOCK})
        names = set(connection.execute(text("SELECT datname FROM pg_database")).scalars())
        for name in (WAREHOUSE, AIRFLOW):
            if name not in names:
                connection.execute(text(CREATE_DATABASE.format(name=name)))
        for name in (AIRFLOW, "postgres", "template1"):  # no place of an analyst
            connection.execute(text(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC"))
    maintenance.dispose()


def make_airflow_database() -> None:
    """Make the database of Airflow on a configured server that lacks it.

    Whoever gave it a login of its own has made it too.
    """
    if settings().airflow_database_url:
        return
    server = create_engine(database_url(), isolation_level="AUTOCOMMIT")
    with outage_told(), server.connect() as connection:
        known = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": AIRFLOW}
        ).scalar()
        if not known:
            connection.execute(text(f'CREATE DATABASE "{AIRFLOW}"'))
    server.dispose()


def on_server(*statements: str) -> None:
    """Run statements on the server itself, each by itself; they make and drop databases.

    Raises UsageError where the user of a configured server may not.
    """
    server = create_engine(database_url("postgres"), isolation_level="AUTOCOMMIT")
    try:
        with outage_told(), server.connect() as connection:
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

"""Warehouse and Airflow on one server of one's own: a login and a database for each.

Run by whoever administers the server, `docker-compose.yml` among them, before anything else; again
it changes nothing but passwords that are others by now. Neither login may enter the other's
database, and neither is a superuser.
"""

import os
import sys
from pathlib import Path
from typing import Any, LiteralString

from psycopg import Connection, connect
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import URL, make_url

from etl.problems import GongyakError, UsageError
from etl.settings import settings
from etl.warehouse import CREATE_DATABASE, outage_told, sql_text

_ADMINISTRATOR = "postgres"
# What each login may beside its own database: proofs are made in databases of their own, and
# analysts have a login that ours makes.
_OURS, _AIRFLOWS = "CREATEDB CREATEROLE", "NOCREATEDB NOCREATEROLE"


def make_databases() -> None:
    """Make what GONGYAK_DATABASE_URL and GONGYAK_AIRFLOW_DATABASE_URL name, where it is missing.

    The administrator's password is in the file that POSTGRES_PASSWORD_FILE names. Raises UsageError
    where one of the three is not told, OutageError where the server is away.
    """
    ours, airflows = _told()
    with outage_told(), _as_administrator(ours, _ADMINISTRATOR) as connection:
        _make(connection, ours, _OURS)
        _make(connection, airflows, _AIRFLOWS)
        for name in (_ADMINISTRATOR, "template1"):  # nobody's place
            _run(connection, "REVOKE CONNECT ON DATABASE {} FROM PUBLIC", name)
        # From here databases are made.
        _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", _ADMINISTRATOR, ours.username)
    with outage_told(), _as_administrator(ours, ours.database) as connection:
        connection.execute(sql_text("server/warehouse.sql").encode())


def _told() -> tuple[URL, URL]:
    """Return the addresses of warehouse and Airflow; raises UsageError where one cannot be used."""
    urls = settings().database_url, settings().airflow_database_url
    told = [make_url(url.get_secret_value()) for url in urls if url]
    whole = [url for url in told if url.username and url.password and url.database]
    are_apart = len({url.username for url in whole}) == len({url.database for url in whole}) == 2
    if not are_apart or "POSTGRES_PASSWORD_FILE" not in os.environ:
        raise UsageError.refused(
            "창고와 Airflow의 데이터베이스를 만들 수 없습니다. 이름과 암호가 서로 다른"
            " GONGYAK_DATABASE_URL과 GONGYAK_AIRFLOW_DATABASE_URL, 관리자 암호의 파일을 가리키는"
            " POSTGRES_PASSWORD_FILE이 있어야 합니다.",
            "`make env`가 만든 secrets 폴더가 온전한지 확인하십시오.",
        )
    return whole[0], whole[1]


def _as_administrator(server: URL, database: str | None) -> Connection[Any]:
    password = Path(os.environ["POSTGRES_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
    return connect(
        host=server.host or str(server.query.get("host", "")),
        port=server.port or 5432,
        user=_ADMINISTRATOR,
        password=password,
        dbname=database,
        autocommit=True,
    )


def _make(connection: Connection[Any], url: URL, rights: LiteralString) -> None:
    """Make a login, its database where it is missing, and keep all others out of that."""
    login, database = str(url.username), str(url.database)
    if not _is_known(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", login):
        _run(connection, "CREATE ROLE {}", login)
    # Hashed here: no log of the server has the password itself.
    hashed = connection.pgconn.encrypt_password(str(url.password).encode(), login.encode())
    _run(connection, "ALTER ROLE {} LOGIN " + rights, login)
    connection.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(login), hashed.decode()))
    if not _is_known(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
        connection.execute(CREATE_DATABASE.format(name=database).encode())
        _run(connection, "ALTER DATABASE {} OWNER TO {}", database, login)
    _run(connection, "REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC", database)


def _is_known(connection: Connection[Any], query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _run(connection: Connection[Any], statement: LiteralString, *names: str | None) -> None:
    connection.execute(_composed(statement, *names))


def _composed(statement: LiteralString, *names: str | None) -> Composed:
    return SQL(statement).format(*(Identifier(str(name)) for name in names))


if __name__ == "__main__":
    try:
        make_databases()
    except GongyakError as error:
        sys.exit(str(error))

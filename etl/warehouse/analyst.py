"""The analyst's session: one read-only statement at a time, on the marts alone."""

import hashlib
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, ResourceClosedError
from sqlalchemy.pool import NullPool

from etl.problems import UsageError
from etl.settings import settings
from etl.warehouse.server import database_url

# The login of `gongyak sql`, and the limits of its sessions.
ANALYST = "gongyak_analyst"

_ANALYST_OPTIONS = "-c timezone=Asia/Seoul -c default_transaction_read_only=on"

# What of our own URL tells where the server is and how to trust it; never what opens it.
_ADDRESS = frozenset(
    {"host", "hostaddr", "port", "sslmode", "sslrootcert", "sslnegotiation",
     "target_session_attrs", "connect_timeout"}
)  # fmt: skip

_ASK = "mart 스키마의 표를 SELECT로 조회하십시오."


def analyst_password() -> str:
    """Return the password of the analyst's login: made from our own, so that nobody keeps it.

    It is given to people (`analyst_dsn`), and made so slowly that they cannot guess ours from it.
    """
    return _made_from(str(database_url().password or ""))


@cache
def _made_from(own: str) -> str:
    if not own:  # a server that asks for none
        return hashlib.sha256(f"{ANALYST}:".encode()).hexdigest()
    return hashlib.scrypt(own.encode(), salt=ANALYST.encode(), n=2**14, r=8, p=1, dklen=32).hex()


def analyst_dsn() -> str:
    """Return the URL, for any program that knows libpq's, of the analyst's login: its password too.

    The embedded server asks for none: who can enter the home may read. Of what our own URL says
    only where the server is goes along, and how to know it.
    """
    url = database_url()
    told = {name: value for name, value in url.query.items() if name in _ADDRESS}
    place = f"{url.host or ''}{f':{url.port}' if url.port else ''}"
    if ":" in (url.host or ""):
        place = place.replace(url.host or "", f"[{url.host}]", 1)
    login = f"{ANALYST}:{analyst_password()}" if url.password else ANALYST
    asked = urlencode(told, doseq=True, quote_via=quote, safe="/")
    return f"postgresql://{login}@{place}/{quote(url.database or '')}{'?' if asked else ''}{asked}"


def login_statements() -> tuple[str, ...]:
    """Return what gives the login its password and the limits that its sessions begin with."""
    seconds = settings().analyst_seconds
    return (
        f"ALTER ROLE {ANALYST} PASSWORD '{analyst_password()}'",
        f"ALTER ROLE {ANALYST} SET statement_timeout = '{seconds}s'",
        f"ALTER ROLE {ANALYST} SET timezone = 'Asia/Seoul'",
        f"ALTER ROLE {ANALYST} SET default_transaction_read_only = on",
        f"ALTER ROLE {ANALYST} SET idle_in_transaction_session_timeout = '{seconds}s'",
    )


def analyst_query(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one read-only statement in an analyst's session; raises UsageError in PostgreSQL's words.

    The session is a login of its own: whatever the statement does, there is nothing more to gain.
    """
    url = database_url().set(username=ANALYST, password=analyst_password())
    options = f"{_ANALYST_OPTIONS} -c statement_timeout={settings().analyst_seconds}s"
    session = create_engine(url, poolclass=NullPool, connect_args={"options": options})
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

"""The analyst's session: one read-only statement at a time, on the marts alone."""

import hashlib
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, ResourceClosedError
from sqlalchemy.pool import NullPool

from etl.problems import UsageError
from etl.settings import settings
from etl.warehouse.diagram import TableBox, diagram
from etl.warehouse.server import database_url

# The login of `gongyak sql`, and the limits of its sessions.
ANALYST = "gongyak_analyst"

_ANALYST_OPTIONS = "-c timezone=Asia/Seoul -c default_transaction_read_only=on"

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

_ASK = "mart 스키마의 표를 SELECT로 조회하십시오."


def analyst_password() -> str:
    """Return the password of the analyst's login: made from our own, so that nobody keeps it."""
    own = f"{ANALYST}:{database_url().password or ''}"
    return hashlib.sha256(own.encode()).hexdigest()


def login_statements() -> tuple[str, ...]:
    """Return what gives the login its password and the limits that its sessions begin with."""
    seconds = settings().analyst_seconds
    return (
        f"ALTER ROLE {ANALYST} PASSWORD '{analyst_password()}'",
        f"ALTER ROLE {ANALYST} SET statement_timeout = '{seconds}s'",
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


def mart_diagram() -> str:
    """Return a picture of the marts as an analyst sees them, from the catalogue: one SVG."""
    _, rows = analyst_query(
        "SELECT table_name, table_comment, column_name, data_type, is_key"
        " FROM mart.data_dictionary ORDER BY table_name, column_number"
    )
    boxes: dict[str, TableBox] = {}
    for name, comment, column, data_type, is_key in rows:
        boxes.setdefault(name, TableBox(name, comment)).columns.append((column, data_type, is_key))
    return diagram(list(boxes.values()), _HUBS, "mart의 표와 그 이어짐")

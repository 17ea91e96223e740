"""Analysts' sessions that put their own limits off are ended by us, and no others."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from etl import pipeline, warehouse
from etl.settings import settings
from etl.warehouse import end_overdue, transaction
from etl.warehouse.analyst import ANALYST, analyst_password
from tests.factories import GOVERNMENT, QUARTER

LIMIT = 1
LONGER = LIMIT + 0.3
PUT_OFF = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"


@pytest.fixture
def impatient(world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GONGYAK_ANALYST_SECONDS", str(LIMIT))
    settings.cache_clear()
    return world


@pytest.fixture
def sessions() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connected(sessions: ExitStack, user: str = ANALYST) -> psycopg.Connection:
    """Connect as a program of an analyst's does, without a limit."""
    connection = psycopg.connect(
        host=str(warehouse.database_url().query["host"]), user=user, dbname="warehouse",
        password=analyst_password(), autocommit=True,
    )  # fmt: skip
    sessions.callback(connection.close)
    connection.execute(PUT_OFF)
    return connection


def reading(sessions: ExitStack, user: str = ANALYST) -> psycopg.Connection:
    """Leave a transaction open that has read a view."""
    connection = connected(sessions, user)
    connection.execute("BEGIN")
    connection.execute("SELECT * FROM mart.figure_comparison")
    return connection


def upgrade() -> None:
    """Migrate as a program whose views differ does."""
    with transaction() as connection:
        connection.execute(text("UPDATE audit.schema_content SET content_hash = 'another'"))
    assert warehouse.migrate()


def is_open(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.slow
def test_a_statement_that_put_off_its_limit_is_ended(impatient: Path, sessions: ExitStack) -> None:
    session = connected(sessions)
    session.pgconn.send_query(b"SELECT pg_sleep(60)")
    assert end_overdue() == 0  # it is not over yet
    time.sleep(LONGER)
    assert end_overdue() == 1
    told = session.pgconn.get_result()
    assert told is not None
    assert b"terminating connection" in told.error_message


@pytest.mark.slow
def test_an_open_transaction_is_ended(
    impatient: Path, sessions: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    session = reading(sessions)
    time.sleep(LONGER)
    assert end_overdue() == 1
    assert not is_open(session)
    assert "state=idle in transaction" in caplog.text


@pytest.mark.slow
def test_others_are_not(impatient: Path, sessions: ExitStack) -> None:
    """A session between two quick statements, and the open transactions of other logins."""
    quick, ours = connected(sessions), reading(sessions, "postgres")
    quick.execute("SELECT * FROM mart.pledge_status")
    time.sleep(LONGER)
    assert end_overdue() == 0
    assert is_open(quick)
    assert is_open(ours)


@pytest.mark.slow
def test_an_upgrade_waits_for_no_analyst(impatient: Path, sessions: ExitStack) -> None:
    session = reading(sessions)
    started = time.monotonic()
    upgrade()
    assert time.monotonic() - started < 20
    assert not is_open(session)


@pytest.mark.slow
def test_marts_are_replaced_with_no_analyst_behind(impatient: Path, sessions: ExitStack) -> None:
    session = reading(sessions)
    time.sleep(LONGER)
    pipeline.refresh(QUARTER, GOVERNMENT)
    assert not is_open(session)


def test_sessions_begin_with_limits(world: Path, sessions: ExitStack) -> None:
    upgrade()  # logins are the whole server's, and other tests have limits of their own
    session = connected(sessions)
    session.execute("RESET ALL")
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        assert session.execute(f"SHOW {name}").fetchone() == ("1min",)


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        "CREATE TEMP TABLE mine (x int)",
        "SELECT pg_advisory_lock(number) FROM generate_series(1, 1000000) AS number",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
        "BEGIN; LOCK TABLE mart.pledge_status IN ROW SHARE MODE",
        "SELECT * FROM mart.pledge_status FOR KEY SHARE",
    ],
)
def test_nothing_that_others_wait_for_can_be_taken(
    world: Path, sessions: ExitStack, asked: str
) -> None:
    upgrade()  # what a database was granted is not copied with it
    session = connected(sessions)
    session.execute("SET default_transaction_read_only = off")  # which anybody may
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(asked.encode())

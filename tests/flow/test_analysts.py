"""What an analyst's session can read, and what it cannot, whatever it asks."""

from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from etl import pipeline, warehouse
from etl.problems import UsageError
from etl.settings import settings
from etl.warehouse import analyst_query, dictionary, transaction
from etl.warehouse.analyst import ANALYST, analyst_password
from tests.conftest import Begin, registered
from tests.factories import return_workbook
from tests.flow.shell import run

MARTS = sorted(name for name in dictionary()["tables"] if name.startswith("mart."))


@pytest.mark.slow
@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_can_be_read(world: Path, mart: str) -> None:
    headers, _ = analyst_query(f"SELECT * FROM {mart} LIMIT 1")
    assert headers == dictionary()["tables"][mart]["columns"]


def test_the_dictionary_says_what_the_comments_say(world: Path) -> None:
    _, rows = analyst_query(
        "SELECT column_comment, is_key FROM mart.data_dictionary"
        " WHERE table_name = 'implementation_rate' AND column_name = 'figure_code'"
    )
    assert rows == [(dictionary()["columns"]["figure_code"], True)]
    _, told = analyst_query("SELECT DISTINCT 'mart.' || table_name FROM mart.data_dictionary")
    assert sorted(name for (name,) in told) == MARTS
    _, blank = analyst_query(
        "SELECT table_name, column_name FROM mart.data_dictionary"
        " WHERE COALESCE(column_comment, '') = '' OR COALESCE(table_comment, '') = ''"
    )
    assert blank == []
    _, codes = analyst_query("SELECT name FROM mart.code WHERE code = 'COMPLETED_ONGOING'")
    assert codes == [("이행후계속추진",)]


HOSTILE = {
    "people": "SELECT * FROM restricted.contact",
    "staging": "SELECT * FROM staging.quarterly_return__progress",
    "history": "SELECT * FROM core.pledge_report",
    "audit": "SELECT * FROM audit.submission",
    "delete": "DELETE FROM mart.pledge_status",
    "hidden delete": "WITH d AS (DELETE FROM mart.pledge_status RETURNING 1) SELECT * FROM d",
    "drop": "DROP VIEW mart.figure_comparison",
    "several": "SELECT 1; RESET ROLE; DELETE FROM mart.pledge_status",
    "commit first": "COMMIT; DELETE FROM mart.pledge_status",
    "role put off": "SELECT set_config('role', 'none', true),"
    " query_to_xml('SELECT * FROM restricted.contact', true, true, '')",
    "session put off": "SELECT set_config('session_authorization', 'postgres', true)",
    "role": "SET ROLE postgres",
    "file": "SELECT pg_read_file('PG_VERSION')",
    "program": "COPY (SELECT 1) TO PROGRAM 'id'",
    "file out": "COPY (SELECT 1) TO '/tmp/x'",
    "large object": "SELECT lo_export(1, '/tmp/x')",
    "stop others": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE usename = 'postgres'",
    "write allowed": "SELECT set_config('default_transaction_read_only', 'off', false),"
    " query_to_xml('DELETE FROM mart.pledge_status RETURNING 1', true, true, '')",
    "nothing": "",
    "no rows": "SET statement_timeout = 0",
    "no SQL": "'; --",
}  # fmt: skip


def with_a_contact(home: Path) -> None:
    registered(home)
    contacts = [{"이름": "홍길동", "전화": "02-0000"}]
    assert pipeline.collect([str(return_workbook(home / "a.xlsx", contacts=contacts))]).accepted


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_nothing_else_can_be_read_or_changed(begin: Begin, query: str) -> None:
    begin(with_a_contact)
    with pytest.raises(UsageError, match="자료는 그대로입니다"):
        analyst_query(query)
    with transaction() as connection:
        left = connection.execute(text("SELECT count(*) FROM mart.pledge_status")).scalar_one()
    assert left == 4


def test_a_session_has_no_more_than_its_login(world: Path) -> None:
    _, [(user, session)] = analyst_query("SELECT current_user, session_user")
    assert (user, session) == ("gongyak_analyst", "gongyak_analyst")
    _, [(is_super, creates)] = analyst_query(
        "SELECT rolsuper, rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    assert (is_super, creates) == (False, False)


def test_its_login_writes_nothing_and_goes_nowhere_else(world: Path) -> None:
    """What a session of `gongyak sql` may not ask, a session of another program cannot either."""
    own = warehouse.database_url().set(username=ANALYST, password=analyst_password())
    for url, asked, refused in (
        (own, "SELECT lo_creat(-1)", "permission denied for function lo_creat"),
        (own, "CREATE TABLE mart.mine (x int)", "permission denied for schema mart"),
        (own.set(database=warehouse.AIRFLOW), "SELECT 1", "permission denied for database"),
        (own.set(database="postgres"), "SELECT 1", "permission denied for database"),
    ):
        # Read-only it is only until it says otherwise.
        options = {"options": "-c default_transaction_read_only=off"}
        engine = create_engine(url, poolclass=NullPool, connect_args=options)
        with pytest.raises(DBAPIError, match=refused), engine.connect() as connection:
            connection.execute(text(asked))
    with create_engine(own, poolclass=NullPool).connect() as connection:
        assert connection.execute(text("SHOW temp_file_limit")).scalar() == "2GB"
        assert connection.execute(text("SHOW timezone")).scalar() == "Asia/Seoul"
        assert connection.execute(text("SHOW default_transaction_read_only")).scalar() == "on"


@pytest.mark.parametrize(
    "asked", ["SELECT current_user", "SELECT count(*) FROM mart.pledge_status"]
)
def test_the_dsn_opens_a_session_of_the_analyst(world: Path, asked: str) -> None:
    said = run("sql", "--dsn")
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == f"postgresql://{ANALYST}@/warehouse?host={quote(str((world / 'run').resolve()))}\n"
    )
    with psycopg.connect(said.out.strip()) as connection:
        assert connection.execute(asked).fetchall() == analyst_query(asked)[1]


SERVERS = {
    "postgresql://gongyak:own@db.example.kr:6432/pledges?sslmode=require&sslkey=/k&options=-c%20a=b":
        "postgresql://gongyak_analyst:{password}@db.example.kr:6432/pledges?sslmode=require",
    "postgresql+psycopg://gongyak:o%40n@db/": "postgresql://gongyak_analyst:{password}@db/warehouse",
    "postgresql://gongyak@[::1]:5433/가 나": "postgresql://gongyak_analyst@[::1]:5433/"
        "%EA%B0%80%20%EB%82%98",
    "postgresql://gongyak:own@/pledges?host=/run/a b&password=mine":
        "postgresql://gongyak_analyst:{password}@/pledges?host=/run/a%20b",
}  # fmt: skip


@pytest.mark.parametrize(("own", "expected"), SERVERS.items(), ids=map(str, range(len(SERVERS))))
def test_of_our_own_url_only_the_address_is_handed_on(
    own: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGYAK_DATABASE_URL", own)
    settings.cache_clear()
    dsn = warehouse.analyst_dsn()
    assert dsn == expected.format(password=analyst_password())
    assert not [secret for secret in ("own", "o%40n", "o@n", "mine", "/k") if secret in dsn]
    assert conninfo_to_dict(dsn)["user"] == ANALYST
    settings.cache_clear()


def test_another_password_of_ours_makes_another_for_the_analyst(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = set()
    for own in ("postgresql://g:a@db/w", "postgresql://g:b@db/w", "postgresql://other:a@db/w"):
        monkeypatch.setenv("GONGYAK_DATABASE_URL", own)
        settings.cache_clear()
        made.add(analyst_password())
    settings.cache_clear()
    assert [len(password) for password in sorted(made)] == [64, 64]


def test_a_percent_sign_is_one(world: Path) -> None:
    assert analyst_query("SELECT 7 % 4, 'a%s' LIKE 'a%'") == (["?column?", "?column?"], [(3, True)])

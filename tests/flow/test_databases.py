"""A server of the office's own: warehouse and Airflow each have a login and a database there."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from etl import pipeline, warehouse
from etl.databases import make_databases
from etl.problems import UsageError
from etl.settings import another_home
from etl.warehouse.server import on_server

# Long enough to be no word of a message, and of letters that an address takes as they are.
OURS, AIRFLOWS = "our-long-password", "their-long-password"


@pytest.fixture
def office(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The settings of an office whose server has none of its databases yet."""
    folder = warehouse.database_url().query["host"]
    password = tmp_path / "postgres_password"
    password.write_text("administrator\n")
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(password))
    yield {
        "GONGYAK_DATABASE_URL": f"postgresql://own_ours:{OURS}@/own_warehouse?host={folder}",
        "GONGYAK_AIRFLOW_DATABASE_URL": (
            f"postgresql+psycopg2://own_airflow:{AIRFLOWS}@/own_airflow?host={folder}"
        ),
    }
    on_server(
        "DROP DATABASE IF EXISTS own_warehouse WITH (FORCE)",
        "DROP DATABASE IF EXISTS own_airflow WITH (FORCE)",
        "DROP OWNED BY own_ours, own_airflow CASCADE",
        "DROP ROLE own_ours, own_airflow",
    )


def _asked(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    server = create_engine(warehouse.database_url("postgres"))
    with server.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(statement), values)]
    server.dispose()
    return rows


def _made(office: Mapping[str, str]) -> None:
    with another_home(office):
        make_databases()


def test_neither_login_enters_the_others_database(office: dict[str, str]) -> None:
    _made(office)
    _made(office)  # changes nothing
    rights = _asked(
        "SELECT login, place, HAS_DATABASE_PRIVILEGE(login, place, 'CONNECT')"
        " FROM UNNEST(ARRAY['own_ours', 'own_airflow']) AS login,"
        " UNNEST(ARRAY['own_warehouse', 'own_airflow']) AS place ORDER BY login, place"
    )
    assert rights == [
        ("own_airflow", "own_airflow", True),
        ("own_airflow", "own_warehouse", False),
        ("own_ours", "own_airflow", False),
        ("own_ours", "own_warehouse", True),
    ]
    logins = _asked(
        "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles"
        " WHERE rolname LIKE 'own\\_%' ORDER BY rolname"
    )
    assert logins == [
        ("own_airflow", False, False, False, True),
        ("own_ours", False, True, True, True),
    ]


def test_a_password_is_kept_hashed_and_follows_its_file(office: dict[str, str]) -> None:
    _made(office)
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'own_airflow'"
    ((first,),) = _asked(query)
    address = office["GONGYAK_AIRFLOW_DATABASE_URL"].replace(AIRFLOWS, "another")
    _made(office | {"GONGYAK_AIRFLOW_DATABASE_URL": address})
    ((second,),) = _asked(query)
    assert first.startswith("SCRAM-SHA-256$")
    assert second.startswith("SCRAM-SHA-256$")
    assert first != second


@pytest.mark.slow
def test_both_are_backed_up_each_by_its_own_login(office: dict[str, str], tmp_path: Path) -> None:
    _made(office)
    # On the tests' server the analysts' login is there already, and another's.
    on_server("GRANT analyst, gongyak_analyst TO own_ours WITH ADMIN OPTION, INHERIT TRUE")
    with another_home(office):
        warehouse.migrate()
        assert not warehouse.has_tables(warehouse.AIRFLOW)
        assert not pipeline.back_up(str(tmp_path / "first")).has_airflow
        airflow = create_engine(warehouse.database_url(warehouse.AIRFLOW))
        with airflow.begin() as connection:
            connection.execute(text("CREATE TABLE dag_run (dag_id text)"))
        airflow.dispose()
        assert warehouse.has_tables(warehouse.AIRFLOW)
        assert pipeline.back_up(str(tmp_path / "second")).has_airflow
        assert warehouse.analyst_query("SELECT COUNT(*) FROM mart.release")[1] == [(0,)]
        warehouse.engine().dispose()


@pytest.mark.parametrize("name", ["GONGYAK_DATABASE_URL", "GONGYAK_AIRFLOW_DATABASE_URL"])
def test_what_is_not_told_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(tmp_path / "none"))
    told = {
        "GONGYAK_DATABASE_URL": "postgresql://a:b@db.invalid/c",
        "GONGYAK_AIRFLOW_DATABASE_URL": "postgresql://d:e@db.invalid/f",
    }
    for wrong in ("", "postgresql://db.invalid/x"):
        with another_home(told | {name: wrong}), pytest.raises(UsageError, match="바뀌지 않았"):
            make_databases()
    same = dict.fromkeys(told, "postgresql://a:b@db.invalid/c")
    with another_home(same), pytest.raises(UsageError, match="이름과 암호가 서로 다른"):
        make_databases()

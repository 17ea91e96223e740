"""Verifying on a configured server: with a user who may create databases, and with one who not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import URL, create_engine, text

from etl import pipeline, warehouse
from etl.cli import main
from etl.problems import UsageError
from etl.settings import settings
from tests.conftest import REGISTERED_AT
from tests.factories import GOVERNMENT, register_workbook, return_workbook
from tests.flow.test_collect import rate
from tests.flow.test_verify import FIRST, RELEASED, approve, everything, send

pytestmark = pytest.mark.slow

ROLE = "gongyak_office"
DATABASE = "office_warehouse"


class Office(NamedTuple):
    """A home on a configured server, and the server's own address."""

    home: Path
    server: URL

    def everything(self) -> tuple[set[str], dict[str, bytes]]:
        (databases,) = as_superuser(self.server, "SELECT array_agg(datname) FROM pg_database")
        return set(databases), everything(self.home)

    def may_create_databases(self, *, is_so: bool) -> None:
        as_superuser(self.server, f"ALTER ROLE {ROLE} {'' if is_so else 'NO'}CREATEDB")


def as_superuser(server: URL, *statements: str) -> list[Any]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        results = [connection.execute(text(statement)) for statement in statements]
        rows = [result.scalar_one() for result in results if result.returns_rows]
    engine.dispose()
    return rows


@pytest.fixture
def office(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A server with a user of its own, who owns one database; a release of 2021Q4 lies in it."""
    url = warehouse.database_url("postgres")
    as_superuser(
        url,
        f"CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE",
        f"GRANT analyst, gongyak_analyst TO {ROLE} WITH ADMIN OPTION",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE} TEMPLATE template0 ENCODING 'UTF8'"
        " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
    )
    # A server's address has a host; that it is reached by a socket only this test knows.
    configured = url.set(drivername="postgresql", username=ROLE, password=ROLE, host="localhost",
                         port=5432, database=DATABASE)  # fmt: skip
    monkeypatch.setenv("GONGYAK_DATABASE_URL", configured.render_as_string(hide_password=False))
    settings.cache_clear()
    try:
        warehouse.migrate()
        pipeline.register(str(register_workbook(home / "register.xlsx")), at=REGISTERED_AT)
        send(home / "first.xlsx", FIRST, 1, progress=[rate("1-1", 60)])
        approve(1, RELEASED)
        yield Office(home, url)
    finally:
        warehouse.engine().dispose()
        monkeypatch.setenv("GONGYAK_DATABASE_URL", "")
        settings.cache_clear()
        as_superuser(
            url,
            f"DROP DATABASE {DATABASE} WITH (FORCE)",
            f"REVOKE analyst FROM gongyak_analyst GRANTED BY {ROLE}",
            f"DROP ROLE {ROLE}",
        )


def test_one_who_may_create_databases_verifies_and_leaves_none(office: Office) -> None:
    before = office.everything()
    facts = pipeline.verify("2021Q4", GOVERNMENT)
    assert (facts["refused"], facts["differences"], facts["files"]) == ([], [], 2)
    assert office.everything() == before


def test_a_failure_leaves_no_database_either(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.everything()

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("etl.pipeline.replay.load_checked", broken)
    with pytest.raises(KeyboardInterrupt):
        pipeline.verify("2021Q4", GOVERNMENT)
    assert office.everything() == before


def test_one_who_may_not_is_told_what_to_ask_for(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.may_create_databases(is_so=False)
    before = office.everything()
    with pytest.raises(UsageError, match="CREATEDB"):
        pipeline.verify("2021Q4", GOVERNMENT)
    monkeypatch.setattr(sys, "argv", ["gongyak", "verify", "2021Q4"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert told[-1].startswith("빈 데이터베이스를 만들지 못했습니다(permission denied")
    assert "창고는 바뀌지 않았습니다." in told[-1]
    assert told[-1].endswith("CREATEDB 권한을 요청하십시오.")
    assert office.everything() == before
    # What was said is enough, whatever it took to set the warehouse up.
    office.may_create_databases(is_so=True)
    as_superuser(office.server, f"ALTER ROLE {ROLE} NOCREATEROLE")
    assert pipeline.verify("2021Q4", GOVERNMENT)["refused"] == []


def test_a_return_sent_while_nobody_may_create_databases_is_taken(office: Office) -> None:
    office.may_create_databases(is_so=False)
    path = return_workbook(office.home / "d02.xlsx", department="D02", progress=[rate("2-1", 10)])
    assert pipeline.collect([str(path)], at=FIRST)["accepted"] == 1

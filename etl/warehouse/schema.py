"""What stands in the warehouse before any file: migrations, code lists, comments, roles."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import yaml
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import (
    ProgrammingError,
)

from etl.cells import label_key
from etl.form import code_labels
from etl.problems import UsageError
from etl.warehouse.analyst import ANALYST, analyst_password
from etl.warehouse.connection import SQL, engine, run_file, sql_text, transaction
from etl.warehouse.server import CREATE_DATABASE, WAREHOUSE, create_databases, in_use, on_server


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
    create_databases()
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
        connection.exec_driver_sql(f"ALTER ROLE {ANALYST} PASSWORD '{analyst_password()}'")
    except ProgrammingError as error:
        raise UsageError(
            f"분석가 역할을 만들지 못했습니다({str(error.orig).strip()}).",
            "창고는 바뀌지 않았습니다.",
            "데이터베이스 관리자에게 이 사용자의 CREATEROLE 권한을 요청하십시오.",
        ) from error


def _content_stamp() -> str:
    codes = "\n".join(str(label) for label in code_labels())
    content = codes + sql_text("dictionary.yml") + sql_text("roles.sql") + analyst_password()
    return hashlib.sha256(content.encode()).hexdigest()


def _migration_state() -> str | None:
    with transaction() as connection:
        exists = connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar()
        if exists is None:
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


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


@contextmanager
def scratch_warehouse() -> Iterator[None]:
    """Give an empty, migrated warehouse to everything inside the block; dropped at its end.

    It lies beside the real one on the same server. Raises UsageError where the user of a configured
    server may not create databases.
    """
    name = f"{WAREHOUSE}_scratch_{os.getpid()}"
    on_server(f'DROP DATABASE IF EXISTS "{name}"', CREATE_DATABASE.format(name=name))
    token = in_use.set(name)
    try:
        migrate()
        yield
    finally:
        engine().dispose()
        in_use.reset(token)
        on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

"""The relations that rules read, built for one batch from staging and what is in force.

They are real tables in a schema of the batch's own, so that Great Expectations sees them from its
own connection and no batch waits for another's.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from etl.check.catalogue import (
    GATE_RELATIONS,
    JOINED,
    REGISTER_RELATIONS,
    RETURN_RELATIONS,
    bounds,
    rules,
)
from etl.form import field_names, form
from etl.warehouse import MANY_ROWS, at_work, left_alone, sql_text, transaction

_SCHEMA = "checking_"
_KEPT_SCHEMA = "checked_again"


class Built(NamedTuple):
    """The schema where the relations of a batch lie, and the names of those built."""

    schema: str
    names: Sequence[str]


@contextmanager
def checked_relations(
    batch_id: int, purpose_forms: Sequence[str], only: Sequence[int] | None = None
) -> Iterator[Built]:
    """Build the relations that rules read, for the forms of one batch; drop them at the end.

    `only` leaves all but these files of the batch out.
    """
    built = Built(f"{_SCHEMA}{batch_id}", _needed(purpose_forms))
    with at_work(batch_id):
        try:
            with transaction() as connection:
                _sweep(connection)
                _drop(connection, built.schema)
                connection.exec_driver_sql(f"CREATE SCHEMA {built.schema}")
                look_at(connection, built.schema)
                _tell_relations(connection, batch_id, only)
                for name in built.names:
                    _build(connection, name)
            yield built
        finally:
            with transaction() as connection:
                _drop(connection, built.schema)


@contextmanager
def refilled_relations(batch_id: int, purpose_forms: Sequence[str]) -> Iterator[Built]:
    """Build the same in relations that stay, for the batches of a warehouse that nobody shares.

    What reads them keeps its plan from one batch to the next.
    """
    built = Built(_KEPT_SCHEMA, _needed(purpose_forms))
    with transaction() as connection:
        known = _tables_of(connection, built.schema)
        if not known:
            connection.exec_driver_sql(f"CREATE SCHEMA {built.schema}")
        look_at(connection, built.schema)
        _tell_relations(connection, batch_id, None)
        for name in built.names:
            (_refill if f"checked__{name}" in known else _build)(connection, name)
    yield built


def _needed(purpose_forms: Sequence[str]) -> Sequence[str]:
    names = [*GATE_RELATIONS]
    if not {"quarterly_return", "pledge_card"}.isdisjoint(purpose_forms):
        names += RETURN_RELATIONS
    if "register" in purpose_forms:
        names += REGISTER_RELATIONS
    return names


def look_at(connection: Connection, schema: str) -> None:
    """Let a transaction find the relations of a batch by their names alone."""
    connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")


def filled(connection: Connection, names: Sequence[str]) -> set[str]:
    """Return the names of the relations that hold a row."""
    query = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM checked__{name})" for name in names
    )
    return set(connection.exec_driver_sql(query).scalars())


def _sweep(connection: Connection) -> None:
    """Drop the relations of batches whose run was killed."""
    query = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE :like")
    found = connection.execute(query, {"like": f"{_SCHEMA}%"}).scalars()
    batches = [int(name.removeprefix(_SCHEMA)) for name in found]
    for batch_id in left_alone(connection, batches):
        _drop(connection, f"{_SCHEMA}{batch_id}")


def _drop(connection: Connection, schema: str) -> None:
    connection.exec_driver_sql("SET LOCAL client_min_messages = warning")  # of what goes with it
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def _tell_relations(connection: Connection, batch_id: int, only: Sequence[int] | None) -> None:
    """Give the relations what they cannot read from a table: the batch, and the known rules."""
    told = {
        "batch_id": str(batch_id),
        "submission_ids": "all" if only is None else ",".join(map(str, only)),
        "rule_ids": ",".join(rule.id for rule in rules()),
        "waivable_rule_ids": ",".join(rule.id for rule in rules() if rule.waivable),
        **bounds(),
        "field_names": json.dumps(field_names(), ensure_ascii=False),
        "register_sheets": json.dumps(_register_sheets(), ensure_ascii=False),
    }
    asked = ", ".join(f"set_config('gongyak.{name}', :{name}, TRUE)" for name in told)
    connection.execute(text(f"SELECT {asked}"), told)


def _register_sheets() -> list[dict[str, Any]]:
    """Return the sheets that a register must have, and the columns that each must have."""
    needed = [table for table in form("register").tables if table.required]
    return [
        {
            "number": number,
            "code": table.code,
            "sheet": table.sheet,
            "columns": ", ".join(field.header for field in table.fields if field.required),
        }
        for number, table in enumerate(needed)
    ]


def _build(connection: Connection, name: str) -> None:
    query = sql_text(f"check/relations/{name}.sql")
    _write(connection, name, f"CREATE UNLOGGED TABLE checked__{name} AS {query}")


def _refill(connection: Connection, name: str) -> None:
    query = sql_text(f"check/relations/{name}.sql")
    connection.exec_driver_sql(f"DELETE FROM checked__{name}")
    _write(connection, name, f"INSERT INTO checked__{name} {query}")


def _write(connection: Connection, name: str, statement: str) -> None:
    written = connection.exec_driver_sql(statement.replace("%", "%%")).rowcount
    if name in JOINED and written >= MANY_ROWS:
        connection.exec_driver_sql(f"ANALYZE checked__{name}")


def _tables_of(connection: Connection, schema: str) -> set[str]:
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
    return set(connection.execute(query, {"schema": schema}).scalars())

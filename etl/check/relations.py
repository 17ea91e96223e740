"""The relations that rules read, built for one batch from staging and what is in force.

They are real tables in a schema of the batch's own, so that Great Expectations sees them from its
own connection and no batch waits for another's.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from etl.check.catalogue import (
    GATE_RELATIONS,
    JOINED,
    PICTURE_RELATIONS,
    REGISTER_RELATIONS,
    RETURN_RELATIONS,
    bounds,
    rules,
)
from etl.form import ATTACHMENT, PUBLISHED, field_names, form
from etl.warehouse import (
    MANY_ROWS,
    at_work,
    for_many_rows,
    left_alone,
    run_as_it_is,
    sql_text,
    transaction,
)

_SCHEMA = "checking_"
_KEPT_SCHEMA = "checked_again"
_DEAD_BYTES = 2**18  # of rows that are gone, from which on a table begins anew: plans do, too


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
                for_many_rows(connection)
                _tell_relations(connection, batch_id, only)
                for name in built.names:
                    _build(connection, name)
            yield built
        finally:
            with transaction() as connection:
                _drop(connection, built.schema)


@contextmanager
def refilled_relations(batch_id: int, purpose_forms: Sequence[str]) -> Iterator[Built]:
    """Build those that can stop something in relations that stay, in a warehouse nobody shares.

    What fills and reads them keeps its plan from one batch to the next.
    """
    deciding = _deciding()
    built = Built(_KEPT_SCHEMA, [name for name in _needed(purpose_forms) if name in deciding])
    function = f"{built.schema}.refill_{len(built.names)}"
    with transaction() as connection:
        _tell_relations(connection, batch_id, None)
        if connection.execute(text(f"SELECT to_regproc('{function}')")).scalar() is None:
            _keep(connection, built, function)
        look_at(connection, built.schema)
        connection.exec_driver_sql(f"SELECT {function}()")
    yield built


@cache
def _deciding() -> set[str]:
    """Return the relations of rules that can stop something, and those that they are made from."""
    read = {rule.table for rule in rules() if rule.decides}
    while more := {below for name in read for below in _made_from(name)} - read:
        read |= more
    return read


def _made_from(name: str) -> list[str]:
    return re.findall(r"checked__(\w+)", sql_text(f"check/relations/{name}.sql"))


def _keep(connection: Connection, built: Built, function: str) -> None:
    """Make relations that stay, and the function that fills all of them for the batch told."""
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {built.schema}")
    look_at(connection, built.schema)
    steps = [
        f"IF pg_relation_size('checked__{name}') > {_DEAD_BYTES}"
        f" THEN TRUNCATE checked__{name}; ELSE DELETE FROM checked__{name}; END IF;"
        for name in built.names
    ]
    for name in built.names:
        query = sql_text(f"check/relations/{name}.sql")
        run_as_it_is(
            connection,
            f"CREATE UNLOGGED TABLE IF NOT EXISTS checked__{name}"
            f" WITH (autovacuum_enabled = off) AS {query} WITH NO DATA",
        )
        steps.append(f"INSERT INTO checked__{name} {query};")
        if name in JOINED:
            steps.append(
                f"GET DIAGNOSTICS written = ROW_COUNT;"
                f" IF written >= {MANY_ROWS} THEN ANALYZE checked__{name}; END IF;"
            )
    body = "\n".join(steps)
    run_as_it_is(
        connection,
        f"CREATE FUNCTION {function}() RETURNS void LANGUAGE plpgsql AS $refill$"
        f"\n#variable_conflict use_column\nDECLARE written bigint;\nBEGIN\n{body}\nEND $refill$",
    )


def _needed(purpose_forms: Sequence[str]) -> Sequence[str]:
    names = [*GATE_RELATIONS]
    if not {"quarterly_return", "pledge_card"}.isdisjoint(purpose_forms):
        names += RETURN_RELATIONS
    if not {"register", PUBLISHED}.isdisjoint(purpose_forms):
        names += REGISTER_RELATIONS
    if ATTACHMENT in purpose_forms:
        names += PICTURE_RELATIONS
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
        **_told_always(),
    }
    asked = ", ".join(f"set_config('gongyak.{name}', :{name}, TRUE)" for name in told)
    connection.execute(text(f"SELECT {asked}"), told)


@cache
def _told_always() -> Mapping[str, str]:
    return {
        "rule_ids": ",".join(rule.id for rule in rules()),
        "waivable_rule_ids": ",".join(rule.id for rule in rules() if rule.waivable),
        **bounds(),
        "field_names": json.dumps(field_names(), ensure_ascii=False),
        "register_sheets": json.dumps(_register_sheets(), ensure_ascii=False),
    }


def _register_sheets() -> list[dict[str, Any]]:
    """Return the sheets that a register, or 공표값 alone, must have, and the columns of each."""
    needed = [
        (one.code, table)
        for one in map(form, ("register", PUBLISHED))
        for table in one.tables
        if table.required or one.code == PUBLISHED
    ]
    return [
        {
            "form": code,
            "number": number,
            "code": table.code,
            "sheet": table.sheet,
            "columns": ", ".join(field.header for field in table.fields if field.required),
        }
        for number, (code, table) in enumerate(needed)
    ]


def _build(connection: Connection, name: str) -> None:
    query = sql_text(f"check/relations/{name}.sql")
    table = f"CREATE UNLOGGED TABLE checked__{name} AS {query}"
    written = run_as_it_is(connection, table).rowcount
    if name in JOINED and written >= MANY_ROWS:
        connection.exec_driver_sql(f"ANALYZE checked__{name}")

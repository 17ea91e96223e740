"""The rows of every table of the warehouse, by what PostgreSQL's catalogue says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.torture.world import Ask, World

SCHEMAS = ("core", "mart", "audit", "staging", "restricted")
_COLUMNS = """
SELECT
    n.nspname || '.' || c.relname,
    array_agg(a.attname::text ORDER BY a.attnum),
    array_agg(a.atttypid::regtype::text ORDER BY a.attnum),
    max(a.attname::text) FILTER (WHERE a.attidentity <> '')
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = ANY('{{{schemas}}}') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY 1
"""
# What stands for whoever is at work says nothing of what was done.
_TURNS = "audit.turn"
# Everything else is compared as text: a moment may be infinite, which Python has no word for.
_AS_IT_IS = ("json", "jsonb", "boolean")


@dataclass(frozen=True)
class Table:
    """One table: its rows by column, and the column that the database numbers, if it does."""

    name: str
    number: str | None
    rows: list[Mapping[str, Any]]

    @cached_property
    def row_of(self) -> dict[int, Mapping[str, Any]]:
        """The rows by their number."""
        return {int(row[self.number]): row for row in self.rows} if self.number else {}


def tables_of(world: World) -> dict[str, Table]:
    """Return all tables that hold something of the project's, by name."""
    with world.asking() as ask:
        columns = ask(_COLUMNS.format(schemas=",".join(SCHEMAS)))
        return {
            name: Table(name, number, _rows(ask, name, dict(zip(names, types, strict=True))))
            for name, names, types, number in columns
            if name != _TURNS
        }


def _rows(ask: Ask, table: str, columns: Mapping[str, str]) -> list[Mapping[str, Any]]:
    listed = ", ".join(_as_read(name, kind) for name, kind in columns.items())
    return [dict(zip(columns, row, strict=True)) for row in ask(f"SELECT {listed} FROM {table}")]


def _as_read(name: str, kind: str) -> str:
    if kind in _AS_IT_IS:
        return f'"{name}"'
    return f'"{name}"::text[]' if kind.endswith("[]") else f'"{name}"::text'

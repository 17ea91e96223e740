"""The dictionary, the database and its comments say the same, both ways."""

import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import text

from etl.warehouse import dictionary, table_comment, transaction

SCHEMAS = ("audit", "staging", "core", "mart", "restricted")
_COLUMNS = """
SELECT n.nspname || '.' || c.relname, a.attname, col_description(c.oid, a.attnum)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'v', 'm', 'p')
ORDER BY 1, a.attnum
"""
_TABLES = """
SELECT n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class')
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'v', 'm', 'p')
"""


def _described() -> dict[str, dict[str, str]]:
    columns = dictionary()["columns"]
    return {
        name: {c: table.get("notes", {}).get(c) or columns[c] for c in table["columns"]}
        for name, table in dictionary()["tables"].items()
    }


def test_database_and_dictionary_agree(home: Path) -> None:
    with transaction() as connection:
        found: dict[str, dict[str, str | None]] = {}
        for table, column, comment in connection.execute(text(_COLUMNS), {"schemas": [*SCHEMAS]}):
            found.setdefault(table, {})[column] = comment
        tables = connection.execute(text(_TABLES), {"schemas": [*SCHEMAS]}).all()
    described: Mapping[str, Mapping[str, str]] = _described()
    assert len(found) > 30
    assert {name: [*columns] for name, columns in found.items()} == {
        name: [*columns] for name, columns in described.items()
    }
    assert found == described
    assert {name: comment for name, comment in tables} == {
        name: table_comment(name) for name in dictionary()["tables"]
    }


def test_every_definition_is_used_once_and_is_korean() -> None:
    used = {column for table in dictionary()["tables"].values() for column in table["columns"]}
    assert set(dictionary()["columns"]) == used
    for name, table in dictionary()["tables"].items():
        assert table["comment"].startswith("한 행"), name
        assert set(table.get("notes", {})) <= set(table["columns"]), name
    for column, comment in dictionary()["columns"].items():
        assert re.search("[가-힣]", comment), column


def test_money_and_rates_name_their_unit() -> None:
    for column, comment in dictionary()["columns"].items():
        if column.endswith("_krw"):
            assert "원" in comment, column
        if column.endswith("_pct"):
            assert "%" in comment, column


def test_lineage_never_reaches_a_mart() -> None:
    for name, table in dictionary()["tables"].items():
        if name.startswith("mart."):
            assert not [column for column in table["columns"] if column.startswith("_")], name

"""What stands in the warehouse before any file: functions, views, code lists, comments, roles.

All of it is written again whenever its text changed, which a stamp of that text tells.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import yaml
from sqlalchemy import Connection, text
from sqlalchemy.exc import InternalError, ProgrammingError

from etl.cells import label_key
from etl.form import code_labels
from etl.measures import FILE as MEASURES, measures
from etl.problems import UsageError
from etl.warehouse.analyst import login_statements
from etl.warehouse.connection import (
    SQL,
    run_as_it_is,
    run_file,
    sql_text,
    transaction,
    values_of,
)


@cache
def dictionary() -> Mapping[str, Any]:
    """Return `sql/dictionary.yml`: the Korean comment of every table and column."""
    told = sql_text("dictionary.yml").replace("{figure_codes}", ", ".join(measures().figures))
    loaded: Mapping[str, Any] = yaml.safe_load(told)
    return loaded


class Join(NamedTuple):
    """A mart that a row of another belongs to one row of, or to one at most where it may lack it.

    `columns` have the same names on both sides. A row without a value in one of them belongs to
    none.
    """

    to: str
    columns: tuple[str, ...]
    may_lack: bool = False


def mart_joins() -> dict[str, list[Join]]:
    """Return mart → the joins that `sql/dictionary.yml` declares of it, without the schema."""
    return {
        name.removeprefix("mart."): [
            Join(one["to"].removeprefix("mart."), tuple(one["by"]), one.get("may_lack", False))
            for one in table.get("joins", ())
        ]
        for name, table in dictionary()["tables"].items()
        if name.startswith("mart.")
    }


def table_comment(name: str) -> str:
    """Return what the database says of a table: what each row is, and what it belongs to."""
    told: str = dictionary()["tables"][name]["comment"]
    joined = [
        f"{one.to}({', '.join(one.columns)}){' 없을 수 있음' if one.may_lack else ''}"
        for one in mart_joins().get(name.removeprefix("mart."), ())
    ]
    return f"{told}. 이어짐: {'; '.join(joined)}" if joined else told


def is_as_shipped() -> bool:
    """Tell whether the warehouse is as this release makes it, its tables too."""
    return _known_stamp() == content_stamp()


def _known_stamp() -> str | None:
    if values_of("SELECT to_regclass('audit.schema_content')") == [None]:
        return None
    return next(iter(values_of("SELECT content_hash FROM audit.schema_content")), None)


def write_contents() -> bool:
    """Write all of it again where its text changed; return whether it did."""
    stamp = content_stamp()
    if _known_stamp() == stamp:
        return False
    with transaction() as connection:
        _write_objects(connection)
        _write_code_lists(connection)
        _write_measures(connection)
        _write_comments(connection)
        _grant_roles(connection)
        connection.execute(text("DELETE FROM audit.schema_content"))
        connection.execute(text("INSERT INTO audit.schema_content VALUES (:h)"), {"h": stamp})
    return True


_OURS = {
    "VIEW": "SELECT schemaname, viewname FROM pg_views WHERE schemaname IN ('core', 'mart')",
    "FUNCTION": "SELECT 'core', proname FROM pg_proc WHERE pronamespace = 'core'::regnamespace",
}
_NAMES = re.compile(r"\b(?:core|mart)\.\w+")


def _write_objects(connection: Connection) -> None:
    """Drop all functions and views of ours and make them anew, each view after those it names."""
    try:
        for kind, query in _OURS.items():
            known = [f"{schema}.{name}" for schema, name in connection.execute(text(query))]
            if known:
                connection.execute(text(f"DROP {kind} {', '.join(known)}"))
    except InternalError as error:
        raise UsageError(
            f"뷰와 함수를 새로 쓰지 못했습니다({str(error.orig).strip()}).",
            "자료는 그대로입니다.",
            "이 뷰와 함수에 딸린, 기관이 만든 뷰를 지운 뒤 다시 실행하십시오.",
        ) from error
    # A function may name a view, and is looked at again when it is called.
    connection.execute(text("SET LOCAL check_function_bodies = off"))
    for name in (*_function_files(), *_view_files()):
        connection.exec_driver_sql(sql_text(name).replace("%", "%%"))


def _function_files() -> list[str]:
    return sorted(str(path.relative_to(SQL)) for path in SQL.glob("functions/*.sql"))


def _view_files() -> list[str]:
    file_of = {
        f"{path.parent.name}.{path.stem}": str(path.relative_to(SQL))
        for path in SQL.glob("views/*/*.sql")
    }
    named = {
        name: {other for other in _NAMES.findall(sql_text(file)) if other in file_of} - {name}
        for name, file in file_of.items()
    }
    return [file_of[name] for name in TopologicalSorter(named).static_order()]


def write_roles() -> None:
    """Make the roles and what they may do again, which a dump does not hold."""
    with transaction() as connection:
        _grant_roles(connection)


def _grant_roles(connection: Connection) -> None:
    try:
        run_file(connection, "roles.sql")
        for statement in login_statements():
            connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        raise UsageError(
            f"분석가 역할을 만들지 못했습니다({str(error.orig).strip()}).",
            "창고는 바뀌지 않았습니다.",
            "데이터베이스 관리자에게 이 사용자의 CREATEROLE 권한을 요청하십시오.",
        ) from error


def content_stamp() -> str:
    """Return the stamp of all that this release writes into a warehouse before any file."""
    migrations = sorted(path.name for path in SQL.glob("migrations/versions/*.py"))
    codes = "\n".join(str(label) for label in code_labels())
    files = ("dictionary.yml", "roles.sql", *_function_files(), *sorted(_view_files()))
    content = (
        "".join(migrations)
        + codes
        + MEASURES.read_text(encoding="utf-8")
        + "".join(map(sql_text, files))
    )
    return hashlib.sha256((content + "".join(login_statements())).encode()).hexdigest()


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
        text(
            "INSERT INTO core.code_label VALUES (:list_code, :key, :government_class, :code)"
            " ON CONFLICT DO NOTHING"
        ),
        [asdict(one) | {"key": label_key(one.label)} for one in labels if one.label],
    )


def _write_measures(connection: Connection) -> None:
    connection.execute(text("DELETE FROM core.measure"))
    for number, (code, one) in enumerate(measures().figures.items(), start=1):
        below, year = one.denominator, one.of_year
        row = {
            "figure_code": code,
            "figure_number": number,
            "figure_name": one.name,
            "unit": one.unit,
            "population": one.population,
            "factor": one.factor if below else None,
            "decimals": one.decimals,
            "numerator_sum": one.numerator.sum,
            "numerator_words": one.numerator.words,
            "denominator_sum": below and below.sum,
            "denominator_words": one.denominator_words or None,
            "empty_reason": below and below.empty,
            "rule": one.rule,
            "year_rule": year and year.rule,
            "year_empty_reason": year and year.empty,
            "scope_types": list(one.scopes),
            "is_headline": one.headline,
            "counts_pledges": one.counts_pledges,
            "looks_at_one_year": one.looks_at_one_year,
            "is_of_all": bool(below and below.of_all),
            "lists_every_code": one.lists_every_code,
            "is_silent_when_empty": one.silent_when_empty,
        }
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO core.measure ({columns}) VALUES ({values})"), row)


def _write_comments(connection: Connection) -> None:
    columns = dictionary()["columns"]
    told: list[str] = []
    for name, table in dictionary()["tables"].items():
        kind = table.get("kind", "table").upper()
        told.append(_comment(f"{kind} {name}", table_comment(name)))
        for column in table["columns"]:
            comment = table.get("notes", {}).get(column) or columns[column]
            told.append(_comment(f'COLUMN {name}."{column}"', comment))
    run_as_it_is(connection, ";".join(told))


def _comment(target: str, comment: str) -> str:
    quoted = comment.replace("'", "''")
    return f"COMMENT ON {target} IS '{quoted}'"

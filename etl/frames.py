"""The marts as typed pandas DataFrames, read in the analyst's session.

from etl import frames
pledges = frames.read("pledge_status", quarter="2021Q4", government="4510000")
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pandas

from etl.form import code_labels, code_names
from etl.measures import measures
from etl.period import parse_period
from etl.problems import UsageError
from etl.warehouse import analyst_query, dictionary

_LIST_OF = {"decision_code": "change_kind", "change_code": "change_kind"}
_UNITS = {"_krw": "원", "_pct": "%", "_pp": "%p", "_count": "건"}
_DTYPES: dict[str, Any] = {
    "text": "str",
    "integer": "Int64",
    "bigint": "Int64",
    "numeric(18,0)": "Int64",
    "boolean": "boolean",
    "date": "datetime64[s]",
    "timestamp with time zone": "datetime64[us, Asia/Seoul]",
}
_FIRST_WORDS = re.compile(r"[.(:=,]")
_UNTOUCHED = "아무것도 읽지 않았습니다."


def read(table: str, quarter: str | None = None, government: str | None = None) -> pandas.DataFrame:
    """Return a table or view of the marts, of one quarter and one government where told.

    One row per row of the table. Dates are datetimes, codes ordered categories in the order of
    their list, won and counts Int64, truths boolean, other numbers float64 beside their exact text
    in `NAME_exact`. `.attrs` tells what each row is (`grain`), and by column its Korean name
    (`names`), its definition and its unit. Raises UsageError for a table or a filter that
    there is not and as `etl.warehouse.analyst_query`, ValueError for what is no quarter.
    """
    known = _marts()
    if table not in known:
        raise UsageError(f"데이터마트에 {table} 표가 없습니다.", _UNTOUCHED,
                         f"{', '.join(known)} 가운데 하나를 주십시오.")  # fmt: skip
    asked = {"quarter_id": quarter and str(parse_period(quarter)), "government_id": government}
    told = {column: value for column, value in asked.items() if value is not None}
    for column in told:
        if column not in known[table]:
            raise UsageError(f"{table} 표에는 {column} 열이 없습니다.", _UNTOUCHED,
                             "그 조건 없이 읽으십시오.")  # fmt: skip
    where = " AND ".join(f"{column} = {_quoted(value)}" for column, value in told.items())
    columns, rows = analyst_query(
        f"SELECT {', '.join(known[table])} FROM mart.{table}" + (f" WHERE {where}" if where else "")
    )
    types = dict(analyst_query(
        "SELECT column_name, data_type FROM mart.data_dictionary"
        f" WHERE table_name = {_quoted(table)}"
    )[1])  # fmt: skip
    return _told(_typed(columns, rows, types), table)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@cache
def _marts() -> dict[str, list[str]]:
    tables = dictionary()["tables"]
    return {name.removeprefix("mart."): told["columns"]
            for name, told in tables.items() if name.startswith("mart.")}  # fmt: skip


def _typed(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], types: dict[str, str]
) -> pandas.DataFrame:
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    made: dict[str, Any] = {}
    for name, column in zip(columns, values, strict=True):
        order = _order(name)
        if order is not None:
            made[name] = _category(column, order)
        elif types[name] == "numeric":
            made[name] = pandas.Series(column, dtype="float64")
            made[f"{name}_exact"] = pandas.Series(map(_plain, column), dtype="str")
        else:
            made[name] = pandas.Series(column, dtype=_DTYPES.get(types[name], "object"))
    return pandas.DataFrame(made)


def _order(column: str) -> Sequence[str] | None:
    """Return the values of a column in the order of their list; None for what is not a code."""
    match column:
        case "figure_code":
            return list(measures().figures)
        case "scope_type":
            return list(measures().scopes)
    list_code = _LIST_OF.get(column, column.rpartition("_")[0])
    if list_code not in {label.list_code for label in code_labels()}:
        return None
    if column.endswith("_code"):
        return list(code_names(list_code))
    return list(dict.fromkeys(code_names(list_code).values())) if column.endswith("_name") else None


def _category(values: Sequence[str | None], order: Sequence[str]) -> pandas.Categorical:
    # What no list knows is kept, behind all that it does.
    others = sorted({value for value in values if value is not None}.difference(order))
    return pandas.Categorical(list(values), categories=[*order, *others], ordered=True)


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _told(frame: pandas.DataFrame, table: str) -> pandas.DataFrame:
    described = dictionary()["tables"][f"mart.{table}"]
    told = {
        name: described.get("notes", {}).get(name) or dictionary()["columns"][name]
        for name in described["columns"]
    }
    frame.attrs = {
        "table": f"mart.{table}",
        "grain": described["comment"],
        "names": {name: _FIRST_WORDS.split(text)[0].strip() for name, text in told.items()},
        "definitions": told,
        "units": {name: unit for name in told for end, unit in _UNITS.items()
                  if name.endswith(end)},
    }  # fmt: skip
    return frame

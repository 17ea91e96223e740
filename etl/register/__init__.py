"""Load a checked register: close what is no longer so, open what is, keep what did not change.

`days` turns the present and the dated changes into what held on each day; one mechanism here then
compares every table with what was known and writes only the difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from etl.form import PUBLISHED, labels_for
from etl.register.days import Line, core_rows, published_row
from etl.warehouse import copy_rows, for_many_rows, run_file


def _key(column: str) -> str:
    """Return the condition that a line has this key; one that lost it may be any."""
    return f"(staged.{column} = known.{column} OR staged.{column} IS NULL)"


_TERM = "staged.term_number = known.term_number"
_PLEDGE = f"{_TERM} AND {_key('pledge_id')}"
_QUARTER = "staged.quarter_id = known.quarter_id"


@dataclass(frozen=True)
class DimensionTable:
    """One table that a register fills: its columns, and the ones that key a row.

    `sheet` and `same` tell which staged line a known row's was, so that a blocked one keeps it.
    Those of the key that are `optional` may be blank.
    """

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    sheet: str | None = None
    same: str = ""
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.values)

    @property
    def is_alike(self) -> str:
        """The condition that a known row says what a desired one does, found by its key."""
        told = {c: "=" for c in self.key if c not in self.optional}
        return " AND ".join(
            f"known.{c} {told.get(c, 'IS NOT DISTINCT FROM')} desired.{c}" for c in self.columns
        )


TABLES = (
    DimensionTable(
        "core.dim_government",
        ("government_id",),
        ("government_name", "government_kind", "government_class", "upper_government_id"),
    ),
    DimensionTable(
        "core.dim_term", ("government_id", "term_number"), ("start_date", "end_date"),
        "term", _TERM,
    ),
    DimensionTable(
        "core.dim_department",
        ("government_id", "department_code", "valid_from"),
        ("valid_to", "department_name", "successor_code", "mail"),
        "department", _key("department_code"),
    ),
    DimensionTable(
        "core.dim_pledge",
        ("government_id", "term_number", "pledge_id", "valid_from"),
        ("valid_to", "pledge_name", "field_name", "department_codes", "cooperating", "due_code",
         "due_year", "project_type", "novelty_code", "actor_code", "delivery_code",
         "budget_class_code", "declared_total_krw", "confirmed_date"),
        "pledge", _PLEDGE,
    ),
    DimensionTable(
        "core.dim_subproject",
        ("government_id", "term_number", "pledge_id", "subproject_name"),
        (),
        "subproject", _PLEDGE,
    ),
    DimensionTable(
        "core.pledge_change",
        ("government_id", "term_number", "pledge_id", "change_date", "change_code", "item_code"),
        ("before_text", "after_text", "reason", "approver"),
        "change", _PLEDGE,
    ),
    DimensionTable(
        "core.submission_window",
        ("government_id", "quarter_id"),
        ("start_date", "due_date", "grace_date", "reference_date", "voted_year"),
        "window", _QUARTER,
    ),
    DimensionTable(
        "core.department_window",
        ("government_id", "quarter_id", "department_code"),
        ("due_date", "grace_date"),
        "window", f"{_QUARTER} AND {_key('department_code')}",
    ),
    DimensionTable(
        "audit.waiver",
        ("government_id", "rule_id", "department_code", "pledge_id", "first_quarter_id",
         "last_quarter_id", "expires_on"),
        ("approver", "reason"),
        "waiver",
        "(staged.rule_id, staged.department_code, staged.pledge_id) IS NOT DISTINCT FROM"
        " (known.rule_id, known.department_code, known.pledge_id)",
        optional=("department_code", "pledge_id", "last_quarter_id"),
    ),
    DimensionTable(
        "core.status_word", ("government_id", "word_key"), ("word", "status_code"),
        "status_word", "core.name_key(staged.word) = core.name_key(known.word)",
    ),
    DimensionTable(
        "core.published_figure",
        ("government_id", "quarter_id", "figure_code", "scope_type", "scope_label", "printed_in"),
        ("published_value", "decimal_places", "reason"),
        "published",
        "(staged.quarter_id, staged.figure_code, staged.printed_in)"
        " = (known.quarter_id, known.figure_code, known.printed_in)",
    ),
)  # fmt: skip
_PUBLISHED_TABLE = TABLES[-1]

# What a file may end: a register what registers said, and not what was decided without one
# (`gongyak waive`); a file of published values what such files said of its quarters and sources.
_ORIGIN = ("(SELECT form_code FROM audit.submission AS origin"
           " WHERE origin.submission_id = known._submission_id)")  # fmt: skip
_MAY_END = {
    "register": f"{_ORIGIN} = 'register'",
    PUBLISHED: f"{_ORIGIN} = '{PUBLISHED}' AND EXISTS (SELECT 1 FROM desired WHERE"
               " (desired.quarter_id, desired.printed_in)"
               " = (known.quarter_id, known.printed_in))",
}  # fmt: skip


@dataclass(frozen=True)
class RegisterRecord:
    """What a register changed: per table the rows opened and closed, and the rows left out."""

    government_id: str
    opened: dict[str, int]
    closed: dict[str, int]
    left_out: int


_SHEETS = ("institution", *dict.fromkeys(table.sheet for table in TABLES if table.sheet))


def _accepted_lines(connection: Connection, submission_id: int, sheet: str) -> list[Line]:
    rows = connection.execute(
        text(
            f"SELECT line.* FROM staging.register__{sheet} AS line"
            " WHERE line.submission_id = :s AND NOT EXISTS (SELECT 1 FROM audit.finding"
            " WHERE finding.submission_id = line.submission_id AND finding._table = line._table"
            " AND finding._row = line._row AND finding.level = 'block_pledge'"
            " AND NOT finding.is_shadow AND finding.superseded_at = 'infinity')"
            " ORDER BY line._table, line._row"
        ),
        {"s": submission_id},
    )
    return [dict(row) for row in rows.mappings()]


def _coded_changes(lines: Sequence[Line]) -> list[Line]:
    kinds, items = labels_for("change_kind", "*"), labels_for("change_item", "*")
    return [
        {**line, "change_code": kinds[line["change_kind"]],
         "item_code": items.get(line["item"] or "")}
        for line in lines
    ]  # fmt: skip


def _unique(rows: Sequence[dict[str, Any]], key: Sequence[str]) -> list[dict[str, Any]]:
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        first.setdefault(tuple(row[name] for name in key), row)
    return list(first.values())


def load_register(connection: Connection, submission_id: int, at: datetime) -> RegisterRecord:
    """Load one checked register; return what it changed. Loading it again changes nothing.

    A line with a blocking finding is left out, and what was known under its key before stays.
    """
    sheets = {s: _accepted_lines(connection, submission_id, s) for s in _SHEETS}
    sheets["change"] = _coded_changes(sheets["change"])
    loading = _Loading("register", sheets["institution"][0]["government_id"], submission_id, at)
    record = _load(connection, loading, TABLES, core_rows(sheets))
    run_file(connection, "load/term_heads.sql", government_id=loading.government_id,
             submission_id=submission_id)  # fmt: skip
    return record


def load_published(connection: Connection, submission_id: int, at: datetime) -> RegisterRecord:
    """Load one checked file of published values, which is whole for its quarters and sources.

    What a register says stays as it is. Lines left out as `load_register` leaves them.
    """
    government_id = connection.execute(
        text("SELECT government_id FROM audit.submission WHERE submission_id = :s"),
        {"s": submission_id},
    ).scalar_one()
    lines = _accepted_lines(connection, submission_id, PUBLISHED)
    rows = [published_row(line) | {"government_id": government_id} for line in lines]
    loading = _Loading(PUBLISHED, government_id, submission_id, at)
    return _load(connection, loading, [_PUBLISHED_TABLE], {_PUBLISHED_TABLE.name: rows})


class _Loading(NamedTuple):
    """Which file is loaded, and the moment from which what it says is so."""

    form_code: str
    government_id: str
    submission_id: int
    at: datetime


def _load(
    connection: Connection,
    loading: _Loading,
    tables: Sequence[DimensionTable],
    desired: Mapping[str, Sequence[dict[str, Any]]],
) -> RegisterRecord:
    """Make tables say what is desired; return what changed and how many lines were left out."""
    left_out = connection.execute(
        text(
            "SELECT count(DISTINCT (_table, _row)) FROM audit.finding"
            " WHERE submission_id = :s AND level = 'block_pledge' AND NOT is_shadow"
            " AND finding.superseded_at = 'infinity'"
        ),
        {"s": loading.submission_id},
    ).scalar_one()
    loading = loading._replace(at=_after_the_last(connection, loading))
    opened, closed = {}, {}
    for table in tables:
        rows = _unique(desired[table.name], table.key)
        opened[table.name], closed[table.name] = _write_difference(connection, table, rows, loading)
    for_many_rows(connection)
    connection.execute(text("ANALYZE " + ", ".join(table.name for table in tables)))
    return RegisterRecord(loading.government_id, opened, closed, left_out)


def _after_the_last(connection: Connection, loading: _Loading) -> datetime:
    """Return its moment, or just after the last recorded one if that is later: history grows."""
    latest = connection.execute(
        text(
            " UNION ALL ".join(
                f"SELECT max(GREATEST(recorded_at, NULLIF(superseded_at, 'infinity')))"
                f" FROM {table.name} WHERE government_id = :g"
                for table in TABLES
            )
        ),
        {"g": loading.government_id},
    ).scalars()
    known: datetime | None = max((moment for moment in latest if moment is not None), default=None)
    if known is None or loading.at > known:
        return loading.at
    return known + timedelta(microseconds=1)


def _write_difference(
    connection: Connection,
    table: DimensionTable,
    rows: Sequence[dict[str, Any]],
    loading: _Loading,
) -> tuple[int, int]:
    """Make a table say what is desired; return how many rows were opened and closed."""
    asked = {"g": loading.government_id, "s": loading.submission_id, "at": loading.at}
    columns = ", ".join(table.columns)
    connection.execute(text("DROP TABLE IF EXISTS desired"))
    connection.execute(
        text(
            f"CREATE TEMP TABLE desired ON COMMIT DROP AS SELECT {columns}, _row"
            f" FROM {table.name} WHERE FALSE"
        )
    )
    names = (*table.columns, "_row")
    copy_rows(connection, "desired", names, ([row.get(n) for n in names] for row in rows))
    closed = connection.execute(
        text(
            f"UPDATE {table.name} AS known SET superseded_at = :at"
            " WHERE known.government_id = :g AND known.superseded_at = 'infinity'"
            f" AND {_MAY_END[loading.form_code]}"
            f" AND NOT EXISTS (SELECT 1 FROM desired WHERE {table.is_alike})"
            f" AND NOT {_was_left_out(table)}"
        ),
        asked,
    )
    opened = connection.execute(
        text(
            f"INSERT INTO {table.name} ({columns}, recorded_at, _submission_id, _row)"
            f" SELECT {columns}, :at, :s, _row FROM desired WHERE NOT EXISTS ("
            f"SELECT 1 FROM {table.name} AS known WHERE known.superseded_at = 'infinity'"
            f" AND {table.is_alike})"
        ),
        asked,
    )
    return opened.rowcount, closed.rowcount


def _was_left_out(table: DimensionTable) -> str:
    """Return the condition that a known row's line stands in this register but was blocked.

    A key that was also loaded from a sound line is not kept: the sound line replaces it.
    """
    if table.sheet is None:
        return "FALSE"
    loaded = table.same.replace("staged.", "desired.")
    return (
        f"(EXISTS (SELECT 1 FROM staging.register__{table.sheet} AS staged"
        " INNER JOIN audit.finding USING (submission_id, _table, _row)"
        " WHERE staged.submission_id = :s AND finding.level = 'block_pledge'"
        " AND finding.superseded_at = 'infinity'"
        f" AND {table.same}) AND NOT EXISTS (SELECT 1 FROM desired WHERE {loaded}))"
    )

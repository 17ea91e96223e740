"""Load a checked register: close what is no longer so, open what is, keep what did not change.

`days` turns the present and the dated changes into what held on each day; one mechanism here then
compares every table with what was known and writes only the difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from etl.form import PUBLISHED, form, labels_for
from etl.register.days import Line, core_rows, published_row
from etl.warehouse import copy_rows, for_many_rows, run_file


@dataclass(frozen=True)
class DimensionTable:
    """One table that a register fills: its columns, and the ones that key a row.

    A desired row stands in the place of the known one with the same `identity` (the key unless
    told), as far as they `meet`. `sheets` are those whose refused lines make an absence doubtful,
    its own first; `told` are the columns that name a row to the office. Those of the key that are
    `optional` may be blank.
    """

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    meet: str = "TRUE"
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.values)

    @property
    def is_alike(self) -> str:
        """The condition that a known row says what a desired one does, found by its key."""
        return self._same(self.columns)

    @property
    def is_replaced(self) -> str:
        """The condition that a desired row stands in the place of a known one."""
        same = self._same(("government_id", *(self.identity or self.key)))
        return f"EXISTS (SELECT 1 FROM desired WHERE {same} AND {self.meet})"

    def _same(self, columns: Sequence[str]) -> str:
        told = {c: "=" for c in self.key if c not in self.optional}
        return " AND ".join(
            f"known.{c} {told.get(c, 'IS NOT DISTINCT FROM')} desired.{c}" for c in columns
        )


TABLES = (
    DimensionTable(
        "core.dim_government",
        ("government_id",),
        ("government_name", "government_kind", "government_class", "upper_government_id"),
        ("institution",),
    ),
    DimensionTable(
        "core.dim_term", ("government_id", "term_number"), ("start_date", "end_date"),
        ("term", "pledge"), ("term_number",),
    ),
    DimensionTable(
        "core.dim_department",
        ("government_id", "department_code", "valid_from"),
        ("valid_to", "department_name", "successor_code", "mail"),
        ("department", "pledge", "window", "waiver"),
        ("department_code", "department_name"),
        ("department_code",),
        "known.valid_from < desired.valid_to AND desired.valid_from < known.valid_to",
    ),
    DimensionTable(
        "core.dim_pledge",
        ("government_id", "term_number", "pledge_id", "valid_from"),
        ("valid_to", "pledge_name", "field_name", "department_codes", "cooperating", "due_code",
         "due_year", "project_type", "novelty_code", "actor_code", "delivery_code",
         "budget_class_code", "declared_total_krw", "confirmed_date"),
        ("pledge", "term", "subproject", "change", "waiver"),
        ("pledge_id", "pledge_name"),
        ("term_number", "pledge_id"),
    ),
    DimensionTable(
        "core.dim_subproject",
        ("government_id", "term_number", "pledge_id", "subproject_name"),
        (),
        ("subproject",), ("pledge_id", "subproject_name"),
    ),
    DimensionTable(
        "core.pledge_change",
        ("government_id", "term_number", "pledge_id", "change_date", "change_code", "item_code"),
        ("before_text", "after_text", "reason", "approver"),
        ("change",), ("pledge_id", "change_date"),
    ),
    DimensionTable(
        "core.submission_window",
        ("government_id", "quarter_id"),
        ("start_date", "due_date", "grace_date", "reference_date", "voted_year"),
        ("window",), ("quarter_id",),
    ),
    DimensionTable(
        "core.department_window",
        ("government_id", "quarter_id", "department_code"),
        ("due_date", "grace_date"),
        ("window",), ("quarter_id", "department_code"),
    ),
    DimensionTable(
        "audit.waiver",
        ("government_id", "rule_id", "department_code", "pledge_id", "first_quarter_id",
         "last_quarter_id", "expires_on"),
        ("approver", "reason"),
        ("waiver",),
        ("rule_id", "department_code", "pledge_id", "first_quarter_id"),
        ("rule_id", "department_code", "pledge_id", "first_quarter_id"),
        optional=("department_code", "pledge_id", "last_quarter_id"),
    ),
    DimensionTable(
        "core.status_word", ("government_id", "word_key"), ("word", "status_code"),
        ("status_word",), ("word",),
    ),
    DimensionTable(
        "core.published_figure",
        ("government_id", "quarter_id", "figure_code", "scope_type", "scope_label", "printed_in"),
        ("published_value", "decimal_places", "reason"),
        ("published",), ("quarter_id", "figure_code", "scope_label", "printed_in"),
    ),
)  # fmt: skip
_TABLES = {table.name: table for table in TABLES}

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
    """What a register changed: per table the rows opened and closed, and the rows left out.

    `taken` counts the rows that it says; `ended` names those closed as it no longer has them, and
    `kept` those that stay although it does not have them, as some of its lines were refused.
    """

    government_id: str
    opened: dict[str, int]
    closed: dict[str, int]
    left_out: int
    taken: int
    ended: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def remarks(self) -> list[str]:
        """What the office is told beside the counts, a sentence each."""
        said = []
        if self.left_out:
            said.append(f"고쳐야 할 {self.left_out}행은 반영하지 않았습니다. 점검 결과를 보십시오.")
        if self.kept:
            said.append(
                "읽지 못한 행이 있어, 파일에 없는 행을 닫지 않았습니다(고쳐서 다시 올리면"
                f" 닫습니다): {_first_few(self.kept)}"
            )
        if self.ended:
            said.append(f"파일에 없어 닫은 행: {_first_few(self.ended)}")
        return said


_NAMED_MOST = 20


def _first_few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_MOST
    return ", ".join(names[:_NAMED_MOST]) + (f" 외 {more}행" if more > 0 else "")


_SHEETS = tuple(dict.fromkeys(table.sheets[0] for table in TABLES))


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

    A line with a blocking finding is left out, and what was known stays: whatever its sheet lacks
    may be what that line was about.
    """
    sheets = {s: _accepted_lines(connection, submission_id, s) for s in _SHEETS}
    sheets["change"] = _coded_changes(sheets["change"])
    loading = _loading(
        connection, "register", sheets["institution"][0]["government_id"], submission_id, at
    )
    kept = {s: _kept(connection, loading, name, sheets[s]) for s, name in _SHAPING.items()}
    record = _load(connection, loading, TABLES, core_rows(sheets, kept))
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
    loading = _loading(connection, PUBLISHED, government_id, submission_id, at)
    return _load(connection, loading, [_TABLES[_PUBLISHED_TABLE]], {_PUBLISHED_TABLE: rows})


_PUBLISHED_TABLE = "core.published_figure"
# What cuts and bounds the rows of pledges, by the sheet that says it.
_SHAPING = {"term": "core.dim_term", "change": "core.pledge_change"}


class _Loading(NamedTuple):
    """Which file is loaded, from which moment it holds, and the sheets with refused lines."""

    form_code: str
    government_id: str
    submission_id: int
    at: datetime
    left_out: int
    refused: frozenset[str]

    def is_doubtful(self, table: DimensionTable) -> bool:
        """Tell whether what the file does not have may stand in a line that was refused."""
        return not self.refused.isdisjoint(table.sheets)


def _loading(
    connection: Connection, form_code: str, government_id: str, submission_id: int, at: datetime
) -> _Loading:
    refused = connection.execute(
        text(
            "SELECT DISTINCT finding._table, finding._row, written.table_code"
            " FROM audit.finding LEFT JOIN audit.submission_table AS written"
            " ON written.submission_id = finding.submission_id"
            " AND written.table_no = finding._table"
            " WHERE finding.submission_id = :s AND level = 'block_pledge' AND NOT is_shadow"
            " AND finding.superseded_at = 'infinity'"
        ),
        {"s": submission_id},
    ).all()
    sheets = frozenset(line.table_code for line in refused)
    return _Loading(form_code, government_id, submission_id, at, len(refused), sheets)


def _kept(
    connection: Connection, loading: _Loading, name: str, lines: Sequence[Line]
) -> list[Line]:
    """Return the known rows of a table that lines of a sheet do not replace, where they stay."""
    table = _TABLES[name]
    if not loading.is_doubtful(table):
        return []
    known = connection.execute(
        text(
            f"SELECT {', '.join(table.columns)}, _row FROM {name}"
            " WHERE government_id = :g AND superseded_at = 'infinity' ORDER BY _row"
        ),
        {"g": loading.government_id},
    ).mappings()
    said = {_identity(table, line) for line in lines}
    rows = [dict(row) for row in known]
    return [row for row in rows if _identity(table, row) not in said]


def _identity(table: DimensionTable, row: Line) -> tuple[Any, ...]:
    return tuple(row[name] or "" for name in table.key if name != "government_id")


def _load(
    connection: Connection,
    loading: _Loading,
    tables: Sequence[DimensionTable],
    desired: Mapping[str, Sequence[dict[str, Any]]],
) -> RegisterRecord:
    """Make tables say what is desired; return what changed and how many lines were left out."""
    loading = loading._replace(at=_after_the_last(connection, loading))
    sheets = {table.code: table.sheet for table in form("register").tables}
    opened, closed, taken = {}, {}, 0
    ended: list[str] = []
    kept: list[str] = []
    for table in tables:
        rows = _unique(desired[table.name], table.key)
        _lay_down(connection, table, rows)
        own = sheets[table.sheets[0]]
        gone, stayed = _close(connection, table, loading)
        ended += [f"{own} {row.told}" for row in gone if not row.is_replaced]
        kept += [f"{own} {told}" for told in stayed]
        opened[table.name], closed[table.name] = _open(connection, table, loading), len(gone)
        taken += len(rows)
    for_many_rows(connection)
    connection.execute(text("ANALYZE " + ", ".join(table.name for table in tables)))
    return RegisterRecord(loading.government_id, opened, closed, loading.left_out, taken,
                          tuple(dict.fromkeys(ended)), tuple(dict.fromkeys(kept)))  # fmt: skip


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


def _lay_down(
    connection: Connection, table: DimensionTable, rows: Sequence[dict[str, Any]]
) -> None:
    """Put what a table is to say into the temporary table `desired`."""
    connection.execute(text("DROP TABLE IF EXISTS desired"))
    connection.execute(
        text(
            f"CREATE TEMP TABLE desired ON COMMIT DROP AS SELECT {', '.join(table.columns)}, _row"
            f" FROM {table.name} WHERE FALSE"
        )
    )
    names = (*table.columns, "_row")
    copy_rows(connection, "desired", names, ([row.get(n) for n in names] for row in rows))


def _close(
    connection: Connection, table: DimensionTable, loading: _Loading
) -> tuple[Sequence[Row[Any]], Sequence[str]]:
    """Close what is no longer so; return that, and what stays though it is not desired.

    Where a line was refused, an absent row may be the one that line was about: only what another
    row stands in the place of is closed.
    """
    stands = (
        "WHERE known.government_id = :g"
        f" AND known.superseded_at = 'infinity' AND {_MAY_END[loading.form_code]}"
        f" AND NOT EXISTS (SELECT 1 FROM desired WHERE {table.is_alike})"
    )
    names = ", ".join(
        f"NULLIF(known.{name}::text, '')" for name in table.told or ("government_id",)
    )
    told = f"CONCAT_WS(' ', {names}) AS told"
    is_doubtful = loading.is_doubtful(table)
    closed = connection.execute(
        text(
            f"UPDATE {table.name} AS known SET superseded_at = :at {stands}"
            + (f" AND {table.is_replaced}" if is_doubtful else "")
            + f" RETURNING {told}, {table.is_replaced} AS is_replaced"
        ),
        {"g": loading.government_id, "at": loading.at},
    ).all()  # fmt: skip
    if not is_doubtful:
        return closed, ()
    kept = connection.execute(
        text(f"SELECT {told} FROM {table.name} AS known {stands} ORDER BY told"),
        {"g": loading.government_id},
    )
    return closed, kept.scalars().all()


def _open(connection: Connection, table: DimensionTable, loading: _Loading) -> int:
    """Open what is desired and not known; return how many rows that are."""
    columns = ", ".join(table.columns)
    opened = connection.execute(
        text(
            f"INSERT INTO {table.name} ({columns}, recorded_at, _submission_id, _row)"
            f" SELECT {columns}, :at, :s, _row FROM desired WHERE NOT EXISTS ("
            f"SELECT 1 FROM {table.name} AS known WHERE known.superseded_at = 'infinity'"
            f" AND {table.is_alike})"
        ),
        {"s": loading.submission_id, "at": loading.at},
    )
    return opened.rowcount

"""Load a checked register: close what is no longer so, open what is, keep what did not change.

A register states the present. `slices` turns it and the dated changes into what held on each day;
one mechanism then compares every table with what was known and writes only the difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from etl.cells import RawCell, label_key, money
from etl.form import labels_for
from etl.quarter import Quarter
from etl.warehouse import copy_rows

FOREVER = date.max
_SEPARATORS = re.compile(r"\s*[,，、]\s*")
Line = Mapping[str, Any]


@dataclass(frozen=True)
class DimensionTable:
    """One table of the register in core: its columns, and the ones that key a row."""

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.values)


TABLES = (
    DimensionTable(
        "core.dim_government",
        ("government_id",),
        ("government_name", "government_kind", "government_class", "upper_government_id"),
    ),
    DimensionTable(
        "core.dim_term", ("government_id", "term_number"), ("start_date", "end_date")
    ),
    DimensionTable(
        "core.dim_department",
        ("government_id", "department_code", "valid_from"),
        ("valid_to", "department_name", "successor_code", "mail"),
    ),
    DimensionTable(
        "core.dim_pledge",
        ("government_id", "term_number", "pledge_id", "valid_from"),
        ("valid_to", "pledge_name", "field_name", "department_codes", "cooperating", "due_code",
         "due_year", "project_type", "novelty_code", "actor_code", "delivery_code",
         "budget_class_code", "declared_total_krw", "confirmed_date"),
    ),
    DimensionTable(
        "core.dim_subproject",
        ("government_id", "term_number", "pledge_id", "subproject_name"),
        (),
    ),
    DimensionTable(
        "core.pledge_change",
        ("government_id", "term_number", "pledge_id", "change_date", "change_code", "item_code"),
        ("before_text", "after_text", "reason", "approver"),
    ),
    DimensionTable(
        "core.submission_window",
        ("government_id", "quarter_id"),
        ("start_date", "due_date", "grace_date", "reference_date", "voted_year"),
    ),
)  # fmt: skip


@dataclass
class RegisterRecord:
    """What a register changed: per table the rows opened and closed, and the rows left out."""

    government_id: str
    opened: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    left_out: int = 0

    @property
    def changed(self) -> bool:
        return any(self.opened.values()) or any(self.closed.values())


# --- pure: lines of the sheets → rows of core ------------------------------------------------


def government_class(kind_code: str, upper_label: str | None) -> str:
    """Return which column of the funding-source table an office reads (design: source labels)."""
    if kind_code != "COUNTY":
        return kind_code
    metropolitan = labels_for("upper_government", "METROPOLITAN")
    return "DISTRICT" if label_key(upper_label or "") in metropolitan else "COUNTY_IN_PROVINCE"


def _code(list_code: str, label: str | None) -> str | None:
    return labels_for(list_code, "*").get(label_key(label)) if label else None


def _owners(written: str | None) -> list[str]:
    return [code for code in _SEPARATORS.split((written or "").strip()) if code]


def project_axes(written: str | None) -> dict[str, str | None]:
    """Return the three axes of 사업유형; an axis that is not named stays None."""
    axes: dict[str, str | None] = {"novelty": None, "actor": None, "delivery": None}
    for part in re.split(r"[/／·,]", written or ""):
        for axis in axes:
            axes[axis] = axes[axis] or _code(axis, part.strip())
    return axes


def _year(written: str | None) -> int | None:
    found = re.search(r"\d{4}", written or "")
    return int(found[0]) if found else None


def _krw(written: str | None) -> Any:
    return money(RawCell(written), 1_000_000).value if written else None


_CHANGEABLE: dict[str, Callable[[str | None], Any]] = {
    "pledge_name": lambda written: written,
    "field_name": lambda written: written,
    "cooperating": lambda written: written,
    "project_type": lambda written: written,
    "department_codes": _owners,
    "due": lambda written: _code("due", written),
    "due_year": _year,
    "budget_class": lambda written: _code("budget_class", written),
    "declared_total": _krw,
}


def _present(line: Line) -> dict[str, Any]:
    return {
        "pledge_name": line["pledge_name"],
        "field_name": line["field_name"],
        "cooperating": line["cooperating"],
        "project_type": line["project_type"],
        "department_codes": _owners(line["department_codes"]),
        "due": _code("due", line["due"]),
        "due_year": line["due_year"],
        "budget_class": _code("budget_class", line["budget_class"]),
        "declared_total": line["declared_total"],
    }


def value_on(item: str, present: Any, changes: Sequence[Line], day: date) -> Any:
    """Return what one attribute of a pledge was on a day.

    `changes` are the dated changes of that item in order. Before a change its 변경전 held; after
    the last one the register's own value does, unless the sheet still shows that 변경전.
    """
    parse = _CHANGEABLE[item]
    for change in changes:
        if day < change["change_date"] and change["before_text"] is not None:
            return parse(change["before_text"])
    last = changes[-1] if changes else None
    if last and last["after_text"] is not None and present == parse(last["before_text"]):
        return parse(last["after_text"])
    return present


def slices(line: Line, changes: Sequence[Line], first_day: date) -> list[dict[str, Any]]:
    """One row per stretch of days in which nothing about a pledge changed, oldest first."""
    by_item: dict[str, list[Line]] = {item: [] for item in _CHANGEABLE}
    for change in sorted(changes, key=lambda c: c["change_date"]):
        if change["change_code"] == "CHANGED" and change["item_code"] in by_item:
            by_item[change["item_code"]].append(change)
    days = {c["change_date"] for known in by_item.values() for c in known}
    starts = [first_day, *sorted(day for day in days if day > first_day)]
    present = _present(line)
    rows: list[dict[str, Any]] = []
    for start in starts:
        attributes = {i: value_on(i, present[i], by_item[i], start) for i in _CHANGEABLE}
        if rows and rows[-1]["attributes"] == attributes:
            continue
        if rows:
            rows[-1]["valid_to"] = start
        rows.append({"valid_from": start, "valid_to": FOREVER, "attributes": attributes})
    return rows


def _pledge_rows(
    government: str, line: Line, changes: Sequence[Line], term_start: date
) -> Iterable[dict[str, Any]]:
    confirmed = line["confirmed_date"] or term_start
    for piece in slices(line, changes, confirmed):
        known = piece["attributes"]
        yield {
            "government_id": government,
            "term_number": line["term_number"],
            "pledge_id": line["pledge_id"],
            "valid_from": piece["valid_from"],
            "valid_to": piece["valid_to"],
            "confirmed_date": confirmed,
            "due_code": known["due"],
            "budget_class_code": known["budget_class"],
            "declared_total_krw": known["declared_total"],
            **{f"{axis}_code": c for axis, c in project_axes(known["project_type"]).items()},
            **{n: known[n] for n in ("pledge_name", "field_name", "department_codes",
                                     "cooperating", "due_year", "project_type")},
            "_row": line["_row"],
        }  # fmt: skip


def window_row(government: str, line: Line) -> dict[str, Any]:
    """One quarter of the calendar with its blanks resolved.

    Blank: the window opens the day after the quarter, closes on the 10th of the next month without
    grace; the reference date is the quarter's last day; the budget voted is that of the quarter's
    year, in a fourth quarter also that of the year after it.
    """
    quarter = Quarter.parse(line["quarter_id"])
    due = line["due_date"] or quarter.next().first_day.replace(day=10)
    return {
        "government_id": government,
        "quarter_id": str(quarter),
        "start_date": line["start_date"] or quarter.next().first_day,
        "due_date": due,
        "grace_date": line["grace_date"] or due,
        "reference_date": line["reference_date"] or quarter.last_day,
        "voted_year": line["voted_year"] or quarter.year + (quarter.number == 4),
        "_row": line["_row"],
    }


def _department_row(government: str, line: Line, opening: date) -> dict[str, Any]:
    end = line["end_date"]
    return {
        "government_id": government,
        "department_code": line["department_code"],
        "department_name": line["department_name"],
        "valid_from": line["start_date"] or opening,
        "valid_to": end + timedelta(days=1) if end else FOREVER,
        "successor_code": line["successor_code"],
        "mail": line["mail"],
        "_row": line["_row"],
    }


def core_rows(sheets: Mapping[str, Sequence[Line]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every register table in core, from the accepted lines of one register."""
    office = sheets["institution"][0]
    government = office["government_id"]
    terms = {line["term_number"]: line for line in sheets["term"]}
    opening = min((line["start_date"] for line in terms.values()), default=date.min)
    kind = _code("government_kind", office["government_kind"]) or ""
    changes: dict[tuple[int, str], list[Line]] = {}
    for change in sheets["change"]:
        changes.setdefault((change["term_number"], change["pledge_id"]), []).append(change)
    pledges = [
        row
        for line in sheets["pledge"]
        if line["term_number"] in terms
        for row in _pledge_rows(
            government,
            line,
            changes.get((line["term_number"], line["pledge_id"]), []),
            terms[line["term_number"]]["start_date"],
        )
    ]
    return {
        "core.dim_government": [
            {
                **office,
                "government_kind": office["government_kind_raw"],
                "government_class": government_class(kind, office["upper_government_id"]),
            }
        ],
        "core.dim_term": [{**line, "government_id": government} for line in sheets["term"]],
        "core.dim_department": [
            _department_row(government, line, opening) for line in sheets["department"]
        ],
        "core.dim_pledge": pledges,
        "core.dim_subproject": [
            {**line, "government_id": government} for line in sheets["subproject"]
        ],
        "core.pledge_change": [
            {**line, "government_id": government, "item_code": line["item_code"] or ""}
            for line in sheets["change"]
        ],
        "core.submission_window": [window_row(government, line) for line in sheets["window"]],
    }


# --- edge: read the accepted lines, write the difference ---------------------------------------

_SHEETS = ("institution", "term", "department", "pledge", "subproject", "change", "window")


def _accepted_lines(connection: Connection, submission_id: int, sheet: str) -> list[Line]:
    rows = connection.execute(
        text(
            f"SELECT line.* FROM staging.register__{sheet} AS line"  # noqa: S608
            " WHERE line.submission_id = :s AND NOT EXISTS (SELECT 1 FROM audit.finding"
            " WHERE finding.submission_id = line.submission_id AND finding._table = line._table"
            " AND finding._row = line._row AND finding.level = 'block_pledge'"
            " AND NOT finding.is_shadow) ORDER BY line._table, line._row"
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
    desired = core_rows(sheets)
    record = RegisterRecord(sheets["institution"][0]["government_id"])
    record.left_out = connection.execute(
        text(
            "SELECT count(DISTINCT (_table, _row)) FROM audit.finding"
            " WHERE submission_id = :s AND level = 'block_pledge' AND NOT is_shadow"
        ),
        {"s": submission_id},
    ).scalar_one()
    moment = _after_the_last(connection, record.government_id, at)
    for table in TABLES:
        rows = _unique(desired[table.name], table.key)
        closed, opened = _write_difference(connection, table, rows, record, submission_id, moment)
        record.closed[table.name], record.opened[table.name] = closed, opened
    _write_heads(connection, record.government_id, submission_id)
    return record


def _after_the_last(connection: Connection, government: str, at: datetime) -> datetime:
    """Return `at`, or just after the last recorded moment when that is later: history only grows."""
    latest = connection.execute(
        text(
            " UNION ALL ".join(
                f"SELECT max(GREATEST(recorded_at, NULLIF(superseded_at, 'infinity')))"  # noqa: S608
                f" FROM {table.name} WHERE government_id = :g"
                for table in TABLES
            )
        ),
        {"g": government},
    ).scalars()
    known = max((moment for moment in latest if moment is not None), default=None)
    return at if known is None or at > known else known + timedelta(microseconds=1)


def _write_difference(
    connection: Connection,
    table: DimensionTable,
    rows: Sequence[dict[str, Any]],
    record: RegisterRecord,
    submission_id: int,
    at: datetime,
) -> tuple[int, int]:
    columns = ", ".join(table.columns)
    connection.execute(text("DROP TABLE IF EXISTS desired"))
    connection.execute(
        text(
            f"CREATE TEMP TABLE desired ON COMMIT DROP AS SELECT {columns}, _row"  # noqa: S608
            f" FROM {table.name} WHERE FALSE"
        )
    )
    names = (*table.columns, "_row")
    copy_rows(connection, "desired", names, ([row.get(n) for n in names] for row in rows))
    parameters = {"g": record.government_id, "at": at, "s": submission_id}
    same = " AND ".join(f"known.{c} IS NOT DISTINCT FROM desired.{c}" for c in table.columns)
    closed = connection.execute(
        text(
            f"UPDATE {table.name} AS known SET superseded_at = :at"  # noqa: S608
            " WHERE known.government_id = :g AND known.superseded_at = 'infinity'"
            f" AND NOT EXISTS (SELECT 1 FROM desired WHERE {same})"
            f" AND NOT {_was_left_out(table)}"
        ),
        parameters,
    )
    opened = connection.execute(
        text(
            f"INSERT INTO {table.name} ({columns}, recorded_at, _submission_id, _row)"  # noqa: S608
            f" SELECT {columns}, :at, :s, _row FROM desired WHERE NOT EXISTS ("
            f"SELECT 1 FROM {table.name} AS known WHERE known.superseded_at = 'infinity'"
            f" AND {same})"
        ),
        parameters,
    )
    return closed.rowcount, opened.rowcount


_LEFT_OUT_KEYS = {
    "core.dim_term": ("register__term", "staged.term_number = known.term_number"),
    "core.dim_department": (
        "register__department", "staged.department_code = known.department_code",
    ),
    "core.dim_pledge": (
        "register__pledge",
        "staged.term_number = known.term_number AND staged.pledge_id = known.pledge_id",
    ),
    "core.dim_subproject": (
        "register__subproject",
        "staged.term_number = known.term_number AND staged.pledge_id = known.pledge_id",
    ),
    "core.pledge_change": (
        "register__change",
        "staged.term_number = known.term_number AND staged.pledge_id = known.pledge_id",
    ),
    "core.submission_window": ("register__window", "staged.quarter_id = known.quarter_id"),
}  # fmt: skip


def _was_left_out(table: DimensionTable) -> str:
    """Return the condition that a known row's line stands in this register but was blocked.

    A key that was also loaded from a sound line is not kept: the sound line replaces it.
    """
    if table.name not in _LEFT_OUT_KEYS:
        return "FALSE"
    staged, match = _LEFT_OUT_KEYS[table.name]
    loaded = match.replace("staged.", "desired.")
    return (
        f"(EXISTS (SELECT 1 FROM staging.{staged} AS staged"  # noqa: S608
        " INNER JOIN audit.finding USING (submission_id, _table, _row)"
        " WHERE staged.submission_id = :s AND finding.level = 'block_pledge'"
        f" AND {match}) AND NOT EXISTS (SELECT 1 FROM desired WHERE {loaded}))"
    )


def _write_heads(connection: Connection, government: str, submission_id: int) -> None:
    connection.execute(
        text(
            "INSERT INTO restricted.term_head (government_id, term_number, head_name)"
            " SELECT DISTINCT ON (term_number) :g, term_number, head_name"
            " FROM restricted.register__term_head WHERE submission_id = :s"
            " AND term_number IS NOT NULL AND head_name IS NOT NULL"
            " ON CONFLICT (government_id, term_number)"
            " DO UPDATE SET head_name = excluded.head_name"
        ),
        {"g": government, "s": submission_id},
    )

"""Receive files: archive first, register the receipt, stage what a reader found.

Nothing here judges content. A file that is already in force as it is, is recognised by its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from etl import __version__
from etl.form import form_version, stages
from etl.inbox import Arrival, NotTaken
from etl.problems import CellProblem, FileFault
from etl.warehouse import copy_rows, run_file

MOST_TRIES = 3
"""How often a file is tried that a fault of ours sets aside, by one version of the code."""


@dataclass(frozen=True)
class Kept:
    """One arrival whose bytes are kept under their sha256; a bundle's own, or one of its members.

    `bundle` is the sha256 of the bundle that a member was taken from, or of the bundle itself.
    """

    arrival: Arrival
    sha256: str
    size: int
    bundle: str | None = None

    @property
    def is_bundle(self) -> bool:
        return self.bundle == self.sha256


@dataclass(frozen=True)
class Asked:
    """What the caller says of documents that cannot say it themselves; None: nobody said."""

    government_id: str | None = None
    quarter_id: str | None = None


NOBODY_SAID = Asked()


@dataclass(frozen=True)
class Receipt:
    """One registered file: its row in `audit.submission`."""

    submission_id: int
    file_name: str
    sha256: str
    source_uri: str
    received_at: datetime


@dataclass
class ReceiveRecord:
    """What receiving did: the batch, its receipts, the files that were no news or not taken."""

    batch_id: int | None = None
    receipts: list[Receipt] = field(default_factory=list)
    recognised: list[str] = field(default_factory=list)
    not_taken: Sequence[NotTaken] = ()


def unseen(connection: Connection, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Keep the arrivals of the inbox that no receipt has settled yet.

    A file is settled once received, unless something in it was blocked and a register was loaded or
    one of its rules was waived since: it may be accepted now, if its department sent nothing newer.
    """
    rows = run_file(connection, "core/settled_arrivals.sql")
    settled = {(row.source_uri, row.source_stamp) for row in rows}
    return [a for a in arrivals if (a.uri, a.stamp) not in settled]


def open_batch(connection: Connection, purpose: str, rule_version: str, at: datetime) -> int:
    """Open a batch and return its id; it records the versions of rules, forms and code."""
    return int(
        connection.execute(
            text(
                "INSERT INTO audit.batch"
                " (purpose, started_at, code_version, rule_version, form_version)"
                " VALUES (:p, :at, :code, :rules, :forms) RETURNING batch_id"
            ),
            {"p": purpose, "at": at, "code": __version__, "rules": rule_version,
             "forms": form_version()},
        ).scalar_one()
    )  # fmt: skip


def in_force(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Return the hashes of files whose whole content is in force: the same bytes change nothing."""
    rows = run_file(connection, "core/content_in_force.sql", hashes=list(hashes))
    return {row.sha256 for row in rows}


def register_receipts(
    connection: Connection,
    batch_id: int,
    kept: Sequence[Kept],
    at: datetime,
    asked: Asked = NOBODY_SAID,
) -> list[Receipt]:
    """Write the receipts of archived files in `audit.submission`, in their order."""
    rows = run_file(
        connection,
        "core/register_receipts.sql",
        batch_id=batch_id,
        at=at,
        names=[one.arrival.name for one in kept],
        uris=[one.arrival.uri for one in kept],
        stamps=[one.arrival.stamp for one in kept],
        hashes=[one.sha256 for one in kept],
        sizes=[one.size for one in kept],
        asked_government_id=asked.government_id,
        asked_quarter_id=asked.quarter_id,
    )
    return sorted(
        (Receipt(**row._mapping) for row in rows),
        key=lambda receipt: receipt.submission_id,
    )


def unfinished(connection: Connection, purpose: str) -> list[int]:
    """Return the receipts of earlier runs that are to be taken up again, oldest first.

    Their run broke off before they were loaded or rejected, or a fault of ours set them aside fewer
    than MOST_TRIES times.
    """
    if purpose == "check":
        return []
    rows = run_file(
        connection, "core/unfinished.sql", purpose=purpose, most_tries=MOST_TRIES,
        code_version=__version__,
    )  # fmt: skip
    return [row.submission_id for row in rows]


def unanswered(connection: Connection) -> list[int]:
    """Return the files whose answer a fault of ours prevented, fewer than MOST_TRIES times."""
    rows = run_file(
        connection, "core/unanswered.sql", most_tries=MOST_TRIES, code_version=__version__
    )
    return [row.submission_id for row in rows]


def record_faults(
    connection: Connection, batch_id: int, faults: Mapping[int, FileFault], at: datetime
) -> None:
    """Write down faults of ours by submission."""
    for submission_id, fault in faults.items():
        run_file(
            connection, "core/record_fault.sql", submission_id=submission_id, batch_id=batch_id,
            happened_at=at, code_version=__version__, **asdict(fault),
        )  # fmt: skip


def set_aside(connection: Connection, submission_ids: Sequence[int]) -> None:
    """Set files aside: nothing of them is staged, and nothing is said of whose they are."""
    _clear(connection, list(submission_ids))
    run_file(connection, "core/set_aside.sql", submission_ids=list(submission_ids))


def adopt(connection: Connection, batch_id: int, submission_ids: Sequence[int]) -> None:
    """Take unfinished receipts into a new batch, to be read again from the start."""
    connection.execute(
        text(
            "UPDATE audit.submission SET batch_id = :b, state = 'received'"
            " WHERE submission_id = ANY(:ids)"
        ),
        {"b": batch_id, "ids": list(submission_ids)},
    )


def received(connection: Connection, batch_id: int) -> list[Receipt]:
    """Return the receipts of a batch that nobody has read yet, oldest first."""
    rows = connection.execute(
        text(
            "SELECT submission_id, file_name, sha256, source_uri, received_at"
            " FROM audit.submission WHERE batch_id = :b AND state = 'received'"
            " ORDER BY received_at, submission_id"
        ),
        {"b": batch_id},
    )
    return [Receipt(*row) for row in rows]


_STAGES = (*stages(), "staging.problem", "audit.submission_table")


@dataclass
class Staged:
    """Rows of a whole batch, gathered per staging table, and what to write on each receipt."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    identities: list[dict[str, Any]] = field(default_factory=list)

    def add(self, submission_id: int, found: Any) -> None:
        """Take in one file's result: a `StagedFile`, or a CellProblem when it could not be read."""
        if isinstance(found, CellProblem):
            self._add_problems(submission_id, [found])
            self._add_identity(submission_id, None)
            return
        for stage, lines in found.rows.items():
            target = self.rows.setdefault(stage, [])
            target.extend((submission_id, *line) for line in lines)
        self._add_problems(submission_id, found.problems)
        self._add_identity(submission_id, found)
        tables = self.rows.setdefault("audit.submission_table", [])
        tables.extend(_table_row(submission_id, table) for table in found.tables)

    def _add_problems(self, submission_id: int, problems: Iterable[CellProblem]) -> None:
        target = self.rows.setdefault("staging.problem", [])
        target.extend(
            (submission_id, p.code, p.sheet_name, p.table_no, p.row, p.column, p.field,
             p.pledge_id, p.seen, p.expected)
            for p in problems
        )  # fmt: skip

    def _add_identity(self, submission_id: int, found: Any) -> None:
        values = {name: getattr(found, name, None) for name in _IDENTITY}
        self.identities.append({"submission_id": submission_id, **values})


def _table_row(submission_id: int, table: Any) -> tuple[Any, ...]:
    values = (getattr(table, name) for name in _TABLE_COLUMNS)
    return (submission_id, *(json.dumps(v) if isinstance(v, dict) else v for v in values))


_IDENTITY = (
    "form_code", "form_edition", "government_id", "term_number", "quarter_id", "department_code",
    "register_version", "content_key", "document_format",
)  # fmt: skip
_TABLE_COLUMNS = (
    "table_no", "table_code", "sheet_name", "header_row", "columns", "money_unit", "row_count",
)  # fmt: skip
_PROBLEM_COLUMNS = (
    "code", "sheet_name", "_table", "_row", "_column", "field", "pledge_id", "seen", "expected",
)  # fmt: skip


def write_staged(
    connection: Connection, staged: Staged, stage_columns: dict[str, tuple[str, ...]]
) -> int:
    """COPY a batch's rows into staging and mark its receipts as read; return the rows written."""
    columns = {
        "audit.submission_table": _TABLE_COLUMNS,
        "staging.problem": _PROBLEM_COLUMNS,
        **stage_columns,
    }
    # A run that broke off may have staged some of these files before.
    _clear(connection, [i["submission_id"] for i in staged.identities])
    for stage in staged.rows:
        copy_rows(connection, stage, ("submission_id", *columns[stage]), staged.rows[stage])
    if staged.rows:
        # Without fresh statistics PostgreSQL takes a large batch for an empty table. Those of the
        # key are enough, and cost a quarter of a whole table's.
        joined = (f"{stage} ({_key(columns[stage])})" for stage in staged.rows)
        connection.execute(text(f"ANALYZE {', '.join(joined)}"))
    if staged.identities:
        _write_identities(connection, staged.identities)
    return sum(len(rows) for rows in staged.rows.values())


def _key(columns: Sequence[str]) -> str:
    return "submission_id, pledge_id" if "pledge_id" in columns else "submission_id"


def identify_cards(connection: Connection, batch_id: int) -> None:
    """Write on each card of a batch its government, term, quarter and department."""
    run_file(connection, "core/identify_cards.sql", batch_id=batch_id)


def name_whole_pledges(connection: Connection, batch_id: int) -> None:
    """Name the money lines of a batch that name no sub-project after their pledge."""
    run_file(connection, "core/name_whole_pledges.sql", batch_id=batch_id)


def mark_repeated(connection: Connection, batch_id: int) -> dict[str, int]:
    """Set aside the files of a batch whose content is in force already: name → that submission."""
    rows = run_file(connection, "core/mark_repeated.sql", batch_id=batch_id)
    return {row.file_name: row.twin_id for row in rows}


def owners(connection: Connection, submission_ids: Sequence[int]) -> list[tuple[int, str | None]]:
    """Return whose each file is, as far as reading it told: submission and government."""
    rows = connection.execute(
        text(
            "SELECT submission_id, government_id FROM audit.submission"
            " WHERE submission_id = ANY(:ids) ORDER BY received_at, submission_id"
        ),
        {"ids": list(submission_ids)},
    )
    return [(row.submission_id, row.government_id) for row in rows]


def forget(connection: Connection, batch_id: int) -> None:
    """Remove a batch that was only checked, with everything staged and found for it."""
    ids = connection.execute(
        text("SELECT submission_id FROM audit.submission WHERE batch_id = :b"), {"b": batch_id}
    )
    _clear(connection, list(ids.scalars()))
    for table in ("audit.submission", "audit.batch"):
        connection.execute(text(f"DELETE FROM {table} WHERE batch_id = :b"), {"b": batch_id})


def _clear(connection: Connection, submission_ids: list[int]) -> None:
    for stage in _STAGES:
        connection.execute(
            text(f"DELETE FROM {stage} WHERE submission_id = ANY(:ids)"),
            {"ids": submission_ids},
        )


def _write_identities(connection: Connection, identities: list[dict[str, Any]]) -> None:
    columns = {name: [one[name] for one in identities] for name in identities[0]}
    run_file(connection, "core/write_identities.sql", **columns)

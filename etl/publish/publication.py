"""What one publication says: the rows of one government and quarter, and what was said before.

Everything published is written from a `Publication`, so the same numbers stand everywhere. No name
of a person is in the marts, so none can be here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from etl.period import Period, parse_period
from etl.publish.columns import (
    budget_order,
    figure_order,
    narrative_order,
    natural_order,
    scope_order,
)
from etl.shown import coverage_words
from etl.warehouse import run_file

Rows = Sequence[Row[Any]]
# Where the rows come from, and what holds the figures there.
_OF_QUARTER = "WHERE government_id = :government_id AND quarter_id = :quarter_id"
REFRESHED = ("mart", "implementation_rate", "budget_execution")
COMPUTED = ("pg_temp", "figure")


def _pledge_order(row: Any) -> Any:
    return natural_order(row.pledge_id)


# What a publication holds beside its figures: from which table, in which order.
_ROWS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "pledges": ("pledge_status", _pledge_order),
    "budget": ("pledge_budget", budget_order),
    "subprojects": ("subproject_status", lambda r: (_pledge_order(r), r.subproject_number)),
    "counts": ("status_count", scope_order),
    "missing": ("missing_report", lambda r: (r.department_code, _pledge_order(r))),
    "waived": (
        "waived_finding", lambda r: (r.rule_id, natural_order(r.pledge_id or ""), r.finding_id)
    ),
    "denominators": ("denominator_history", _pledge_order),
    "evidence": ("evidence_cell", lambda r: (_pledge_order(r), r.entry_number)),
    "members": ("scope_member", lambda r: (*scope_order(r), _pledge_order(r))),
    "narrative": ("pledge_narrative", narrative_order),
    "attachments": ("pledge_attachment", lambda r: (_pledge_order(r), r.entry_number)),
}  # fmt: skip


@dataclass(frozen=True)
class Release:
    """The approved publication that this is."""

    revision: int
    decided_at: datetime
    as_of: datetime
    is_demo: bool
    supersedes: int | None


@dataclass(frozen=True)
class Published:
    """What another publication said: its figures of every scope, and its pledges."""

    quarter_id: str
    revision: int
    figures: Rows
    pledges: Rows


@dataclass(frozen=True, eq=False)
class Publication:
    """The rows of one government's quarter; `release` is None for what is not published.

    `history` holds the published figures of earlier quarters of the term, `earlier` the last
    quarter published before this one, `replaced` the revision that this one takes the place of.
    `evidence` and `members` are rows of `mart.evidence_cell` and `mart.scope_member`.
    `narrative` is what was done, in words (`mart.pledge_narrative`), and `told` what the releases
    of `history` said in words (`mart.released_narrative`). `attachments` are the pictures of the
    quarter (`mart.pledge_attachment`), `picture_of` gives the bytes of one.
    `decisions` are the changes of pledges decided by its day, `printed` is what was printed of it,
    each value with its verdict.
    """

    government_id: str
    government_name: str
    quarter: Period
    term_number: int | None
    release: Release | None
    pledges: Rows
    budget: Rows
    figures: Rows
    counts: Rows
    missing: Rows
    waived: Rows
    denominators: Rows
    subprojects: Rows = ()
    evidence: Rows = ()
    members: Rows = ()
    narrative: Rows = ()
    attachments: Rows = ()
    picture_of: Callable[[Any], bytes] | None = None
    history: Rows = ()
    told: Rows = ()
    earlier: Published | None = None
    replaced: Published | None = None
    decisions: Rows = ()
    printed: Sequence[Any] = ()

    @property
    def day(self) -> date:
        """기준일 of the quarter."""
        return self.pledges[0].as_of_date if self.pledges else self.quarter.last_day

    @property
    def coverage(self) -> str:
        """How many of the pledges that owe a report have one this quarter, in words."""
        figure = self.figure("PLAN")
        return coverage_words(figure.owing_count if figure else 0, len(self.missing))

    @property
    def is_year_end(self) -> bool:
        """Whether it stands on 12-31, the only day that the yearly tables are asked for."""
        return (self.day.month, self.day.day) == (12, 31)

    def of_scope(self, scope_type: str = "all", scope_id: str = "") -> dict[str, Row[Any]]:
        """Return the figures of one scope by their code, in its order."""
        asked = (scope_type, scope_id)
        return {f.figure_code: f for f in self.figures if (f.scope_type, f.scope_id) == asked}

    def figure(self, code: str) -> Row[Any] | None:
        """Return one figure of all pledges; None where the quarter has none."""
        return self.of_scope().get(code)

    def of_all(self, codes: Sequence[str]) -> list[Row[Any]]:
        """Return the figures of all pledges that there are of some codes, in their order."""
        found = self.of_scope()
        return [found[code] for code in codes if code in found]


def read_publication(
    connection: Connection,
    government_id: str,
    quarter: Period,
    source: Sequence[str] = REFRESHED,
    release: Release | None = None,
) -> Publication:
    """Read the mart rows of a quarter, and with `release` what was published before it."""
    asked = {"government_id": government_id, "quarter_id": str(quarter)}
    schema, *figures = source

    def rows(table: str) -> Rows:
        # Temporary tables hold the one quarter only.
        where = _OF_QUARTER if schema == "mart" else ""
        return connection.execute(text(f"SELECT * FROM {schema}.{table} {where}"), asked).all()

    name = connection.execute(
        text(
            "SELECT government_name FROM core.dim_government WHERE government_id = :government_id"
            " AND recorded_at <= COALESCE(CAST(:as_of AS timestamptz), 'infinity')"
            " ORDER BY recorded_at DESC LIMIT 1"
        ),
        {**asked, "as_of": release and release.as_of},
    ).scalar()
    term_number = next((row.term_number for row in rows("computed_quarter")), None)
    held: dict[str, Any] = {
        name: sorted(rows(table), key=order) for name, (table, order) in _ROWS.items()
    }
    return Publication(
        government_id=government_id,
        government_name=name or government_id,
        quarter=quarter,
        term_number=term_number,
        release=release,
        figures=sorted((row for table in figures for row in rows(table)), key=figure_order),
        **held,
        **(_before(connection, asked, term_number, release, held["pledges"]) if release else {}),
    )


def _before(
    connection: Connection, asked: dict[str, str], term_number: int | None, release: Release,
    pledges: Rows,
) -> dict[str, Any]:  # fmt: skip
    history = run_file(
        connection, "release/term_figures.sql",
        **asked, term_number=term_number, decided_at=release.decided_at,
    )  # fmt: skip
    day = max((row.as_of_date for row in pledges), default=None)
    decisions = run_file(
        connection, "release/decisions.sql",
        government_id=asked["government_id"], term_number=term_number, as_of=release.as_of,
        day=day,
    )  # fmt: skip
    last = max(((parse_period(row.quarter_id), row.revision) for row in history), default=None)
    return {
        "decisions": sorted(
            decisions, key=lambda r: (_pledge_order(r), r.change_date, r.change_code, r.item_code)
        ),
        "history": sorted(history, key=lambda r: (parse_period(r.quarter_id), figure_order(r))),
        "told": _told(connection, asked["government_id"], history),
        "earlier": last and _published(connection, asked["government_id"], str(last[0]), last[1]),
        "replaced": release.supersedes
        and _published(connection, asked["government_id"], asked["quarter_id"], release.supersedes),
    }


def _told(connection: Connection, government_id: str, history: Rows) -> Rows:
    of_quarter = {row.quarter_id: row.revision for row in history}
    rows = run_file(
        connection, "release/narrative.sql",
        government_id=government_id,
        quarter_ids=list(of_quarter), revisions=list(of_quarter.values()),
    )  # fmt: skip
    return sorted(rows, key=lambda r: (r.quarter_id, narrative_order(r)))


def _published(
    connection: Connection, government_id: str, quarter_id: str, revision: int
) -> Published:
    asked = {"g": government_id, "q": quarter_id, "r": revision}
    where = "WHERE government_id = :g AND quarter_id = :q AND revision = :r"

    def rows(table: str) -> Rows:
        return connection.execute(text(f"SELECT * FROM mart.{table} {where}"), asked).all()

    return Published(
        quarter_id,
        revision,
        figures=sorted(rows("released_figure"), key=figure_order),
        pledges=sorted(rows("released_pledge"), key=_pledge_order),
    )

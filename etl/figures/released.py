"""Published figures: frozen beside the pledges they count, and never written again.

Both sides of `freeze` and `is_frozen` are what `etl.figures.compute` left in this transaction.
"""

from sqlalchemy import Connection, text

from etl.figures import FIGURE_COLUMNS, FigureRow
from etl.period import Period
from etl.warehouse import dictionary

# Each published table, and what of the computed ones it holds.
_SOURCES = {
    "released_figure": (
        "(SELECT figure.*, computed.government_name FROM figure"
        " CROSS JOIN computed_quarter AS computed) AS figure"
    ),
    "released_pledge": (
        "(SELECT status.*, report.submission_id, computed.government_name"
        " FROM pledge_status AS status CROSS JOIN computed_quarter AS computed"
        " LEFT JOIN core.pledge_report AS report ON status._report_id = report.report_id) AS status"
    ),
}
_KEY = ("government_id", "quarter_id", "revision")
_OF_REVISION = (
    "government_id = :government_id AND quarter_id = :quarter_id AND revision = :revision"
)


def _columns(table: str) -> str:
    named: list[str] = dictionary()["tables"][f"mart.{table}"]["columns"]
    return ", ".join(named[len(_KEY) :])


def freeze(connection: Connection, revision: int) -> None:
    """Write the computed figures and their pledges as a new revision of their quarter."""
    for table, source in _SOURCES.items():
        columns = _columns(table)
        connection.execute(
            text(
                f"INSERT INTO mart.{table} ({', '.join(_KEY)}, {columns})"
                f" SELECT government_id, quarter_id, :revision, {columns} FROM {source}"
            ),
            {"revision": revision},
        )


def is_frozen(connection: Connection, government_id: str, quarter: Period, revision: int) -> bool:
    """Tell whether a revision says exactly what was computed: figures, pledges and their files."""
    asked = {"government_id": government_id, "quarter_id": str(quarter), "revision": revision}
    for table, source in _SOURCES.items():
        columns = _columns(table)
        now = f"SELECT {columns} FROM {source}"
        then = f"SELECT {columns} FROM mart.{table} WHERE {_OF_REVISION}"
        differing = f"({now} EXCEPT ALL {then}) UNION ALL ({then} EXCEPT ALL {now})"
        query = f"SELECT EXISTS ({differing})"
        if connection.execute(text(query), asked).scalar_one():
            return False
    return True


def released_rows(
    connection: Connection,
    government_id: str,
    quarter: Period,
    revision: int,
    scope_type: str | None = None,
) -> list[FigureRow]:
    """Return the figures of a published revision, of every scope or of one kind."""
    rows = connection.execute(
        text(
            f"SELECT {FIGURE_COLUMNS}"
            f" FROM mart.released_figure WHERE {_OF_REVISION}"
            " AND scope_type = COALESCE(CAST(:scope_type AS text), scope_type)"
        ),
        {"government_id": government_id, "quarter_id": str(quarter), "revision": revision,
         "scope_type": scope_type},
    )  # fmt: skip
    return [FigureRow(*row) for row in rows]

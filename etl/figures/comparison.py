"""Figures of one quarter beside the quarter before and the same quarter a year before.

All three are computed as known at the same moment, so a comparison has no "now" either.
`mart.figure_comparison` says the same of the marts.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection, text

from etl.figures import FIGURE_COLUMNS, FigureRow, compute, parameters, period_before
from etl.figures.pledges import QuarterAsOf
from etl.problems import UsageError
from etl.shown import signed
from etl.warehouse import run_file


@dataclass(frozen=True)
class ComparedFigure(FigureRow):
    """One figure with its changes in %p against two earlier quarters, or why there is none.

    Named as in `mart.figure_comparison`; money in won is told as it is and not compared.
    """

    is_small_denominator: bool
    previous_quarter_id: str
    previous_value_pct: Decimal | None
    previous_shown: str | None
    change_pp: Decimal | None
    no_change_reason: str | None
    year_ago_quarter_id: str
    year_ago_value_pct: Decimal | None
    year_ago_shown: str | None
    year_ago_change_pp: Decimal | None
    year_ago_no_change_reason: str | None


def compared_figures(
    connection: Connection,
    asked: QuarterAsOf,
    code: str | None = None,
    scope_type: str | None = None,
) -> list[ComparedFigure]:
    """Return the figures of a quarter as known at a moment, each beside its earlier values.

    The temporary tables are left as `compute` leaves them for the quarter. Raises UsageError as
    `compute`.
    """
    quarter = asked.quarter
    term: int = parameters(connection, asked)["term_number"]
    earlier = {
        "previous": period_before(connection, asked.bound),
        "year_ago": quarter.year_ago(),
    }
    connection.execute(text("DROP TABLE IF EXISTS pg_temp.figure_base"))
    connection.execute(
        text(
            f"CREATE TEMP TABLE figure_base ON COMMIT DROP AS SELECT {FIGURE_COLUMNS}"
            " FROM mart.implementation_rate WITH NO DATA"
        )
    )
    told: dict[str, str | int | None] = {"term_number": term}
    for name, base in earlier.items():
        told[f"{name}_quarter_id"] = str(base)
        told[f"{name}_term_number"] = _keep_base(connection, replace(asked, quarter=base), term)
    compute(connection, asked)
    rows = run_file(connection, "figures/comparison.sql", **told, code=code, scope_type=scope_type)
    return [ComparedFigure(**row._mapping) for row in rows]


def shown_change(change_pp: Decimal | None) -> str | None:
    """Write a change in %p: half-up with one decimal and its sign."""
    return None if change_pp is None else signed(change_pp, 1)


def _keep_base(connection: Connection, asked: QuarterAsOf, term: int) -> int | None:
    """Keep an earlier quarter's figures to compare with, where it is of the same term.

    Returns the term that held it; None where none did.
    """
    try:
        known: int = parameters(connection, asked)["term_number"]
    except UsageError:
        return None
    if known == term:
        compute(connection, asked)
        connection.execute(text(f"INSERT INTO figure_base SELECT {FIGURE_COLUMNS} FROM figure"))
    return known

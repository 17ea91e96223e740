"""The law of evidence: the cells behind every figure add up to it, and stand behind nothing else."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, text

from etl.figures import figure_rows
from etl.figures.evidence import Evidence, evidence, require_agreement
from etl.figures.pledges import QuarterAsOf
from etl.quarter import Quarter


def require_cells(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime
) -> int:
    """Hold all figures that `compute` left to their cells; return how many values there are."""
    behind: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    found = evidence(connection, QuarterAsOf(government_id, quarter, as_of))
    for one in found:
        behind[one.figure_code, one.scope_type, one.scope_id].append(one)
    for figure in figure_rows(connection):
        key = figure.figure_code, figure.scope_type, figure.scope_id
        require_agreement(figure, behind.pop(key, []))
    assert not behind
    return len(found)


_MART_AGAINST_FIGURES = """
    WITH figure AS (
        SELECT figure_code, scope_type, scope_id, numerator, denominator
        FROM mart.implementation_rate WHERE government_id = :g AND quarter_id = :q
        UNION ALL
        SELECT figure_code, scope_type, scope_id, numerator, denominator
        FROM mart.budget_execution WHERE government_id = :g AND quarter_id = :q
    ), behind AS (
        SELECT figure_code, scope_type, scope_id,
            SUM(value) FILTER (WHERE part = 'numerator') AS numerator,
            SUM(value) FILTER (WHERE part = 'denominator') AS denominator
        FROM mart.figure_evidence WHERE government_id = :g AND quarter_id = :q
        GROUP BY figure_code, scope_type, scope_id
    )
    SELECT figure_code, scope_type, scope_id, figure.numerator, behind.numerator,
        figure.denominator, behind.denominator
    FROM figure FULL JOIN behind USING (figure_code, scope_type, scope_id)
    WHERE COALESCE(figure.numerator, -1) <> COALESCE(behind.numerator, 0)
        OR COALESCE(figure.denominator, 0) <> COALESCE(behind.denominator, 0)
"""


def require_mart_cells(connection: Connection, government_id: str, quarter: Quarter) -> None:
    """Hold all figures of the marts to `mart.figure_evidence`: its values add up to them."""
    asked = {"g": government_id, "q": str(quarter)}
    differing = connection.execute(text(_MART_AGAINST_FIGURES), asked).all()
    assert not differing, differing

"""The law of evidence: the cells behind every figure add up to it, and stand behind nothing else."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection

from etl.figures import figure_rows
from etl.figures.evidence import Evidence, evidence, require_agreement
from etl.quarter import Quarter


def require_cells(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime
) -> int:
    """Hold all figures that `compute` left to their cells; return how many values there are."""
    behind: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    found = evidence(connection, government_id, quarter, as_of)
    for one in found:
        behind[one.figure_code, one.scope_type, one.scope_id].append(one)
    for figure in figure_rows(connection):
        key = figure.figure_code, figure.scope_type, figure.scope_id
        require_agreement(figure, behind.pop(key, []))
    assert not behind
    return len(found)

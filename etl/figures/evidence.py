"""What stands behind a figure: every value of its numerator and its denominator, with its cell.

The values come from staging, as they were read, so adding them up proves a figure a third time:
from the cells themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, text

from etl.figures import FigureRow, fill_temporary, gather_evidence, parameters
from etl.figures.pledges import QuarterAsOf
from etl.problems import SystemFault
from etl.warehouse import run_file

PARTS = ("numerator", "denominator")


@dataclass(frozen=True)
class Evidence:
    """One value of one part of one figure of a scope; money in won, a counted pledge 1.

    `reported_quarter_id` is the quarter of the report it stands in; None where a pledge never
    reported and the cell is that of the register.
    """

    government_id: str
    figure_code: str
    scope_type: str
    scope_id: str
    scope_name: str
    part: str
    pledge_id: str
    submission_id: int
    file_name: str
    sheet_name: str
    cell: str
    as_written: str
    value: Decimal
    reported_quarter_id: str | None


class EvidencePlace(NamedTuple):
    """A cell of a file, which is named or numbered as a submission; None is any."""

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None


class EvidenceCell(NamedTuple):
    """One cell behind the figures of a quarter, with the codes of the parts that it counts in."""

    pledge_id: str
    submission_id: int
    file_name: str
    sheet_name: str
    cell: str
    as_written: str
    value: Decimal
    reported_quarter_id: str | None
    fiscal_year: str | None
    funding_source_code: str | None
    numerator_of: tuple[str, ...]
    denominator_of: tuple[str, ...]


class EvidenceMember(NamedTuple):
    """One pledge of one scope."""

    scope_type: str
    scope_id: str
    pledge_id: str


def cells(connection: Connection, asked: QuarterAsOf) -> list[EvidenceCell]:
    """Return every cell behind the figures that `compute` left, each once."""
    gather_evidence(connection, asked)
    query = (
        f"SELECT {', '.join(EvidenceCell._fields)} FROM evidence_cell"
        " JOIN (SELECT submission_id, file_name FROM audit.submission) AS file"
        " USING (submission_id)"
    )
    return [
        EvidenceCell._make((*row[:-2], tuple(row.numerator_of), tuple(row.denominator_of)))
        for row in connection.execute(text(query))
    ]


def members(connection: Connection) -> list[EvidenceMember]:
    """Return the pledges of every scope that `compute` left."""
    query = f"SELECT {', '.join(EvidenceMember._fields)} FROM scope_member"
    return [EvidenceMember(*row) for row in connection.execute(text(query))]


def evidence(
    connection: Connection,
    asked: QuarterAsOf,
    *,
    figure_code: str | None = None,
    scope: str | None = None,
    place: EvidencePlace = EvidencePlace(),
) -> list[Evidence]:
    """Return the values behind the figures that `compute` left of this quarter as known then.

    All of them, or those of one code, one scope (`field:경제도시`, `all:`) or one cell.
    """
    bound = parameters(connection, asked)
    bound |= {"figure_code": figure_code, "scope": scope, **place._asdict()}
    fill_temporary(connection, "evidence_cell", bound)
    rows = run_file(connection, "figures/figure_evidence.sql", **bound)
    return [Evidence(**row._mapping) for row in rows]


def sums(values: Iterable[Evidence]) -> dict[str, Decimal]:
    """Add values up by part; a part without values is 0."""
    totals = dict.fromkeys(PARTS, Decimal(0))
    for one in values:
        totals[one.part] += one.value
    return totals


def require_agreement(figure: FigureRow, values: Iterable[Evidence]) -> None:
    """Compare a figure with the sums of the values behind it; raises SystemFault."""
    found = sums(values)
    if all(found[part] == (getattr(figure, part) or 0) for part in PARTS):
        return
    raise SystemFault(
        f"{figure.quarter_id} {figure.figure_code}({figure.scope_type}:{figure.scope_id})의 칸을"
        f" 더한 값이 지표와 다릅니다: 분자 {found['numerator']}, 지표 {figure.numerator};"
        f" 분모 {found['denominator']}, 지표 {figure.denominator}.",
        "아무것도 바뀌지 않았습니다.",
        "gongyak report로 지표를 다시 증명해 보고, 이 글과 함께 개발자에게 알리십시오.",
    )

"""From a figure to the cells behind it, and from a cell to the figures it counts in."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from etl.figures import FigureRow, compute, figure_rows
from etl.figures.evidence import (
    Evidence as Evidence,
    EvidencePlace,
    evidence,
    require_agreement,
    sums,
)
from etl.figures.pledges import QuarterAsOf
from etl.measures import measures
from etl.period import parse_period
from etl.pipeline.quarters import require_known
from etl.problems import UsageError
from etl.warehouse import transaction

_LISTED = 20


class Traced(NamedTuple):
    """A figure, every value behind it, and what they add up to by part."""

    figure: FigureRow
    values: list[Evidence]
    sums: dict[str, Decimal]


class Touched(NamedTuple):
    """One value of a cell, and what the figure that it counts in shows."""

    value: Evidence
    shown: str


def trace(quarter_id: str, government_id: str, as_of: datetime, code: str, scope: str) -> Traced:
    """Return a figure and what lies behind it; a scope is written `field:경제도시`.

    Computed afresh as known at a moment; nothing is written. Raises UsageError for a code or a
    scope that has no figure, SystemFault when the values do not add up to the figure.
    """
    require_known("지표 코드", code, measures().figures)
    scope_type, scope_id = _scope(scope)
    asked = QuarterAsOf(government_id, parse_period(quarter_id), as_of)
    with transaction() as connection:
        compute(connection, asked)
        figure = _figure(figure_rows(connection, code, scope_type), code, scope_type, scope_id)
        values = evidence(connection, asked, figure_code=code, scope=f"{scope_type}:{scope_id}")
    require_agreement(figure, values)
    return Traced(figure, values, sums(values))


def touched(quarter_id: str, government_id: str, as_of: datetime, place: str) -> list[Touched]:
    """One entry per figure part that one cell counts in, with what the figure shows.

    `place` is `FILE:SHEET!CELL`, where FILE is a name or the number of a submission; a document's
    locator may stand without a sheet. Raises UsageError for a place of any other shape.
    """
    asked_place = _place(place)
    asked = QuarterAsOf(government_id, parse_period(quarter_id), as_of)
    with transaction() as connection:
        compute(connection, asked)
        figures = {(f.figure_code, f.scope_type, f.scope_id): f for f in figure_rows(connection)}
        values = evidence(connection, asked, place=asked_place)
    return [Touched(v, figures[v.figure_code, v.scope_type, v.scope_id].shown) for v in values]


def _place(written: str) -> EvidencePlace:
    file, _, within = written.rpartition(":")
    sheet, _, cell = within.rpartition("!")
    if not (file and cell):
        raise UsageError.refused(
            f"칸 {written}을(를) 읽을 수 없습니다.",
            "'접수번호:시트!칸'이나 '파일이름:시트!칸'으로 주십시오. 예: --cell '37:공약현황!D3'",
        )
    return EvidencePlace(file, sheet or None, cell.upper())


def _scope(written: str) -> tuple[str, str]:
    scope_type, _, scope_id = written.partition(":")
    require_known("범위", scope_type, measures().scopes)
    if (scope_type == "all") == bool(scope_id):
        raise UsageError.refused(
            f"범위 {written}을(를) 읽을 수 없습니다.",
            "all 하나로, 또는 field:경제도시처럼 종류:코드로 주십시오.",
        )
    return scope_type, scope_id


def _figure(rows: Sequence[FigureRow], code: str, scope_type: str, scope_id: str) -> FigureRow:
    for row in rows:
        if row.scope_id == scope_id:
            return row
    known = ", ".join(f"{scope_type}:{row.scope_id}" for row in rows[:_LISTED])
    raise UsageError.refused(
        f"{code}에는 범위 {scope_type}:{scope_id}이(가) 없습니다.",
        f"{known} 가운데 하나를 주십시오."
        if known
        else f"gongyak figures 분기 --code {code}(으)로 이 지표의 범위를 확인하십시오.",
    )

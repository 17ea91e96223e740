"""Money by line and by source: what each row and column of the ledger (공약가계부) is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from etl.form import code_names
from etl.publish.columns import CENTER, NUMBER, ShownColumn
from etl.publish.publication import Publication
from etl.shown import million

YEAR_NAMES = {"pre_term": "기투자", "post_term": "임기후"}
MEASURE_NAMES = {"plan_krw": "계획액", "secured_krw": "확보액", "executed_krw": "집행액"}


def budget_rows(publication: Publication) -> list[list[Row[Any]]]:
    """Return the budget lines: the mart rows of one pledge × sub-project × source together."""
    lines: dict[tuple[str, str, str], list[Row[Any]]] = {}
    for row in publication.budget:
        key = (row.pledge_id, row.subproject_name, row.funding_source_code)
        lines.setdefault(key, []).append(row)
    return list(lines.values())


def budget_columns(publication: Publication) -> list[ShownColumn]:
    """Return the columns of 예산: three sums, then three amounts for every fiscal year."""
    pledges = {row.pledge_id: row for row in publication.pledges}
    return [
        ShownColumn("공약번호", 11, lambda line: line[0].pledge_id),
        ShownColumn("공약명", 30, lambda line: pledges[line[0].pledge_id].pledge_name),
        ShownColumn("주관부서", 14, lambda line: pledges[line[0].pledge_id].department_name),
        ShownColumn("세부사업", 26, lambda line: line[0].subproject_name),
        ShownColumn("재원", 20, lambda line: source_name(line[0].funding_source_code), CENTER),
        *_amounts(publication, lambda line: line),
    ]


@dataclass(frozen=True)
class LedgerLine:
    """Money of one pledge from one source: its mart rows; no pledge is all, no source the sum."""

    pledge_id: str | None
    funding_source_code: str | None
    rows: Sequence[Row[Any]]


def ledger_rows(publication: Publication) -> list[LedgerLine]:
    """Return the sum of all pledges and of each, and after each its sources."""
    if not publication.budget:
        return []
    pledges: dict[str, list[Row[Any]]] = {}
    for row in publication.budget:
        pledges.setdefault(row.pledge_id, []).append(row)
    whole = _with_sources(None, publication.budget)
    return whole + [
        line for pledge_id, rows in pledges.items() for line in _with_sources(pledge_id, rows)
    ]


def _with_sources(pledge_id: str | None, rows: Sequence[Row[Any]]) -> list[LedgerLine]:
    present = {row.funding_source_code for row in rows}
    known = [code for code in code_names("funding_source") if code in present]
    codes = [*known, *sorted(present.difference(known))]
    return [LedgerLine(pledge_id, None, rows)] + [
        LedgerLine(pledge_id, code, [r for r in rows if r.funding_source_code == code])
        for code in codes
    ]


def ledger_columns(publication: Publication) -> list[ShownColumn]:
    """Return the columns of 공약가계부: pledge, source, then as in 예산, and what is spent."""
    names = {row.pledge_id: row.pledge_name for row in publication.pledges}
    return [
        ShownColumn("공약번호", 11, lambda line: line.pledge_id or "전체"),
        ShownColumn(
            "공약명", 34, lambda line: names[line.pledge_id] if line.pledge_id else "모든 공약"
        ),
        ShownColumn(
            "재원",
            20,
            lambda line: (
                source_name(line.funding_source_code) if line.funding_source_code else "계"
            ),
            CENTER,
        ),
        *_amounts(publication, lambda line: line.rows),
    ]


def source_name(code: str) -> str:
    """Return the Korean name of a canonical source; what is none stays as it is."""
    return code_names("funding_source").get(code, code)


def fiscal_years(publication: Publication) -> list[str]:
    """Return the years that have money: pre_term, then years, post_term last."""
    order = {"pre_term": 0, "post_term": 2}
    return sorted(
        {row.fiscal_year for row in publication.budget}, key=lambda year: (order.get(year, 1), year)
    )


def _amounts(
    publication: Publication, rows_of: Callable[[Any], Sequence[Row[Any]]]
) -> list[ShownColumn]:
    headers = [(f"합계\n{name}", measure, None) for measure, name in MEASURE_NAMES.items()] + [
        (header, measure, year)
        for year in fiscal_years(publication)
        for measure, header in _year_headers(year).items()
    ]
    return [_amount(header, measure, year, rows_of) for header, measure, year in headers]


def _year_headers(year: str) -> dict[str, str]:
    if year in YEAR_NAMES:
        return {"plan_krw": YEAR_NAMES[year]}
    return {measure: f"{year}\n{name}" for measure, name in MEASURE_NAMES.items()}


def _amount(
    header: str, measure: str, year: str | None, rows_of: Callable[[Any], Sequence[Row[Any]]]
) -> ShownColumn:
    def value(line: Any) -> int | Decimal | None:
        found = [getattr(r, measure) for r in rows_of(line) if year in (None, r.fiscal_year)]
        return million(sum(found, Decimal(0))) if found else None

    return ShownColumn(header, 11, value, NUMBER)

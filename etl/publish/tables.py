"""The tables of a publication, in their order: what each row is, and how it fills the columns.

The workbook, the pages and the document write these same tables, so their numbers cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from etl.form import code_names
from etl.publish import yearly
from etl.publish.columns import (
    CENTER,
    FIGURE_COLUMNS,
    HEADLINES,
    MISSING_COLUMNS,
    NUMBER,
    PLEDGE_COLUMNS,
    SCOPE_NAMES,
    WAIVED_COLUMNS,
    Column,
    scope_order,
    shown_value,
)
from etl.publish.method import FORMULAS
from etl.publish.movement import FigureMove, figure_moves, pledge_moves
from etl.publish.publication import Edition
from etl.shown import AMOUNTS, half_up, million

YEAR_NAMES = {"pre_term": "기투자", "post_term": "임기후"}
_MEASURES = {"plan_krw": "계획액", "secured_krw": "확보액", "executed_krw": "집행액"}
MOVE_KINDS = {"added": "새로 듦", "changed": "바뀜", "removed": "빠짐"}
_DENOMINATOR_KINDS = {
    "entered": "들어옴",
    "left": "빠짐",
    "held": "보류(분모에 남음)",
    "closed": "끝남(분모에 남음)",
    "kept": "남음",
}


@dataclass(frozen=True)
class Table:
    """One table: its name, what each row is, its columns and rows."""

    name: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Any]


def tables(edition: Edition) -> list[Table]:
    """Return every table of an edition; those on earlier publications only where there was one."""
    return [
        Table("공약현황", "기준일 현재의 공약마다 한 줄", PLEDGE_COLUMNS, edition.pledges),
        Table(
            "예산",
            "공약 × 세부사업 × 재원마다 한 줄, 금액은 백만원",
            budget_columns(edition),
            budget_rows(edition),
        ),
        Table(
            "공약가계부",
            "공약 × 재원마다 한 줄과 계, 금액은 백만원",
            ledger_columns(edition),
            ledger_rows(edition),
        ),
        Table(
            "지표",
            "지표 × 범위마다 한 줄, 분자·분모와 분모를 정한 규칙",
            FIGURE_COLUMNS,
            edition.figures,
        ),
        Table("상태별", "범위마다 추진상황별 공약 수", count_columns(edition), count_rows(edition)),
        *_fiscal_years(edition),
        *_yearly(edition),
        *_quarters(edition),
        *_moves(edition),
        Table(
            "분모변동",
            "지난 분기의 기준일 뒤로 분모를 움직였거나 그 사이에 결정된 공약마다 한 줄",
            DENOMINATOR_COLUMNS,
            edition.denominators,
        ),
        Table(
            "미제출",
            "보고할 의무가 있으나 이번 분기에 보고되지 않은 공약",
            MISSING_COLUMNS,
            edition.missing,
        ),
        Table(
            "점검예외",
            "점검에 걸렸으나 예외로 받아들여 지표에 든 값마다 한 줄",
            WAIVED_COLUMNS,
            edition.waived,
        ),
        Table(
            "방법",
            "지표마다 한 줄, 분자와 분모에 무엇이 드는지",
            METHOD_COLUMNS,
            [figure for figure in edition.figures if figure.scope_type == "all"],
        ),
    ]


# -- money ----------------------------------------------------------------------------------------


def budget_rows(edition: Edition) -> list[list[Row[Any]]]:
    """Return the budget lines: the mart rows of one pledge × sub-project × source together."""
    lines: dict[tuple[str, str, str], list[Row[Any]]] = {}
    for row in edition.budget:
        key = (row.pledge_id, row.subproject_name, row.funding_source_code)
        lines.setdefault(key, []).append(row)
    return list(lines.values())


def budget_columns(edition: Edition) -> list[Column]:
    """Return the columns of 예산: three sums, then three amounts for every fiscal year."""
    pledges = {row.pledge_id: row for row in edition.pledges}
    return [
        Column("공약번호", 11, lambda line: line[0].pledge_id),
        Column("공약명", 30, lambda line: pledges[line[0].pledge_id].pledge_name),
        Column("주관부서", 14, lambda line: pledges[line[0].pledge_id].department_name),
        Column("세부사업", 26, lambda line: line[0].subproject_name),
        Column("재원", 20, lambda line: source_name(line[0].funding_source_code), CENTER),
        *_amounts(edition, lambda line: line),
    ]


@dataclass(frozen=True)
class LedgerLine:
    """Money of one pledge from one source: its mart rows; no pledge is all, no source the sum."""

    pledge_id: str | None
    funding_source_code: str | None
    rows: Sequence[Row[Any]]


def ledger_rows(edition: Edition) -> list[LedgerLine]:
    """Return the sum of all pledges and of each, and after each its sources."""
    if not edition.budget:
        return []
    pledges: dict[str, list[Row[Any]]] = {}
    for row in edition.budget:
        pledges.setdefault(row.pledge_id, []).append(row)
    whole = _with_sources(None, edition.budget)
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


def ledger_columns(edition: Edition) -> list[Column]:
    """Return the columns of 공약가계부: pledge, source, then as in 예산, and what is spent."""
    names = {row.pledge_id: row.pledge_name for row in edition.pledges}
    return [
        Column("공약번호", 11, lambda line: line.pledge_id or "전체"),
        Column("공약명", 34, lambda line: names[line.pledge_id] if line.pledge_id else "모든 공약"),
        Column(
            "재원",
            20,
            lambda line: (
                source_name(line.funding_source_code) if line.funding_source_code else "계"
            ),
            CENTER,
        ),
        *_amounts(edition, lambda line: line.rows),
    ]


def source_name(code: str) -> str:
    """Return the Korean name of a canonical source; what is none stays as it is."""
    return code_names("funding_source").get(code, code)


def fiscal_years(edition: Edition) -> list[str]:
    """Return the years that have money: pre_term, then years, post_term last."""
    order = {"pre_term": 0, "post_term": 2}
    return sorted(
        {row.fiscal_year for row in edition.budget}, key=lambda year: (order.get(year, 1), year)
    )


def _amounts(edition: Edition, rows_of: Callable[[Any], Sequence[Row[Any]]]) -> list[Column]:
    headers = [(f"합계\n{name}", measure, None) for measure, name in _MEASURES.items()] + [
        (header, measure, year)
        for year in fiscal_years(edition)
        for measure, header in _year_headers(year).items()
    ]
    return [_amount(header, measure, year, rows_of) for header, measure, year in headers]


def _year_headers(year: str) -> dict[str, str]:
    if year in YEAR_NAMES:
        return {"plan_krw": YEAR_NAMES[year]}
    return {measure: f"{year}\n{name}" for measure, name in _MEASURES.items()}


def _amount(
    header: str, measure: str, year: str | None, rows_of: Callable[[Any], Sequence[Row[Any]]]
) -> Column:
    def value(line: Any) -> int | Decimal | None:
        found = [getattr(r, measure) for r in rows_of(line) if year in (None, r.fiscal_year)]
        return million(sum(found, Decimal(0))) if found else None

    return Column(header, 11, value, NUMBER)


# -- counts ---------------------------------------------------------------------------------------


def count_rows(edition: Edition) -> list[list[Row[Any]]]:
    """Return the scopes of 상태별, each as its rows of statuses."""
    scopes: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in sorted(edition.counts, key=scope_order):
        scopes.setdefault((row.scope_type, row.scope_id), []).append(row)
    return list(scopes.values())


def count_columns(edition: Edition) -> list[Column]:
    """Return the columns of 상태별: one for every status that some pledge has."""
    present = {row.status_code for row in edition.counts}
    statuses = [(c, n) for c, n in code_names("status").items() if c in present]
    return [
        Column("범위", 14, lambda held: SCOPE_NAMES[held[0].scope_type], CENTER),
        Column("범위 이름", 24, lambda held: held[0].scope_name),
        Column("공약 수", 10, lambda held: sum(r.pledge_count for r in held), NUMBER),
        *(_status_column(code, name) for code, name in statuses),
    ]


def _status_column(code: str, name: str) -> Column:
    return Column(
        name,
        15 if len(name) > 5 else 11,
        lambda held: sum(r.pledge_count for r in held if r.status_code == code),
        NUMBER,
    )


METHOD_COLUMNS = (
    Column("지표", 26, lambda r: r.figure_name),
    Column("지표 코드", 11, lambda r: r.figure_code, CENTER),
    Column("분자", 40, lambda r: FORMULAS[r.figure_code][0]),
    Column("분모", 40, lambda r: FORMULAS[r.figure_code][1] or "없음"),
    Column("분모 규칙", 60, lambda r: r.denominator_rule),
)


def _fiscal_years(edition: Edition) -> list[Table]:
    """Return the money of every fiscal year of all pledges; nothing without money."""
    years: dict[str, dict[str, Any]] = {}
    for figure in edition.figures:
        if figure.scope_type == "fiscal_year":
            years.setdefault(figure.scope_name, {})[figure.figure_code] = figure
    if not years:
        return []
    columns = (
        Column("회계연도", 12, lambda year: year[0], CENTER),
        *(
            Column(f"{name}\n(백만원)", 13, _million_of(code), NUMBER)
            for code, name in zip(AMOUNTS, _MEASURES.values(), strict=True)
        ),
        *(Column(f"{name}\n(%)", 13, _rate_of(code), NUMBER)
          for code, name in (("B3", "집행률(계획 대비)"), ("B6", "집행률(확보 대비)"))),
    )  # fmt: skip
    note = "기투자·회계연도·임기후마다 한 줄, 모든 공약의 금액"
    return [Table("연도별 재정", note, columns, list(years.items()))]


def _million_of(code: str) -> Callable[[Any], Any]:
    return lambda year: million(year[1][code].numerator) if code in year[1] else None


def _rate_of(code: str) -> Callable[[Any], Any]:
    return lambda year: shown_value(year[1][code]) if code in year[1] else None


def _quarters(edition: Edition) -> list[Table]:
    """Return the figures of all pledges by quarter; nothing where no earlier one was published."""
    if not edition.history:
        return []
    rows: dict[str, dict[str, Any]] = {}
    for figure in (*edition.history, *edition.figures):
        if figure.scope_type == "all":
            rows.setdefault(figure.quarter_id, {})[figure.figure_code] = figure
    names = {figure.figure_code: figure.figure_name for figure in edition.figures}
    columns = (
        Column("분기", 10, lambda row: row[0], CENTER),
        *(
            Column(f"{names[code]}\n({unit})", 14, _rate_of(code), NUMBER)
            for codes, unit in ((HEADLINES, "%"), (AMOUNTS, "원"))
            for code in codes
            if code in names
        ),
    )
    note = "이 임기에 발표한 분기마다 한 줄, 모든 공약의 지표"
    return [Table("추이", note, columns, list(rows.items()))]


def _yearly(edition: Edition) -> list[Table]:
    if not yearly.is_year_end(edition):
        return []
    return [
        Table(
            "연말 이행",
            "12월 31일 현재: 전체와 분야마다 한 줄, 매니페스토 여섯 상태와 그 밖",
            yearly.STATUS_COLUMNS,
            yearly.status_rows(edition),
        ),
        Table(
            "연말 재정",
            "12월 31일 현재: 계와 재원마다 한 줄, 총계와 임기내, 금액은 백만원",
            yearly.MONEY_COLUMNS,
            yearly.money_rows(edition),
        ),
    ]


# -- what moved -----------------------------------------------------------------------------------


def _side(side: str, name: str) -> Callable[[Any], Any]:
    return lambda move: getattr(getattr(move, side), name, None)


def _step_columns(label: str, name: str, width: float = 11) -> tuple[Column, Column]:
    return (
        Column(f"{label}\n앞", width, _side("before", name), NUMBER),
        Column(f"{label}\n뒤", width, _side("after", name), NUMBER),
    )


def _value(side: str) -> Callable[[Any], Any]:
    def value(move: FigureMove) -> Any:
        row = getattr(move, side)
        return None if row is None else shown_value(row)

    return value


def _million_columns(label: str, name: str) -> tuple[Column, Column]:
    def value(side: str) -> Callable[[Any], Any]:
        return lambda move: million(_side(side, name)(move))

    return (
        Column(f"{label}\n앞(백만원)", 12, value("before"), NUMBER),
        Column(f"{label}\n뒤(백만원)", 12, value("after"), NUMBER),
    )


FIGURE_MOVE_COLUMNS = (
    Column("범위", 12, lambda m: SCOPE_NAMES[m.row.scope_type], CENTER),
    Column("범위 이름", 20, lambda m: m.row.scope_name),
    Column("지표 코드", 11, lambda m: m.row.figure_code, CENTER),
    Column("지표", 22, lambda m: m.row.figure_name),
    Column("값\n앞", 16, _value("before"), NUMBER),
    Column("값\n뒤", 16, _value("after"), NUMBER),
    Column("차이", 16, lambda m: m.change, NUMBER),
    *_step_columns("분자", "numerator", 16),
    *_step_columns("분모", "denominator", 16),
    *_step_columns("공약 수", "pledge_count", 8),
)
PLEDGE_MOVE_COLUMNS = (
    Column("공약번호", 11, lambda m: m.row.pledge_id),
    Column("공약명", 34, lambda m: m.row.pledge_name),
    Column("주관부서", 14, lambda m: m.row.department_name),
    Column("구분", 9, lambda m: MOVE_KINDS[m.kind], CENTER),
    Column("추진상황\n앞", 13, _side("before", "status_name"), CENTER),
    Column("추진상황\n뒤", 13, _side("after", "status_name"), CENTER),
    *_step_columns("이행률(%)", "declared_rate_pct"),
    Column(
        "평균 이행률을\n움직인 몫(%p)",
        13,
        lambda m: None if m.contribution_pp is None else half_up(m.contribution_pp, 2),
        NUMBER,
    ),
    *_million_columns("계획액", "plan_krw"),
    *_million_columns("확보액", "secured_krw"),
    *_million_columns("집행액", "executed_krw"),
)
DENOMINATOR_COLUMNS = (
    Column("공약번호", 11, lambda r: r.pledge_id),
    Column("공약명", 34, lambda r: r.pledge_name),
    Column("구분", 18, lambda r: _DENOMINATOR_KINDS[r.change_kind], CENTER),
    Column("까닭", 14, lambda r: r.reason_name, CENTER),
    Column("결정한 날", 12, lambda r: r.decided_on and r.decided_on.isoformat(), CENTER),
    Column("관련 공약", 16, lambda r: r.related_pledge_ids),
    Column("사유", 34, lambda r: r.reason),
    Column("의결기관", 18, lambda r: r.approver),
    Column("분모\n앞", 8, lambda r: r.count_before, NUMBER),
    Column("분모\n뒤", 8, lambda r: r.count_after, NUMBER),
)


def _moves(edition: Edition) -> list[Table]:
    """Return figures and pledges against the last published quarter and the replaced revision."""
    found = []
    r1 = edition.figure("R1")
    for before, name, since in (
        (edition.earlier, "변동", f"지난 발표({edition.earlier and edition.earlier.quarter_id})"),
        (edition.replaced, "정정", f"{edition.replaced and edition.replaced.revision}차"),
    ):
        if before is None:
            continue
        found.append(
            Table(
                f"지표{name}",
                f"{since}와 달라진 지표 × 범위마다 한 줄",
                FIGURE_MOVE_COLUMNS,
                sorted(figure_moves(before.figures, edition.figures), key=_move_order),
            )
        )
        found.append(
            Table(
                f"공약{name}",
                f"{since}와 달라진 공약마다 한 줄",
                PLEDGE_MOVE_COLUMNS,
                pledge_moves(before, edition.pledges, r1),
            )
        )
    return found


def _move_order(move: FigureMove) -> Any:
    return scope_order(move.row)

"""The tables of a publication, in their order: what each row is, and how it fills the columns.

The workbook, the pages and the document write these same tables, so their numbers cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from etl.form import code_names
from etl.measures import Measure, measures
from etl.publish import yearly
from etl.publish.columns import (
    CENTER,
    FIGURE_COLUMNS,
    MISSING_COLUMNS,
    NUMBER,
    PLEDGE_COLUMNS,
    WAIVED_COLUMNS,
    ShownColumn,
    scope_order,
    shown_value,
)
from etl.publish.ledger import (
    MEASURE_NAMES,
    budget_columns,
    budget_rows,
    ledger_columns,
    ledger_rows,
)
from etl.publish.movement import FigureMove, figure_moves, pledge_moves
from etl.publish.publication import Publication
from etl.shown import half_up, million

MOVE_KINDS = {"added": "새로 듦", "changed": "바뀜", "removed": "빠짐"}
_DENOMINATOR_KINDS = {
    "entered": "들어옴",
    "left": "빠짐",
    "held": "보류(분모에 남음)",
    "closed": "끝남(분모에 남음)",
    "kept": "남음",
}


@dataclass(frozen=True)
class ShownSheet:
    """One table: its name, what each row is, its columns and rows."""

    name: str
    note: str
    columns: Sequence[ShownColumn]
    rows: Sequence[Any]


def tables(publication: Publication) -> list[ShownSheet]:
    """Return every table; those on earlier publications only where there was one."""
    return [
        ShownSheet("공약현황", "기준일 현재의 공약마다 한 줄", PLEDGE_COLUMNS, publication.pledges),
        ShownSheet(
            "예산",
            "공약 × 세부사업 × 재원마다 한 줄, 금액은 백만원",
            budget_columns(publication),
            budget_rows(publication),
        ),
        ShownSheet(
            "공약가계부",
            "공약 × 재원마다 한 줄과 계, 금액은 백만원",
            ledger_columns(publication),
            ledger_rows(publication),
        ),
        ShownSheet(
            "지표",
            "지표 × 범위마다 한 줄, 분자·분모와 분모를 정한 규칙",
            FIGURE_COLUMNS,
            publication.figures,
        ),
        ShownSheet(
            "상태별",
            "범위마다 추진상황별 공약 수",
            count_columns(publication),
            count_rows(publication),
        ),
        *_fiscal_years(publication),
        *_yearly(publication),
        *_quarters(publication),
        *_moves(publication),
        ShownSheet(
            "분모변동",
            "지난 분기의 기준일 뒤로 분모를 움직였거나 그 사이에 결정된 공약마다 한 줄",
            DENOMINATOR_COLUMNS,
            publication.denominators,
        ),
        ShownSheet(
            "미제출",
            "보고할 의무가 있으나 이번 분기에 보고되지 않은 공약",
            MISSING_COLUMNS,
            publication.missing,
        ),
        ShownSheet(
            "점검예외",
            "점검에 걸렸으나 예외로 받아들여 지표에 든 값마다 한 줄",
            WAIVED_COLUMNS,
            publication.waived,
        ),
        ShownSheet(
            "방법",
            "지표마다 한 줄, 분자와 분모에 무엇이 드는지",
            METHOD_COLUMNS,
            list(_first_of_each(publication)),
        ),
    ]


# -- counts ---------------------------------------------------------------------------------------


def count_rows(publication: Publication) -> list[list[Row[Any]]]:
    """Return the scopes of 상태별, each as its rows of statuses."""
    scopes: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in sorted(publication.counts, key=scope_order):
        scopes.setdefault((row.scope_type, row.scope_id), []).append(row)
    return list(scopes.values())


def count_columns(publication: Publication) -> list[ShownColumn]:
    """Return the columns of 상태별: one for every status that some pledge has."""
    present = {row.status_code for row in publication.counts}
    statuses = [(c, n) for c, n in code_names("status").items() if c in present]
    return [
        ShownColumn("범위", 14, lambda held: measures().scopes[held[0].scope_type], CENTER),
        ShownColumn("범위 이름", 24, lambda held: held[0].scope_name),
        ShownColumn("공약 수", 10, lambda held: sum(r.pledge_count for r in held), NUMBER),
        *(_status_column(code, name) for code, name in statuses),
    ]


def _status_column(code: str, name: str) -> ShownColumn:
    return ShownColumn(
        name,
        15 if len(name) > 5 else 11,
        lambda held: sum(r.pledge_count for r in held if r.status_code == code),
        NUMBER,
    )


def _measure(row: Any) -> Measure:
    return measures().figures[row.figure_code]


def _first_of_each(publication: Publication) -> Iterator[Row[Any]]:
    """Yield each figure once, of all pledges where it is worked out of all."""
    first: dict[str, Row[Any]] = {}
    for figure in publication.figures:
        first.setdefault(figure.figure_code, figure)
    yield from (first[code] for code in measures().figures if code in first)


METHOD_COLUMNS = (
    ShownColumn("지표", 26, lambda r: r.figure_name),
    ShownColumn("지표 코드", 11, lambda r: r.figure_code, CENTER),
    ShownColumn("분자", 40, lambda r: _measure(r).numerator.words),
    ShownColumn("분모", 40, lambda r: _measure(r).denominator_words or "없음"),
    ShownColumn("분모 규칙", 60, lambda r: r.denominator_rule),
)


def _fiscal_years(publication: Publication) -> list[ShownSheet]:
    """Return the money of every fiscal year of all pledges; nothing without money."""
    years: dict[str, dict[str, Any]] = {}
    for figure in publication.figures:
        if figure.scope_type == "fiscal_year":
            years.setdefault(figure.scope_name, {})[figure.figure_code] = figure
    if not years:
        return []
    columns = (
        ShownColumn("회계연도", 12, lambda year: year[0], CENTER),
        *(
            ShownColumn(f"{name}\n(백만원)", 13, _million_of(code), NUMBER)
            for code, name in zip(measures().amounts, MEASURE_NAMES.values(), strict=True)
        ),
        *(ShownColumn(f"{one.of_year.name}\n(%)", 13, _rate_of(code), NUMBER)
          for code, one in measures().figures.items() if one.of_year),
    )  # fmt: skip
    note = "기투자·회계연도·임기후마다 한 줄, 모든 공약의 금액"
    return [ShownSheet("연도별 재정", note, columns, list(years.items()))]


def _million_of(code: str) -> Callable[[Any], Any]:
    return lambda year: million(year[1][code].numerator) if code in year[1] else None


def _rate_of(code: str) -> Callable[[Any], Any]:
    return lambda year: shown_value(year[1][code]) if code in year[1] else None


def _quarters(publication: Publication) -> list[ShownSheet]:
    """Return the figures of all pledges by quarter; nothing where no earlier one was published."""
    if not publication.history:
        return []
    rows: dict[str, dict[str, Any]] = {}
    for figure in (*publication.history, *publication.figures):
        if figure.scope_type == "all":
            rows.setdefault(figure.quarter_id, {})[figure.figure_code] = figure
    names = {figure.figure_code: figure.figure_name for figure in publication.figures}
    columns = (
        ShownColumn("분기", 10, lambda row: row[0], CENTER),
        *(
            ShownColumn(
                f"{names[code]}\n({measures().figures[code].unit})", 14, _rate_of(code), NUMBER
            )
            for code in (*measures().headlines, *measures().amounts)
            if code in names
        ),
    )
    note = "이 임기에 발표한 분기마다 한 줄, 모든 공약의 지표"
    return [ShownSheet("추이", note, columns, list(rows.items()))]


def _yearly(publication: Publication) -> list[ShownSheet]:
    if not yearly.is_year_end(publication):
        return []
    return [
        ShownSheet(
            "연말 이행",
            "12월 31일 현재: 전체와 분야마다 한 줄, 매니페스토 여섯 상태와 그 밖",
            yearly.STATUS_COLUMNS,
            yearly.status_rows(publication),
        ),
        ShownSheet(
            "연말 재정",
            "12월 31일 현재: 계와 재원마다 한 줄, 총계와 임기내, 금액은 백만원",
            yearly.MONEY_COLUMNS,
            yearly.money_rows(publication),
        ),
    ]


# -- what moved -----------------------------------------------------------------------------------


def _side(side: str, name: str) -> Callable[[Any], Any]:
    return lambda move: getattr(getattr(move, side), name, None)


def _step_columns(label: str, name: str, width: float = 11) -> tuple[ShownColumn, ShownColumn]:
    return (
        ShownColumn(f"{label}\n앞", width, _side("before", name), NUMBER),
        ShownColumn(f"{label}\n뒤", width, _side("after", name), NUMBER),
    )


def _value(side: str) -> Callable[[Any], Any]:
    def value(move: FigureMove) -> Any:
        row = getattr(move, side)
        return None if row is None else shown_value(row)

    return value


def _million_columns(label: str, name: str) -> tuple[ShownColumn, ShownColumn]:
    def value(side: str) -> Callable[[Any], Any]:
        return lambda move: million(_side(side, name)(move))

    return (
        ShownColumn(f"{label}\n앞(백만원)", 12, value("before"), NUMBER),
        ShownColumn(f"{label}\n뒤(백만원)", 12, value("after"), NUMBER),
    )


FIGURE_MOVE_COLUMNS = (
    ShownColumn("범위", 12, lambda m: measures().scopes[m.row.scope_type], CENTER),
    ShownColumn("범위 이름", 20, lambda m: m.row.scope_name),
    ShownColumn("지표 코드", 11, lambda m: m.row.figure_code, CENTER),
    ShownColumn("지표", 22, lambda m: m.row.figure_name),
    ShownColumn("값\n앞", 16, _value("before"), NUMBER),
    ShownColumn("값\n뒤", 16, _value("after"), NUMBER),
    ShownColumn("차이", 16, lambda m: m.change, NUMBER),
    *_step_columns("분자", "numerator", 16),
    *_step_columns("분모", "denominator", 16),
    *_step_columns("공약 수", "pledge_count", 8),
)
PLEDGE_MOVE_COLUMNS = (
    ShownColumn("공약번호", 11, lambda m: m.row.pledge_id),
    ShownColumn("공약명", 34, lambda m: m.row.pledge_name),
    ShownColumn("주관부서", 14, lambda m: m.row.department_name),
    ShownColumn("구분", 9, lambda m: MOVE_KINDS[m.kind], CENTER),
    ShownColumn("추진상황\n앞", 13, _side("before", "status_name"), CENTER),
    ShownColumn("추진상황\n뒤", 13, _side("after", "status_name"), CENTER),
    *_step_columns("이행률(%)", "declared_rate_pct"),
    ShownColumn(
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
    ShownColumn("공약번호", 11, lambda r: r.pledge_id),
    ShownColumn("공약명", 34, lambda r: r.pledge_name),
    ShownColumn("구분", 18, lambda r: _DENOMINATOR_KINDS[r.change_kind], CENTER),
    ShownColumn("까닭", 14, lambda r: r.reason_name, CENTER),
    ShownColumn("결정한 날", 12, lambda r: r.decided_on and r.decided_on.isoformat(), CENTER),
    ShownColumn("관련 공약", 16, lambda r: r.related_pledge_ids),
    ShownColumn("사유", 34, lambda r: r.reason),
    ShownColumn("의결기관", 18, lambda r: r.approver),
    ShownColumn("분모\n앞", 8, lambda r: r.count_before, NUMBER),
    ShownColumn("분모\n뒤", 8, lambda r: r.count_after, NUMBER),
)


def _moves(publication: Publication) -> list[ShownSheet]:
    """Return figures and pledges against the last published quarter and the replaced revision."""
    found = []
    r1 = publication.figure("R1")
    for before, name, since in (
        (
            publication.earlier,
            "변동",
            f"지난 발표({publication.earlier and publication.earlier.quarter_id})",
        ),
        (
            publication.replaced,
            "정정",
            f"{publication.replaced and publication.replaced.revision}차",
        ),
    ):
        if before is None:
            continue
        found.append(
            ShownSheet(
                f"지표{name}",
                f"{since}와 달라진 지표 × 범위마다 한 줄",
                FIGURE_MOVE_COLUMNS,
                sorted(figure_moves(before.figures, publication.figures), key=_move_order),
            )
        )
        found.append(
            ShownSheet(
                f"공약{name}",
                f"{since}와 달라진 공약마다 한 줄",
                PLEDGE_MOVE_COLUMNS,
                pledge_moves(before, publication.pledges, r1),
            )
        )
    return found


def _move_order(move: FigureMove) -> Any:
    return scope_order(move.row)

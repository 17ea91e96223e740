"""What each sheet of 취합.xlsx holds: its columns, and how a mart row fills them.

Money is shown in 백만원 with the decimals it has, figures in won.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas
from sqlalchemy import Row

from etl.form import code_names
from etl.measures import measures
from etl.office.styles import Look
from etl.period import parse_period
from etl.shown import million, one_decimal

TEXT = Look(indent=1, horizontal="left")
CENTER = Look(horizontal="center")
NUMBER = Look(horizontal="right", number_format="#,##0", wrap=False, indent=1)
REPORT_STATES = {
    "reported": "{this} 보고",
    "carried_forward": "지난 보고 이어 씀",
    "not_reported": "보고 없음",
}
_MISSING_STATES = {
    "missing": "제출 없음",
    "blocked": "제출했으나 막힘",
    "needs_reason": "사유를 기다림",
}


@dataclass(frozen=True)
class ShownColumn:
    """One column of a table: its header, its width and how a row fills it.

    A column of a table that is a pivot has no `value`: it is filled already. Its look says what it
    holds, wherever it is shown: NUMBER counts or amounts to something; a year or an id does not,
    whatever type its value has.
    """

    header: str
    width: float
    value: Callable[[Any], Any] | None = None
    look: Look = TEXT

    @property
    def is_number(self) -> bool:
        return self.look is NUMBER

    def of(self, row: Any) -> Any:
        """Return the value that a row has in it."""
        return self.value and self.value(row)


def filled(columns: Sequence[ShownColumn], rows: Iterable[Any]) -> pandas.DataFrame:
    """Return what rows fill columns with: a column per header, exact values and None for none."""
    held = list(rows)
    made = {column.header: [column.of(row) for row in held] for column in columns}
    return pandas.DataFrame(made, dtype=object)


def lines(
    columns: Sequence[ShownColumn], frame: pandas.DataFrame
) -> Iterator[list[tuple[ShownColumn, Any]]]:
    """Yield the rows of what fills columns: each value with its column."""
    for row in frame.itertuples(index=False, name=None):
        yield list(zip(columns, row, strict=True))


def picked(columns: Iterable[ShownColumn], *headers: str) -> list[ShownColumn]:
    """Return the columns of some headers, in their order."""
    by_header = {column.header: column for column in columns}
    return [by_header[header] for header in headers]


def natural_order(identifier: str) -> list[tuple[int, int, str]]:
    """Order 1-2 before 1-10: runs of digits compare as numbers."""
    parts = re.findall(r"\d+|\D+", identifier)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def scope_order(row: Any) -> tuple[int, list[tuple[int, int, str]]]:
    """Order scopes by kind, then naturally; 기투자 comes before every year."""
    scope_id = "" if row.scope_id == "pre_term" else row.scope_id
    return list(measures().scopes).index(row.scope_type), natural_order(scope_id)


def figure_order(row: Row[Any]) -> tuple[Any, ...]:
    """Order figures by scope, then by code."""
    return (*scope_order(row), list(measures().figures).index(row.figure_code))


def budget_order(row: Row[Any]) -> tuple[Any, ...]:
    """Order budget rows by pledge, sub-project and source."""
    sources = list(code_names("funding_source"))
    source = row.funding_source_code
    place = sources.index(source) if source in sources else len(sources)
    return natural_order(row.pledge_id), row.subproject_name, place


def narrative_order(row: Any) -> tuple[Any, ...]:
    """Return what sorts texts: by pledge, kind and number."""
    kinds = list(code_names("narrative_kind"))
    return natural_order(row.pledge_id), kinds.index(row.kind_code), row.entry_number


def named(list_code: str, name: str) -> Callable[[Any], str | None]:
    """Return how a row's code is read as the name that its list gives it."""

    def value(row: Any) -> str | None:
        code: str | None = getattr(row, name)
        return code and code_names(list_code).get(code, code)

    return value


def _yes(name: str, yes: str, no: str) -> Callable[[Any], str | None]:
    def value(row: Any) -> str | None:
        return {True: yes, False: no, None: None}[getattr(row, name)]

    return value


PLEDGE_COLUMNS = (
    ShownColumn("공약번호", 11, lambda r: r.pledge_id),
    ShownColumn("공약명", 34, lambda r: r.pledge_name),
    ShownColumn("분야", 14, lambda r: r.field_name),
    ShownColumn("부서코드", 10, lambda r: r.department_code, CENTER),
    ShownColumn("주관부서", 14, lambda r: r.department_name),
    ShownColumn("추진상황", 12, lambda r: r.status_name, CENTER),
    ShownColumn("이행률(%)", 9, lambda r: r.declared_rate_pct, NUMBER),
    ShownColumn("목표달성", 9, _yes("is_target_met", "달성", "미달성"), CENTER),
    ShownColumn("완료시기", 9, named("due", "due_code"), CENTER),
    ShownColumn("완료연도", 9, lambda r: r.due_year, CENTER),
    ShownColumn("보고 상태", 20, lambda r: report_state(r), CENTER),
    ShownColumn("보고 분기", 10, lambda r: r.reported_quarter_id, CENTER),
    ShownColumn("늦은 제출", 9, _yes("is_late", "늦음", "제때"), CENTER),
    ShownColumn("보고 의무", 9, _yes("owes_report", "있음", "없음"), CENTER),
    ShownColumn("의결", 9, named("change_kind", "decision_code"), CENTER),
    ShownColumn("분모 포함", 9, _yes("is_counted", "포함", "제외"), CENTER),
    ShownColumn("계획액\n(백만원)", 12, lambda r: million(r.pledge_plan_krw), NUMBER),
    ShownColumn("확보액\n(백만원)", 12, lambda r: million(r.pledge_secured_krw), NUMBER),
    ShownColumn("집행액\n(백만원)", 12, lambda r: million(r.pledge_executed_krw), NUMBER),
    ShownColumn("총사업비(대장)\n(백만원)", 14, lambda r: million(r.declared_total_krw), NUMBER),
    ShownColumn("신규·계속", 10, named("novelty", "novelty_code"), CENTER),
    ShownColumn("자체·협력", 10, named("actor", "actor_code"), CENTER),
    ShownColumn("운영·시설", 10, named("delivery", "delivery_code"), CENTER),
    ShownColumn("예산구분", 9, named("budget_class", "budget_class_code"), CENTER),
    ShownColumn("현재 부서코드", 10, lambda r: r.department_current_code, CENTER),
    ShownColumn("현재 주관부서", 14, lambda r: r.department_current_name),
)
LAST_PRINTED = "집행액\n(백만원)"
_GRADE = ShownColumn("평가등급", 9, lambda r: r.grade_name, CENTER)
SUBPROJECT_COLUMNS = (
    *picked(PLEDGE_COLUMNS, "공약번호", "공약명", "분야", "주관부서"),
    ShownColumn("순번", 7, lambda r: r.subproject_number, CENTER),
    ShownColumn("세부사업", 40, lambda r: r.subproject_name),
    *picked(PLEDGE_COLUMNS, "추진상황"),
    ShownColumn("이행률(%)", 9, lambda r: r.subproject_rate_pct, NUMBER),
    *picked(PLEDGE_COLUMNS, "보고 상태", "보고 분기"),
)
FIGURE_COLUMNS = (
    ShownColumn("범위", 12, lambda r: measures().scopes[r.scope_type], CENTER),
    ShownColumn("범위 이름", 20, lambda r: r.scope_name),
    ShownColumn("범위 코드", 18, lambda r: r.scope_id),
    ShownColumn("지표 코드", 11, lambda r: r.figure_code, CENTER),
    ShownColumn("지표", 22, lambda r: r.figure_name),
    ShownColumn("값", 18, lambda r: shown_value(r), NUMBER),
    ShownColumn("단위", 7, lambda r: unit_of(r), CENTER),
    ShownColumn("분자", 18, lambda r: r.numerator, NUMBER),
    ShownColumn("분모", 18, lambda r: r.denominator, NUMBER),
    ShownColumn("값이 없는 까닭", 40, lambda r: r.no_value_reason),
    ShownColumn("분모 규칙", 60, lambda r: r.denominator_rule),
    ShownColumn("공약 수", 8, lambda r: r.pledge_count, NUMBER),
    ShownColumn("보고", 8, lambda r: r.reported_count, NUMBER),
    ShownColumn("이어 씀", 8, lambda r: r.carried_forward_count, NUMBER),
    ShownColumn("금액 있음", 9, lambda r: r.with_amount_count, NUMBER),
    ShownColumn("보고 대상", 9, lambda r: r.owing_count, NUMBER),
    ShownColumn("보고율(%)", 9, lambda r: one_decimal(r.coverage_pct), NUMBER),
    ShownColumn("예외", 7, lambda r: r.waiver_count, NUMBER),
)
MISSING_COLUMNS = (
    ShownColumn("부서코드", 11, lambda r: r.department_code, CENTER),
    ShownColumn("주관부서", 18, lambda r: r.department_name),
    ShownColumn("공약번호", 12, lambda r: r.pledge_id),
    ShownColumn("공약명", 44, lambda r: r.pledge_name),
    ShownColumn("상태", 18, lambda r: _MISSING_STATES[r.state], CENTER),
)
WAIVED_COLUMNS = (
    ShownColumn("규칙", 8, lambda r: r.rule_id, CENTER),
    ShownColumn("부서코드", 11, lambda r: r.department_code, CENTER),
    ShownColumn("공약번호", 12, lambda r: r.pledge_id or "파일 전체"),
    ShownColumn("지적", 60, lambda r: r.message),
    ShownColumn("예외로 둔 사유", 36, lambda r: r.reason),
    ShownColumn("만료일", 12, lambda r: r.expires_on.isoformat(), CENTER),
    ShownColumn("지금", 8, _yes("is_expired", "끝남", "유효"), CENTER),
)


def report_state(row: Any) -> str:
    """Return how a pledge of a period is reported, in words."""
    return REPORT_STATES[row.report_state].format(this=parse_period(row.quarter_id).this)


def pledge_columns(pledges: Iterable[Any]) -> list[ShownColumn]:
    """Return the columns of pledges; the grade is one where any pledge has a grade."""
    columns = list(PLEDGE_COLUMNS)
    if any(row.grade_name for row in pledges):
        place = [column.header for column in columns].index("목표달성")
        columns.insert(place + 1, _GRADE)
    return columns


def shown_value(row: Any) -> Decimal | str:
    """Return what a figure shows as a number; the text that stands for none."""
    return row.shown if row.no_value_reason else Decimal(row.shown.replace(",", ""))


def unit_of(row: Any) -> str:
    """Return the unit of a figure."""
    return measures().figures[row.figure_code].unit


def shown_with_unit(row: Any) -> str:
    """Return what a figure shows with its unit; the text that stands for none has none."""
    return str(row.shown) if row.no_value_reason else f"{row.shown} {unit_of(row)}"


# A number prints the decimals it has, so that 0.5 백만원 does not look like 1.
_DECIMALS = {0: NUMBER} | {
    places: replace(NUMBER, number_format="#,##0." + "0" * places) for places in range(1, 7)
}


def look_of(column: ShownColumn, value: Any) -> Look:
    """Return how a value looks in a column."""
    return number_look(value) if column.is_number else column.look


def number_look(value: Any) -> Look:
    """Return the look of a number with its own decimals, or of the text that stands for none."""
    if isinstance(value, str):
        return CENTER
    if isinstance(value, Decimal):
        return _DECIMALS[min(max(-int(value.as_tuple().exponent), 0), 6)]
    return NUMBER

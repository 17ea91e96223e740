"""The tables of a publication, in their order: what each row is, and how it fills the columns.

The workbook, the pages and the document write these same tables, so their numbers cannot differ.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

import pandas
from sqlalchemy import Row

from etl.form import code_names
from etl.measures import Measure, measures
from etl.period import word_of
from etl.publish import yearly
from etl.publish.columns import (
    CENTER,
    FIGURE_COLUMNS,
    MISSING_COLUMNS,
    NUMBER,
    PLEDGE_COLUMNS,
    SUBPROJECT_COLUMNS,
    WAIVED_COLUMNS,
    ShownColumn,
    filled,
    picked,
    pledge_columns,
    scope_order,
    shown_value,
)
from etl.publish.ledger import (
    MEASURE_NAMES,
    budget_columns,
    budget_lines,
    ledger_columns,
    ledger_lines,
)
from etl.publish.movement import PledgeMove, comparisons, read_from
from etl.publish.pivots import amount_or_rate, by_code, counts
from etl.publish.publication import Publication
from etl.shown import half_up

MOVE_KINDS = {"added": "새로 듦", "changed": "바뀜", "removed": "빠짐"}
_DENOMINATOR_KINDS = {
    "entered": "들어옴",
    "left": "빠짐",
    "held": "보류(분모에 남음)",
    "closed": "끝남(분모에 남음)",
    "kept": "남음",
}


@dataclass(frozen=True, eq=False)
class ShownSheet:
    """One table: its name, what each row is, its columns and what stands in them."""

    name: str
    note: str
    columns: Sequence[ShownColumn]
    frame: pandas.DataFrame

    def pick(self, headers: Sequence[str]) -> "ShownSheet":
        """Return the same table with these columns only, in this order."""
        columns = picked(self.columns, *headers)
        return replace(self, columns=columns, frame=self.frame[list(headers)])


def _sheet(name: str, note: str, columns: Sequence[ShownColumn], rows: Iterable[Any]) -> ShownSheet:
    return ShownSheet(name, note, columns, filled(columns, rows))


def _pivot(
    name: str, note: str, columns: Sequence[ShownColumn], frame: pandas.DataFrame
) -> ShownSheet:
    return ShownSheet(name, note, columns, frame.set_axis([c.header for c in columns], axis=1))


@lru_cache(maxsize=1)
def tables(publication: Publication) -> Mapping[str, ShownSheet]:
    """Return every table by its name, built once a publication.

    Those on earlier publications stand only where there was one.
    """
    sheets = [
        _sheet("공약현황", "기준일 현재의 공약마다 한 줄", _pledge_columns(publication),
               publication.pledges),
        *_subprojects(publication),
        _pivot(
            "예산", "공약 × 세부사업 × 재원마다 한 줄, 금액은 백만원",
            budget_columns(publication), budget_lines(publication),
        ),
        _pivot(
            "공약가계부", "공약 × 재원마다 한 줄과 계, 금액은 백만원",
            ledger_columns(publication), ledger_lines(publication),
        ),
        _sheet(
            "지표", "지표 × 범위마다 한 줄, 분자·분모와 분모를 정한 규칙",
            FIGURE_COLUMNS, publication.figures,
        ),
        _statuses(publication),
        *_fiscal_years(publication),
        *_yearly(publication),
        *_quarters(publication),
        *_moves(publication),
        _sheet(
            "분모변동",
            "지난 기준일 뒤로 분모를 움직였거나 그 사이에 결정된 공약마다 한 줄",
            DENOMINATOR_COLUMNS, publication.denominators,
        ),
        _sheet(
            "미제출", f"보고할 의무가 있으나 {publication.quarter.this}에 보고되지 않은 공약",
            MISSING_COLUMNS, publication.missing,
        ),
        _sheet(
            "점검예외",
            "예외로 받아들여 지표에 든 값, 예외로 두어 보고 없이 발표한 공약마다 한 줄",
            WAIVED_COLUMNS, publication.waived,
        ),
        _sheet(
            "방법", "지표마다 한 줄, 분자와 분모에 무엇이 드는지",
            METHOD_COLUMNS, _first_of_each(publication),
        ),
    ]  # fmt: skip
    return {sheet.name: sheet for sheet in sheets}


def _subprojects(publication: Publication) -> list[ShownSheet]:
    """Return the sub-tasks with a status of their own; nothing where no report tells of any."""
    if not publication.subprojects:
        return []
    note = "추진상황을 보고한 세부사업마다 한 줄, 공약의 수에는 들지 않음"
    return [_sheet("세부사업현황", note, SUBPROJECT_COLUMNS, publication.subprojects)]


def _statuses(publication: Publication) -> ShownSheet:
    found = counts(publication)
    names = code_names("status")
    columns = [
        ShownColumn("범위", 14, look=CENTER),
        ShownColumn("범위 이름", 24),
        ShownColumn("공약 수", 10, look=NUMBER),
        *(ShownColumn(names[code], 15 if len(names[code]) > 5 else 11, look=NUMBER)
          for code in map(str, found)),
    ]  # fmt: skip
    frame = found.reset_index().drop(columns="scope_id")
    frame["scope_type"] = frame.scope_type.map(measures().scopes)
    frame.insert(2, "pledges", found.sum(axis=1).to_list())
    return _pivot("상태별", "범위마다 추진상황별 공약 수", columns, frame)


def _measure(row: Any) -> Measure:
    return measures().figures[row.figure_code]


def _first_of_each(publication: Publication) -> Iterator[Row[Any]]:
    """Yield each figure once, of all pledges where it is worked out of all."""
    first = {figure.figure_code: figure for figure in reversed(publication.figures)}
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
    figures = [figure for figure in publication.figures if figure.scope_type == "fiscal_year"]
    if not figures:
        return []
    rates = {code: one.of_year for code, one in measures().figures.items() if one.of_year}
    amounts = dict(zip(measures().amounts, MEASURE_NAMES.values(), strict=True))
    columns = [
        ShownColumn("회계연도", 12, look=CENTER),
        *(ShownColumn(f"{name}\n(백만원)", 13, look=NUMBER) for name in amounts.values()),
        *(ShownColumn(f"{of_year.name}\n(%)", 13, look=NUMBER) for of_year in rates.values()),
    ]  # fmt: skip
    frame = by_code(figures, ["scope_name"], [*amounts, *rates], amount_or_rate)
    note = "기투자·회계연도·임기후마다 한 줄, 모든 공약의 금액"
    return [_pivot("연도별 재정", note, columns, frame)]


def _pledge_columns(publication: Publication) -> list[ShownColumn]:
    """Return the columns of pledges, the one of what they reported for by its word."""
    reported = {row.reported_quarter_id for row in publication.pledges} - {None}
    word = word_of({str(publication.quarter), *reported})
    return [
        replace(one, header=f"보고 {word}") if one.header == "보고 분기" else one
        for one in pledge_columns(publication.pledges)
    ]


def _quarters(publication: Publication) -> list[ShownSheet]:
    """Return the figures of all pledges by quarter; nothing where no earlier one was published."""
    if not publication.history:
        return []
    figures = [figure for figure in (*publication.history, *publication.figures)
               if figure.scope_type == "all"]  # fmt: skip
    word = word_of(figure.quarter_id for figure in figures)
    names = {figure.figure_code: figure.figure_name for figure in publication.figures}
    codes = [code for code in measures().cover if code in names]
    columns = [
        ShownColumn(word, 10, look=CENTER),
        *(ShownColumn(f"{names[code]}\n({measures().figures[code].unit})", 14, look=NUMBER)
          for code in codes),
    ]  # fmt: skip
    frame = by_code(figures, ["quarter_id"], codes, shown_value)
    note = f"이 임기에 발표한 {word}마다 한 줄, 모든 공약의 지표"
    return [_pivot("추이", note, columns, frame)]


def _yearly(publication: Publication) -> list[ShownSheet]:
    if not publication.is_year_end:
        return []
    return [
        _pivot(
            "연말 이행", "12월 31일 현재: 전체와 분야마다 한 줄, 매니페스토 여섯 상태와 그 밖",
            yearly.status_columns(), yearly.status_lines(publication),
        ),
        _sheet(
            "연말 재정", "12월 31일 현재: 계와 재원마다 한 줄, 총계와 임기내, 금액은 백만원",
            yearly.MONEY_COLUMNS, yearly.money_lines(publication),
        ),
    ]  # fmt: skip


# -- what moved -----------------------------------------------------------------------------------


def _kept(columns: Sequence[ShownColumn], *headers: str) -> Iterator[ShownColumn]:
    """Yield columns that say of a move what they say of its row."""
    for column in picked(columns, *headers):
        yield replace(column, value=read_from(attrgetter("row"), column.of))


def _moved(columns: Sequence[ShownColumn], header: str, width: float) -> Iterator[ShownColumn]:
    """Yield a column before and after."""
    (column,) = picked(columns, header)
    name, _, unit = header.partition("\n")
    for word, side in (("앞", "before"), ("뒤", "after")):
        told = f"{name}\n{word}{unit}"
        value = read_from(attrgetter(side), column.of)
        yield replace(column, header=told, width=width, value=value)


def _contribution(move: PledgeMove) -> Decimal | None:
    return None if move.contribution_pp is None else half_up(move.contribution_pp, 2)


FIGURE_MOVE_COLUMNS = (
    *_kept(FIGURE_COLUMNS, "범위", "범위 이름", "지표 코드", "지표"),
    *_moved(FIGURE_COLUMNS, "값", 16),
    ShownColumn("차이", 16, lambda m: m.change, NUMBER),
    *_moved(FIGURE_COLUMNS, "분자", 16),
    *_moved(FIGURE_COLUMNS, "분모", 16),
    *_moved(FIGURE_COLUMNS, "공약 수", 8),
)
PLEDGE_MOVE_COLUMNS = (
    *_kept(PLEDGE_COLUMNS, "공약번호", "공약명", "주관부서"),
    ShownColumn("구분", 9, lambda m: MOVE_KINDS[m.kind], CENTER),
    *_moved(PLEDGE_COLUMNS, "추진상황", 13),
    *_moved(PLEDGE_COLUMNS, "이행률(%)", 11),
    ShownColumn("평균 이행률을\n움직인 몫(%p)", 13, _contribution, NUMBER),
    *_moved(PLEDGE_COLUMNS, "계획액\n(백만원)", 12),
    *_moved(PLEDGE_COLUMNS, "확보액\n(백만원)", 12),
    *_moved(PLEDGE_COLUMNS, "집행액\n(백만원)", 12),
)
DENOMINATOR_COLUMNS = (
    *picked(PLEDGE_COLUMNS, "공약번호", "공약명"),
    ShownColumn("구분", 18, lambda r: _DENOMINATOR_KINDS[r.change_kind], CENTER),
    ShownColumn("까닭", 14, lambda r: r.reason_name, CENTER),
    ShownColumn("결정한 날", 12, lambda r: r.decided_on and r.decided_on.isoformat(), CENTER),
    ShownColumn("관련 공약", 16, lambda r: r.related_pledge_ids),
    ShownColumn("사유", 34, lambda r: r.reason),
    ShownColumn("의결기관", 18, lambda r: r.approver),
    ShownColumn("분모\n앞", 8, lambda r: r.count_before, NUMBER),
    ShownColumn("분모\n뒤", 8, lambda r: r.count_after, NUMBER),
)


def _moves(publication: Publication) -> Iterator[ShownSheet]:
    """Yield figures and pledges against the last published quarter and the replaced revision."""
    for one in comparisons(publication):
        yield _sheet(
            f"지표{one.what}", f"{one.since}와 달라진 지표 × 범위마다 한 줄",
            FIGURE_MOVE_COLUMNS, sorted(one.figures, key=lambda move: scope_order(move.row)),
        )  # fmt: skip
        yield _sheet(
            f"공약{one.what}", f"{one.since}와 달라진 공약마다 한 줄",
            PLEDGE_MOVE_COLUMNS, one.pledges,
        )  # fmt: skip

"""보고서.hwpx of a publication: the official report, with the pledges and the method as annexes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock, numbered
from etl.form import code_names
from etl.measures import measures
from etl.office.hwpx import write_hwpx
from etl.publish import yearly
from etl.publish.columns import (
    CENTER,
    MISSING_COLUMNS,
    NUMBER,
    PLEDGE_COLUMNS,
    WAIVED_COLUMNS,
    ShownColumn,
    shown_with_unit,
)
from etl.publish.movement import figure_moves, pledge_moves
from etl.publish.publication import Publication, Published
from etl.publish.tables import (
    DENOMINATOR_COLUMNS,
    FIGURE_MOVE_COLUMNS,
    PLEDGE_MOVE_COLUMNS,
    count_columns,
    count_rows,
)
from etl.quarter import SEOUL
from etl.shown import million

FILE_NAME = "보고서.hwpx"
_NONE = "-"
_MILLION = "(단위: 백만원, %)"
_UNIT = re.compile(r"\n?\((?:백만원|%)\)")  # in a header, under a line that tells it
_LISTED = (
    "공약번호", "공약명", "분야", "주관부서", "추진상황", "이행률(%)", "완료시기", "완료연도",
    "계획액\n(백만원)", "확보액\n(백만원)", "집행액\n(백만원)",
)  # fmt: skip
_FIGURE_MOVED = ("지표", "값\n앞", "값\n뒤", "차이", "분모\n앞", "분모\n뒤")
_PLEDGE_MOVED = (
    "공약번호", "공약명", "구분", "추진상황\n앞", "추진상황\n뒤", "이행률(%)\n앞", "이행률(%)\n뒤",
    "평균 이행률을\n움직인 몫(%p)", "확보액\n앞(백만원)", "확보액\n뒤(백만원)",
    "집행액\n앞(백만원)", "집행액\n뒤(백만원)",
)  # fmt: skip
_DENOMINATOR_MOVED = ("공약번호", "공약명", "구분", "까닭", "결정한 날", "분모\n앞", "분모\n뒤")


def write_document(publication: Publication, folder: Path) -> Path:
    """Write 보고서.hwpx into `folder`; the same publication gives the same bytes."""
    release = publication.release
    moment = release.decided_at if release else datetime.combine(publication.day, time.min, SEOUL)
    return write_hwpx(numbered(_blocks(publication)), folder / FILE_NAME, written_at=moment)


def _blocks(publication: Publication) -> Iterator[Block]:
    yield from _title(publication)
    yield from _summary(publication)
    yield from _status(publication)
    yield from _money(publication)
    yield from _movement(publication)
    yield from _exceptions(publication)
    yield _line("□ 붙임 1. 공약 목록")
    yield _line(_MILLION)
    yield from _table(_pick(PLEDGE_COLUMNS, _LISTED), publication.pledges, "공약이 없습니다.")
    yield from _method(publication)


# -- the parts of the report ----------------------------------------------------------------------


def _title(publication: Publication) -> Iterator[Block]:
    quarter, release = publication.quarter, publication.release
    yield _line(f"{publication.government_name} 공약 이행현황 보고")
    facts = (
        ("기관", publication.government_name, "분기", f"{quarter.year}년 {quarter.number}분기"),
        (
            "기준일", _day(publication.day),
            "차수", f"{release.revision}차" if release else "발표 전",
        ),
        (
            "발표일", _day(release.decided_at) if release else _NONE,
            "자료 기준", f"{_day(release.as_of)} {release.as_of:%H:%M}" if release else _NONE,
        ),
    )  # fmt: skip
    yield TableBlock(
        0,
        tuple(
            GridCell(row, column, text or _NONE, is_label=column % 2 == 1)
            for row, texts in enumerate(facts, 1)
            for column, text in enumerate(texts, 1)
        ),
    )
    if release and release.is_demo:
        yield _line("※ 시연을 위해 저절로 승인한 자료입니다.")


def _summary(publication: Publication) -> Iterator[Block]:
    yield _line("□ 1. 총괄")
    yield _line(
        f"○ 공약 {len(publication.pledges):,}건을 {_day(publication.day)} 현재로 집계했습니다."
    )
    yield _line(f"○ 보고율: {publication.coverage}")
    codes = (*measures().headlines, *measures().amounts)
    found = [figure for code in codes if (figure := publication.figure(code)) is not None]
    columns = (
        ShownColumn("지표", 0, lambda f: f"{f.figure_name} ({f.figure_code})"),
        ShownColumn("값", 0, shown_with_unit, NUMBER),
        ShownColumn("분자", 0, lambda f: f.numerator, NUMBER),
        ShownColumn("분모", 0, lambda f: f.denominator, NUMBER),
        ShownColumn("공약 수", 0, lambda f: f.pledge_count, NUMBER),
        ShownColumn("보고", 0, lambda f: f.reported_count, NUMBER),
        ShownColumn("이어 씀", 0, lambda f: f.carried_forward_count, NUMBER),
        ShownColumn("예외", 0, lambda f: f.waiver_count, NUMBER),
    )
    yield from _table(columns, found, "지표가 없습니다.")


def _status(publication: Publication) -> Iterator[Block]:
    yield _line("□ 2. 추진상황")
    counts = count_columns(publication)[1:]
    for title, scopes in (("분야별", ("all", "field")), ("부서별", ("all", "department"))):
        yield _line(f"【{title}】")
        columns = [
            ShownColumn(title.removesuffix("별"), 0, counts[0].value),
            *counts[1:],
            _rate_of(publication, "R1", "평균\n이행률(%)"),
            _rate_of(publication, "R2", "이행\n완료율(%)"),
        ]
        rows = [held for held in count_rows(publication) if held[0].scope_type in scopes]
        yield from _table(columns, rows, "공약이 없습니다.")
    if yearly.is_year_end(publication):
        yield _line("【연말 이행: 12월 31일 현재, 매니페스토 여섯 상태】")
        yield from _table(
            yearly.STATUS_COLUMNS, yearly.status_rows(publication), "공약이 없습니다."
        )


def _money(publication: Publication) -> Iterator[Block]:
    yield _line("□ 3. 재정")
    if not publication.budget:
        yield _line("○ 금액이 적힌 공약이 없습니다.")
        return
    for title, scope_type, codes in (
        ("재원별", "funding_source", ("B1", "B4")),
        ("연도별", "fiscal_year", measures().of_one_year),
    ):
        plans = [
            f for f in publication.figures if (f.figure_code, f.scope_type) == ("PLAN", scope_type)
        ]
        whole = publication.figure("PLAN")
        rows = [*([whole] if whole else []), *sorted(plans, key=_place)]
        columns = [
            ShownColumn(title.removesuffix("별"), 0, lambda f: f.scope_name),
            *(_amount_of(publication, code) for code in measures().amounts),
            *(_rate_of(publication, code, _heading(publication, code)) for code in codes),
        ]
        yield _line(f"【{title}】")
        yield _line(_MILLION)
        yield from _table(columns, rows, "금액이 없습니다.")
    if yearly.is_year_end(publication):
        yield _line("【연말 재정: 12월 31일 현재, 총계와 임기내】")
        yield _line(_MILLION)
        yield from _table(yearly.MONEY_COLUMNS, yearly.money_rows(publication), "금액이 없습니다.")


def _movement(publication: Publication) -> Iterator[Block]:
    yield _line("□ 4. 변동")
    if publication.earlier is None:
        yield _line("○ 이 임기에 앞서 발표한 분기가 없어 견줄 수 없습니다.")
    else:
        yield from _moved(
            publication, publication.earlier, f"지난 발표({publication.earlier.quarter_id})"
        )
    if publication.replaced is not None:
        yield from _moved(
            publication, publication.replaced, f"{publication.replaced.revision}차 발표"
        )
    yield _line("【분모의 변동】")
    yield from _table(
        _pick(DENOMINATOR_COLUMNS, _DENOMINATOR_MOVED),
        publication.denominators,
        "분모를 움직인 공약이 없습니다.",
    )


def _moved(publication: Publication, before: Published, since: str) -> Iterator[Block]:
    """Yield the headline figures and the pledges that differ from another publication."""
    moves = figure_moves(before.figures, publication.figures)
    yield _line(f"【{since}와 달라진 전체 지표】")
    yield from _table(
        _pick(FIGURE_MOVE_COLUMNS, _FIGURE_MOVED),
        [move for move in moves if move.row.scope_type == "all"],
        "달라진 지표가 없습니다.",
    )
    yield _line(f"【{since}와 달라진 공약】")
    yield _line(_MILLION)
    yield from _table(
        _pick(PLEDGE_MOVE_COLUMNS, _PLEDGE_MOVED),
        pledge_moves(before, publication.pledges, publication.figure("R1")),
        "달라진 공약이 없습니다.",
    )


def _exceptions(publication: Publication) -> Iterator[Block]:
    yield _line("□ 5. 미제출과 점검예외")
    yield _line("【보고되지 않은 공약】")
    yield from _table(MISSING_COLUMNS, publication.missing, "보고할 공약이 모두 보고되었습니다.")
    yield _line("【예외로 받아들인 값】")
    yield from _table(WAIVED_COLUMNS, publication.waived, "예외로 받아들인 값이 없습니다.")


def _method(publication: Publication) -> Iterator[Block]:
    yield _line("□ 붙임 2. 계산 방법")
    yield from (_line(f"○ {line}") for line in measures().method)
    found = [f for code in measures().headlines if (f := publication.figure(code)) is not None]
    columns = (
        ShownColumn("지표", 0, lambda f: f"{f.figure_name} ({f.figure_code})"),
        ShownColumn("분모 규칙", 0, lambda f: f.denominator_rule),
        ShownColumn("값이 없는 까닭", 0, lambda f: f.no_value_reason),
    )
    yield from _table(columns, found, "지표가 없습니다.")


# -- blocks and values ----------------------------------------------------------------------------


def _line(text: str) -> Paragraph:
    return Paragraph(0, text)


def _table(columns: Sequence[ShownColumn], rows: Sequence[Any], otherwise: str) -> Iterator[Block]:
    """Yield a table with a header, or one line that says why there is none."""
    if not rows:
        yield _line(f"○ {otherwise}")
        return
    texts = [[column.header for column in columns]]
    texts += [[_text(column, column.value(row)) for column in columns] for row in rows]
    yield TableBlock(
        0,
        tuple(
            GridCell(row, column, text)
            for row, line in enumerate(texts, 1)
            for column, text in enumerate(line, 1)
        ),
    )


def _text(column: ShownColumn, value: Any) -> str:
    if value is None or value == "":
        return _NONE
    if column.is_number and isinstance(value, int | Decimal):
        return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return str(value)


def _pick(columns: Sequence[ShownColumn], headers: Sequence[str]) -> list[ShownColumn]:
    """Return columns by their headers, in this order, with the units left to the line above."""
    by_header = {column.header: column for column in columns}
    return [replace(by_header[header], header=_UNIT.sub("", header)) for header in headers]


def _rate_of(publication: Publication, code: str, header: str) -> ShownColumn:
    """Return the column of a figure in the scope that a row stands for."""

    def value(row: Any) -> str | None:
        scope = row[0] if isinstance(row, list) else row
        figure = publication.figure(code, scope.scope_type, scope.scope_id)
        return None if figure is None else figure.shown

    return ShownColumn(header, 0, value, CENTER)


def _amount_of(publication: Publication, code: str) -> ShownColumn:
    def value(row: Any) -> int | Decimal | None:
        figure = publication.figure(code, row.scope_type, row.scope_id)
        return None if figure is None else million(figure.numerator)

    return ShownColumn(_heading(publication, code), 0, value, NUMBER)


def _heading(publication: Publication, code: str) -> str:
    return next((f.figure_name for f in publication.figures if f.figure_code == code), code)


def _place(figure: Any) -> int:
    """Return where a source stands in its list; 기투자 stands before the years, 임기후 after."""
    sources = list(code_names("funding_source"))
    places = {"pre_term": -1, "post_term": 1} | {code: n for n, code in enumerate(sources)}
    return places.get(figure.scope_id, 0)


def _day(day: Any) -> str:
    return f"{day.year}. {day.month}. {day.day}."

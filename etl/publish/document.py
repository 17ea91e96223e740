"""보고서.hwpx of a publication: the official report, with the pledges and the method as annexes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock, numbered
from etl.form import code_names
from etl.measures import measures
from etl.office.hwpx import ruled, write_hwpx
from etl.publish.columns import (
    CENTER,
    FIGURE_COLUMNS,
    NUMBER,
    ShownColumn,
    filled,
    lines,
    picked,
    shown_value,
    shown_with_unit,
)
from etl.publish.deeds import deeds
from etl.publish.movement import comparisons
from etl.publish.pivots import SCOPE, amount_or_rate, by_code, counts, rated_counts
from etl.publish.publication import Publication
from etl.publish.tables import ShownSheet, tables
from etl.quarter import SEOUL

FILE_NAME = "보고서.hwpx"
_NONE = "-"
_NO_PLEDGE = "공약이 없습니다."
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
_FIGURE = ShownColumn("지표", 0, lambda f: f"{f.figure_name} ({f.figure_code})")
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
    yield from _sheet(publication, "공약현황", _NO_PLEDGE, _LISTED)
    yield from _deeds(publication)
    yield from _method(publication)


# -- the parts of the report ----------------------------------------------------------------------


def _title(publication: Publication) -> Iterator[Block]:
    quarter, release = publication.quarter, publication.release
    yield _line(f"{publication.government_name} 공약 이행현황 보고")
    facts = (
        ("기관", publication.government_name, quarter.word, quarter.title),
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
    found = publication.of_all(measures().cover)
    columns = (
        _FIGURE,
        ShownColumn("값", 0, shown_with_unit, NUMBER),
        *picked(FIGURE_COLUMNS, "분자", "분모", "공약 수", "보고", "이어 씀", "예외"),
    )
    yield from _table(columns, filled(columns, found), "지표가 없습니다.")


def _status(publication: Publication) -> Iterator[Block]:
    yield _line("□ 2. 추진상황")
    for title, scopes in (("분야별", ("all", "field")), ("부서별", ("all", "department"))):
        yield _line(f"【{title}】")
        yield from _table(*_counted(publication, title.removesuffix("별"), scopes), _NO_PLEDGE)
    if publication.is_year_end:
        yield _line("【연말 이행: 12월 31일 현재, 매니페스토 여섯 상태】")
        yield from _sheet(publication, "연말 이행", _NO_PLEDGE)


def _counted(
    publication: Publication, title: str, scopes: Sequence[str]
) -> tuple[list[ShownColumn], pandas.DataFrame]:
    """Return the pledges of some scopes by status, and the rates of each scope."""
    names = code_names("status")
    columns = [
        ShownColumn(title, 0),
        ShownColumn("공약 수", 0, look=NUMBER),
        *(ShownColumn(names[str(code)], 0, look=NUMBER) for code in counts(publication, scopes)),
        ShownColumn("평균\n이행률(%)", 0, look=CENTER),
        ShownColumn("이행\n완료율(%)", 0, look=CENTER),
    ]
    return columns, rated_counts(publication, scopes, ["R1", "R2"], shown_value)


def _money(publication: Publication) -> Iterator[Block]:
    yield _line("□ 3. 재정")
    if not publication.budget:
        yield _line("○ 금액이 적힌 공약이 없습니다.")
        return
    for title, scope_type, codes in (
        ("재원별", "funding_source", ("B1", "B4")),
        ("연도별", "fiscal_year", measures().of_one_year),
    ):
        yield _line(f"【{title}】")
        yield _line(_MILLION)
        shown = [*measures().amounts, *codes]
        yield from _table(
            *_amounts(publication, title.removesuffix("별"), scope_type, shown),
            "금액이 없습니다.",
        )
    if publication.is_year_end:
        yield _line("【연말 재정: 12월 31일 현재, 총계와 임기내】")
        yield _line(_MILLION)
        yield from _sheet(publication, "연말 재정", "금액이 없습니다.")


def _amounts(
    publication: Publication, title: str, scope_type: str, codes: list[str]
) -> tuple[list[ShownColumn], pandas.DataFrame]:
    """Return figures of all pledges, then of every scope of a kind in its order."""
    figures = [f for f in publication.figures if f.scope_type in ("all", scope_type)]
    figures.sort(key=lambda f: (f.scope_type != "all", _place(f)))
    frame = by_code(figures, SCOPE, codes, amount_or_rate)
    names = {figure.figure_code: figure.figure_name for figure in figures}
    columns = [
        ShownColumn(title, 0),
        *(ShownColumn(names.get(code, code), 0,
                      look=NUMBER if code in measures().amounts else CENTER) for code in codes),
    ]  # fmt: skip
    return columns, frame.drop(columns=SCOPE[:2])


def _movement(publication: Publication) -> Iterator[Block]:
    yield _line("□ 4. 변동")
    if publication.earlier is None:
        yield _line("○ 이 임기에 앞서 발표한 것이 없어 견줄 수 없습니다.")
    for one in comparisons(publication):
        since = one.since if one.key == "earlier" else f"{one.since} 발표"
        yield from _moved(publication, one.what, since)
    yield _line("【분모의 변동】")
    yield from _sheet(publication, "분모변동", "분모를 움직인 공약이 없습니다.", _DENOMINATOR_MOVED)


def _moved(publication: Publication, what: str, since: str) -> Iterator[Block]:
    """Yield the headline figures and the pledges that differ from another publication."""
    figures = tables(publication)[f"지표{what}"]
    whole = figures.frame[figures.frame["범위"] == measures().scopes["all"]]
    yield _line(f"【{since}와 달라진 전체 지표】")
    yield from _picked(replace(figures, frame=whole), _FIGURE_MOVED, "달라진 지표가 없습니다.")
    yield _line(f"【{since}와 달라진 공약】")
    yield _line(_MILLION)
    yield from _sheet(publication, f"공약{what}", "달라진 공약이 없습니다.", _PLEDGE_MOVED)


def _exceptions(publication: Publication) -> Iterator[Block]:
    yield _line("□ 5. 미제출과 점검예외")
    yield _line("【보고되지 않은 공약】")
    yield from _sheet(publication, "미제출", "보고할 공약이 모두 보고되었습니다.")
    yield _line("【예외로 받아들인 값】")
    yield from _sheet(publication, "점검예외", "예외로 받아들인 값이 없습니다.")


def _deeds(publication: Publication) -> Iterator[Block]:
    yield _line("□ 붙임 2. 공약마다 한 일")
    found = deeds(publication)
    if not found:
        yield _line("○ 글로 보고한 것이 없습니다.")
    for one in found:
        pledge = one.pledge
        facts = [pledge.department_name, pledge.status_name, _rate(pledge.declared_rate_pct)]
        carried = f", {one.carried_from} 보고를 이어 씀" if one.carried_from else ""
        told = ", ".join(fact for fact in facts if fact)
        yield _line(f"【{pledge.pledge_id} {pledge.pledge_name}】 {told}{carried}")
        for deed in one.deeds:
            yield _line(f"○ {deed.kind_name}")
            yield from (_line(f"  - {line}") for line in deed.lines)


def _rate(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate.normalize():f} %"


def _method(publication: Publication) -> Iterator[Block]:
    yield _line("□ 붙임 3. 계산 방법")
    yield from (_line(f"○ {line}") for line in measures().method)
    found = publication.of_all(measures().headlines)
    columns = (_FIGURE, *picked(FIGURE_COLUMNS, "분모 규칙", "값이 없는 까닭"))
    yield from _table(columns, filled(columns, found), "지표가 없습니다.")


# -- blocks and values ----------------------------------------------------------------------------


def _line(text: str) -> Paragraph:
    return Paragraph(0, text)


def _sheet(
    publication: Publication, name: str, otherwise: str, headers: Sequence[str] = ()
) -> Iterator[Block]:
    """Yield a table of the publication, or some of its columns."""
    sheet = tables(publication)[name]
    yield from _picked(sheet, headers or [c.header for c in sheet.columns], otherwise)


def _picked(sheet: ShownSheet, headers: Sequence[str], otherwise: str) -> Iterator[Block]:
    picked = sheet.pick(headers)
    # A unit stands in the line above.
    columns = [replace(c, header=_UNIT.sub("", c.header)) if len(headers) < len(sheet.columns)
               else c for c in picked.columns]  # fmt: skip
    yield from _table(columns, picked.frame, otherwise)


def _table(
    columns: Sequence[ShownColumn], frame: pandas.DataFrame, otherwise: str
) -> Iterator[Block]:
    """Yield a table with a header, or one line that says why there is none."""
    if frame.empty:
        yield _line(f"○ {otherwise}")
        return
    texts = [[column.header for column in columns]]
    texts += [[_text(*one) for one in line] for line in lines(columns, frame)]
    yield ruled(texts)


def _text(column: ShownColumn, value: Any) -> str:
    if value == "" or pandas.isna(value):
        return _NONE
    if column.is_number and isinstance(value, int | Decimal):
        return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return str(value)


def _place(figure: Any) -> int:
    """Return where a source stands in its list; 기투자 stands before the years, 임기후 after."""
    sources = list(code_names("funding_source"))
    places = {"pre_term": -1, "post_term": 1} | {code: n for n, code in enumerate(sources)}
    return places.get(figure.scope_id, 0)


def _day(day: Any) -> str:
    return f"{day.year}. {day.month}. {day.day}."

"""The workbook that the general office used to put together by hand: 취합.xlsx of one quarter.

Everything in it comes from the mart rows that the last refresh wrote; no name of a person is in
a mart, so none can be here. Money is shown in 백만원, figures in won.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection, Row, text

from etl.documents.styles import (
    DEADLINE_FILL,
    GIVEN_FILL,
    GIVEN_INK,
    HEADER_FILL,
    REQUIRED_FILL,
    Look,
    Stylist,
    fit_row,
    new_workbook,
    paper,
    save,
)
from etl.form import code_names
from etl.quarter import SEOUL, Quarter

FILE_NAME = "취합.xlsx"
_MILLION = 1_000_000
_TITLE = Look(bold=True, size=18, lines=False, ink=REQUIRED_FILL, wrap=False)
_NOTE = Look(lines=False, ink=GIVEN_INK)
_PART = Look(bold=True, size=12, lines=False, wrap=False)
_HEADER = Look(fill=HEADER_FILL, ink="FFFFFFFF", bold=True, horizontal="center")
_TEXT = Look(indent=1, horizontal="left")
_CENTER = Look(horizontal="center")
_NUMBER = Look(horizontal="right", number_format="#,##0", wrap=False)
_LABEL = Look(fill=GIVEN_FILL, bold=True, indent=1, horizontal="left")

_SCOPE_TYPES = {
    "all": "전체",
    "field": "분야",
    "department": "부서(기준일)",
    "department_current": "부서(현재)",
    "status": "추진상황",
    "due": "완료시기",
    "project_type": "사업유형",
    "funding_source": "재원",
    "fiscal_year": "회계연도",
}
_REPORT_STATES = {
    "reported": "이번 분기 보고",
    "carried_forward": "지난 보고 이어 씀",
    "not_reported": "보고 없음",
}
_MISSING_STATES = {
    "missing": "제출 없음",
    "blocked": "제출했으나 막힘",
    "needs_reason": "사유를 기다림",
}
_YEAR_NAMES = {"pre_term": "기투자", "post_term": "임기후"}
_MEASURES = {"plan_krw": "계획액", "secured_krw": "확보액", "executed_krw": "집행액"}
_SHEET_NOTES = {
    "공약현황": "기준일 현재의 공약마다 한 줄",
    "예산": "공약 × 세부사업 × 재원마다 한 줄, 금액은 백만원",
    "지표": "지표 × 범위마다 한 줄, 분자·분모와 분모를 정한 규칙",
    "상태별": "범위마다 추진상황별 공약 수",
    "미제출": "보고할 의무가 있으나 이번 분기에 보고되지 않은 공약",
}
_METHOD = (
    "공약: 확정일부터 기준일 현재까지의 공약. 통합·분리로 없어진 공약은 그날부터 빠집니다.",
    "보고: 이번 분기에 받아들인 보고를 쓰고, 없으면 같은 임기의 가장 최근 보고를 이어 씁니다.",
    "평균 이행률: 부서가 신고한 이행률을 공약마다 똑같이 평균합니다(부서·분야 평균의 평균이 아님).",
    "확보액: 확보액으로 적힌 열과 기투자만 더합니다. 투자수요와 임기후는 계획액에만 듭니다.",
    "반올림: 사사오입. 분모가 0이면 '해당 없음'이며, 까닭은 지표 시트에 있습니다.",
    "부서 합계: 주관부서가 여럿인 공약은 각 부서에 들고 전체에는 한 번만 듭니다.",
)
_HEADLINES = ("R1", "R1_IN", "R2", "R3", "R4", "B1", "B2", "B3", "B4", "B5", "B5_VOTED", "B6")
_AMOUNTS = ("PLAN", "SECURED", "EXECUTED")


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its header, its width and how a row fills it."""

    header: str
    width: float
    value: Callable[[Any], Any]
    look: Look = _TEXT


@dataclass(frozen=True)
class Marts:
    """The mart rows of one government and quarter."""

    government_name: str
    quarter: Quarter
    pledges: Sequence[Row[Any]]
    budget: Sequence[Row[Any]]
    figures: Sequence[Row[Any]]
    counts: Sequence[Row[Any]]
    missing: Sequence[Row[Any]]

    @property
    def day(self) -> date:
        """기준일 of the quarter."""
        return self.pledges[0].as_of_date if self.pledges else self.quarter.last_day

    def whole(self, code: str) -> Row[Any] | None:
        """Return one figure of all pledges."""
        return next(
            (f for f in self.figures if f.figure_code == code and f.scope_type == "all"), None
        )


def write_collection(
    connection: Connection, government_id: str, quarter: Quarter, folder: Path
) -> Path:
    """Write the quarter's 취합.xlsx into `folder` from the marts; return its path.

    Six sheets: 표지, 공약현황, 예산, 지표, 상태별, 미제출. The same marts give the same bytes.
    """
    marts = _read(connection, government_id, quarter)
    workbook = new_workbook()
    stylist = Stylist(workbook)
    cover = workbook.worksheets[0]
    cover.title = "표지"
    for name, columns, rows in (
        ("공약현황", _PLEDGE_COLUMNS, marts.pledges),
        ("예산", _budget_columns(marts), _budget_rows(marts)),
        ("지표", _FIGURE_COLUMNS, marts.figures),
        ("상태별", _count_columns(marts), _count_rows(marts)),
        ("미제출", _MISSING_COLUMNS, marts.missing),
    ):
        _write_table(stylist, workbook.create_sheet(name), columns, rows)
    _write_cover(stylist, cover, marts)
    moment = datetime.combine(marts.day, time.min, SEOUL)
    return save(workbook, folder / FILE_NAME, moment)


# -- reading --------------------------------------------------------------------------------------


def _read(connection: Connection, government_id: str, quarter: Quarter) -> Marts:
    asked = {"government_id": government_id, "quarter_id": str(quarter)}

    def rows(source: str) -> Sequence[Row[Any]]:
        where = "WHERE government_id = :government_id AND quarter_id = :quarter_id"
        return connection.execute(text(f"SELECT * FROM mart.{source} {where}"), asked).all()

    name = connection.execute(
        text(
            "SELECT government_name FROM core.dim_government"
            " WHERE government_id = :government_id AND superseded_at = 'infinity'"
        ),
        asked,
    ).scalar()
    return Marts(
        government_name=name or government_id,
        quarter=quarter,
        pledges=sorted(rows("pledge_status"), key=lambda r: _natural(r.pledge_id)),
        budget=sorted(rows("pledge_budget"), key=_budget_order),
        figures=sorted(
            [*rows("implementation_rate"), *rows("budget_execution")], key=_figure_order
        ),
        counts=rows("status_count"),
        missing=sorted(
            rows("missing_report"), key=lambda r: (r.department_code, _natural(r.pledge_id))
        ),
    )


def _natural(identifier: str) -> list[tuple[int, int, str]]:
    """Order 1-2 before 1-10: runs of digits compare as numbers."""
    parts = re.findall(r"\d+|\D+", identifier)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def _scope_order(row: Any) -> tuple[int, list[tuple[int, int, str]]]:
    return list(_SCOPE_TYPES).index(row.scope_type), _natural(row.scope_id)


def _figure_order(row: Row[Any]) -> tuple[Any, ...]:
    return (*_scope_order(row), (*_HEADLINES, *_AMOUNTS).index(row.figure_code))


def _budget_order(row: Row[Any]) -> tuple[Any, ...]:
    sources = list(code_names("funding_source"))
    source = row.funding_source_code
    place = sources.index(source) if source in sources else len(sources)
    return _natural(row.pledge_id), row.subproject_name, place


# -- sheets ---------------------------------------------------------------------------------------


def _million(won: Decimal | None) -> int | Decimal | None:
    if won is None:
        return None
    return int(won) // _MILLION if won % _MILLION == 0 else won / _MILLION


def _named(list_code: str, name: str) -> Callable[[Any], str | None]:
    def value(row: Any) -> str | None:
        code: str | None = getattr(row, name)
        return code and code_names(list_code).get(code, code)

    return value


def _yes(name: str, yes: str, no: str) -> Callable[[Any], str | None]:
    def value(row: Any) -> str | None:
        return {True: yes, False: no, None: None}[getattr(row, name)]

    return value


_PLEDGE_COLUMNS = (
    Column("공약번호", 11, lambda r: r.pledge_id),
    Column("공약명", 34, lambda r: r.pledge_name),
    Column("분야", 14, lambda r: r.field_name),
    Column("부서코드", 10, lambda r: r.department_code, _CENTER),
    Column("주관부서", 14, lambda r: r.department_name),
    Column("추진상황", 12, lambda r: r.status_name, _CENTER),
    Column("이행률(%)", 9, lambda r: r.declared_rate_pct, _NUMBER),
    Column("목표달성", 9, _yes("is_target_met", "달성", "미달성"), _CENTER),
    Column("완료시기", 9, _named("due", "due_code"), _CENTER),
    Column("완료연도", 9, lambda r: r.due_year, _CENTER),
    Column("보고 상태", 20, lambda r: _REPORT_STATES[r.report_state], _CENTER),
    Column("보고 분기", 10, lambda r: r.reported_quarter_id, _CENTER),
    Column("늦은 제출", 9, _yes("is_late", "늦음", "제때"), _CENTER),
    Column("보고 의무", 9, _yes("owes_report", "있음", "없음"), _CENTER),
    Column("의결", 9, _named("change_kind", "decision_code"), _CENTER),
    Column("분모 포함", 9, _yes("is_counted", "포함", "제외"), _CENTER),
    Column("계획액\n(백만원)", 12, lambda r: _million(r.plan_krw), _NUMBER),
    Column("확보액\n(백만원)", 12, lambda r: _million(r.secured_krw), _NUMBER),
    Column("집행액\n(백만원)", 12, lambda r: _million(r.executed_krw), _NUMBER),
    Column("총사업비(대장)\n(백만원)", 14, lambda r: _million(r.declared_total_krw), _NUMBER),
    Column("신규·계속", 10, _named("novelty", "novelty_code"), _CENTER),
    Column("자체·협력", 10, _named("actor", "actor_code"), _CENTER),
    Column("운영·시설", 10, _named("delivery", "delivery_code"), _CENTER),
    Column("예산구분", 9, _named("budget_class", "budget_class_code"), _CENTER),
    Column("현재 부서코드", 10, lambda r: r.department_current_code, _CENTER),
    Column("현재 주관부서", 14, lambda r: r.department_current_name),
)
_PRINTED_PLEDGE_COLUMNS = 19
_FIGURE_COLUMNS = (
    Column("범위", 12, lambda r: _SCOPE_TYPES[r.scope_type], _CENTER),
    Column("범위 이름", 20, lambda r: r.scope_name),
    Column("범위 코드", 18, lambda r: r.scope_id),
    Column("지표 코드", 11, lambda r: r.figure_code, _CENTER),
    Column("지표", 22, lambda r: r.figure_name),
    Column("값", 18, lambda r: _shown(r), _NUMBER),
    Column("단위", 7, lambda r: _unit(r), _CENTER),
    Column("분자", 18, lambda r: r.numerator, _NUMBER),
    Column("분모", 18, lambda r: r.denominator, _NUMBER),
    Column("값이 없는 까닭", 40, lambda r: r.no_value_reason),
    Column("분모 규칙", 60, lambda r: r.denominator_rule),
    Column("공약 수", 8, lambda r: r.pledge_count, _NUMBER),
    Column("보고", 8, lambda r: r.reported_count, _NUMBER),
    Column("이어 씀", 8, lambda r: r.carried_forward_count, _NUMBER),
    Column("금액 있음", 9, lambda r: r.with_amount_count, _NUMBER),
    Column("보고 대상", 9, lambda r: r.owing_count, _NUMBER),
    Column("보고율(%)", 9, lambda r: _rounded(r.coverage_pct), _NUMBER),
)
_MISSING_COLUMNS = (
    Column("부서코드", 11, lambda r: r.department_code, _CENTER),
    Column("주관부서", 18, lambda r: r.department_name),
    Column("공약번호", 12, lambda r: r.pledge_id),
    Column("공약명", 44, lambda r: r.pledge_name),
    Column("상태", 18, lambda r: _MISSING_STATES[r.state], _CENTER),
)


def _shown(row: Any) -> Decimal | str:
    text_shown = row.shown.replace(",", "")
    return row.shown if row.no_value_reason else Decimal(text_shown)


def _unit(row: Any) -> str:
    return "원" if row.figure_code in _AMOUNTS else "%"


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 1)


def _budget_rows(marts: Marts) -> list[list[Row[Any]]]:
    """Return the budget lines: the mart rows of one pledge × sub-project × source together."""
    lines: dict[tuple[str, str, str], list[Row[Any]]] = {}
    for row in marts.budget:
        key = (row.pledge_id, row.subproject_name, row.funding_source_code)
        lines.setdefault(key, []).append(row)
    return list(lines.values())


def _budget_columns(marts: Marts) -> list[Column]:
    pledges = {row.pledge_id: row for row in marts.pledges}
    years = sorted({row.fiscal_year for row in marts.budget}, key=_year_order)
    return [
        Column("공약번호", 11, lambda line: line[0].pledge_id),
        Column("공약명", 30, lambda line: pledges[line[0].pledge_id].pledge_name),
        Column("주관부서", 14, lambda line: pledges[line[0].pledge_id].department_name),
        Column("세부사업", 26, lambda line: line[0].subproject_name),
        Column("재원", 20, lambda line: _source_name(line[0].funding_source_code), _CENTER),
        *(_amount(f"합계\n{name}", measure) for measure, name in _MEASURES.items()),
        *(
            _amount(header, measure, year)
            for year in years
            for measure, header in _year_headers(year).items()
        ),
    ]


def _source_name(code: str) -> str:
    return code_names("funding_source").get(code, code)


def _year_order(year: str) -> tuple[int, str]:
    return {"pre_term": 0, "post_term": 2}.get(year, 1), year


def _year_headers(year: str) -> dict[str, str]:
    if year in _YEAR_NAMES:
        return {"plan_krw": _YEAR_NAMES[year]}
    return {measure: f"{year}\n{name}" for measure, name in _MEASURES.items()}


def _amount(header: str, measure: str, year: str | None = None) -> Column:
    def value(line: Sequence[Row[Any]]) -> int | Decimal | None:
        found = [getattr(r, measure) for r in line if year in (None, r.fiscal_year)]
        return _million(sum(found, Decimal(0))) if found else None

    return Column(header, 11, value, _NUMBER)


def _count_rows(marts: Marts) -> list[list[Row[Any]]]:
    scopes: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in sorted(marts.counts, key=_scope_order):
        scopes.setdefault((row.scope_type, row.scope_id), []).append(row)
    return list(scopes.values())


def _count_columns(marts: Marts) -> list[Column]:
    present = {row.status_code for row in marts.counts}
    statuses = [(c, n) for c, n in code_names("status").items() if c in present]
    return [
        Column("범위", 14, lambda held: _SCOPE_TYPES[held[0].scope_type], _CENTER),
        Column("범위 이름", 24, lambda held: held[0].scope_name),
        Column("공약 수", 10, lambda held: sum(r.pledge_count for r in held), _NUMBER),
        *(_status_column(code, name) for code, name in statuses),
    ]


def _status_column(code: str, name: str) -> Column:
    return Column(
        name,
        15 if len(name) > 5 else 11,
        lambda held: sum(r.pledge_count for r in held if r.status_code == code),
        _NUMBER,
    )


# -- writing --------------------------------------------------------------------------------------


def _write_table(
    stylist: Stylist, sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Any]
) -> None:
    """Write a header and the rows; what has no row says so in one line."""
    for number, column in enumerate(columns, start=1):
        stylist.put(sheet, 1, number, column.header, _HEADER)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[1].height = 34
    last = 1
    for last, row in enumerate(rows, start=2):
        _write_row(stylist, sheet, last, columns, row)
    if last == 1:
        stylist.put(sheet, 2, 1, "해당하는 줄이 없습니다.", Look(lines=False, wrap=False))
    width = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A1:{width}{last}"
    sheet.freeze_panes = "C2"
    if columns is _PLEDGE_COLUMNS:
        # What is only looked up on the screen would make the print too small to read.
        sheet.print_area = f"A1:{get_column_letter(_PRINTED_PLEDGE_COLUMNS)}{last}"
    paper(sheet, "landscape", title_rows="1:1")


def _write_row(
    stylist: Stylist, sheet: Worksheet, number: int, columns: Sequence[Column], row: Any
) -> None:
    texts = []
    for place, column in enumerate(columns, start=1):
        value = column.value(row)
        stylist.put(sheet, number, place, value, _look(column, value))
        if isinstance(value, str):
            texts.append((value, column.width))
    fit_row(sheet, number, texts)


# A number prints the decimals it has, so that 0.5 백만원 does not look like 1.
_DECIMALS = {0: _NUMBER} | {
    places: Look(horizontal="right", number_format="#,##0." + "0" * places, wrap=False)
    for places in range(1, 7)
}


def _look(column: Column, value: Any) -> Look:
    if column.look is not _NUMBER:
        return column.look
    if isinstance(value, str):
        return _CENTER
    if isinstance(value, Decimal):
        return _DECIMALS[min(max(-int(value.as_tuple().exponent), 0), 6)]
    return _NUMBER


def _write_cover(stylist: Stylist, sheet: Worksheet, marts: Marts) -> None:
    for letter, width in zip("ABCDEFG", (2, 33, 25, 22, 22, 10, 13), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
    quarter = marts.quarter
    title = f"{marts.government_name} 공약 이행현황 취합"
    stylist.put(sheet, 2, 2, title, _TITLE)
    sheet.row_dimensions[2].height = 34
    line = f"{quarter.year}년 {quarter.number}분기 · 기준일 {marts.day.isoformat()}"
    stylist.put(sheet, 3, 2, line, Look(size=12, lines=False, wrap=False))
    row = _write_coverage(stylist, sheet, 5, marts)
    row = _write_headlines(stylist, sheet, row + 1, marts)
    row = _write_list(stylist, sheet, row + 1, "계산 방법", _METHOD)
    contents = [f"{name}: {note}" for name, note in _SHEET_NOTES.items()]
    _write_list(stylist, sheet, row + 1, "시트", contents)
    paper(sheet, "portrait", pages_high=1)


def _write_coverage(stylist: Stylist, sheet: Worksheet, row: int, marts: Marts) -> int:
    figure = marts.whole("PLAN")
    missing = len({m.department_code for m in marts.missing})
    facts: Mapping[str, str] = {
        "공약": f"{len(marts.pledges)}건",
        "보고율": _coverage(figure, len(marts.missing)),
        "미제출": f"{len(marts.missing)}건, {missing}개 부서" if missing else "없음",
    }
    for label, fact in facts.items():
        stylist.put(sheet, row, 2, label, _LABEL)
        look = (
            Look(fill=DEADLINE_FILL, indent=1, horizontal="left")
            if label == "미제출" and missing
            else _TEXT
        )
        for column in range(3, 8):
            stylist.put(sheet, row, column, fact if column == 3 else None, look)
        sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=7)
        sheet.row_dimensions[row].height = 21
        row += 1
    return row


def _coverage(figure: Row[Any] | None, missing: int) -> str:
    if figure is None or figure.coverage_pct is None:
        return "보고 대상 없음"
    owing = figure.owing_count
    return f"{_rounded(figure.coverage_pct)} % (보고 대상 {owing}건 가운데 {owing - missing}건)"


def _write_headlines(stylist: Stylist, sheet: Worksheet, row: int, marts: Marts) -> int:
    headers = ("지표", "값", "분자", "분모", "공약 수", "이어 쓴 보고")
    for column, header in enumerate(headers, start=2):
        stylist.put(sheet, row, column, header, _HEADER)
    for code in (*_HEADLINES, *_AMOUNTS):
        figure = marts.whole(code)
        if figure is None:
            continue
        row += 1
        unit = _unit(figure)
        shown = figure.shown if figure.no_value_reason else f"{figure.shown} {unit}"
        sheet.row_dimensions[row].height = 21
        stylist.put(sheet, row, 2, f"{figure.figure_name} ({code})", _LABEL)
        stylist.put(sheet, row, 3, shown, Look(bold=True, horizontal="right", wrap=False))
        counted = (figure.pledge_count, figure.carried_forward_count)
        for column, number in enumerate((figure.numerator, figure.denominator, *counted), start=4):
            stylist.put(sheet, row, column, number, _look(Column("", 0, id, _NUMBER), number))
    return row + 1


def _write_list(
    stylist: Stylist, sheet: Worksheet, row: int, title: str, lines: Sequence[str]
) -> int:
    stylist.put(sheet, row, 2, title, _PART)
    for line in lines:
        row += 1
        stylist.put(sheet, row, 2, f"· {line}", _NOTE)
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=7)
        fit_row(sheet, row, [(line, 122)])
    return row + 1

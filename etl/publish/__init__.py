"""The workbook that the general office used to put together by hand: 취합.xlsx of one quarter.

Everything in it comes from the mart rows that the last refresh wrote, or from those that the same
transaction has computed for a release; no name of a person is in either, so none can be here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
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
from etl.publish.columns import (
    AMOUNTS,
    FIGURE_COLUMNS,
    HEADLINES,
    MISSING_COLUMNS,
    PLEDGE_COLUMNS,
    PRINTED_PLEDGE_COLUMNS,
    TEXT,
    WAIVED_COLUMNS,
    Column,
    Marts,
    budget_columns,
    budget_order,
    budget_rows,
    count_columns,
    count_rows,
    figure_order,
    look_of,
    natural_order,
    number_look,
    one_decimal,
    unit_of,
)
from etl.quarter import SEOUL, Quarter

FILE_NAME = "취합.xlsx"
# Where the rows come from, and what holds the figures there.
REFRESHED = ("mart", "implementation_rate", "budget_execution")
COMPUTED = ("pg_temp", "figure")
_TITLE = Look(bold=True, size=18, lines=False, ink=REQUIRED_FILL, wrap=False)
_NOTE = Look(lines=False, ink=GIVEN_INK)
_PART = Look(bold=True, size=12, lines=False, wrap=False)
_HEADER = Look(fill=HEADER_FILL, ink="FFFFFFFF", bold=True, horizontal="center")
_LABEL = Look(fill=GIVEN_FILL, bold=True, indent=1, horizontal="left")
_COVER_END = 8  # its last column
_SHEET_NOTES = {
    "공약현황": "기준일 현재의 공약마다 한 줄",
    "예산": "공약 × 세부사업 × 재원마다 한 줄, 금액은 백만원",
    "지표": "지표 × 범위마다 한 줄, 분자·분모와 분모를 정한 규칙",
    "상태별": "범위마다 추진상황별 공약 수",
    "미제출": "보고할 의무가 있으나 이번 분기에 보고되지 않은 공약",
    "점검예외": "점검에 걸렸으나 예외로 받아들여 지표에 든 값마다 한 줄",
}
_METHOD = (
    "공약: 확정일부터 기준일 현재까지의 공약. 통합·분리로 없어진 공약은 그날부터 빠집니다.",
    "보고: 이번 분기에 받아들인 보고를 쓰고, 없으면 같은 임기의 가장 최근 보고를 이어 씁니다.",
    "평균 이행률: 부서가 신고한 이행률을 공약마다 똑같이 평균합니다(부서·분야 평균의 평균이 아님).",
    "확보액: 확보액으로 적힌 열과 기투자만 더합니다. 투자수요와 임기후는 계획액에만 듭니다.",
    "반올림: 사사오입. 분모가 0이면 '해당 없음'이며, 까닭은 지표 시트에 있습니다.",
    "부서 합계: 주관부서가 여럿인 공약은 각 부서에 들고 전체에는 한 번만 듭니다.",
)


def write_collection(
    connection: Connection,
    government_id: str,
    quarter: Quarter,
    folder: Path,
    source: Sequence[str] = REFRESHED,
) -> Path:
    """Write the quarter's 취합.xlsx into `folder`; return its path.

    Seven sheets: 표지, 공약현황, 예산, 지표, 상태별, 미제출, 점검예외. The same marts give the same
    bytes.
    """
    marts = _read(connection, government_id, quarter, source)
    workbook = new_workbook()
    stylist = Stylist(workbook)
    cover = workbook.worksheets[0]
    cover.title = "표지"
    for name, columns, rows in (
        ("공약현황", PLEDGE_COLUMNS, marts.pledges),
        ("예산", budget_columns(marts), budget_rows(marts)),
        ("지표", FIGURE_COLUMNS, marts.figures),
        ("상태별", count_columns(marts), count_rows(marts)),
        ("미제출", MISSING_COLUMNS, marts.missing),
        ("점검예외", WAIVED_COLUMNS, marts.waived),
    ):
        _write_table(stylist, workbook.create_sheet(name), columns, rows)
    _write_cover(stylist, cover, marts)
    moment = datetime.combine(marts.day, time.min, SEOUL)
    return save(workbook, folder / FILE_NAME, moment)


def _read(
    connection: Connection, government_id: str, quarter: Quarter, source: Sequence[str]
) -> Marts:
    asked = {"government_id": government_id, "quarter_id": str(quarter)}
    schema, *figures = source

    def rows(table: str) -> Sequence[Row[Any]]:
        where = "WHERE government_id = :government_id AND quarter_id = :quarter_id"
        return connection.execute(text(f"SELECT * FROM {schema}.{table} {where}"), asked).all()

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
        pledges=sorted(rows("pledge_status"), key=lambda r: natural_order(r.pledge_id)),
        budget=sorted(rows("pledge_budget"), key=budget_order),
        figures=sorted((row for table in figures for row in rows(table)), key=figure_order),
        counts=rows("status_count"),
        missing=sorted(
            rows("missing_report"), key=lambda r: (r.department_code, natural_order(r.pledge_id))
        ),
        waived=sorted(
            rows("waived_finding"),
            key=lambda r: (r.rule_id, natural_order(r.pledge_id or ""), r.finding_id),
        ),
    )


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
    if columns is PLEDGE_COLUMNS:
        # What is only looked up on the screen would make the print too small to read.
        sheet.print_area = f"A1:{get_column_letter(PRINTED_PLEDGE_COLUMNS)}{last}"
    paper(sheet, "landscape", title_rows="1:1")


def _write_row(
    stylist: Stylist, sheet: Worksheet, number: int, columns: Sequence[Column], row: Any
) -> None:
    texts = []
    for place, column in enumerate(columns, start=1):
        value = column.value(row)
        stylist.put(sheet, number, place, value, look_of(column, value))
        if isinstance(value, str):
            texts.append((value, column.width))
    fit_row(sheet, number, texts)


def _write_cover(stylist: Stylist, sheet: Worksheet, marts: Marts) -> None:
    for letter, width in zip("ABCDEFGH", (2, 33, 25, 22, 22, 10, 13, 8), strict=True):
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
        "점검예외": _waived(marts),
    }
    for label, fact in facts.items():
        stylist.put(sheet, row, 2, label, _LABEL)
        look = (
            Look(fill=DEADLINE_FILL, indent=1, horizontal="left")
            if label in ("미제출", "점검예외") and fact != "없음"
            else TEXT
        )
        for column in range(3, _COVER_END + 1):
            stylist.put(sheet, row, column, fact if column == 3 else None, look)
        sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=_COVER_END)
        sheet.row_dimensions[row].height = 21
        row += 1
    return row


def _waived(marts: Marts) -> str:
    ended = sum(row.is_expired for row in marts.waived)
    told = f", 그 가운데 끝난 예외 {ended}건" if ended else ""
    return f"{len(marts.waived)}건{told}" if marts.waived else "없음"


def _coverage(figure: Row[Any] | None, missing: int) -> str:
    if figure is None or figure.coverage_pct is None:
        return "보고 대상 없음"
    owing = figure.owing_count
    return f"{one_decimal(figure.coverage_pct)} % (보고 대상 {owing}건 가운데 {owing - missing}건)"


def _write_headlines(stylist: Stylist, sheet: Worksheet, row: int, marts: Marts) -> int:
    headers = ("지표", "값", "분자", "분모", "공약 수", "이어 쓴 보고", "예외")
    for column, header in enumerate(headers, start=2):
        stylist.put(sheet, row, column, header, _HEADER)
    for code in (*HEADLINES, *AMOUNTS):
        figure = marts.whole(code)
        if figure is None:
            continue
        row += 1
        unit = unit_of(figure)
        shown = figure.shown if figure.no_value_reason else f"{figure.shown} {unit}"
        sheet.row_dimensions[row].height = 21
        stylist.put(sheet, row, 2, f"{figure.figure_name} ({code})", _LABEL)
        stylist.put(sheet, row, 3, shown, Look(bold=True, horizontal="right", wrap=False))
        counted = (figure.pledge_count, figure.carried_forward_count, figure.waiver_count)
        for column, number in enumerate((figure.numerator, figure.denominator, *counted), start=4):
            stylist.put(sheet, row, column, number, number_look(number))
    return row + 1


def _write_list(
    stylist: Stylist, sheet: Worksheet, row: int, title: str, lines: Sequence[str]
) -> int:
    stylist.put(sheet, row, 2, title, _PART)
    for line in lines:
        row += 1
        stylist.put(sheet, row, 2, f"· {line}", _NOTE)
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=_COVER_END)
        fit_row(sheet, row, [(line, 130)])
    return row + 1

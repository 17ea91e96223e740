"""The sheets an answer adds: 점검결과 says what to do, 변경내역 what a resubmission changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from etl.answer.told import (
    MOST_CHANGES,
    NOTHING_TO_DO,
    AnswerChange,
    AnswerFinding,
    AnswerSummary,
    facts,
    next_step,
    verdict,
)
from etl.form import Table
from etl.office import marks, styles
from etl.office.styles import Look, Stylist

CHANGES_SHEET = "변경내역"
_LINK_INK = "FF0B57D0"


@dataclass(frozen=True)
class _AnswerColumn:
    header: str
    width: float
    look: Look


_TEXT = Look(horizontal="left", indent=1, number_format="@")
_SHORT = Look(horizontal="center", number_format="@")
_FAINT = Look(ink=styles.GIVEN_INK, size=8, horizontal="center", number_format="@")
_LINK = Look(ink=_LINK_INK, underline=True, horizontal="center", number_format="@")
_REASON = Look(styles.INPUT_FILL, horizontal="left", indent=1, number_format="@", locked=False)
_NO_REASON = Look(styles.GIVEN_FILL, number_format="@")
_HEADER = Look(styles.REQUIRED_FILL, "FFFFFFFF", bold=True, horizontal="center")
_VERDICT = Look(size=16, bold=True, lines=False, wrap=False, ink=styles.REQUIRED_FILL)
_NEXT_STEP = Look(size=11, bold=True, lines=False, wrap=False)
_SUMMARY = Look(lines=False, wrap=False, ink=styles.GIVEN_INK)


@cache
def _columns(reasons: Table) -> tuple[_AnswerColumn, ...]:
    return (
        _AnswerColumn("규칙", 8, _SHORT),
        _AnswerColumn("구분", 11, _SHORT),
        _AnswerColumn("공약번호", 12, _SHORT),
        _AnswerColumn("시트", 12, _SHORT),
        _AnswerColumn("셀", 8, _LINK),
        _AnswerColumn("읽은 값", 24, _TEXT),
        _AnswerColumn("기대 값", 22, _TEXT),
        _AnswerColumn("할 일", 58, _TEXT),
        _AnswerColumn(reasons.by_name["reason"].header, 38, _REASON),
        # What the program finds a reason by; nobody reads it.
        _AnswerColumn(reasons.by_name["fingerprint"].header, 13, _FAINT),
    )


def result_sheet(workbook: Workbook, name: str, *, is_own: bool) -> Worksheet:
    """Return an empty 점검결과 as the first sheet, the only one selected."""
    if not is_own:
        sheet: Worksheet = workbook.worksheets[0]
        sheet.title = name
        return sheet
    for other in workbook.worksheets:
        # Sheets that stay selected together would all take what is typed into one of them.
        other.sheet_view.tabSelected = False
    sheet = workbook.create_sheet(name, 0)
    workbook.active = 0
    return sheet


def fill_result(
    stylist: Stylist,
    sheet: Worksheet,
    findings: Sequence[AnswerFinding],
    shown: Sequence[AnswerFinding],
    summary: AnswerSummary,
    notes: Sequence[str],
    own: Workbook | None,
) -> None:
    """Write 점검결과: what came of the file, what to do, then a row for each finding shown."""
    head = [
        (verdict(findings, is_dry_run=summary.is_dry_run), _VERDICT),
        (_next_step(findings, own is not None), _NEXT_STEP),
        (_about(summary), _SUMMARY),
        *((note, _SUMMARY) for note in notes),
    ]
    for row, (text, look) in enumerate(head, start=1):
        stylist.put(sheet, row, 1, text, look)
        sheet.row_dimensions[row].height = 34 if row == 1 else 21
    _legend(stylist, sheet, len(head) + 1)
    header_row, columns = len(head) + 2, _columns(summary.reasons)
    for number, column in enumerate(columns, start=1):
        stylist.column(sheet, get_column_letter(number), column.width)
        stylist.put(sheet, header_row, number, column.header, _HEADER)
    sheet.column_dimensions[get_column_letter(len(columns))].hidden = True
    sheet.row_dimensions[header_row].height = 26
    linked = _linked_sheets(own)
    for row, finding in enumerate(shown, start=header_row + 1):
        _finding_row(stylist, sheet, row, columns, finding, linked)
        if summary.rules_page:
            _link(sheet.cell(row, 1), f"{summary.rules_page}#{finding.rule_id}")
    sheet.freeze_panes = f"A{header_row + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = "FFC0392B"
    styles.lock(sheet)
    styles.paper(sheet, "landscape", f"{header_row}:{header_row}")


# Every colour of an answer, each in a column wide enough for what it means.
_LEGEND = {
    2: ("고칠 칸", marks.WRONG),
    3: ("고치거나 사유를 쓸 칸", marks.DOUBTFUL),
    4: ("", marks.DOUBTFUL),
    6: ("살펴볼 칸(참고)", marks.NOTED),
    7: ("함께 볼 칸", marks.RELATED),
    8: ("회색: 적지 않는 칸", styles.GIVEN_FILL),
    9: ("노란색: 적는 칸(사유)", styles.INPUT_FILL),
}


def _legend(stylist: Stylist, sheet: Worksheet, row: int) -> None:
    """Say what each colour means, on this sheet and on the sender's own."""
    stylist.put(sheet, row, 1, "색의 뜻", _SUMMARY)
    for column, (text, color) in _LEGEND.items():
        stylist.put(sheet, row, column, text, Look(color, horizontal="center"))
    sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=4)
    sheet.row_dimensions[row].height = 21


def _linked_sheets(own: Workbook | None) -> frozenset[str]:
    sheets = own.worksheets if own is not None else []
    return frozenset(sheet.title for sheet in sheets if sheet.sheet_state == "visible")


def _finding_row(
    stylist: Stylist,
    sheet: Worksheet,
    row: int,
    columns: Sequence[_AnswerColumn],
    finding: AnswerFinding,
    linked: frozenset[str],
) -> None:
    values = (
        finding.rule_id,
        finding.shown_level.name,
        finding.pledge_id,
        finding.sheet_name,
        finding.cell,
        finding.seen or ("(빈칸)" if finding.cell else None),
        finding.expected,
        finding.told,
        finding.acknowledged_reason,
        finding.fingerprint,
    )
    looks = [column.look for column in columns]
    looks[1] = Look(finding.shown_level.color, bold=True, horizontal="center")
    looks[4] = _LINK if _is_linked(finding, linked) else _SHORT
    takes_reason = finding.level == "acknowledge" and not finding.waiver_reason
    looks[8] = _REASON if takes_reason else _NO_REASON
    for number, (value, look) in enumerate(zip(values, looks, strict=True), start=1):
        cell = stylist.put(sheet, row, number, value, look)
        if number == 5 and _is_linked(finding, linked):
            _link(cell, location=_place(str(finding.sheet_name), finding.cell))
    widths = [column.width for column in columns]
    styles.fit_row(sheet, row, zip(values[5:9], widths[5:9], strict=True))


def _is_linked(finding: AnswerFinding, linked: frozenset[str]) -> bool:
    return finding.sheet_name in linked and marks.is_address(finding.cell)


def _next_step(findings: Sequence[AnswerFinding], is_own: bool) -> str:
    steps = next_step(
        findings,
        "빨간 칸을 고치고",
        "주황 칸은 고치거나, 사실이면 오른쪽 사유 칸에 까닭을 적고",
        "이 파일을 저장해 그대로 다시 보내 주십시오.",
    )
    if is_own or steps == NOTHING_TO_DO:
        return steps
    return "아래의 할 일을 보고, 보내신 원본 파일을 고쳐서 다시 보내 주십시오."


def _about(summary: AnswerSummary) -> str:
    return "   |   ".join(f"{name}: {value}" for name, value in facts(summary))


# --- the sheet 변경내역 --------------------------------------------------------------------------

_CHANGE_COLUMNS = (
    _AnswerColumn("공약번호", 12, _SHORT),
    _AnswerColumn("항목", 14, _SHORT),
    _AnswerColumn("세부사업 · 재원 · 연도", 34, _TEXT),
    _AnswerColumn("앞서 낸 값", 34, _TEXT),
    _AnswerColumn("이번 값", 34, _TEXT),
    _AnswerColumn("시트", 12, _SHORT),
    _AnswerColumn("셀", 9, _LINK),
    _AnswerColumn("정정사유", 30, _TEXT),
)


def fill_changes(stylist: Stylist, sheet: Worksheet, changes: Sequence[AnswerChange]) -> None:
    """Write 변경내역: each value that this file changed against the report it replaced."""
    title = f"앞서 반영된 보고에서 바뀐 값 {len(changes):,}건"
    if len(changes) > MOST_CHANGES:
        title += f" (앞의 {MOST_CHANGES:,}건만 실었습니다)"
    stylist.put(sheet, 1, 1, title, _NEXT_STEP)
    for number, column in enumerate(_CHANGE_COLUMNS, start=1):
        stylist.column(sheet, get_column_letter(number), column.width)
        stylist.put(sheet, 2, number, column.header, _HEADER)
    for row, change in enumerate(changes[:MOST_CHANGES], start=3):
        _change_row(stylist, sheet, row, change)
    sheet.freeze_panes = "A3"
    sheet.sheet_view.showGridLines = False
    styles.lock(sheet)
    styles.paper(sheet, "landscape", "2:2")


def _change_row(stylist: Stylist, sheet: Worksheet, row: int, change: AnswerChange) -> None:
    values = (
        change.pledge_id,
        change.item_name,
        change.place,
        change.before_shown or "(없음)",
        change.after_shown or "(없음)",
        change.sheet_name,
        change.cell,
        change.correction_reason,
    )
    for number, (value, column) in enumerate(zip(values, _CHANGE_COLUMNS, strict=True), start=1):
        stylist.put(sheet, row, number, value, column.look)
    if change.sheet_name and marks.is_address(change.cell):
        _link(sheet.cell(row, 7), location=_place(change.sheet_name, change.cell))
    widths = [column.width for column in _CHANGE_COLUMNS]
    styles.fit_row(sheet, row, zip(values[2:5], widths[2:5], strict=True))


def _link(cell: Any, target: str | None = None, location: str | None = None) -> None:
    cell.hyperlink = Hyperlink(ref=cell.coordinate, target=target, location=location)


def _place(sheet_name: str, cell: str | None) -> str:
    quoted = sheet_name.replace("'", "''")
    return f"'{quoted}'!{cell}"

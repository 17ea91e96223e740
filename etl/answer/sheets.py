"""The sheets an answer adds: 점검결과 says what to do, 변경내역 what a resubmission changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from etl.answer.told import (
    MOST_CHANGES,
    NOTHING_TO_DO,
    Answer,
    AnswerChange,
    AnswerFinding,
    AnswerSummary,
    facts,
    next_step,
    verdict,
)
from etl.office import marks, styles
from etl.office.styles import Look, put

CHANGES_SHEET = "변경내역"
_LINK_INK = "FF0B57D0"

_TEXT = Look(horizontal="left", indent=1, number_format="@")
_SHORT = Look(horizontal="center", number_format="@")
_FAINT = Look(ink=styles.GIVEN_INK, size=8, horizontal="center", number_format="@")
_LINK = Look(ink=_LINK_INK, underline=True, horizontal="center", number_format="@")
_REASON = Look(styles.INPUT_FILL, horizontal="left", indent=1, number_format="@", locked=False)
_NO_REASON = Look(styles.GIVEN_FILL, number_format="@")
_VERDICT = Look(size=16, bold=True, lines=False, wrap=False, ink=styles.REQUIRED_FILL)
_NEXT_STEP = Look(size=11, bold=True, lines=False, wrap=False)
_SUMMARY = Look(lines=False, wrap=False, ink=styles.GIVEN_INK)


class _AnswerColumn(NamedTuple):
    """One column of a sheet: what a row says in it, how that looks, and where it leads to.

    A link is told as openpyxl's `Hyperlink` is; a row is as high as the texts that it `fits`.
    """

    header: str
    width: float
    value: Callable[[Any], Any]
    look: Look | Callable[[Any], Look]
    fits: bool = False
    link: Callable[[Any], Mapping[str, str] | None] | None = None


def _finding_columns(summary: AnswerSummary, own: Workbook | None) -> list[_AnswerColumn]:
    reasons, page = summary.reasons, summary.rules_page
    linked = [s.title for s in own.worksheets if s.sheet_state == "visible"] if own else []

    def place(finding: AnswerFinding) -> Mapping[str, str] | None:
        return _place(finding) if finding.sheet_name in linked else None

    return [
        _AnswerColumn("규칙", 8, lambda f: f.rule_id, _SHORT,
                      link=lambda f: {"target": f"{page}#{f.rule_id}"} if page else None),
        _AnswerColumn("구분", 11, lambda f: f.shown_level.name,
                      lambda f: Look(f.shown_level.color, bold=True, horizontal="center")),
        _AnswerColumn("공약번호", 12, lambda f: f.pledge_id, _SHORT),
        _AnswerColumn("시트", 12, lambda f: f.sheet_name, _SHORT),
        _AnswerColumn("셀", 8, lambda f: f.cell, lambda f: _LINK if place(f) else _SHORT,
                      link=place),
        _AnswerColumn("읽은 값", 24, lambda f: f.seen or ("(빈칸)" if f.cell else None), _TEXT,
                      fits=True),
        _AnswerColumn("기대 값", 22, lambda f: f.expected, _TEXT, fits=True),
        _AnswerColumn("할 일", 58, lambda f: f.told, _TEXT, fits=True),
        _AnswerColumn(reasons.by_name["reason"].header, 38, lambda f: f.acknowledged_reason,
                      _reason_look, fits=True),
        # What the program finds a reason by; nobody reads it.
        _AnswerColumn(reasons.by_name["fingerprint"].header, 13, lambda f: f.fingerprint, _FAINT),
    ]  # fmt: skip


def _reason_look(finding: AnswerFinding) -> Look:
    takes_reason = finding.level == "acknowledge" and not finding.waiver_reason
    return _REASON if takes_reason else _NO_REASON


def _place(row: AnswerFinding | AnswerChange) -> Mapping[str, str] | None:
    """Return the link to a cell of this workbook; None for what is no address."""
    if not (row.sheet_name and marks.is_address(row.cell)):
        return None
    quoted = row.sheet_name.replace("'", "''")
    return {"location": f"'{quoted}'!{row.cell}"}


_CHANGE_COLUMNS = (
    _AnswerColumn("공약번호", 12, lambda c: c.pledge_id, _SHORT),
    _AnswerColumn("항목", 14, lambda c: c.item_name, _SHORT),
    _AnswerColumn("세부사업 · 재원 · 연도", 34, lambda c: c.place, _TEXT, fits=True),
    _AnswerColumn("앞서 낸 값", 34, lambda c: c.before, _TEXT, fits=True),
    _AnswerColumn("이번 값", 34, lambda c: c.after, _TEXT, fits=True),
    _AnswerColumn("시트", 12, lambda c: c.sheet_name, _SHORT),
    _AnswerColumn("셀", 9, lambda c: c.cell, _LINK, link=_place),
    _AnswerColumn("정정사유", 30, lambda c: c.correction_reason, _TEXT),
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


def fill_result(sheet: Worksheet, answer: Answer, own: Workbook | None) -> None:
    """Write 점검결과: what came of the file, what to do, then a row for each finding shown."""
    findings, shown, summary, notes = answer
    head = [
        (verdict(findings, is_dry_run=summary.is_dry_run), _VERDICT),
        (_next_step(findings, own is not None), _NEXT_STEP),
        ("   |   ".join(f"{name}: {value}" for name, value in facts(summary)), _SUMMARY),
        *((note, _SUMMARY) for note in notes),
    ]
    for row, (text, look) in enumerate(head, start=1):
        put(sheet, row, 1, text, look)
        sheet.row_dimensions[row].height = 34 if row == 1 else 21
    _legend(sheet, len(head) + 1)
    header_row, columns = len(head) + 2, _finding_columns(summary, own)
    _write_rows(sheet, header_row, columns, shown)
    sheet.column_dimensions[get_column_letter(len(columns))].hidden = True
    sheet.row_dimensions[header_row].height = 26
    sheet.sheet_properties.tabColor = "FFC0392B"


def _write_rows(
    sheet: Worksheet,
    header_row: int,
    columns: Sequence[_AnswerColumn],
    rows: Iterable[Any],
) -> None:
    """Write a header and a row for each below it; what stands there is locked."""
    for place, column in enumerate(columns, start=1):
        styles.column(sheet, get_column_letter(place), column.width)
        put(sheet, header_row, place, column.header, styles.REQUIRED)
    for number, row in enumerate(rows, start=header_row + 1):
        for place, column in enumerate(columns, start=1):
            look = column.look if isinstance(column.look, Look) else column.look(row)
            cell = put(sheet, number, place, column.value(row), look)
            if link := column.link and column.link(row):
                cell.hyperlink = Hyperlink(ref=cell.coordinate, **link)
        styles.fit_row(sheet, number, [(c.value(row), c.width) for c in columns if c.fits])
    sheet.freeze_panes = f"A{header_row + 1}"
    sheet.sheet_view.showGridLines = False
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


def _legend(sheet: Worksheet, row: int) -> None:
    """Say what each colour means, on this sheet and on the sender's own."""
    put(sheet, row, 1, "색의 뜻", _SUMMARY)
    for column, (text, color) in _LEGEND.items():
        put(sheet, row, column, text, Look(color, horizontal="center"))
    sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=4)
    sheet.row_dimensions[row].height = 21


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


def fill_changes(sheet: Worksheet, changes: Sequence[AnswerChange]) -> None:
    """Write 변경내역: each value that this file changed against the report it replaced."""
    title = f"앞서 반영된 보고에서 바뀐 값 {len(changes):,}건"
    if len(changes) > MOST_CHANGES:
        title += f" (앞의 {MOST_CHANGES:,}건만 실었습니다)"
    put(sheet, 1, 1, title, _NEXT_STEP)
    _write_rows(sheet, 2, _CHANGE_COLUMNS, changes[:MOST_CHANGES])

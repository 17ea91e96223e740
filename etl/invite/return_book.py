"""The quarterly return as it goes out: what a department's workbook is laid out from, and how.

Sheets, headers and lists come from the form and its code lists, the words of 안내 from
`forms/guide.yml`; `build` is a pure function of those and of one `Invitation`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import yaml
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from etl.documents.notes import OFFICE
from etl.form import FORMS, Form, Table, code_names
from etl.invite.invitation import Frame, Invitation, Line
from etl.invite.return_checks import FIRST_ROW, attach_checks
from etl.office import marks, styles
from etl.office.styles import Look, put, put_line

GUIDE_SHEET = "안내"
HEADER_ROW = FIRST_ROW - 1

_CAPTION = Look(size=13, bold=True, lines=False, wrap=False, ink=styles.REQUIRED_FILL)
_GIVEN = Look(styles.GIVEN_FILL, styles.GIVEN_INK, horizontal="left", indent=1, number_format="@")
_INPUT = Look(styles.INPUT_FILL, locked=False)
_INPUTS = {
    "text": replace(_INPUT, horizontal="left", indent=1, number_format="@"),
    "code": replace(_INPUT, horizontal="center", number_format="@"),
    "rate": replace(_INPUT, horizontal="right"),
    "integer": replace(_INPUT, horizontal="center", number_format="0"),
    "date": replace(_INPUT, horizontal="center", number_format="yyyy-mm-dd"),
    "money": replace(_INPUT, horizontal="right", number_format="#,##0.###", wrap=False),
}
_RELABELLED_MONEY = replace(_INPUTS["money"], fill=styles.RELABELLED_FILL)
_USUAL_WIDTH = 12.0
_MONEY_WIDTH = 12.5
_GUIDE_WIDTH = 92.0


@cache
def guide() -> dict[str, dict[str, Any]]:
    """Return the sections of 안내 as `forms/guide.yml` has them, in its order."""
    sections: dict[str, dict[str, Any]] = yaml.safe_load(
        (FORMS / "guide.yml").read_text(encoding="utf-8")
    )
    return sections


def build(invitation: Invitation) -> Workbook:
    """Lay out one department's return: 안내, a sheet per table of the form, hidden _form."""
    described = invitation.frame.form
    workbook = styles.new_workbook()
    _guide_sheet(workbook.worksheets[0], invitation, described)
    for table in described.printed_tables(invitation.frame.used):
        _table_sheet(workbook.create_sheet(table.sheet), table, invitation)
    _identity_sheet(workbook, invitation, described)
    return workbook


def money_columns(table: Table, frame: Frame) -> dict[str, str]:
    """Return field → header of the money columns, from 기투자 to 임기후."""
    return {f"{year}.{measure}": table.money_header(measure, year) for year, measure in frame.money}


def _table_sheet(sheet: Worksheet, table: Table, invitation: Invitation) -> None:
    money = money_columns(table, invitation.frame) if table.money else {}
    _caption(sheet, table, invitation, len(table.fields) + len(money))
    _columns(sheet, table, list(money.values()))
    if table.money:
        _budget_rows(sheet, table, invitation, list(money))
    else:
        _plain_rows(sheet, table, getattr(invitation, table.code, []))
    attach_checks(sheet, table, invitation, len(money))
    sheet.freeze_panes = f"{get_column_letter(table.frozen_columns + 1)}{FIRST_ROW}"
    styles.roomy(sheet)
    styles.lock(sheet)
    styles.paper(sheet, "landscape", f"{HEADER_ROW}:{HEADER_ROW}")


def _caption(sheet: Worksheet, table: Table, invitation: Invitation, width: int) -> None:
    quarter = invitation.frame.quarter
    unit = f" (단위: {table.money_unit})" if table.money_unit else ""
    text = (
        f"{table.sheet}{unit} · {quarter.title} · {invitation.department_name} · 노란 칸에 적습니다"
    )
    put_line(sheet, 1, [text, *[None] * (width - 1)], _CAPTION)
    sheet.row_dimensions[1].height = 28
    sheet.row_dimensions[HEADER_ROW].height = 32


def _columns(sheet: Worksheet, table: Table, money: Sequence[str]) -> None:
    for number, column in enumerate(table.fields, start=1):
        letter = get_column_letter(number)
        look = _GIVEN if column.shown_only else _INPUTS[column.type]
        styles.column(sheet, letter, column.width or _USUAL_WIDTH, look)
        put(
            sheet,
            HEADER_ROW,
            number,
            column.header,
            styles.REQUIRED if column.required else styles.HEADER,
        )
    for number, header in enumerate(money, start=len(table.fields) + 1):
        styles.column(sheet, get_column_letter(number), _MONEY_WIDTH, _INPUTS["money"])
        put(sheet, HEADER_ROW, number, header, styles.HEADER)


def _plain_rows(sheet: Worksheet, table: Table, lines: Iterable[Line]) -> None:
    """Write lines as far as they go: of a column that only this edition has nothing is known."""
    widths = [column.width or _USUAL_WIDTH for column in table.fields]
    for number, line in enumerate(lines, start=FIRST_ROW):
        values = [line.get(column.name) for column in table.fields]
        styles.fit_row(sheet, number, zip(values, widths, strict=True))
        for place, (value, column) in enumerate(zip(values, table.fields, strict=True), start=1):
            look = _GIVEN if column.locked else _INPUTS[column.type]
            put(sheet, number, place, value, look)


def _budget_rows(
    sheet: Worksheet,
    table: Table,
    invitation: Invitation,
    fields: Sequence[str],
) -> None:
    names = {line["pledge_id"]: line["pledge_name"] for line in invitation.progress}
    lines = invitation.budget
    named = ({**vars(line), "pledge_name": names.get(line.pledge_id)} for line in lines)
    _plain_rows(sheet, table, named)
    for number, line in enumerate(lines, start=FIRST_ROW):
        for column, name in enumerate(fields, start=len(table.fields) + 1):
            look = _RELABELLED_MONEY if name in line.notes else _INPUTS["money"]
            cell = put(sheet, number, column, line.amounts.get(name), look)
            if name in line.notes:
                text = "\n".join(line.notes[name])
                cell.comment = Comment(text, OFFICE, height=90, width=240)


# --- 안내 and _form ------------------------------------------------------------------------------

_SUBTITLE = Look(size=11, lines=False, wrap=False, ink=styles.GIVEN_INK)
_DEADLINE = Look(styles.DEADLINE_FILL, bold=True, horizontal="left", indent=1)
_SWATCHES = {
    name: Look(color, bold=True, horizontal="left", indent=1)
    for name, color in (
        ("노란 칸", styles.INPUT_FILL),
        ("연두 칸", styles.RELABELLED_FILL),
        ("빨간 칸", marks.WRONG),
        ("주황 칸", marks.DOUBTFUL),
        ("파란 칸", marks.NOTED),
        ("보라 칸", marks.RELATED),
    )
}


def _guide_sheet(sheet: Worksheet, invitation: Invitation, described: Form) -> None:
    frame = invitation.frame
    sheet.title = GUIDE_SHEET
    for letter, width in (("A", 2.0), ("B", 20.0), ("C", _GUIDE_WIDTH)):
        styles.column(sheet, letter, width)
    title = f"{frame.quarter.title} {described.title}"
    put(sheet, 1, 2, title, styles.TITLE)
    sheet.row_dimensions[1].height = 34
    subtitle = f"{frame.government_name} · 민선{frame.term_number}기 · {invitation.department_name}"
    put(sheet, 2, 2, subtitle, _SUBTITLE)
    row = 4
    for name, text in _facts(invitation, described):
        row = _explained(sheet, row, name, text)
    for section in _sections(frame):
        put(sheet, row + 1, 2, section["title"], styles.SECTION)
        sheet.row_dimensions[row + 1].height = 24
        row += 2
        for name, text in _section_lines(section):
            row = _explained(sheet, row, name, text.format_map(_words(frame, described)))
    sheet.sheet_view.showGridLines = False
    styles.lock(sheet)
    styles.paper(sheet, "portrait", pages_high=1)


def _sections(frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield the sections of 안내, without those on what the government does not have."""
    for section in guide().values():
        if section.get("if_used") in (None, *frame.used):
            yield section


def _explained(sheet: Worksheet, row: int, name: str, text: str) -> int:
    look = _DEADLINE if name == "마감일" else styles.EXPLAINED
    put(sheet, row, 2, name, _SWATCHES.get(name, styles.TERM))
    put(sheet, row, 3, text, look)
    styles.fit_row(sheet, row, [(text, _GUIDE_WIDTH)])
    return row + 1


def _facts(invitation: Invitation, described: Form) -> Iterator[tuple[str, str]]:
    frame = invitation.frame
    unit = described.table("budget").money_unit
    yield "작성 부서", f"{invitation.department_name} (공약 {len(invitation.progress)}건)"
    yield "기준일", f"{_korean(frame.reference_date)} 현재로 적습니다."
    if frame.due_date:
        yield "마감일", f"{_korean(frame.due_date)}까지 총괄부서로 보냅니다."
    else:
        yield "마감일", "제출일정에 아직 없습니다. 총괄부서의 안내를 따릅니다."
    if frame.grace_date:
        yield (
            "유예일",
            f"늦어도 {_korean(frame.grace_date)}까지 받습니다. 그 뒤에는 늦음으로 남습니다.",
        )
    yield "금액 단위", f"{unit} (예산 시트)"


def _section_lines(section: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (tuple(line) for line in section.get("lines", []))
    names = code_names("status")
    for code, meaning in section.get("meanings", {}).items():
        yield names[code], meaning


def _words(frame: Frame, described: Form) -> dict[str, Any]:
    return {
        "unit": described.table("budget").money_unit,
        "voted_year": frame.voted_year,
        "this": frame.quarter.this,
        "example_date": frame.quarter.first_day.isoformat(),
    }


def _korean(day: date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일({'월화수목금토일'[day.weekday()]})"


def _identity_sheet(workbook: Workbook, invitation: Invitation, described: Form) -> None:
    frame = invitation.frame
    sheet = workbook.create_sheet(described.identity_sheet)
    rows = {
        "form": described.code,
        "edition": described.edition,
        "government": frame.government_id,
        "term": str(frame.term_number),
        "quarter": str(frame.quarter),
        "department": invitation.department_code,
        "register_version": frame.register_version or "",
    }
    for number, (key, value) in enumerate(rows.items(), start=1):
        put_line(sheet, number, (key, value), _GIVEN)
    sheet.sheet_state = "hidden"
    styles.lock(sheet)

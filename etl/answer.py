"""Answers: the sender's own workbook with its wrong cells marked, or a receipt.

The first sheet 점검결과 says what to do; sent back corrected, the file is a valid submission again
and the reasons written on it are read as acknowledgements.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from etl.cells import header_key
from etl.documents import marks, styles
from etl.documents.styles import Look, Stylist
from etl.form import form

MOST_PER_RULE = 1_000
_LINK_INK = "FF0B57D0"


@dataclass(frozen=True)
class Level:
    """What a level is called, its colour, and its place in the order of reading."""

    name: str
    color: str
    order: int


LEVELS = {
    "reject_file": Level("반려", marks.WRONG, 0),
    "block_pledge": Level("공약 보류", marks.WRONG, 1),
    "acknowledge": Level("사유 필요", marks.DOUBTFUL, 2),
    "inform": Level("참고", marks.NOTED, 3),
}
_SETTLED = Level("사유 받음", marks.NOTED, 2)
_WAIVED = Level("예외", marks.NOTED, 2)


@dataclass(frozen=True)
class AnswerFinding:
    """One finding as its sender is told it; `cell` is `D7` in a workbook, a locator elsewhere."""

    rule_id: str
    level: str
    sheet_name: str | None
    cell: str | None
    related_cells: Sequence[str]
    pledge_id: str | None
    seen: str | None
    expected: str | None
    message: str
    fingerprint: str
    acknowledged_reason: str | None
    waiver_reason: str | None = None
    waiver_expires_on: date | None = None

    @property
    def shown_level(self) -> Level:
        """Its level as its sender sees it: a waiver or a reason that was given settles it."""
        if self.waiver_reason:
            return _WAIVED
        return _SETTLED if self.is_settled else LEVELS[self.level]

    @property
    def is_settled(self) -> bool:
        is_explained = self.level == "acknowledge" and self.acknowledged_reason
        return bool(self.waiver_reason or is_explained)

    @property
    def needs_reason(self) -> bool:
        return self.level == "acknowledge" and not self.is_settled

    @property
    def told(self) -> str:
        """What the sender reads. A waiver's reason never stands in the column 사유: sent back, it
        would be read as the sender's own and outlive the waiver."""
        if not self.waiver_reason:
            return self.message
        until = f", {self.waiver_expires_on}까지" if self.waiver_expires_on else ""
        return f"예외로 받았습니다({self.waiver_reason}{until}). {self.message}"


@dataclass(frozen=True)
class AnswerSummary:
    """What the answer says about the file as a whole; counts are pledges."""

    submission_id: int
    quarter_id: str | None
    department_name: str | None
    received_at: datetime
    rule_version: str
    accepted_count: int
    blocked_count: int
    needs_reason_count: int
    is_late: bool
    is_dry_run: bool = False


@dataclass(frozen=True)
class _Column:
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


def write_answer(
    content: bytes,
    file_name: str,
    findings: Sequence[AnswerFinding],
    summary: AnswerSummary,
    target_folder: Path,
) -> Path:
    """Write what goes back to the sender of one file; return its path.

    Findings make `<name>_점검결과.xlsx`: the sender's workbook, marked, or a fresh one where theirs
    cannot be opened. No findings make `<name>_접수증.txt`; after a check that received nothing,
    `<name>_점검.txt`. The same input gives the same bytes.
    """
    stem = _stem(file_name)
    if not findings:
        name = "점검" if summary.is_dry_run else "접수증"
        return _write_receipt(file_name, summary, target_folder / f"{stem}_{name}.txt")
    shown = _shown(findings)
    own = marks.open_own(content) if _may_be_opened(findings) else None
    workbook = own or styles.new_workbook()
    notes = _capped_notes(findings, shown)
    if own is not None:
        _drop_earlier_answer(own)
        marks.remove_marks(own, remembers=marks.remembers_colors(content))
        notes += _own_notes(own, content)
        _mark_cells(own, shown)
    sheet = _result_sheet(workbook, is_own=own is not None)
    _fill_result(Stylist(workbook), sheet, findings, shown, summary, notes, own)
    path = target_folder / f"{stem}_{_result_name()}.xlsx"
    return styles.save(workbook, path, summary.received_at)


def verdict(findings: Sequence[AnswerFinding], *, is_dry_run: bool = False) -> str:
    """Say in one sentence what came of the file."""
    counts = Counter(finding.level for finding in findings if not finding.is_settled)
    waiting = sum(finding.needs_reason for finding in findings)
    noted = f" 참고할 것이 {counts['inform']:,}건 있습니다." if counts["inform"] else ""
    if counts["reject_file"]:
        return f"이 파일은 받지 못했습니다. 고칠 것이 {counts['reject_file']:,}건 있습니다."
    parts = []
    if counts["block_pledge"]:
        parts.append(f"고칠 것 {counts['block_pledge']:,}건")
    if waiting:
        parts.append(f"사유를 적을 것 {waiting:,}건")
    if parts:
        return f"{', '.join(parts)}이 있습니다.{noted}"
    done = "점검만 했습니다(접수하지 않음)." if is_dry_run else "접수했습니다."
    return f"{done} 고칠 것은 없습니다.{noted}"


# --- which findings, which file -----------------------------------------------------------------


def _stem(file_name: str) -> str:
    """The sender's name of the file, without folders, extension and an earlier answer's ending."""
    name = _last_part(file_name)
    stem = name.rsplit(".", 1)[0] or name
    return styles.safe_name(re.sub(rf"(_{_result_name()})+$", "", stem), longest=180)


def _last_part(file_name: str) -> str:
    return re.split(r"[/\\]", file_name)[-1]


def _result_name() -> str:
    return form("quarterly_return").table("reason").sheet


def _may_be_opened(findings: Iterable[AnswerFinding]) -> bool:
    """A file is refused unopened unless its reader got as far as naming a sheet of it."""
    return all(f.sheet_name for f in findings if f.level == "reject_file")


def _shown(findings: Iterable[AnswerFinding]) -> list[AnswerFinding]:
    seen: Counter[str] = Counter()
    shown = []
    for finding in sorted(findings, key=_gravity):
        seen[finding.rule_id] += 1
        if seen[finding.rule_id] <= MOST_PER_RULE:
            shown.append(finding)
    return shown


def _gravity(finding: AnswerFinding) -> tuple[int, bool]:
    return finding.shown_level.order, not finding.needs_reason


def _capped_notes(findings: Sequence[AnswerFinding], shown: Sequence[AnswerFinding]) -> list[str]:
    if len(shown) == len(findings):
        return []
    counts = Counter(finding.rule_id for finding in findings)
    return [
        f"규칙 {rule_id}: {count:,}건 가운데 앞의 {MOST_PER_RULE:,}건만 실었습니다."
        for rule_id, count in sorted(counts.items())
        if count > MOST_PER_RULE
    ]


def _own_notes(workbook: Workbook, content: bytes) -> list[str]:
    notes = []
    lost = marks.lost_parts(content)
    if lost:
        notes.append(
            f"보내신 파일의 {', '.join(lost)}은(는) 이 파일에 옮기지 못했습니다."
            " 필요하면 원본을 함께 보관하십시오."
        )
    if marks.recalculate(workbook):
        notes.append("수식이 든 칸이 있습니다. 엑셀에서 열어 저장한 뒤 보내야 값이 읽힙니다.")
    return notes


# --- the marked sheets --------------------------------------------------------------------------


def _drop_earlier_answer(workbook: Workbook) -> None:
    for sheet in workbook.worksheets:
        if header_key(sheet.title) == header_key(_result_name()):
            workbook.remove(sheet)


def _mark_cells(workbook: Workbook, findings: Iterable[AnswerFinding]) -> None:
    """Colour each cell by its gravest finding and write all its messages into one comment."""
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    by_cell: dict[tuple[str, str], list[AnswerFinding]] = defaultdict(list)
    for finding in findings:
        if finding.sheet_name in sheets and finding.cell:
            by_cell[(finding.sheet_name, finding.cell)].append(finding)
    for (sheet_name, cell), of_cell in by_cell.items():
        text = "\n\n".join(f"[{f.shown_level.name}] {f.told}" for f in of_cell)
        marks.mark(sheets[sheet_name], cell, min(of_cell, key=_gravity).shown_level.color, text)
    for (sheet_name, _), of_cell in by_cell.items():
        for related in (place for finding in of_cell for place in finding.related_cells):
            name, _, address = related.rpartition("!")
            sheet = sheets.get(name.strip("'") or sheet_name)
            if sheet is not None:
                marks.mark(sheet, address, marks.RELATED)


# --- the sheet 점검결과 --------------------------------------------------------------------------


@cache
def _columns() -> tuple[_Column, ...]:
    reasons = form("quarterly_return").table("reason")
    return (
        _Column(reasons.field("fingerprint").header, 13, _FAINT),
        _Column("규칙", 8, _SHORT),
        _Column("구분", 11, _SHORT),
        _Column("공약번호", 12, _SHORT),
        _Column("시트", 12, _SHORT),
        _Column("셀", 8, _LINK),
        _Column("읽은 값", 24, _TEXT),
        _Column("기대 값", 22, _TEXT),
        _Column("할 일", 58, _TEXT),
        _Column(reasons.field("reason").header, 38, _REASON),
    )


def _result_sheet(workbook: Workbook, *, is_own: bool) -> Worksheet:
    if not is_own:
        sheet: Worksheet = workbook.worksheets[0]
        sheet.title = _result_name()
        return sheet
    for other in workbook.worksheets:
        # Sheets that stay selected together would all take what is typed into one of them.
        other.sheet_view.tabSelected = False
    sheet = workbook.create_sheet(_result_name(), 0)
    workbook.active = 0
    return sheet


def _fill_result(
    stylist: Stylist,
    sheet: Worksheet,
    findings: Sequence[AnswerFinding],
    shown: Sequence[AnswerFinding],
    summary: AnswerSummary,
    notes: Sequence[str],
    own: Workbook | None,
) -> None:
    head = [
        (verdict(findings, is_dry_run=summary.is_dry_run), _VERDICT),
        (_next_step(findings, own is not None), _NEXT_STEP),
        (_about(summary), _SUMMARY),
        *((note, _SUMMARY) for note in notes),
    ]
    for row, (text, look) in enumerate(head, start=1):
        stylist.put(sheet, row, 1, text, look)
        sheet.row_dimensions[row].height = 34 if row == 1 else 21
    header_row = len(head) + 1
    for number, column in enumerate(_columns(), start=1):
        stylist.column(sheet, get_column_letter(number), column.width)
        stylist.put(sheet, header_row, number, column.header, _HEADER)
    sheet.row_dimensions[header_row].height = 26
    linked = _linked_sheets(own)
    for row, finding in enumerate(shown, start=header_row + 1):
        _finding_row(stylist, sheet, row, finding, linked)
    sheet.freeze_panes = f"A{header_row + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = "FFC0392B"
    styles.lock(sheet)
    styles.paper(sheet, "landscape", f"{header_row}:{header_row}")


def _linked_sheets(own: Workbook | None) -> frozenset[str]:
    sheets = own.worksheets if own is not None else []
    return frozenset(sheet.title for sheet in sheets if sheet.sheet_state == "visible")


def _finding_row(
    stylist: Stylist, sheet: Worksheet, row: int, finding: AnswerFinding, linked: frozenset[str]
) -> None:
    values = (
        finding.fingerprint,
        finding.rule_id,
        finding.shown_level.name,
        finding.pledge_id,
        finding.sheet_name,
        finding.cell,
        finding.seen or ("(빈칸)" if finding.cell else None),
        finding.expected,
        finding.told,
        finding.acknowledged_reason,
    )
    columns = _columns()
    looks = [column.look for column in columns]
    looks[2] = Look(finding.shown_level.color, bold=True, horizontal="center")
    looks[5] = _LINK if _is_linked(finding, linked) else _SHORT
    takes_reason = finding.level == "acknowledge" and not finding.waiver_reason
    looks[9] = _REASON if takes_reason else _NO_REASON
    for number, (value, look) in enumerate(zip(values, looks, strict=True), start=1):
        cell = stylist.put(sheet, row, number, value, look)
        if number == 6 and _is_linked(finding, linked):
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=_location(finding))
    widths = [column.width for column in columns]
    styles.fit_row(sheet, row, zip(values[6:], widths[6:], strict=True))


def _is_linked(finding: AnswerFinding, linked: frozenset[str]) -> bool:
    return finding.sheet_name in linked and marks.is_address(finding.cell)


def _location(finding: AnswerFinding) -> str:
    quoted = str(finding.sheet_name).replace("'", "''")
    return f"'{quoted}'!{finding.cell}"


def _next_step(findings: Sequence[AnswerFinding], is_own: bool) -> str:
    levels = {f.level for f in findings if not f.is_settled}
    if levels <= {"inform"}:
        return "다시 보내지 않아도 됩니다. 다르게 적을 것이 있으면 고쳐서 다시 보내 주십시오."
    if not is_own:
        return "아래의 할 일을 보고, 보내신 원본 파일을 고쳐서 다시 보내 주십시오."
    steps = []
    if levels & {"reject_file", "block_pledge"}:
        steps.append("빨간 칸을 고치고")
    if "acknowledge" in levels:
        steps.append("주황 칸은 고치거나, 사실이면 오른쪽 끝 사유 칸에 까닭을 적고")
    return f"{', '.join(steps)}, 이 파일을 저장해 그대로 다시 보내 주십시오."


def _about(summary: AnswerSummary) -> str:
    return "   |   ".join(f"{name}: {value}" for name, value in _facts(summary))


def _facts(summary: AnswerSummary) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = []
    if summary.quarter_id:
        facts.append(("분기", summary.quarter_id))
    if summary.department_name:
        facts.append(("부서", summary.department_name))
    late = " (유예일이 지나 늦음)" if summary.is_late else ""
    moment = f"{summary.received_at:%Y-%m-%d %H:%M}{late}"
    if summary.is_dry_run:
        facts.append(("점검일시(접수하지 않음)", moment))
    else:
        facts += [("접수번호", summary.submission_id), ("접수일시", moment)]
    facts.append(("규칙판", summary.rule_version))
    pledges = [
        f"{name} {count}건"
        for name, count in (
            ("막는 것 없음" if summary.is_dry_run else "반영", summary.accepted_count),
            ("보류", summary.blocked_count),
            ("사유 대기", summary.needs_reason_count),
        )
        if count
    ]
    if pledges:
        facts.append(("공약", " · ".join(pledges)))
    return facts


def _write_receipt(file_name: str, summary: AnswerSummary, path: Path) -> Path:
    title, ending = (
        ("점검 결과 (접수하지 않았습니다)", "고칠 것이 나오지 않았습니다. 이제 보내십시오.")
        if summary.is_dry_run
        else ("접수증", "점검에서 고칠 것이 나오지 않았습니다. 다시 보내지 않아도 됩니다.")
    )
    lines = [
        title,
        "",
        f"파일: {styles.plain_text(_last_part(file_name))}",
        *(f"{name}: {value}" for name, value in _facts(summary)),
        "",
        ending,
        "",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path

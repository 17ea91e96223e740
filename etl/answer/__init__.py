"""Answers: the sender's own workbook with its wrong cells marked, or a receipt.

The first sheet 점검결과 says what to do; sent back corrected, the file is a valid submission again
and the reasons written on it are read as acknowledgements. `told.py` is what an answer says,
`sheets.py` and `receipt.py` how it says it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook

from etl.answer.document import write_document
from etl.answer.receipt import last_part, write_receipt
from etl.answer.sheets import CHANGES_SHEET, fill_changes, fill_result, result_sheet
from etl.answer.told import (
    MOST_PER_RULE,
    Answer,
    AnswerChange,
    AnswerFinding,
    AnswerSummary,
    capped_notes,
    gravity,
    shown_of,
    verdict,
)
from etl.cells import header_key
from etl.office import marks, styles
from etl.particles import with_particles

_TOO_LARGE = (
    "보내신 파일의 서식이 너무 커서 칸을 표시하지 않고 자리만 적었습니다."
    " 작성 파일을 새로 받아 값만 옮기면 다음부터 표시해 드립니다."
)


def write_answer(
    content: bytes,
    file_name: str,
    findings: Sequence[AnswerFinding],
    summary: AnswerSummary,
    target_folder: Path,
) -> Path:
    """Write what goes back to the sender of one file; return its path.

    Findings make `<name>_점검결과.xlsx`: the sender's workbook, marked, or a fresh one where theirs
    cannot be opened; for a document `<name>_점검결과.hwpx` and the same as .txt. No findings make
    `<name>_접수증.txt`; after a check that received nothing, `<name>_점검.txt`. The same input
    gives the same bytes.
    """
    result = summary.reasons.sheet
    stem = _stem(file_name, result)
    if not findings:
        name = "점검" if summary.is_dry_run else "접수증"
        return write_receipt(file_name, summary, target_folder / f"{stem}_{name}.txt")
    shown = shown_of(findings)
    capped = capped_notes(findings, shown)
    if summary.is_document:
        path = target_folder / f"{stem}_{result}.hwpx"
        return write_document(path, Answer(findings, shown, summary, capped))
    may_be_opened = _may_be_opened(findings)
    is_too_large = may_be_opened and marks.is_too_large(content)
    own = marks.open_own(content) if may_be_opened and not is_too_large else None
    workbook = own or styles.new_workbook()
    notes = capped + [_TOO_LARGE] * is_too_large
    if own is not None:
        _drop_earlier_answer(own, result)
        marks.remove_marks(own, remembers=marks.remembers_colors(content))
        notes += _own_notes(own, content)
        _mark_cells(own, shown)
    sheet = result_sheet(workbook, result, is_own=own is not None)
    fill_result(sheet, Answer(findings, shown, summary, notes), own)
    if summary.changes:
        fill_changes(workbook.create_sheet(CHANGES_SHEET, 1), summary.changes)
    path = target_folder / f"{stem}_{result}.xlsx"
    return styles.save(workbook, path, summary.received_at)


# --- which findings, which file -----------------------------------------------------------------


def _stem(file_name: str, result: str) -> str:
    """The sender's name of the file, without folders, extension and an earlier answer's ending."""
    name = last_part(file_name)
    stem = name.rsplit(".", 1)[0] or name
    return styles.safe_name(re.sub(rf"(_{result})+$", "", stem), longest=180)


def _may_be_opened(findings: Iterable[AnswerFinding]) -> bool:
    """A file is refused unopened unless its reader got as far as naming a sheet of it."""
    return all(f.sheet_name for f in findings if f.level == "reject_file")


def _own_notes(workbook: Workbook, content: bytes) -> list[str]:
    notes = []
    lost = marks.lost_parts(content)
    if lost:
        told = f"보내신 파일의 {', '.join(lost)}은(는) 이 파일에 옮기지 못했습니다."
        notes.append(with_particles(f"{told} 필요하면 원본을 함께 보관하십시오."))
    if marks.recalculate(workbook):
        notes.append("수식이 든 칸이 있습니다. 엑셀에서 열어 저장한 뒤 보내야 값이 읽힙니다.")
    return notes


# --- the marked sheets --------------------------------------------------------------------------


def _drop_earlier_answer(workbook: Workbook, result: str) -> None:
    own = {header_key(name) for name in (result, CHANGES_SHEET)}
    for sheet in workbook.worksheets:
        if header_key(sheet.title) in own:
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
        marks.mark(sheets[sheet_name], cell, min(of_cell, key=gravity).shown_level.color, text)
    for (sheet_name, _), of_cell in by_cell.items():
        for related in (place for finding in of_cell for place in finding.related_cells):
            name, _, address = related.rpartition("!")
            sheet = sheets.get(name.strip("'") or sheet_name)
            if sheet is not None:
                marks.mark(sheet, address, marks.RELATED)

"""What a sender gets back: their own workbook with its wrong cells marked, or a receipt."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill, Protection
from openpyxl.worksheet.worksheet import Worksheet

from etl.answer import MOST_PER_RULE, AnswerFinding, AnswerSummary, verdict, write_answer
from etl.office import marks
from etl.quarter import SEOUL
from tests.factories import return_workbook

HEADERS = [
    "규칙", "구분", "공약번호", "시트", "셀", "읽은 값", "기대 값", "할 일", "사유", "점검번호",
]  # fmt: skip
SUMMARY = AnswerSummary(
    submission_id=12,
    quarter_id="2021Q4",
    department_name="복지과",
    received_at=datetime(2022, 1, 10, 14, 3, tzinfo=SEOUL),
    rule_version="3f2a",
    accepted_count=3,
    blocked_count=1,
    needs_reason_count=0,
    is_late=False,
)
GREEN = "FF00FF00"


def _finding(level: str = "block_pledge", cell: str | None = "D3", **changed: Any) -> AnswerFinding:
    values: dict[str, Any] = {
        "rule_id": "P-05",
        "level": level,
        "sheet_name": "공약현황",
        "cell": cell,
        "related_cells": [],
        "pledge_id": "1-11",
        "seen": "120",
        "expected": "0에서 100",
        "message": f"{cell}을 고쳐 주십시오.",
        "fingerprint": f"{level}-{cell}",
        "acknowledged_reason": None,
    }
    return AnswerFinding(**{**values, **changed})


def _sent() -> openpyxl.Workbook:
    """A return as its department keeps it: D3 is green, C3 has the department's own comment."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "공약현황"
    sheet.append(["공약현황"])
    sheet.append(["공약번호", "공약명", "추진상황", "이행률(%)"])
    sheet.append(["1-11", "주차장", "완료", 120])
    sheet.append(["1-12", "창업", "정상추진", "=D3/2"])
    sheet["D3"].fill = PatternFill("solid", fgColor=GREEN)
    sheet["C3"].comment = Comment("과장님 확인", "주무관")
    sheet.protection.sheet = True
    form = workbook.create_sheet("_form")
    form.append(["form", "quarterly_return"])
    form.sheet_state = "hidden"
    return workbook


def _bytes(workbook: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _answer(
    tmp_path: Path, findings: Sequence[AnswerFinding], content: bytes | None = None
) -> openpyxl.Workbook:
    path = write_answer(content or _bytes(_sent()), "복지과.xlsx", findings, SUMMARY, tmp_path)
    return openpyxl.load_workbook(path)


def _table(sheet: Worksheet) -> list[list[object]]:
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=len(HEADERS))]
    return rows[rows.index(HEADERS) + 1 :]


def _rows_by_fingerprint(sheet: Worksheet) -> dict[object, list[Any]]:
    return {row[9].value: list(row) for row in sheet.iter_rows() if row[9].value}


def test_the_wrong_cell_is_marked_and_commented(tmp_path: Path) -> None:
    book = _answer(tmp_path, [_finding(), _finding("acknowledge", "C4", related_cells=["D4"])])
    sheet = book["공약현황"]
    assert sheet["D3"].fill.fgColor.rgb == marks.WRONG
    assert "[공약 보류] D3을 고쳐 주십시오." in sheet["D3"].comment.text
    assert sheet["D3"].comment.author == "gongyak"
    assert sheet["C4"].fill.fgColor.rgb == marks.DOUBTFUL
    assert sheet["D4"].fill.fgColor.rgb == marks.RELATED
    assert sheet["D4"].comment is None
    assert sheet["B3"].fill.fill_type is None


def test_a_marked_cell_can_be_corrected_on_a_protected_sheet(tmp_path: Path) -> None:
    sheet = _answer(tmp_path, [_finding()])["공약현황"]
    assert sheet.protection.sheet
    assert not sheet["D3"].protection.locked
    assert sheet["B3"].protection.locked


def test_the_first_sheet_lists_what_to_do(tmp_path: Path) -> None:
    book = _answer(tmp_path, [_finding("inform", None, sheet_name=None), _finding()])
    assert book.sheetnames == ["점검결과", "공약현황", "_form"]
    assert book["_form"].sheet_state == "hidden"
    sheet = book["점검결과"]
    assert book.active is sheet
    # The graver finding comes first.
    assert _table(sheet) == [
        [
            "P-05", "공약 보류", "1-11", "공약현황", "D3", "120",
            "0에서 100", "D3을 고쳐 주십시오.", None, "block_pledge-D3",
        ],
        [
            "P-05", "참고", "1-11", None, None, "120",
            "0에서 100", "None을 고쳐 주십시오.", None, "inform-None",
        ],
    ]  # fmt: skip
    about = " ".join(str(row[0].value) for row in sheet.iter_rows(max_row=3))
    for words in ("고칠 것 1건", "2021Q4", "복지과", "접수번호: 12", "2022-01-10 14:03", "3f2a"):
        assert words in about


def test_a_finding_links_to_its_cell(tmp_path: Path) -> None:
    rows = _rows_by_fingerprint(_answer(tmp_path, [_finding()])["점검결과"])
    assert rows["block_pledge-D3"][4].hyperlink.location == "'공약현황'!D3"


def test_a_reason_is_asked_only_where_it_can_settle(tmp_path: Path) -> None:
    given = _finding("acknowledge", "C4", acknowledged_reason="=의회 의결")
    asked = _finding("acknowledge", "D4")
    rows = _rows_by_fingerprint(_answer(tmp_path, [_finding(), given, asked])["점검결과"])
    reasons = {key: row[8] for key, row in rows.items()}
    assert reasons["block_pledge-D3"].protection.locked
    assert not reasons["acknowledge-D4"].protection.locked
    assert reasons["acknowledge-D4"].value is None
    assert not reasons["acknowledge-C4"].protection.locked
    assert (reasons["acknowledge-C4"].value, reasons["acknowledge-C4"].data_type) == (
        "=의회 의결",
        "s",
    )
    assert rows["acknowledge-C4"][1].value == "사유 받음"
    assert rows["acknowledge-D4"][1].value == "사유 필요"


def test_what_a_cell_held_is_shown_as_text(tmp_path: Path) -> None:
    findings = [_finding(seen="=1+1"), _finding(cell="D4", seen=None)]
    rows = _rows_by_fingerprint(_answer(tmp_path, findings)["점검결과"])
    assert (rows["block_pledge-D3"][5].value, rows["block_pledge-D3"][5].data_type) == (
        "=1+1",
        "s",
    )
    assert rows["block_pledge-D4"][5].value == "(빈칸)"


def test_all_findings_of_a_cell_stand_in_one_comment(tmp_path: Path) -> None:
    findings = [_finding("inform", message="참고하십시오."), _finding(message="고치십시오.")]
    cell = _answer(tmp_path, findings)["공약현황"]["D3"]
    assert "[공약 보류] 고치십시오.\n\n[참고] 참고하십시오." in cell.comment.text
    assert cell.fill.fgColor.rgb == marks.WRONG


def test_the_second_round_replaces_the_first(tmp_path: Path) -> None:
    first = _answer(tmp_path / "1", [_finding(), _finding(cell="C3"), _finding(cell="B4")])
    assert "과장님 확인" in first["공약현황"]["C3"].comment.text
    second = _answer(tmp_path / "2", [_finding("inform", "B4")], _bytes(first))
    sheet = second["공약현황"]
    # What is right now looks as it did before: D3 green, C3 with its own comment only.
    assert second.sheetnames == ["점검결과", "공약현황", "_form"]
    assert sheet["D3"].fill.fgColor.rgb == GREEN
    assert sheet["D3"].comment is None
    assert sheet["C3"].fill.fill_type is None
    assert (sheet["C3"].comment.text, sheet["C3"].comment.author) == ("과장님 확인", "주무관")
    assert sheet["B4"].fill.fgColor.rgb == marks.NOTED
    assert sheet["B4"].comment.text.count("B4을 고쳐") == 1
    assert [row[9] for row in _table(second["점검결과"])] == ["inform-B4"]


def test_marks_go_even_when_another_program_forgot_their_author() -> None:
    book = _sent()
    sheet = book["공약현황"]
    marks.mark(sheet, "D3", marks.WRONG, "고치십시오")
    sheet["D3"].comment.author = " "
    sheet["D3"].fill = PatternFill("solid", fgColor=marks.WRONG, bgColor="FF123456")
    marks.remove_marks(book, remembers=False)
    assert sheet["D3"].comment is None
    assert sheet["D3"].fill.fill_type is None


def test_a_cell_inside_a_merged_range_is_marked_at_its_first_cell(tmp_path: Path) -> None:
    sent = _sent()
    sent["공약현황"].merge_cells("B3:C4")
    sheet = _answer(tmp_path, [_finding(cell="C4")], _bytes(sent))["공약현황"]
    assert sheet["B3"].fill.fgColor.rgb == marks.WRONG


def test_a_blank_cell_keeps_its_columns_look(tmp_path: Path) -> None:
    sent = _sent()
    column = sent["공약현황"].column_dimensions["E"]
    column.protection = Protection(locked=False)
    column.number_format = "@"
    sheet = _answer(tmp_path, [_finding(cell="E9")], _bytes(sent))["공약현황"]
    assert (sheet["E9"].number_format, sheet["E9"].protection.locked) == ("@", False)


@pytest.mark.parametrize("cell", ["표2 3행5열", "문단 12", "XFE1", "A1048577", "A0", ""])
def test_a_place_that_is_no_cell_is_only_named(tmp_path: Path, cell: str) -> None:
    book = _answer(tmp_path, [_finding(cell=cell, fingerprint="f")])
    assert _rows_by_fingerprint(book["점검결과"])["f"][4].hyperlink is None
    assert all(c.comment is None for c in book["공약현황"]["D"])


def test_formulas_stay_and_are_calculated_at_opening(tmp_path: Path) -> None:
    book = _answer(tmp_path, [_finding()])
    assert book["공약현황"]["D4"].value == "=D3/2"
    assert book.calculation.fullCalcOnLoad
    assert "수식" in str(book["점검결과"]["A4"].value)


def test_what_cannot_be_kept_is_named(tmp_path: Path) -> None:
    content = io.BytesIO(_bytes(_sent()))
    with ZipFile(content, "a") as package:
        package.writestr("xl/media/image1.png", b"x")
        package.writestr("xl/charts/chart1.xml", b"<x/>")
    sheet = _answer(tmp_path, [_finding()], content.getvalue())["점검결과"]
    assert "그림, 차트" in str(sheet["A4"].value)


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04broken"])
def test_a_file_that_cannot_be_opened_gets_a_fresh_sheet(tmp_path: Path, content: bytes) -> None:
    findings = [_finding("reject_file", None, sheet_name=None, pledge_id=None)]
    path = write_answer(content, "보고.hwp", findings, SUMMARY, tmp_path)
    book = openpyxl.load_workbook(path)
    assert (path.name, book.sheetnames) == ("보고_점검결과.xlsx", ["점검결과"])
    assert "받지 못했습니다" in str(book["점검결과"]["A1"].value)


def test_a_rejected_workbook_is_not_opened_unless_its_sheet_is_named(tmp_path: Path) -> None:
    unnamed = _finding("reject_file", None, sheet_name=None)
    assert _answer(tmp_path, [unnamed]).sheetnames == ["점검결과"]
    named = _finding("reject_file", "D2")
    assert _answer(tmp_path, [named]).sheetnames == ["점검결과", "공약현황", "_form"]


@pytest.mark.slow
def test_many_findings_of_one_rule_are_capped_and_said_so(tmp_path: Path) -> None:
    findings = [_finding(cell=f"D{n}") for n in range(3, MOST_PER_RULE + 5)]
    findings.append(_finding("inform", "A1", rule_id="P-09"))
    sheet = _answer(tmp_path, findings)["점검결과"]
    # 1,002 of P-05 (rows 3 to 1004), of which 1,000 are shown, and the one of P-09.
    assert len(_table(sheet)) == MOST_PER_RULE + 1
    words = "\n".join(str(row[0].value) for row in sheet.iter_rows(max_row=6))
    assert "고칠 것 1,002건" in words
    assert "규칙 P-05: 1,002건 가운데 앞의 1,000건만 실었습니다." in words


def test_no_findings_make_a_receipt(tmp_path: Path) -> None:
    path = write_answer(_bytes(_sent()), "복지과.xlsx", [], SUMMARY, tmp_path)
    words = path.read_text(encoding="utf-8")
    assert path.name == "복지과_접수증.txt"
    for expected in ("접수증", "복지과", "2021Q4", "12", "반영 3건"):
        assert expected in words


@pytest.mark.parametrize(
    ("file_name", "answer_name"),
    [
        ("../../etc/비밀.xlsx", "비밀_점검결과.xlsx"),
        ("C:\\보고\\1분기:최종.xlsx", "1분기_최종_점검결과.xlsx"),
        ("복지과_점검결과.xlsx", "복지과_점검결과.xlsx"),
        ("복지과_점검결과_점검결과.xlsx", "복지과_점검결과.xlsx"),
        ("..", "__점검결과.xlsx"),
        ("가" * 200 + ".xlsx", "가" * 60 + "_점검결과.xlsx"),
    ],
)
def test_the_answers_name_is_safe(tmp_path: Path, file_name: str, answer_name: str) -> None:
    path = write_answer(b"", file_name, [_finding()], SUMMARY, tmp_path)
    assert path == tmp_path / answer_name


def test_same_input_same_bytes(tmp_path: Path) -> None:
    content = _bytes(_sent())
    first, second = (
        write_answer(content, "a.xlsx", [_finding()], SUMMARY, tmp_path / name) for name in "12"
    )
    assert first.read_bytes() == second.read_bytes()
    assert not list((tmp_path / "1").glob("*.part"))


def test_verdicts() -> None:
    block, ask, note = _finding(), _finding("acknowledge"), _finding("inform")
    assert verdict([block, block, ask]) == "고칠 것 2건, 사유를 적을 것 1건이 있습니다."
    assert verdict([note]) == "접수했습니다. 고칠 것은 없습니다. 참고할 것이 1건 있습니다."
    settled = _finding("acknowledge", acknowledged_reason="사유")
    assert verdict([settled]) == "접수했습니다. 고칠 것은 없습니다."


def test_a_file_of_mere_formatting_is_answered_without_being_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "MOST_MARKED", 1_000)
    monkeypatch.setattr(marks, "open_own", None)
    path = write_answer(_bytes(_sent()), "큰 파일.xlsx", [_finding()], SUMMARY, tmp_path)
    sheet = openpyxl.load_workbook(path)["점검결과"]
    told = [cell.value for (cell,) in sheet.iter_rows(max_row=4, max_col=1)]
    assert any("서식이 너무 커서" in str(value) for value in told)
    assert [cell.value for cell in sheet["E"]][-1] == "D3"


def test_what_only_the_program_reads_is_hidden(tmp_path: Path) -> None:
    sheet = _answer(tmp_path, [_finding()])["점검결과"]
    hidden = [letter for letter, one in sheet.column_dimensions.items() if one.hidden]
    (header_row,) = [row for row in sheet.iter_rows() if row[0].value == "규칙"]
    assert [sheet[f"{letter}{header_row[0].row}"].value for letter in hidden] == ["점검번호"]


def test_every_colour_is_explained(tmp_path: Path) -> None:
    findings = [_finding(), _finding("acknowledge", "C4", related_cells=["D4"]),
                _finding("inform", "B4")]  # fmt: skip
    book = _answer(tmp_path, findings)
    sheet = book["점검결과"]
    (legend,) = [row for row in sheet.iter_rows() if row[0].value == "색의 뜻"]
    explained = {cell.fill.fgColor.rgb for cell in legend if cell.fill.fill_type and cell.value}
    below = [cell for row in sheet.iter_rows(min_row=legend[0].row + 2) for cell in row]
    used = {cell.fill.fgColor.rgb for cell in below if cell.fill.fill_type}
    marked = {book["공약현황"][cell].fill.fgColor.rgb for cell in ("D3", "C4", "D4", "B4")}
    assert marked == {marks.WRONG, marks.DOUBTFUL, marks.RELATED, marks.NOTED}
    assert used | marked <= explained


def test_a_strict_workbook_is_answered_with_its_own_sheets(tmp_path: Path) -> None:
    """Excel's Strict Open XML names its parts otherwise, and openpyxl sees no sheet of it."""
    usual, strict = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    source, stream = ZipFile(return_workbook(tmp_path / "r.xlsx")), io.BytesIO()
    with ZipFile(stream, "w") as package:
        for name in source.namelist():
            data = source.read(name)
            for part in (b"spreadsheetml/", b"officeDocument/"):
                data = data.replace(usual + part + b"2006/", strict + part)
            package.writestr(name, data)
    book = marks.open_own(stream.getvalue())
    assert book is not None
    assert book.sheetnames == openpyxl.load_workbook(tmp_path / "r.xlsx").sheetnames
    assert book["공약현황"]["A3"].value == "1-1"

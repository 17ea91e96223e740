"""F: the form gate, what a person can do to a workbook.

A case of what the reader notes down is named after the reader's code; every code has one.
"""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment

from etl.documents.notes import PROGRAM
from tests.rules.cases import (
    LINE,
    NEW_YEAR,
    PLAIN,
    Case,
    cell,
    copied,
    encrypted,
    far_cell,
    garbage,
    hidden,
    merged,
    merged_status,
    money,
    only,
    progress,
    rename,
    truncated,
    without,
    without_identity,
)

Edit = Callable[[Path], None]
TOTALLED = money(LINE, {"세부사업": "총합계", "재원": None, **LINE})
TWO = progress({}, {"공약번호": "1-2"})


def changed(change: Callable[[Workbook], object]) -> Edit:
    """Open a workbook, change it and save it."""

    def edit(path: Path) -> None:
        book = load_workbook(path)
        change(book)
        book.save(path)

    return edit


def repacked(
    part: str, change: Callable[[bytes], bytes], extra: dict[str, bytes] | None = None
) -> Edit:
    """Change the bytes of one part of the package, and add other parts."""

    def edit(path: Path) -> None:
        source, stream = zipfile.ZipFile(path), io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                data = source.read(name)
                target.writestr(name, change(data) if name == part else data)
            for name, data in (extra or {}).items():
                target.writestr(name, data)
        path.write_bytes(stream.getvalue())

    return edit


def old_xls(path: Path) -> None:
    path.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "Workbook".encode("utf-16-le")
    )


def drm(path: Path) -> None:
    """What document security makes of a file, with a number of its own."""
    path.write_bytes(b"\x9b DRMONE  This Document is encrypted\0" + path.read_bytes()[::-1])


def hwp_3(path: Path) -> None:
    path.write_bytes(b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05" + bytes(64))


def ods(path: Path) -> None:
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("mimetype", kind)


def doc(path: Path) -> None:
    path.write_bytes(b"{\\rtf1 made up}")


def one_text_ten_thousand_times(path: Path) -> None:
    """A small file whose cells need more memory than a reading process has: 10,000 × 160 kB."""
    cells = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(9, 10_009))
    repacked("xl/worksheets/sheet5.xml", lambda data: data.replace(
        b"</sheetData>", cells.encode() + b"</sheetData>"))(path)  # fmt: skip
    text = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>'
    repacked("", bytes, {"xl/sharedStrings.xml": text.format("가" * 32_000).encode()})(path)


def looks_elsewhere(path: Path) -> None:
    """A formula over another file that keeps its stored value."""
    changed(lambda book: book["예산"].__setitem__("K3", 98765.5))(path)
    repacked("xl/worksheets/sheet3.xml", lambda data: data.replace(
        b"<v>98765.5</v>", b"<f>[1]Sheet1!$B$2</f><v>98765.5</v>"))(path)  # fmt: skip


def _filtered(book: Workbook) -> None:
    sheet = book["공약현황"]
    sheet.auto_filter.ref = "A2:K4"
    sheet.auto_filter.add_filter_column(0, ["1-1"])
    sheet.row_dimensions[4].hidden = True


def _filter_that_hides_nothing(book: Workbook) -> None:
    book["공약현황"].auto_filter.ref = "A2:K4"


def _moved(book: Workbook) -> None:
    """The column D 이행률 behind K: the others did not move."""
    sheet = book["공약현황"]
    values = [cell.value for (cell,) in sheet.iter_rows(min_col=4, max_col=4)]
    sheet.delete_cols(4)
    for row, value in enumerate(values, 1):
        sheet.cell(row, 11, value)


def _hide_column(book: Workbook) -> None:
    book["공약현황"].column_dimensions["H"].hidden = True


def _hide_sheet(book: Workbook) -> None:
    book["협업"].sheet_state = "hidden"


def _note(book: Workbook, author: str) -> None:
    book["공약현황"]["D3"].comment = Comment("11월에 고침", author)


def told(code: str, rule_id: str, edit: Edit | None, cell: str | None = None, **more: Any) -> Case:
    """A case of one code of the reader: plain workbooks, of which one is edited."""
    more = {"fails": PLAIN, "passes": PLAIN} | more
    return Case(rule_id, cell=cell, edit=edit, name=code, **more)


def typed(code: str, rule_id: str, value: Any, passing: Any, **more: Any) -> Case:
    """A case of an amount in K3."""
    fails, passes = money({"2021 확보액": value}), money({"2021 확보액": passing})
    return told(code, rule_id, None, "K3", fails=fails, passes=passes, **more)


def shown(code: str, rule_id: str, value: Any, wrong: str, right: str) -> Case:
    """A case of a number format of K3."""
    line = money(LINE)
    return told(code, rule_id, cell("예산", "K3", value, wrong), "K3", fails=line, passes=line,
                edit_passing=cell("예산", "K3", 10, right))  # fmt: skip


def bundled(*names: str, password: bool = False) -> Edit:
    """Put copies of a workbook into a zip of its own name, as a person sends files together."""

    def edit(path: Path) -> None:
        content, stream = path.read_bytes(), io.BytesIO()
        with zipfile.ZipFile(stream, "w") as package:
            for name in names:
                package.writestr(name, content)
        packed = bytearray(stream.getvalue())
        if password:  # a flag of the first entry
            packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(bytes(packed))

    return edit


def _with_column(header: str, value: int) -> Edit:
    """Put a column behind the last of 예산."""

    def edit(path: Path) -> None:
        cell("예산", "Q2", header)(path)
        cell("예산", "Q3", value)(path)

    return edit


CASES = [
    told("not_a_workbook", "F-01", garbage),
    told("document_security", "F-40", drm),
    told("old_hangul", "F-41", hwp_3),
    told("old_xls", "F-42", old_xls),
    told("other_workbook", "F-42", ods),
    told("other_document", "F-43", doc),
    told("no_sheets", "F-01", repacked("xl/_rels/workbook.xml.rels", lambda data: data.replace(
        b"/worksheet\"", b"/chartsheet\""))),
    told("encrypted", "F-02", encrypted),
    told("truncated", "F-03", truncated),
    told("damaged", "F-03", repacked("xl/worksheets/sheet2.xml", lambda data: data[:40])),
    told("unreadable", "F-03", one_text_ten_thousand_times),
    told("file_too_large", "F-04", far_cell),
    told("hostile", "F-04", repacked("", bytes, {"../outside.xml": b""})),
    told("other_form", "F-05", only("안내")),
    told("missing_table", "F-05", without("공약현황")),
    told("no_header_row", "F-05", changed(lambda book: book["예산"].delete_rows(2)), fails=money(LINE)),
    told("no_form_sheet", "F-06", without_identity),
    told("unknown_edition", "F-06", None, fails={"form": {"edition": "2020-1"}}),
    told("bad_quarter", "F-06", None, fails={"form": {"quarter": "4분기"}}),
    told("missing_identity", "F-06", None, fails={"form": {"department": None}}),
    Case("F-07", {"form": {"government": "0000000"}}, PLAIN, None),
    Case("F-08", {"department": "D99"}, PLAIN, None),
    told("missing_column", "F-09", cell("공약현황", "C2", "진행 정도")),
    # A header that is not the form's, or sources below any other: they are said, and not read.
    Case("F-09", money(LINE), money(LINE), None, edit=cell("예산", "C2", "재원 구분"), name="source"),
    Case("F-09", money(LINE), money(LINE), None, edit=cell("예산", "C2", "돈줄"), name="sources_below"),
    told("duplicate_column", "F-10", cell("공약현황", "E2", "추진상황"), "E2"),
    told("extra_column", "F-11", cell("공약현황", "L2", "비고"), "L2"),
    told("optional_column_missing", "F-12", cell("공약현황", "I2", None)),
    told("sheet_renamed", "F-13", lambda path: rename(path, "공약현황", "현황표")),
    told("moved_column", "F-13", changed(_moved), "K2"),
    told("sheet_moved", "F-13", changed(lambda book: book.move_sheet("공약현황", 4)),
         edit_passing=changed(lambda book: book.move_sheet("안내", 6))),
    told("unknown_unit", "F-14", None, fails={"unit": "만원"}, passes={"unit": "천원"}),
    told("hidden_row", "F-15", hidden),
    told("hidden_column", "F-15", changed(_hide_column), "H2"),
    told("hidden_sheet", "F-15", changed(_hide_sheet)),
    told("merged_cells", "F-16", merged, "A3",
         fails=money(LINE, {"공약번호": None, "재원": "시비", **LINE})),
    Case("F-19", {"quarter": "2022Q3"}, PLAIN, None),
    typed("unreadable_number", "F-20", "9,327-", "9,327"),
    typed("below_one_won", "F-20", 0.0000001, 0.000001),  # of 백만원: a tenth of a won, and one won
    typed("too_large", "F-20", 1_000_000_001, 1_000_000_000),  # of 백만원: above 1,000조 won, and equal
    told("unreadable_date", "F-20", None, "B3", fails={"achievements": [{"일자": "2021-02-30"}]},
         passes={"achievements": [{"일자": "21. 2. 28."}]}),
    told("unreadable_text", "F-20", None, "C3", fails=progress({"추진상황": "()"})),
    told("error_cell", "F-21", cell("공약현황", "D3", "#REF!"), "D3",
         edit_passing=cell("공약현황", "D3", 60)),
    told("id_became_date", "F-22", cell("공약현황", "A3", date(2021, 1, 1), "m-d"), "A3"),
    told("table_on_two_sheets", "F-24", lambda path: copied(path, "공약현황")),
    # Typed as text with three decimals; as a number it would be a value like any other.
    typed("shape_three_decimals", "F-25", "24.394", 24.394),
    shown("scaled_format", "F-26", 40_000_000, "#,##0,,", "#,##0"),
    Case("F-26", money(LINE), money(LINE), "K3", edit=cell("예산", "K3", 10, '0",000"'), name="zeros"),
    told("formula_without_value", "F-27", cell("공약현황", "D3", "=30+30"), "D3"),
    told("total_without_value", "F-49", cell("예산", "K4", "=SUM(K3:K3)"), "K4",
         fails=TOTALLED, passes=TOTALLED, edit_passing=cell("예산", "K4", 10)),
    told("copied_sheet", "F-48", changed(lambda book: book.copy_worksheet(book["공약현황"])),
         edit_passing=lambda path: copied(path, "공약현황")),
    told("optional_table_missing", "F-28", without("예산")),
    told("covered_by_merge", "F-29", merged_status, "C4", fails=TWO, passes=TWO),
    told("outside_table", "F-30", cell("공약현황", "M3", "의회 의결 예정"), "M3",
         edit_passing=cell("공약현황", "H3", "의회 의결 예정")),
    Case("F-30", PLAIN, PLAIN, "E1", edit=cell("공약현황", "E1", 1234), name="above"),
    Case("F-30", money(LINE), money(LINE), "A7", edit=cell("예산", "A7", "※ 추경 반영 전"),
         edit_passing=cell("예산", "A7", "1-1"), name="below"),
    told("floating_object", "F-31",
         changed(lambda book: book["공약현황"].add_chart(BarChart(), "C5")), "C5"),
    told("other_file_formula", "F-32", looks_elsewhere, "K3", fails=money(LINE), passes=money(LINE)),
    told("filtered_row", "F-33", changed(_filtered), fails=TWO, passes=TWO,
         edit_passing=changed(_filter_that_hides_nothing)),
    told("extra_sheet", "F-34", changed(lambda book: book.create_sheet("참고").append(["참고 자료"])),
         edit_passing=changed(lambda book: book.create_sheet("Sheet1"))),
    shown("unit_in_format", "F-35", 10_000, '#,##0"천원"', '#,##0"백만원"'),
    told("bundle_refused", "F-45", bundled("a.xlsx", password=True)),
    told("bundle", "F-46", bundled("가온과.xlsx")),
    Case("F-35", money(LINE), money(LINE), "K3", edit=cell("예산", "K3", 10_000_000, '"₩"#,##0'),
         edit_passing=cell("예산", "K3", 0, '"₩"#,##0'), name="won"),
    told("unit_contradicted", "F-36", cell("예산", "A7", "※ 금액 단위: 천원"), "A7",
         fails=money(LINE), passes=money(LINE), edit_passing=cell("예산", "A7", "※ 금액 단위: 백만원")),
    told("cell_note", "F-37", changed(lambda book: _note(book, "담당자")), "D3",
         edit_passing=changed(lambda book: _note(book, PROGRAM))),
    told("cell_picture", "F-38", cell("공약현황", "M3", '=_xlfn.IMAGE("https://example.org/a.png")'),
         "M3", edit_passing=cell("공약현황", "H3", "IMAGE")),
    shown("unreadable_format", "F-39", 10, ";;;", "#,##0;-#,##0;"),
    Case("F-39", PLAIN, PLAIN, "A3", edit=cell("공약현황", "A3", 1.15, "0.0"), name="rounded_id",
         edit_passing=cell("공약현황", "A3", "1-1")),
    told("column_renamed", "F-13", cell("예산", "M2", "2022 예산액"), "M2", fails=money(NEW_YEAR),
         passes=money(NEW_YEAR)),
    told("unread_amount", "F-50", _with_column("2022 편성액", 5), "Q3", fails=money(LINE),
         passes=money(LINE), edit_passing=_with_column("2022 편성액", 0)),
    Case("F-50", money(NEW_YEAR), money(NEW_YEAR), "M3", edit=cell("예산", "M2", None), name="headless",
         edit_passing=_with_column("집행률(%)", 30)),
]  # fmt: skip

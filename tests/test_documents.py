"""Hostile and broken files: each ends in a typed problem, and no file takes another one down."""

import io
import multiprocessing
import os
import re
import struct
import time
import zipfile
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest

from etl.cells import clean
from etl.documents.formats import document_format
from etl.documents.guard import checked
from etl.documents.isolation import read_each
from etl.documents.package import DocumentError
from etl.documents.sheets import column_letter, read_sheets
from etl.problems import CellProblem, FileFault
from etl.read_workbook import read_workbook

SHEET = "xl/worksheets/sheet1.xml"


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["공약번호", 40, None, 0.153])
    book.active["D1"].number_format = "0.0%"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def workbook() -> bytes:
    return _workbook()


def _repacked(
    content: bytes,
    change: Callable[[bytes], bytes] = lambda data: data,
    part: str = SHEET,
    extra: dict[str, bytes] | None = None,
) -> bytes:
    source, stream = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if name == part else data)
        for name, data in (extra or {}).items():
            target.writestr(name, data)
    return stream.getvalue()


def _with(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def _code(content: bytes) -> str:
    """Return the one problem of a bad file, by way of the reader that the product calls."""
    staged = read_workbook(content, "보고서.xlsx")
    assert staged.form_code is None
    assert not staged.rows
    assert len(staged.problems) == 1
    return staged.problems[0].code


def test_a_good_workbook_is_read(workbook: bytes) -> None:
    sheet = read_sheets(workbook)[0]
    assert sheet.rows == [["공약번호", 40.0, "", 0.153]]
    assert sheet.cell(1, 2).value == 40.0
    assert sheet.cell(9, 9).value == ""


def test_files_that_are_no_workbook(workbook: bytes) -> None:
    assert _code(b"") == "truncated"
    assert _code(b"hello") == "not_a_workbook"
    assert _code("공약".encode()) == "not_a_workbook"
    assert _code(b"%PDF-1.7") == "not_a_workbook"
    assert _code(_zip({"word/document.xml": b"<w/>"})) == "not_a_workbook"
    assert _code(_zip({"Contents/section0.xml": b"<w/>"})) == "not_a_workbook"
    assert _code(_zip({})) == "not_a_workbook"


def test_old_and_protected_files() -> None:
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    assert _code(magic + "EncryptedPackage".encode("utf-16-le")) == "encrypted"
    assert _code(magic + "Workbook".encode("utf-16-le")) == "old_xls"
    assert _code(magic + "HwpSummaryInformation".encode("utf-16-le")) == "not_a_workbook"


def test_a_member_with_a_password_is_encrypted(workbook: bytes) -> None:
    place = workbook.index(b"PK\x01\x02")
    flagged = workbook[: place + 8] + b"\x01\x00" + workbook[place + 10 :]
    assert _code(flagged) == "encrypted"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file(workbook: bytes, share: float) -> None:
    assert _code(workbook[: int(len(workbook) * share)]) == "truncated"


def test_no_damage_gets_past_as_anything_else_than_a_problem(workbook: bytes) -> None:
    """A flipped byte is told, or it stood where nothing is read (a date, a style): no new value."""
    whole = read_workbook(workbook, "a.xlsx")
    for place in range(0, len(workbook), 97):
        damaged = bytearray(workbook)
        damaged[place] ^= 0xFF
        found = read_workbook(bytes(damaged), "a.xlsx")
        assert found.problems != whole.problems or found.rows == whole.rows, place


def test_damaged_xml(workbook: bytes) -> None:
    assert _code(_repacked(workbook, lambda data: data[:300])) == "damaged"
    assert _code(_repacked(workbook, lambda _: b"<worksheet", "xl/workbook.xml")) == "damaged"


def test_a_workbook_without_sheets(workbook: bytes) -> None:
    empty = _repacked(workbook, lambda _: b"<workbook><sheets/></workbook>", "xl/workbook.xml")
    assert _code(empty) == "no_sheets"


@pytest.mark.slow
def test_bombs(workbook: bytes) -> None:
    zeros = _repacked(workbook, extra={"xl/media/zeros.bin": bytes(100_000_000)})
    assert len(zeros) < 300_000
    assert _code(zeros) == "hostile"
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 40_000))
    many = b"</sheetData>"
    assert _code(_repacked(workbook, _with(many, rows + many))) == "file_too_large"
    assert _code(_repacked(workbook, _with(many, rows * 60 + many))) in (
        "hostile",
        "file_too_large",
    )
    text = b'<row r="2"><c r="A2" t="inlineStr"><is><t>%s</t></is></c></row>' % (b"a" * 60_000_000)
    assert _code(_repacked(workbook, _with(many, text + many))) in ("hostile", "file_too_large")


def test_a_member_larger_than_it_says(workbook: bytes) -> None:
    big = _repacked(workbook, extra={"xl/sharedStrings.xml": b"<sst>" + b" " * 100_000 + b"</sst>"})
    size = struct.pack("<I", 100_011)
    assert big.count(size) == 2  # local header and directory
    assert _code(big.replace(size, struct.pack("<I", 100))) == "hostile"


def test_a_value_in_the_last_cell(workbook: bytes) -> None:
    last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert _code(_repacked(workbook, _with(b"</sheetData>", last))) == "file_too_large"


def test_a_value_in_the_last_cell_under_a_prefix_of_its_own(workbook: bytes) -> None:
    # A value reader takes `x:c` for a cell although the sheet itself has no prefix.
    last = b'<row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></row></sheetData>'
    assert _code(_repacked(workbook, _with(b"</sheetData>", last))) == "file_too_large"


def test_nothing_is_read_that_was_not_checked(workbook: bytes) -> None:
    # The package's own list of parts names another workbook, whose sheet was never looked at.
    last = (
        b'<worksheet><sheetData><row><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    with zipfile.ZipFile(io.BytesIO(workbook)) as source:
        book = source.read("xl/workbook.xml")
        rels = source.read("xl/_rels/workbook.xml.rels").replace(b"sheet1.xml", b"sheet9.xml")
    others = {
        "other/workbook.xml": book,
        "other/_rels/workbook.xml.rels": rels,
        "xl/worksheets/sheet9.xml": last,
    }
    root = _with(b"xl/workbook.xml", b"other/workbook.xml")
    moved = _repacked(workbook, root, "_rels/.rels", others)
    assert read_workbook(moved, "a.xlsx").problems


def test_an_empty_formatted_last_cell_is_harmless(workbook: bytes) -> None:
    last = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    assert read_sheets(_repacked(workbook, _with(b"</sheetData>", last)))[0].rows[0][1] == 40.0


def test_merges_that_hang_a_writer(workbook: bytes) -> None:
    end = b"</sheetData>"
    whole = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    assert _code(_repacked(workbook, _with(end, end + whole))) == "hostile"
    many = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(1, 200_000))
    assert _code(_repacked(workbook, _with(end, end + b"<mergeCells>%s</mergeCells>" % many))) == (
        "hostile"
    )


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_entities_are_refused(workbook: bytes, part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    assert _code(_repacked(workbook, lambda data: bomb + data, part)) == "hostile"


def test_entities_in_shared_strings_are_refused(workbook: bytes) -> None:
    strings = {"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "a">]><sst>&a;</sst>'}
    assert _code(_repacked(workbook, extra=strings)) == "hostile"


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    return stream.getvalue()


@pytest.mark.slow
def test_a_directory_of_sixty_thousand_members() -> None:
    assert _code(_zip({f"x{number}": b"" for number in range(60_000)})) == "hostile"


@pytest.mark.parametrize(
    "name", ["../evil", "xl/../../evil", "/etc/passwd", "xl\\..\\evil", "C:/x"]
)
def test_names_that_leave_the_package(workbook: bytes, name: str) -> None:
    assert _code(_repacked(workbook, extra={name: b"x"})) == "hostile"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_members(workbook: bytes) -> None:
    assert _code(_repacked(workbook, extra={SHEET: b"<worksheet/>"})) == "hostile"
    assert _code(_repacked(workbook, extra={SHEET.upper(): b"<worksheet/>"})) == "hostile"


def test_markup_that_only_looks_like_cells_is_no_cell(workbook: bytes) -> None:
    fake = b'<!-- <c r="XFD1048576"><v>1</v></c> --></sheetData>'
    assert checked(_repacked(workbook, _with(b"</sheetData>", fake)))[0]


def test_unclosed_cells_take_no_quadratic_time(workbook: bytes) -> None:
    cells = b'<c r="A1">' * 200_000
    with pytest.raises(DocumentError):
        read_sheets(_repacked(workbook, _with(b"</sheetData>", cells + b"</sheetData>")))


def test_what_the_values_alone_do_not_say() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([0.153, "=1+1", 7, 40_000_000, 43558])
    sheet["A1"].number_format = "0.0%"
    sheet["D1"].number_format = "#,##0,,"
    sheet["E1"].number_format = 'gggge"년"'
    sheet["C1"] = "#REF!"
    sheet["C1"].data_type = "e"
    sheet.merge_cells("A3:A5")
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.create_sheet("숨김").sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    read, hidden = read_sheets(stream.getvalue())
    assert read.cell(1, 1).format.kind == "percent"
    assert read.cell(1, 2).is_uncalculated
    assert read.cell(1, 3).error == "#REF!"
    assert read.cell(1, 4).format.code == "#,##0,,"
    assert read.cell(1, 5).format.kind == "date"
    assert read.facts.merges == [(3, 1, 5, 1)]
    assert (read.facts.hidden_rows, read.facts.hidden_columns) == ({4}, {2})
    assert (read.is_hidden, hidden.is_hidden) == (False, True)


def test_differential_formats_are_no_formats_of_cells(workbook: bytes) -> None:
    """A rule of conditional formatting may bear the number of a built-in format: it says nothing."""
    dxf = (
        b'<dxfs count="1"><dxf><numFmt numFmtId="%d" formatCode="&quot;W&quot;#,##0"/></dxf></dxfs>'
    )
    for number in (9, 10, 3, 42):
        styles = _repacked(workbook, lambda data, number=number: re.sub(  # type: ignore[misc]
            rb"<dxfs[^>]*/>|<dxfs.*?</dxfs>", dxf % number, re.sub(
                rb'numFmtId="164"', b'numFmtId="%d"' % number, re.sub(
                    rb"<numFmts.*?</numFmts>", b"", data))), "xl/styles.xml")  # fmt: skip
        cell = read_sheets(styles)[0].cell(1, 4)
        shown = cell.format.section(Decimal(1))
        assert (shown.kind, shown.unit) == (
            "percent" if number in (9, 10) else "general", "원" if number == 42 else "")  # fmt: skip


def test_a_calculated_formula_is_its_value(workbook: bytes) -> None:
    stored = _repacked(workbook, _with(b"<v>40</v>", b"<f>20*2</f><v>40</v>"))
    cell = read_sheets(stored)[0].cell(1, 2)
    assert (cell.value, cell.is_uncalculated) == (40.0, False)
    failed = _repacked(workbook, _with(b't="n"><v>40</v>', b't="e"><f>1/0</f><v>#DIV/0!</v>'))
    assert read_sheets(failed)[0].cell(1, 2).error == "#DIV/0!"


def test_cells_without_addresses_and_with_a_prefix_are_seen(workbook: bytes) -> None:
    bare = _repacked(workbook, lambda data: data.replace(b' r="D1"', b"").replace(b' r="1"', b""))
    cell = read_sheets(bare)[0].cell(1, 3)  # it follows B1
    assert (cell.value, cell.format.kind) == (0.153, "percent")
    prefixed = _repacked(workbook, _prefixed)
    error = _with(b't="n"><x:v>40</x:v>', b't="e"><x:v>#REF!</x:v>')
    assert read_sheets(_repacked(prefixed, error))[0].cell(1, 2).error == "#REF!"


def _prefixed(data: bytes) -> bytes:
    named = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", data)
    return named.replace(b"xmlns=", b"xmlns:x=")


def test_column_letters() -> None:
    assert [column_letter(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


def _read_or_die(content: bytes, name: str) -> int:
    if name == "exit":
        os._exit(9)
    if name == "abort":
        os.abort()
    if name == "sleep":
        time.sleep(30)
    if name == "memory":
        bytearray(2 << 30)
    if name == "error":
        raise ValueError(name)
    return len(content)


@pytest.mark.slow
def test_a_killed_worker_costs_only_its_file() -> None:
    names = ["a", "exit", "b", "sleep", "c", "memory", "abort", "error", "d"] + ["e"] * 60
    items = [(number, b"123", name) for number, name in enumerate(names)]
    done = list(read_each(items, _read_or_die, workers=2, seconds=1, memory_mb=512))
    assert [key for key, _ in done] == list(range(len(names)))  # in the order given
    for name, (_, result) in zip(names, done, strict=True):
        if len(name) == 1:
            assert result == 3
        elif name == "error":  # a fault of ours, and nothing that the file is told for
            assert isinstance(result, FileFault)
            assert (result.stage, result.error_type) == ("read", "ValueError")
        else:
            assert isinstance(result, CellProblem)
            assert result.code == "unreadable"
    told = [(n, r) for n, (_, r) in zip(names, done, strict=True) if isinstance(r, CellProblem)]
    seen = {name: result.seen for name, result in told}
    assert seen == {
        "exit": "읽기 중단",
        "abort": "읽기 중단",
        "sleep": "시간 초과",
        "memory": "메모리 초과",
    }


def test_a_daemon_reads_files_too() -> None:
    """As a task does under Celery; Python allows a daemon no children."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()

    def read() -> None:
        items = [(1, b"123", "a")]
        results.put([*read_each(items, _read_or_die, workers=1, seconds=5, memory_mb=512)])

    daemon = context.Process(target=read, daemon=True)
    daemon.start()
    daemon.join()
    assert daemon.exitcode == 0
    assert results.get() == [(1, 3)]


def test_no_files_are_no_work() -> None:
    assert list(read_each([], _read_or_die, workers=2, seconds=1, memory_mb=512)) == []


def test_files_are_taken_as_they_are_read_not_all_at_once() -> None:
    taken = 0

    def items() -> object:
        nonlocal taken
        for number in range(1_000):
            taken += 1
            yield number, b"1", "a"

    reading = read_each(items(), _read_or_die, workers=1, seconds=5, memory_mb=512)
    next(reading)
    assert taken < 200
    assert len(list(reading)) == 999


def _formatted(rows: int, cells_of_a_row: str) -> bytes:
    row = '<row r="{0}" s="1" customFormat="1">' + cells_of_a_row + "</row>"
    body = "".join(row.format(number) for number in range(10, 10 + rows))
    return _repacked(_workbook(), _with(b"</sheetData>", body.encode() + b"</sheetData>"))


@pytest.mark.slow
def test_formatting_costs_nothing_and_hides_nothing() -> None:
    """30 MB of formatted cells that hold nothing: the values are read as if they were not there."""
    letters = [column_letter(number) for number in range(1, 61)]
    cells = "".join(f'<c r="{letter}{{0}}" s="1"/>' for letter in letters)
    content = _formatted(25_000, cells)
    (sheet,) = read_sheets(content)
    assert sheet.rows == [["공약번호", 40.0, "", 0.153]]
    assert sheet.cell(1, 4).format.kind == "percent"


def test_many_wide_sheets_are_too_large_together(workbook: bytes) -> None:
    book = openpyxl.Workbook()
    for number in range(3):  # each 20,000 × 40 cells; together above 2,000,000
        book.create_sheet(f"s{number}").cell(20_000, 40, 1)
    stream = io.BytesIO()
    book.save(stream)
    assert _code(stream.getvalue()) == "file_too_large"


@pytest.mark.parametrize(
    "shown", ["#SPILL!", "#ERROR!", "#BUSY!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!",
              "#UNKNOWN!", "#PYTHON!", "#N/A", "뭔가", ""]
)  # fmt: skip
def test_an_error_of_any_program_is_one_cell(workbook: bytes, shown: str) -> None:
    for formula in (b"", b"<f>A1</f>"):
        error = b't="e">%s<v>%s</v>' % (formula, shown.encode())
        sheet = read_sheets(_repacked(workbook, _with(b't="n"><v>40</v>', error)))[0]
        assert sheet.cell(1, 2).error == (shown or "#ERROR!")
        assert (sheet.cell(1, 1).value, sheet.cell(1, 4).value) == ("공약번호", 0.153)


def test_a_number_that_is_none_is_one_cell(workbook: bytes) -> None:
    for content in (_with(b"<v>40</v>", b"<v>forty</v>"), _with(b't="n"><v>40', b't="x"><v>forty')):
        sheet = read_sheets(_repacked(workbook, content))[0]
        assert (sheet.cell(1, 2).error, sheet.cell(1, 4).value) == ("forty", 0.153)


def test_an_error_without_an_address_under_a_prefix_is_one_cell(workbook: bytes) -> None:
    prefixed = _repacked(workbook, _prefixed)
    error = _with(b' r="B1" t="n"><x:v>40</x:v>', b' t="e"><x:v>#SPILL!</x:v>')
    sheet = read_sheets(_repacked(prefixed, error))[0]
    assert (sheet.cell(1, 2).error, sheet.cell(1, 4).value) == ("#SPILL!", 0.153)


MACROS = b'<xm:macrosheet xmlns:xm="x"><sheetData/></xm:macrosheet>'


@pytest.mark.parametrize("kind", ["xlMacrosheet", "dialogsheet", "chartsheet", "", None])
def test_a_sheet_that_is_no_worksheet_is_left_out(workbook: bytes, kind: str | None) -> None:
    """Macro, dialog and chart sheets, a sheet without a relation, one without even an id."""
    listed = b'<sheet name="Module" sheetId="9" r:id="%s"/><sheet ' % (b"rId99" if kind else b"")
    listed = listed.replace(b' r:id=""', b"") if kind is None else listed
    changed = _repacked(workbook, lambda data: data.replace(b"<sheet ", listed.replace(
        b"<sheet ", b'<sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships" ', 1), 1), "xl/workbook.xml", {"xl/macros.xml": MACROS})  # fmt: skip
    if kind:
        relation = b'<Relationship Id="rId99" Type="x/%s" Target="macros.xml"/>' % kind.encode()
        end = b"</Relationships>"
        changed = _repacked(changed, _with(end, relation + end), "xl/_rels/workbook.xml.rels")
    (sheet,) = read_sheets(changed)
    assert sheet.rows == [["공약번호", 40.0, "", 0.153]]


def test_a_part_that_is_another_kind_of_sheet_is_left_out(workbook: bytes) -> None:
    assert _code(_repacked(workbook, lambda _: MACROS)) == "no_sheets"


@pytest.mark.parametrize("folder", ["wtf/", "", "A b/C/"])
def test_the_workbook_may_lie_elsewhere(workbook: bytes, folder: str) -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook))
    members = {
        name.replace("xl/", folder): source.read(name).replace(b"/xl/", f"/{folder}".encode())
        for name in source.namelist()
    }
    members["_rels/.rels"] = source.read("_rels/.rels").replace(b"xl/", folder.encode())
    moved = _zip(members)
    (sheet,) = read_sheets(moved)
    assert (sheet.rows, sheet.cell(1, 4).format.kind) == (
        [["공약번호", 40.0, "", 0.153]],
        "percent",
    )
    assert document_format(moved, "a.xlsx") == document_format(workbook, "a.xlsx") == "xlsx"


def test_a_nul_in_a_cell_is_dropped(workbook: bytes) -> None:
    text = b'<c r="E1" t="inlineStr"><is><t>\xea\xb0\x80_x0000_</t></is></c></row>'
    sheet = read_sheets(_repacked(workbook, _with(b"</row>", text)))[0]
    assert clean(sheet.rows[0][4]) == "가"
    assert _code(_repacked(workbook, _with(b"</row>", b"\0</row>"))) == "damaged"


def test_an_error_in_the_last_place_of_a_sheet_stays_a_cell(workbook: bytes) -> None:
    """Emptied for the value reader, it would otherwise lie beyond the sheet."""
    cells = b'<c r="F1" t="e"><v>#BUSY!</v></c></row><row r="3"><c r="A3"><f>A1</f></c></row>'
    sheet = read_sheets(_repacked(workbook, _with(b"</row>", cells)))[0]
    assert sheet.rows == [["공약번호", 40.0, "", 0.153, "", ""], [""] * 6, [""] * 6]
    assert (sheet.cell(1, 6).error, sheet.cell(3, 1).is_uncalculated) == ("#BUSY!", True)

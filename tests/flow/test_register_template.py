"""The first day of an office: an empty register to fill in, an example, and how faults are told."""

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from etl.cells import header_key
from etl.form import form
from etl.register.book import GUIDE_SHEET, columns
from etl.warehouse import transaction
from tests.factories import register_workbook
from tests.flow.shell import run

TABLES = form("register").tables


def told() -> str:
    """Return the one message about the one file."""
    with transaction() as connection:
        return str(connection.execute(text("SELECT message FROM audit.finding")).scalar_one())


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "new" / "공약대장.xlsx"
    assert run("register", "--template", str(path)).code == 0
    return path


def test_a_template_has_every_sheet_and_column_and_nothing_else(template: Path) -> None:
    book = load_workbook(template)
    assert book.sheetnames == [GUIDE_SHEET, *(table.sheet for table in TABLES)]
    for table in TABLES:
        rows = list(book[table.sheet].iter_rows(values_only=True))
        assert rows == [tuple(column.header for column in columns(table))]
    assert [cell.value for cell in book["임기"][1]] == [
        "기관코드", "민선기수", "시작일", "종료일", "단체장",
    ]  # fmt: skip


def test_every_column_is_explained_with_an_example(template: Path) -> None:
    book = load_workbook(template)
    guide = [row[1:] for row in book[GUIDE_SHEET].iter_rows(values_only=True)]
    for table in TABLES:
        first = next(n for n, row in enumerate(guide) if row[0] == table.sheet) + 2
        for column, row in zip(columns(table), guide[first:], strict=False):
            header, needed, about, example = row
            assert (header, needed) == (column.header, "꼭" if column.required else None)
            assert about
            assert example
        prompts = book[table.sheet].data_validations.dataValidation
        assert [one.promptTitle for one in prompts] == [c.header for c in columns(table)]
        assert all(one.prompt for one in prompts)


def test_coded_columns_have_lists(template: Path) -> None:
    book = load_workbook(template)
    lists = {
        (sheet.title, one.promptTitle): one.formula1
        for sheet in book.worksheets
        for one in sheet.data_validations.dataValidation
        if one.type == "list"
    }
    coded = {(t.sheet, c.header) for t in TABLES for c in columns(t) if c.code_list}
    assert lists.keys() == coded
    assert lists["공약", "완료시기"] == '"임기내,임기후"'
    assert lists["기관", "기관종류"] == ('"특별시,광역시,특별자치시,도,특별자치도,시,군,자치구"')
    assert lists["공약변경", "구분"].startswith('"변경,보류,폐기')
    # A spreadsheet takes a written list of at most 255 characters.
    assert max(map(len, lists.values())) <= 257


def test_numbers_like_1_2_stay_text(template: Path) -> None:
    pledges = load_workbook(template)["공약"]
    assert pledges.column_dimensions["B"].number_format == "@"


def test_a_template_is_written_again_only_while_nobody_touched_it(template: Path) -> None:
    content = template.read_bytes()
    assert run("register", "--template", str(template)).code == 0
    assert template.read_bytes() == content
    book = load_workbook(template)
    book["기관"].append(["1234567"])
    book.save(template)
    content = template.read_bytes()
    again = run("register", "--template", str(template))
    assert again.code == 2
    assert "이미 있습니다" in again.err
    assert run("register", "--example", str(template)).code == 2
    assert template.read_bytes() == content


@pytest.mark.parametrize(
    "arguments", [(), ("a.xlsx", "--template", "b.xlsx"), ("--template", "b.xlsm")]
)
def test_one_thing_is_asked_for(arguments: tuple[str, ...], tmp_path: Path) -> None:
    told = [str(tmp_path / one) if one.endswith("xlsx") else one for one in arguments]
    asked = run("register", *told)
    assert asked.code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_example_loads_without_a_word(home: Path) -> None:
    path = home / "보기.xlsx"
    assert run("register", "--example", str(path)).code == 0
    loaded = run("register", str(path))
    assert loaded.code == 0
    assert "점검 결과" not in loaded.out
    # 13 pledges of 6 departments.
    assert [header_key(line) for line in loaded.out.splitlines() if "dim_pledge" in line] == [
        "│core.dim_pledge│13│0│"
    ]


def test_an_unfilled_template_is_told_what_is_missing(home: Path, template: Path) -> None:
    loaded = run("register", str(template))
    assert loaded.code == 1
    assert (
        "기관 시트에 적은 줄, 임기 시트에 적은 줄, 부서 시트에 적은 줄, 공약 시트에 적은 줄"
        in told()
    )


def test_what_a_register_lacks_is_told_sheet_by_sheet(home: Path) -> None:
    path = register_workbook(home / "r.xlsx")
    book = load_workbook(path)
    del book["임기"]
    for sheet, header in (("기관", "기관종류"), ("공약", "공약명"), ("공약", "주관부서코드")):
        headers = [one.value for one in book[sheet][1]]
        book[sheet].delete_cols(headers.index(header) + 1)
    book.save(path)
    loaded = run("register", str(path))
    assert loaded.code == 1
    assert (
        "기관 시트의 열(기관종류), 임기 시트(민선기수, 시작일, 종료일),"
        " 공약 시트의 열(공약명, 주관부서코드)" in told()
    )
    assert "분기 이행보고서" not in told()


def test_a_workbook_that_is_no_register_is_told_which_sheets_are_needed(home: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "목록"
    book.worksheets[0].append(["아무것", "이나"])
    book.save(home / "r.xlsx")
    loaded = run("register", str(home / "r.xlsx"))
    assert loaded.code == 1
    assert (
        "기관 시트(기관코드, 기관명, 기관종류), 임기 시트(민선기수, 시작일, 종료일),"
        " 부서 시트(부서코드, 부서명), 공약 시트(민선기수, 공약번호, 공약명, 주관부서코드)"
        in told()
    )
    assert "--template" in told()

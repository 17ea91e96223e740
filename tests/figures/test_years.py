"""A year is no amount: in every published file 2021 is written 2021."""

import zipfile
from pathlib import Path

import lxml.html
import pytest
from openpyxl import load_workbook

from etl.documents.blocks import TableBlock
from etl.documents.hwpx import read_hwpx
from etl.publish.columns import MISSING_COLUMNS, PLEDGE_COLUMNS, WAIVED_COLUMNS
from etl.publish.document import write_document
from etl.publish.open_data import write_open_data
from etl.publish.page import write_report
from etl.publish.workbook import write_workbook
from tests.figures import publications as made

# Both pledges are due in 2021; no amount of it is 2,021.
WRONG = "2,021"


def test_the_page(tmp_path: Path) -> None:
    root = lxml.html.parse(str(write_report(made.two_pledges(), tmp_path))).getroot()
    shown = [cell.text_content().strip() for cell in root.iter("td")]
    assert "2021" in shown
    assert WRONG not in root.text_content()


def test_the_report_document(tmp_path: Path) -> None:
    blocks = read_hwpx(write_document(made.two_pledges(), tmp_path).read_bytes())
    shown = [cell.text for block in blocks if isinstance(block, TableBlock) for cell in block.cells]
    assert "2021" in shown
    assert not [text for text in shown if WRONG in text]


def test_the_workbook(tmp_path: Path) -> None:
    sheet = load_workbook(write_workbook(made.two_pledges(), tmp_path))["공약현황"]
    (column,) = [cell.column for cell in sheet[1] if cell.value == "완료연도"]
    cells = [row[column - 1] for row in sheet.iter_rows(min_row=2)]
    assert {(cell.value, cell.number_format) for cell in cells if cell.value} == {(2021, "General")}


def test_the_open_data(tmp_path: Path) -> None:
    write_open_data(made.two_pledges(), tmp_path)
    texts = [path.read_text("utf-8-sig") for path in tmp_path.rglob("*.csv")]
    for path in tmp_path.rglob("*.zip"):
        with zipfile.ZipFile(path) as packed:
            texts += [packed.read(name).decode("utf-8-sig") for name in packed.namelist()
                      if name.endswith(".csv")]  # fmt: skip
    assert any(",2021," in text for text in texts)
    assert not [text for text in texts if WRONG in text]


@pytest.mark.parametrize("columns", [PLEDGE_COLUMNS, MISSING_COLUMNS, WAIVED_COLUMNS])
def test_no_column_of_years_or_ids_is_a_number(columns: tuple[made.Any, ...]) -> None:
    named = ("연도", "번호", "코드", "분기", "기수", "일")
    assert not [c.header for c in columns if c.is_number and c.header.endswith(named)]

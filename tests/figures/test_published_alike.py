"""One publication, one number: page, workbook, document and open data say the same of every figure."""

import csv
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import lxml.html
import pyarrow.parquet
import pytest
from openpyxl import load_workbook

from etl.documents.blocks import TableBlock
from etl.documents.hwpx import read_hwpx
from etl.publish import Release, publish, read_publication
from etl.quarter import SEOUL, Quarter
from tests.figures.conftest import GU, World, demand, secured
from tests.figures.test_page import HOSTILE

DECIDED = datetime(2022, 1, 20, 9, 0, tzinfo=SEOUL)
Shown = dict[tuple[str, str, str], Decimal | str]


@pytest.fixture
def released(world: World, tmp_path: Path) -> tuple[Path, Shown]:
    """Publish three pledges of two fields and departments; return the folder and each figure."""
    world.pledge("1-1", department="A", field_name="교통")
    world.pledge("1-2", department="B", field_name="복지")
    world.pledge("1-3", department="A,B", field_name="복지")
    world.report("1-1", "2021Q4", "COMPLETED", "99.5", met=True, money=[
        secured("pre_term", 5), secured(2021, 10, executed=4), demand("post_term", 7),
    ])  # fmt: skip
    world.report("1-2", "2021Q4", "BEHIND", "33.3", met=False, money=[
        secured(2020, 3, executed=2, source="NATIONAL"), secured(2021, 9, executed=9),
    ])  # fmt: skip
    world.figures("2021Q4")
    publication = replace(
        read_publication(world.connection, GU, Quarter(2021, 4)),
        release=Release(1, DECIDED, DECIDED, is_demo=False, supersedes=None),
    )
    shown = {
        (f.figure_code, f.scope_type, f.scope_id): number(f.shown) for f in publication.figures
    }
    publish(publication, tmp_path / "r1")
    return tmp_path / "r1", shown


def number(text: str) -> Decimal | str:
    return Decimal(text.replace(",", "")) if re.fullmatch(r"[\d,.]+", text) else text


def test_workbook_and_open_data_hold_every_figure(released: tuple[Path, Shown]) -> None:
    folder, shown = released
    assert len(shown) > 150
    header, *rows = load_workbook(folder / "취합.xlsx")["지표"].iter_rows(values_only=True)
    scopes = {"전체": "all", "분야": "field", "부서(기준일)": "department", "재원": "funding_source",
              "부서(현재)": "department_current", "추진상황": "status", "완료시기": "due",
              "사업유형": "project_type", "회계연도": "fiscal_year"}  # fmt: skip
    in_sheet = {}
    for values in rows:
        row = dict(zip(header, values, strict=True))
        value = row["값"]
        key = row["지표 코드"], scopes[str(row["범위"])], row["범위 코드"] or ""
        in_sheet[key] = value if isinstance(value, str) else Decimal(str(value))
    assert in_sheet == shown
    with (folder / "data" / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
        in_csv = {
            (r["지표코드"], r["범위종류"], r["범위코드"]): number(r["표시값"])
            for r in csv.DictReader(file)
        }
    assert in_csv == shown
    columns = pyarrow.parquet.read_table(folder / "data" / "figures.parquet").to_pylist()
    assert {
        (r["지표코드"], r["범위종류"], r["범위코드"] or ""): number(r["표시값"]) for r in columns
    } == shown


@pytest.mark.slow
def test_page_and_document_say_what_the_workbook_says(released: tuple[Path, Shown]) -> None:
    folder, shown = released
    page = lxml.html.parse(str(folder / "보고서.html")).getroot()
    on_page = {}
    for link in page.xpath("//section[not(@aria-labelledby='h-summary')]//a[@data-trace]"):
        code, _, scope = link.get("data-trace").partition("/")
        scope_type, _, scope_id = scope.partition(":")
        value = number(link.text_content())
        if code in ("PLAN", "SECURED", "EXECUTED"):  # shown in 백만원
            value = Decimal(value) * 1_000_000
        on_page[code, scope_type, scope_id] = value
    assert on_page == {key: value for key, value in shown.items() if key in on_page}
    assert {key[1] for key in on_page} >= {"field", "department", "funding_source", "fiscal_year"}
    cells = {
        cell.text
        for block in read_hwpx((folder / "보고서.hwpx").read_bytes())
        if isinstance(block, TableBlock)
        for cell in block.cells
    }
    for code in ("R1", "R2", "R3", "R4", "B1", "B2", "B3", "B4", "B5", "B6"):
        assert str(shown[code, "all", ""]) in {text.removesuffix(" %") for text in cells}


NAMES = (*HOSTILE, "\x00\x07제어", "길" * 40_000, "@SUM(1)", "+1", "-1")


@pytest.mark.slow
def test_whatever_pledges_are_called_every_file_stays_whole(world: World, tmp_path: Path) -> None:
    stored = [name.replace("\x00", "") for name in NAMES]  # PostgreSQL keeps no NUL
    for number_of_pledge, name in enumerate(stored, 1):
        world.pledge(str(number_of_pledge), pledge_name=name, field_name=name[:60])
        world.report(str(number_of_pledge), "2021Q4", money=[secured(2021, 10)])
    world.figures("2021Q4")
    release = Release(1, DECIDED, DECIDED, is_demo=False, supersedes=None)
    publication = replace(read_publication(world.connection, GU, Quarter(2021, 4)), release=release)
    written = {path.name for path in publish(publication, tmp_path / "r1")}
    assert written >= {"보고서.html", "변동.html", "취합.xlsx", "보고서.hwpx", "pledges.csv"}
    sheet = load_workbook(tmp_path / "r1" / "취합.xlsx")["공약현황"]
    for row, name in enumerate(stored, 2):
        assert sheet[f"B{row}"].data_type == "s"
        assert str(sheet[f"B{row}"].value).startswith(name.lstrip("\x07")[:40].strip()[:20])
    list(read_hwpx((tmp_path / "r1" / "보고서.hwpx").read_bytes()))
    table = pyarrow.parquet.read_table(tmp_path / "r1" / "data" / "pledges.parquet").to_pylist()
    assert [row["공약사업명"] for row in table] == stored

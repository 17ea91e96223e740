"""보고서.hwpx: an official report whose numbers are those of the publication, read back from the file."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hwpx.document import HwpxDocument
from lxml import etree

from etl.documents.blocks import Block, Paragraph, TableBlock
from etl.documents.hwpx import read_hwpx
from etl.publish import Publication, read_publication
from etl.publish.document import write_document
from etl.quarter import Quarter
from tests.figures import publications as made
from tests.figures.conftest import GU, World, demand, secured


def _read(publication: Publication, folder: Path) -> list[Block]:
    return list(read_hwpx(write_document(publication, folder).read_bytes()))


def _lines(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def _under(blocks: Sequence[Block], heading: str) -> list[dict[str, str]]:
    """Return the rows of the first table below a heading, by its header."""
    rest = iter(blocks)
    next(b for b in rest if isinstance(b, Paragraph) and heading in b.text)
    table = next(block for block in rest if isinstance(block, TableBlock))
    header, *rows = _texts(table)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _texts(table: TableBlock) -> Iterator[list[str]]:
    for row in range(1, table.row_count + 1):
        cells = (table.at(row, column) for column in range(1, table.column_count + 1))
        yield [cell.text if cell else "" for cell in cells]


@pytest.fixture
def blocks(tmp_path: Path) -> list[Block]:
    return _read(made.two_pledges(), tmp_path)


def test_title_block_and_parts_in_their_order(blocks: list[Block]) -> None:
    assert _lines(blocks)[0] == "가람구 공약 이행현황 보고"
    (title,) = [block for block in blocks[1:2] if isinstance(block, TableBlock)]
    assert list(_texts(title)) == [
        ["기관", "가람구", "분기", "2021년 4분기"],
        ["기준일", "2021. 12. 31.", "차수", "1차"],
        ["발표일", "2022. 1. 20.", "자료 기준", "2022. 1. 19. 18:00"],
    ]
    assert [line for line in _lines(blocks) if line.startswith("□")] == [
        "□ 1. 총괄", "□ 2. 추진상황", "□ 3. 재정", "□ 4. 변동", "□ 5. 미제출과 점검예외",
        "□ 붙임 1. 공약 목록", "□ 붙임 2. 공약마다 한 일",
        "□ 붙임 3. 계산 방법",
    ]  # fmt: skip


def test_headline_figures_with_their_parts_and_counts(blocks: list[Block]) -> None:
    assert "○ 보고율: 50.0 % (보고 대상 2건 가운데 1건)" in _lines(blocks)
    r1, b1, plan, *_ = _under(blocks, "1. 총괄")
    assert r1 == {
        "지표": "평균 이행률 (R1)", "값": "99.5 %", "분자": "99.5", "분모": "1",
        "공약 수": "2", "보고": "1", "이어 씀": "0", "예외": "0",
    }  # fmt: skip
    assert (b1["값"], b1["분자"], b1["분모"]) == ("68.18 %", "15,000,000", "22,000,000")
    assert (plan["값"], plan["분모"]) == ("22,000,000 원", "-")


def test_status_by_field_and_department(blocks: list[Block]) -> None:
    whole, field = _under(blocks, "【분야별】")
    assert (whole["분야"], whole["공약 수"], whole["완료"], whole["미보고"]) == (
        "전체",
        "2",
        "1",
        "1",
    )
    assert (field["분야"], field["평균\n이행률(%)"]) == ("경제", "99.5")
    _, department = _under(blocks, "【부서별】")
    assert (department["부서"], department["이행\n완료율(%)"]) == ("경제과", "해당 없음")
    assert _under(blocks, "【연말 이행")[0]["그 밖"] == "1"  # 미보고


def test_what_moved_since_the_last_publication(blocks: list[Block]) -> None:
    r1, *_ = _under(blocks, "【지난 발표(2021Q3)와 달라진 전체 지표】")
    assert (r1["값\n앞"], r1["값\n뒤"], r1["차이"]) == ("70.0", "99.5", "+29.5 %p")
    first, second = _under(blocks, "【지난 발표(2021Q3)와 달라진 공약】")
    assert (first["이행률\n앞"], first["이행률\n뒤"]) == ("80", "99.5")
    assert first["평균 이행률을\n움직인 몫(%p)"] == "19.50"  # (99.5-80)/1
    assert (second["추진상황\n앞"], second["추진상황\n뒤"]) == ("정상추진", "미보고")


def test_missing_reports_pledges_and_method(blocks: list[Block]) -> None:
    (absent,) = _under(blocks, "【보고되지 않은 공약】")
    assert (absent["공약번호"], absent["상태"]) == ("1-10", "제출 없음")
    assert "○ 예외로 받아들인 값이 없습니다." in _lines(blocks)
    first, second = _under(blocks, "붙임 1. 공약 목록")
    assert (first["공약명"], first["완료연도"], first["계획액"]) == ("공약 1-2", "2021", "22")
    assert (second["공약명"], second["이행률"], second["계획액"]) == ("=1+1", "-", "-")
    assert _under(blocks, "붙임 3. 계산 방법")[0]["분모 규칙"] == "기준일 현재의 모든 공약"


def test_a_correction_is_told_beside_the_last_quarter(tmp_path: Path) -> None:
    publication = made.two_pledges()
    before = replace(publication.earlier, quarter_id="2021Q4", revision=1)  # type: ignore[type-var]
    corrected = replace(
        publication, replaced=before, release=replace(made.FIRST, revision=2, supersedes=1)
    )
    blocks = _read(corrected, tmp_path)
    assert _under(blocks, "【1차 발표와 달라진 전체 지표】")[0]["차이"] == "+29.5 %p"


# -- the numbers of the marts ---------------------------------------------------------------------


def test_every_number_of_the_report_is_the_editions(world: World, tmp_path: Path) -> None:
    world.pledge("1-2")
    world.pledge("1-10", department="B", field_name="복지")
    lines = [
        secured("pre_term", 5), secured(2021, 10, executed=4),
        demand("post_term", 7, source="NATIONAL"),
    ]  # fmt: skip
    world.report("1-2", "2021Q4", "COMPLETED", "99.5", lines, met=True)
    world.report("1-10", "2021Q4", "ON_TRACK", "30")
    world.figures("2021Q4")
    publication = read_publication(world.connection, GU, Quarter(2021, 4))
    blocks = _read(publication, tmp_path)
    whole = [figure for figure in publication.figures if figure.scope_type == "all"]
    shown = {row["지표"]: row for row in _under(blocks, "1. 총괄")}
    assert len(shown) == len(whole)
    for figure in whole:
        row = shown[f"{figure.figure_name} ({figure.figure_code})"]
        assert row["값"].split(" ")[0] == figure.shown.split(" ")[0]
        assert _number(row["분자"]) == figure.numerator
        assert _number(row["분모"]) == figure.denominator
        assert int(row["공약 수"]) == figure.pledge_count
    for heading, label, scope_type in (
        ("【분야별】", "분야", "field"), ("【부서별】", "부서", "department"),
    ):  # fmt: skip
        rates = {row[label]: row["평균\n이행률(%)"] for row in _under(blocks, heading)[1:]}
        assert rates == {
            figure.scope_name: figure.shown
            for figure in publication.figures
            if (figure.figure_code, figure.scope_type) == ("R1", scope_type)
        }
    sources = {row["재원"]: row for row in _under(blocks, "【재원별】")}
    assert list(sources) == ["전체", "국비", "자체"]
    assert (sources["전체"]["계획액"], sources["국비"]["계획액"]) == ("22", "7")  # 5+10+7
    assert (sources["자체"]["확보액"], sources["자체"]["집행액"]) == ("15", "4")
    years = {row["연도"]: row for row in _under(blocks, "【연도별】")}
    assert list(years) == ["전체", "기투자", "2021년", "임기후"]
    assert years["2021년"]["당해연도 집행률"] == "40.0"  # 4/10
    assert len(_under(blocks, "붙임 1. 공약 목록")) == 2


def _number(text: str) -> Decimal | None:
    return None if text == "-" else Decimal(text.replace(",", ""))


# -- files ----------------------------------------------------------------------------------------


def test_the_same_edition_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_document(made.two_pledges(), tmp_path / "가")
    again = write_document(made.two_pledges(), tmp_path / "나")
    assert first.read_bytes() == again.read_bytes()


def test_names_of_any_kind_stand_in_the_document(tmp_path: Path) -> None:
    pledges = [made.pledge(str(n), name) for n, name in enumerate(made.HOSTILE)]
    publication = replace(made.publication(pledges), government_name="<b>가람&구</b>\u202e\x01")
    path = write_document(publication, tmp_path)
    listed = _under(read_hwpx(path.read_bytes()), "붙임 1. 공약 목록")
    assert [_seen(row["공약명"]) for row in listed] == [_seen(name) for name in made.HOSTILE]
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.endswith(".xml"):
                etree.fromstring(package.read(name))
    assert HwpxDocument.open(path).validate().ok


def _seen(text: str) -> str:
    """Return the letters of a text: the reader evens out blanks, and no XML holds controls."""
    return "".join(re.sub(r"[\x00-\x1f\ufeff]", "", text).split())


def test_a_library_reads_the_same_tables(tmp_path: Path) -> None:
    path = write_document(made.two_pledges(), tmp_path)
    document = HwpxDocument.open(path)
    assert document.validate().ok
    assert "가람구 공약 이행현황 보고" in document.export_text()


def test_one_pledge_without_money_or_anything_before(tmp_path: Path) -> None:
    blocks = _read(made.publication([made.silent("1")]), tmp_path)
    assert "○ 금액이 적힌 공약이 없습니다." in _lines(blocks)
    assert "○ 이 임기에 앞서 발표한 것이 없어 견줄 수 없습니다." in _lines(blocks)
    assert len(_under(blocks, "붙임 1. 공약 목록")) == 1


def test_nothing_at_all_still_gives_a_report(tmp_path: Path) -> None:
    blocks = _read(replace(made.publication(), release=None, quarter=Quarter(2021, 3)), tmp_path)
    assert _lines(blocks).count("○ 공약이 없습니다.") == 3
    (title,) = [block for block in blocks[1:2] if isinstance(block, TableBlock)]
    assert [row[3] for row in _texts(title)] == ["2021년 3분기", "발표 전", "-"]


def test_300_pledges_go_on_over_pages_under_a_repeated_header(tmp_path: Path) -> None:
    pledges = [made.pledge(str(n), f"청년 일자리 지원 {n}") for n in range(300)]
    path = write_document(made.publication(pledges), tmp_path)
    assert len(_under(read_hwpx(path.read_bytes()), "붙임 1. 공약 목록")) == 300
    with zipfile.ZipFile(path) as package:
        section = etree.fromstring(package.read("Contents/section0.xml"))
    tables: list[Any] = [*section.iter("{*}tbl")]
    (long,) = [table for table in tables if table.get("rowCnt") == "301"]
    assert (long.get("repeatHeader"), long.get("pageBreak")) == ("1", "CELL")
    assert long.find("{*}pos").get("treatAsChar") == "0"


def test_day_of_a_quarter_with_its_own_reference_date(tmp_path: Path) -> None:
    row = made.pledge("1", as_of_date=date(2021, 11, 30))
    blocks = _read(made.publication([row]), tmp_path)
    assert "○ 공약 1건을 2021. 11. 30. 현재로 집계했습니다." in _lines(blocks)
    assert not [line for line in _lines(blocks) if "연말" in line]

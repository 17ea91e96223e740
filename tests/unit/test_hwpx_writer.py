"""The .hwpx writer: the same blocks back, the same bytes again, and an office's document."""

import io
import re
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from dochan import Dochan
from hwpx.document import HwpxDocument
from hypothesis import given, settings
from lxml import etree

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock
from etl.documents.hwpx import read_hwpx
from etl.office import hwpx as hwpx_writer
from etl.office.hwpx import hwpx_bytes, write_hwpx
from tests.documents_hwp import SECTION, WRITTEN_AT, card, documents, members_of

_HP = "{http://www.hancom.co.kr/hwpml/2011/paragraph}"
_HH = "{http://www.hancom.co.kr/hwpml/2011/head}"


def _written(*blocks: Block) -> bytes:
    return hwpx_bytes(blocks, written_at=WRITTEN_AT)


def _section(*blocks: Block) -> etree._Element:
    return etree.fromstring(members_of(_written(*blocks))[SECTION])


def _header(content: bytes) -> etree._Element:
    return etree.fromstring(members_of(content)["Contents/header.xml"])


# The same blocks


@settings(max_examples=80)
@given(documents())
def test_blocks_come_back(blocks: list[Block]) -> None:
    assert read_hwpx(_written(*blocks)) == blocks


def test_a_card_comes_back() -> None:
    assert read_hwpx(_written(*card())) == card()


@pytest.mark.parametrize(
    "text",
    [
        "   앞 빈칸과 뒤 빈칸  ",
        "&amp; <가> \"나\" '다' ]]>",
        "탭\t과 줄\n바꿈\r\n",
        "\U0001f600 １２３ 飛上 \u3000 \xa0 ・ ᆞ",
        "가" * 20_000,
        "nobreak" * 5_000,
    ],
)
def test_any_text_comes_back(text: str) -> None:
    blocks = [Paragraph(1, text), TableBlock(1, (GridCell(1, 1, text), GridCell(1, 2, "")))]
    assert read_hwpx(_written(*blocks)) == blocks


def test_what_no_xml_can_hold_is_left_out() -> None:
    assert read_hwpx(_written(Paragraph(1, "가\0\x0b\x1f\ud800\ufffe나"))) == [Paragraph(1, "가나")]


def test_gaps_in_the_numbers_are_empty_paragraphs() -> None:
    blocks = [Paragraph(3, "가"), TableBlock(1, (GridCell(1, 1, "나"),)), Paragraph(5, "다")]
    assert len(_section(*blocks).findall(f"{_HP}p")) == 6  # 2 + 가 + 나 + 1 + 다
    assert read_hwpx(_written(*blocks)) == blocks


def test_places_without_a_cell_get_one() -> None:
    table = TableBlock(1, (GridCell(1, 1, "가"), GridCell(2, 2, "나")))
    filled = (GridCell(1, 1, "가"), GridCell(1, 2, ""), GridCell(2, 1, ""), GridCell(2, 2, "나"))
    assert read_hwpx(_written(table)) == [TableBlock(1, filled)]
    assert read_hwpx(_written(TableBlock(1, ()))) == [TableBlock(1, (GridCell(1, 1, ""),))]


def test_nothing_is_a_document_too() -> None:
    assert read_hwpx(_written()) == []
    assert HwpxDocument.open(_written()).validate().ok


# The same bytes, and other programs


def test_the_same_blocks_give_the_same_bytes(tmp_path: Path) -> None:
    first = _written(*card())
    hwpx_writer._template.cache_clear()
    path = write_hwpx(card(), tmp_path / "카드.hwpx", written_at=WRITTEN_AT)
    assert path.read_bytes() == first
    assert HwpxDocument.open(path).validate().ok


def test_the_package_tells_the_time_that_was_given_and_no_other() -> None:
    seoul = timezone(timedelta(hours=9))
    content = hwpx_bytes(card(), written_at=datetime(2022, 1, 10, 3, 0, 0, tzinfo=seoul))
    parts = members_of(content)["Contents/content.hpf"].decode()
    told = dict(re.findall(r'<opf:meta name="(\w+)" content="text">([^<]*)<', parts))
    assert told["creator"] == told["lastsaveby"] == "gongyak"
    assert told["CreatedDate"] == told["ModifiedDate"] == "2022-01-09T18:00:00Z"
    assert told["date"] == "2022년 1월 10일"
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        first = package.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_another_reader_finds_the_same_texts(tmp_path: Path) -> None:
    path = write_hwpx(card(), tmp_path / "카드.hwpx", written_at=WRITTEN_AT)
    document = Dochan(str(path)).doc
    assert not document.errors
    texts = [element.text for element in document.sections[0].elements if hasattr(element, "text")]
    assert [text for text in texts if text] == [b.text for b in card() if isinstance(b, Paragraph)]
    tables = [block for block in card() if isinstance(block, TableBlock)]
    for table, other in zip(tables, document.find_all("table"), strict=True):
        assert (other.row_count, other.col_count) == (table.row_count, table.column_count)
        for cell in table.cells:
            found = other.rows[cell.row - 1][cell.column - 1]
            assert (found.text, found.row_span, found.col_span) == (
                cell.text,
                cell.row_span,
                cell.column_span,
            )


# An office's document


def _letters(content: bytes, paragraph: etree._Element) -> tuple[str, bool, str]:
    """Return (size in points × 100, whether bold, alignment) of a written paragraph."""
    header = _header(content)
    run = paragraph.findall(f"{_HP}run")[-1]
    letter = header.find(f".//{_HH}charPr[@id='{run.get('charPrIDRef')}']")
    shape = header.find(f".//{_HH}paraPr[@id='{paragraph.get('paraPrIDRef')}']")
    align = shape.find(f"{_HH}align").get("horizontal")
    return letter.get("height"), letter.find(f"{_HH}bold") is not None, align


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("□ 정책목표", ("1300", True, "LEFT")),
        (" □정책목표", ("1300", True, "LEFT")),
        ("【21년 4분기】", ("1100", True, "LEFT")),
        ("(단위 : 백만원)", ("1100", False, "RIGHT")),
        ("- 운영 근거", ("1100", False, "JUSTIFY")),
    ],
)
def test_headings_and_units_look_like_it(text: str, expected: tuple[str, bool, str]) -> None:
    content = _written(Paragraph(1, text))
    paragraph = etree.fromstring(members_of(content)[SECTION]).find(f"{_HP}p")
    assert _letters(content, paragraph) == expected


def test_a_paragraph_above_the_first_table_is_the_title() -> None:
    table = TableBlock(1, (GridCell(1, 1, "가"),))
    content = _written(Paragraph(1, "나"), table, Paragraph(2, "나"), table)
    root = etree.fromstring(members_of(content)[SECTION])
    texts = [p for p in root.findall(f"{_HP}p") if p.findtext(f"{_HP}run/{_HP}t") == "나"]
    assert [_letters(content, paragraph) for paragraph in texts] == [
        ("1500", True, "CENTER"),
        ("1100", False, "JUSTIFY"),
    ]


def test_the_rows_of_the_first_cells_are_the_header() -> None:
    cells = {
        (int(cell.find(f"{_HP}cellAddr").get("rowAddr")), cell.get("header"))
        for cell in _section(card()[5]).iter(f"{_HP}tc")
    }
    # 구 분 and 재원별 stand over three rows; the amounts begin in the fourth.
    assert cells == {(0, "1"), (1, "1"), (2, "1"), (3, "0"), (4, "0")}
    fills = {cell.get("borderFillIDRef") for cell in _section(card()[5]).iter(f"{_HP}tc")}
    assert len(fills) == 2
    single = TableBlock(1, (GridCell(1, 1, "가"), GridCell(1, 2, "나")))
    assert {cell.get("header") for cell in _section(single).iter(f"{_HP}tc")} == {"0"}


def test_labels_are_shaded_instead_of_the_first_row() -> None:
    cells = (
        GridCell(1, 1, "작성자", row_span=2, is_label=True),
        GridCell(1, 2, "팀장"),
        GridCell(2, 2, "담당"),
        GridCell(3, 1, "협업부서", is_label=True),
        GridCell(3, 2, ""),
    )
    content = _written(TableBlock(1, cells))
    found = list(etree.fromstring(members_of(content)[SECTION]).iter(f"{_HP}tc"))
    plain = found[1].get("borderFillIDRef")
    assert [cell.get("borderFillIDRef") == plain for cell in found] == [
        False, True, True, False, True,
    ]  # fmt: skip
    assert [_letters(content, cell.find(f".//{_HP}p"))[1] for cell in found] == [
        True, False, False, True, False,
    ]  # fmt: skip
    assert read_hwpx(content) == [TableBlock(1, cells)]


@pytest.mark.parametrize(
    # 170 mm hold 53.5 letters of 9 points. A column asks for the 3 letters of 확보액 and its
    # margins: 3.63 at 9 points (14 columns: 50.8, 15: 54.4), 3.28 of 60.2 letters at 8 points
    # (18: 59.1, 19: 62.4), 3.32 of 68.8 at 7 (20: 66.5, 21: 69.8), 3.38 of 80.3 at 6 (23: 77.7).
    ("columns", "size"),
    [
        (1, "900"),
        (14, "900"),
        (15, "800"),
        (18, "800"),
        (19, "700"),
        (20, "700"),
        (21, "600"),
        (23, "600"),
        (60, "600"),
    ],
)
def test_letters_are_as_large_as_whole_words_allow(columns: int, size: str) -> None:
    content = _written(TableBlock(1, tuple(GridCell(1, c + 1, "확보액") for c in range(columns))))
    cells = etree.fromstring(members_of(content)[SECTION]).iter(f"{_HP}subList")
    assert {_letters(content, cell.find(f"{_HP}p"))[0] for cell in cells} == {size}


def test_a_row_is_as_high_as_the_cell_over_it_needs() -> None:
    cells = (GridCell(1, 1, "가\n나\n다\n라", row_span=2), GridCell(1, 2, ""), GridCell(2, 2, ""))
    heights = [
        int(size.get("height")) for size in _section(TableBlock(1, cells)).iter(f"{_HP}cellSz")
    ]
    # A line of 9 points is 1,170 high, the margins above and below are 282: 4 × 1,170 + 282.
    assert heights == [4_962, 1_452, 3_510]


def test_a_table_is_as_wide_as_the_text_and_long_texts_get_the_room() -> None:
    table = TableBlock(
        1, (GridCell(1, 1, "구 분"), GridCell(1, 2, "집행액"), GridCell(1, 3, "가나다라 " * 20))
    )
    sizes = _section(table).iter(f"{_HP}cellSz")
    first, second, third = (int(size.get("width")) for size in sizes)
    assert first + second + third == 48_188
    assert third > second >= first
    assert second > 3 * 900  # three letters of nine points stand side by side


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["구분", "1,200", "완료(계속)"], ["CENTER", "RIGHT", "CENTER"]),
        (
            ["구분", "1,200", "완료", "여러 해에 걸쳐 추진하는 사업의 내용", "두\n줄"],
            ["CENTER", "RIGHT", "LEFT", "LEFT", "LEFT"],
        ),
    ],
)
def test_amounts_stand_right_words_in_the_middle_and_left_in_a_column_of_sentences(
    texts: list[str], expected: list[str]
) -> None:
    content = _written(
        TableBlock(1, tuple(GridCell(n, 1, text) for n, text in enumerate(texts, 1)))
    )
    root = etree.fromstring(members_of(content)[SECTION])
    aligned = [_letters(content, list_.find(f"{_HP}p"))[2] for list_ in root.iter(f"{_HP}subList")]
    assert aligned == expected


@pytest.mark.parametrize(("rows", "as_letter"), [(20, "1"), (60, "0")])
def test_a_table_longer_than_a_page_goes_on_over_pages(rows: int, as_letter: str) -> None:
    table = TableBlock(1, tuple(GridCell(row, 1, "가") for row in range(1, rows + 1)))
    (position,) = _section(table).iter(f"{_HP}pos")
    assert position.get("treatAsChar") == as_letter


def test_the_page_is_a4_without_header_and_footer() -> None:
    root = _section(*card())
    (page,) = root.iter(f"{_HP}pagePr")
    assert (page.get("width"), page.get("height")) == ("59528", "84189")
    assert not [*root.iter(f"{_HP}header"), *root.iter(f"{_HP}footer")]
    assert len([*root.iter(f"{_HP}secPr")]) == 1

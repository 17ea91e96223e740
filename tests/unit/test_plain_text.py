"""A card exported as text: lines, tabs, bars, and what is no text."""

import codecs

import pytest
from hypothesis import given, settings, strategies as st

from etl.documents.blocks import MAX_TEXT, Block, Paragraph, TableBlock
from etl.documents.package import DocumentError
from etl.documents.plain_text import read_text
from tests.documents_samples import CARD, document, documents, outcomes, table, texts
from tests.documents_writers import write_text


def _read(text: str) -> list[Block]:
    return read_text(text.encode())


def _code(content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_text(content)
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949", "euc-kr"])
def test_a_card_is_read_in_every_encoding(encoding: str) -> None:
    read = read_text(write_text(CARD, encoding))
    assert texts(read) == texts(CARD)
    assert [type(block) for block in read] == [type(block) for block in CARD]
    # A grid of texts: 3 rows of 6, 2 of 7, 6 of 8 and 2 of 4, the covered places empty.
    grids = [block for block in read if isinstance(block, TableBlock)]
    assert [(grid.row_count, grid.column_count) for grid in grids] == [
        (3, 6),
        (2, 7),
        (6, 8),
        (2, 4),
    ]
    assert [len(grid.cells) for grid in grids] == [18, 14, 48, 8]
    assert not any(grid.spans_known for grid in grids)
    cell = grids[2].at(4, 3)
    assert cell
    assert cell.text == "1,200"


@settings(max_examples=60)
@given(documents())
def test_no_text_is_lost(blocks: list[Block]) -> None:
    assert "".join(texts(read_text(write_text(blocks)))) == "".join(texts(blocks))


def test_every_row_has_the_same_cells() -> None:
    """`나` ends early, and `다` has a trailing tab: both are padded to three columns."""
    assert _read("가\t1\t2\n나\n\n다\t\n라\t3\t") == [
        *document(table("가 | 1 | 2"), "나", table("다 | | ", "라 | 3 | "))
    ]


def test_a_blank_line_ends_a_table_and_a_row_of_empty_cells_does_not() -> None:
    assert _read("가\t1\n\t\n나\t2\n\n다\t3") == document(
        table("가 | 1", " | ", "나 | 2"), table("다 | 3")
    )


def test_a_row_that_begins_with_empty_cells_belongs_to_its_table() -> None:
    assert _read("구 분\t2018년\n\t확보액\n\t10") == document(
        table("구 분 | 2018년", " | 확보액", " | 10")
    )


def test_tabs_that_only_indent_make_no_table() -> None:
    assert _read("□ 사업개요\n\t- 대상\n\t\t- 주민") == [
        Paragraph(1, "□ 사업개요"),
        Paragraph(2, "\t- 대상"),
        Paragraph(3, "\t\t- 주민"),
    ]


def test_markdown_marks_are_not_text() -> None:
    assert _read("# 공약\n## □ **정책목표**\n- **나래과** : **터** 내주기  \n2**3 **") == [
        Paragraph(1, "공약"),
        Paragraph(2, "□ 정책목표"),
        Paragraph(3, "- 나래과 : 터 내주기"),
        Paragraph(4, "2**3 **"),
    ]


def test_a_markdown_table() -> None:
    written = "|구분|2018년|\n|:---|---:|\n| **계** | 1\\|2 |\n|-|가<br>나|\n| 끝 |"
    (block,) = _read(written)
    assert isinstance(block, TableBlock)
    assert [[cell.text for cell in block.cells if cell.row == row] for row in (1, 2, 3, 4)] == [
        ["구분", "2018년"],
        ["계", "1|2"],
        ["-", "가\n나"],
        ["끝", ""],
    ]


def test_a_row_of_dashes_is_a_row_unless_it_rules_off_the_header() -> None:
    assert _read("|가|나|\n|---|---|\n|-|-|") == document(table("가 | 나", "- | -"))
    assert _read("|---|---|") == document(table("--- | ---"))


def test_any_line_end() -> None:
    assert _read("가\r\n나\r다\n라") == document("가", "나", "다", "라")


def test_what_is_no_text_of_one_encoding() -> None:
    korean = "공약 이행률은 60퍼센트입니다."
    assert _code(korean.encode() + korean.encode("cp949")) == "damaged"
    assert _code(korean.encode("cp949") + korean.encode()) == "damaged"
    assert _code(codecs.BOM_UTF8 + korean.encode("cp949")) == "damaged"
    assert _code(korean.encode("utf-16-le")) == "damaged"  # without a mark: NUL bytes
    assert _code(korean.encode("utf-16") + b"\xd8") == "damaged"
    assert _code("가\0나".encode()) == "damaged"
    assert _code(bytes(range(256))) == "damaged"
    assert read_text(b"") == []


def test_bounds() -> None:
    assert _code(b"a" * (MAX_TEXT + 1)) == "file_too_large"
    assert _code(b"1\t" * 600) == "file_too_large"
    # 2,000 rows of two columns and one of 400: 800,400 places when padded.
    assert _code(b"1\t2\n" * 2_000 + b"\t" * 399) == "file_too_large"


@pytest.mark.parametrize("piece", ["**a ", "|-", "\\|", "#", "<br ", "\t", "* *", "||"])
def test_no_line_takes_quadratic_time(piece: str) -> None:
    text = ("|" + piece * 200_000).encode()
    assert outcomes(read_text, [text]) <= {"blocks", "refused"}


@pytest.mark.slow
@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_blocks_or_a_typed_error(content: bytes) -> None:
    assert outcomes(read_text, [content]) <= {"blocks", "refused"}


@pytest.mark.slow
def test_damage_to_a_korean_text_is_never_read_in_another_encoding() -> None:
    """UTF-8 with a byte lost is no UTF-8; that it is no CP949 either is what keeps it out."""
    content = write_text(CARD)
    for place in range(len(content)):
        lost = content[:place] + content[place + 1 :]
        if "\ufffd" in lost.decode(errors="replace"):
            assert _code(lost) == "damaged"

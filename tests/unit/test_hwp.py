"""The .hwp reader: the same blocks as from .hwpx, and files made to do harm."""

import random
import re
import struct
from pathlib import Path

import pytest
from dochan import Dochan
from dochan.hwp.distdoc import _random_array
from dochan.utils.aes import aes_cbc_encrypt_no_pad
from hwpx.document import HwpxDocument
from hwpx.hwp5.cfb import build_compound_file
from hypothesis import given, settings

from etl.documents.blocks import MAX_TEXT, Block, GridCell, Paragraph, TableBlock
from etl.documents.hwp import MAX_CIPHERED_SIZE, read_hwp
from etl.documents.hwpx import read_hwpx
from etl.documents.package import DocumentError
from tests.documents_hwp import (
    SECTION,
    card,
    deflated,
    documents,
    hwp_bytes,
    hwp_file,
    hwp_of,
    hwp_streams,
    inflated,
    members_of,
    packed,
    record,
)


@pytest.fixture(scope="module")
def content() -> bytes:
    return hwp_bytes(card())


def _code(content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_hwp(content)
    return caught.value.code


def _paragraph(text: str, *controls: bytes, ranges: bytes = b"", level: int = 0) -> bytes:
    """A paragraph's records; `⊞` is the place of the next table."""
    units = text.encode("utf-16-le").replace("⊞".encode("utf-16-le"), _TABLE_SIGN)
    return b"".join(
        (
            record(66, level, bytes(24)),
            record(67, level + 1, units + "\r".encode("utf-16-le")),
            record(70, level + 1, ranges) if ranges else b"",
            *controls,
        )
    )


_TABLE_SIGN = struct.pack("<H4s8xH", 11, b" lbt", 11)


def _table(*cells: bytes, rows: int = 1, columns: int = 1, level: int = 1) -> bytes:
    size = record(77, level + 1, struct.pack("<I2H", 0, rows, columns))
    return record(71, level, b" lbt") + size + b"".join(cells)


def _cell(
    row: int, column: int, *paragraphs: bytes, rows: int = 1, columns: int = 1, level: int = 1
) -> bytes:
    head = struct.pack("<2I4H", len(paragraphs), 0, column, row, columns, rows)
    return record(72, level + 1, head) + b"".join(paragraphs)


def _deletion(begin: int, end: int) -> bytes:
    return struct.pack("<3I", begin, end, 0x11 << 24 | 1)


def _read(*records: bytes) -> list[Block]:
    return read_hwp(hwp_file(b"".join(records)))


# The same blocks


def test_a_card(content: bytes) -> None:
    assert read_hwp(content) == card()


@pytest.mark.slow
@settings(max_examples=40)
@given(documents())
def test_blocks_come_back(blocks: list[Block]) -> None:
    assert read_hwp(hwp_bytes(blocks)) == blocks


def test_another_reader_finds_the_same_cells(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "카드.hwp"
    path.write_bytes(content)
    document = Dochan(str(path), revision_mode="final").doc
    assert not document.errors
    for block, table in zip(
        [block for block in card() if isinstance(block, TableBlock)],
        document.find_all("table"),
        strict=True,
    ):
        for cell in block.cells:
            other = table.rows[cell.row - 1][cell.column - 1]
            assert (other.text, other.row_span, other.col_span) == (
                cell.text,
                cell.row_span,
                cell.column_span,
            )


def _full_document() -> bytes:
    """A document with one of everything that stands in or beside a text, by another writer."""
    document = HwpxDocument.new()
    date = "2021-01-01T00:00:00Z"

    def paragraph(text: str) -> object:
        return document.add_paragraph(text, inherit_style=False)

    changes = document.tracking
    changes.replace(paragraph("총사업비 100백만원"), "100", "200", author="가", date=date)
    changes.delete(paragraph("지울 글"), match="지울 글", author="가", date=date)
    noted = paragraph("본문 각주")
    document.notes.add_footnote("각주 글", noted)
    noted.add_run(" 뒤")
    document.notes.add_endnote("미주 글", paragraph("본문 미주"))
    document.notes.add_memo("메모 글", anchor=paragraph("메모 있는 글"))
    document.page.set_header(text="머리말 글")
    document.page.set_footer(text="꼬리말 글")
    linked = paragraph("누리집 ")
    linked.add_hyperlink("http://example.com", "주소")
    linked.add_bookmark("표시")
    linked.add_run(" 끝")
    outer = document.add_table(2, 2, height=3000)
    outer.cell(0, 0).text, outer.cell(1, 1).text = "바깥", "끝칸"
    inner = outer.cell(0, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "안1", "안2"
    outer.set_caption("표 제목")
    below = paragraph("앞")
    table = below.add_table(1, 1, width=10000, height=1000, border_fill_id_ref="3")
    table.cell(0, 0).text = "가운데"
    table.set_caption("아래 제목", side="BOTTOM")
    below.add_run("뒤")
    paragraph("덧말 ").add_dutmal("본말", "윗말")
    return document.to_bytes()


def test_one_of_everything_reads_the_same_in_both_formats() -> None:
    content = _full_document()
    expected = [
        Paragraph(2, "총사업비 200백만원"),
        Paragraph(4, "본문 각주 뒤"),
        Paragraph(5, "본문 미주"),
        Paragraph(6, "메모 있는 글"),
        Paragraph(7, "누리집 주소 끝"),
        Paragraph(8, "표 제목"),
        TableBlock(
            1,
            (
                GridCell(1, 1, "바깥"),
                GridCell(1, 2, ""),
                GridCell(2, 1, ""),
                GridCell(2, 2, "끝칸"),
            ),
        ),
        TableBlock(2, (GridCell(1, 1, "안1"), GridCell(1, 2, "안2"))),
        Paragraph(9, "앞"),
        TableBlock(3, (GridCell(1, 1, "가운데"),)),
        Paragraph(10, "아래 제목"),
        Paragraph(11, "뒤"),
        Paragraph(12, "덧말 본말"),
    ]
    assert read_hwpx(content) == expected
    assert read_hwp(hwp_of(content)) == expected


# Order


def test_texts_and_tables_of_one_paragraph_stand_in_their_order() -> None:
    one, two = (_table(_cell(0, 0, _paragraph(text, level=2))) for text in "12")
    assert _read(_paragraph("앞⊞사이⊞뒤", one, two), _paragraph(""), _paragraph("끝")) == [
        Paragraph(1, "앞"),
        TableBlock(1, (GridCell(1, 1, "1"),)),
        Paragraph(2, "사이"),
        TableBlock(2, (GridCell(1, 1, "2"),)),
        Paragraph(3, "뒤"),
        Paragraph(5, "끝"),
    ]


def test_a_table_without_a_place_in_the_text_is_not_lost() -> None:
    assert len(_read(_paragraph("앞", _table(_cell(0, 0, _paragraph("1", level=2)))))) == 2
    blank = record(66, 0, bytes(24)) + _table(_cell(0, 0, _paragraph("1", level=2)))
    assert _read(blank) == [TableBlock(1, (GridCell(1, 1, "1"),))]


def test_the_paragraphs_of_a_cell_may_stand_under_its_head() -> None:
    deeper = _cell(0, 0, _paragraph("1", level=3), _paragraph("2", level=3))
    assert _read(_paragraph("⊞", _table(deeper))) == [TableBlock(1, (GridCell(1, 1, "1\n2"),))]


def test_the_text_of_a_box_stands_where_the_box_does() -> None:
    lines = (_paragraph(text, level=3) for text in ("상자 1", "", "상자 2"))
    box = record(71, 1, b" osg") + record(76, 2) + record(72, 3, bytes(16)) + b"".join(lines)
    sign = struct.pack("<H4s8xH", 11, b" osg", 11).decode("utf-16-le")
    assert _read(_paragraph(f"앞{sign}뒤", box)) == [
        Paragraph(1, "앞"),
        Paragraph(2, "상자 1"),
        Paragraph(3, "상자 2"),
        Paragraph(4, "뒤"),
    ]


def test_the_text_of_a_box_with_a_caption_is_read() -> None:
    """The caption's list stands before the shape that holds the text, at its level."""
    caption = record(72, 2, bytes(16)) + _paragraph("제목", level=2)
    inner = record(72, 3, bytes(16)) + _paragraph("상자 글", level=3)
    box = record(71, 1, b" osg") + caption + record(76, 2) + inner
    grouped = record(71, 1, b" osg") + record(76, 2) + record(76, 3) + record(72, 4, bytes(16))
    grouped += _paragraph("모둠 글", level=4)
    texts = [block.text for block in _read(_paragraph("앞", box, grouped))]
    assert texts == ["앞", "제목", "상자 글", "모둠 글"]


def test_shapes_in_shapes_without_end() -> None:
    shapes = b"".join(record(76, level) for level in range(2, 900))
    assert _code(hwp_file(_paragraph("앞", record(71, 1, b" osg") + shapes))) == "hostile"


@pytest.mark.parametrize(
    ("letters", "shape", "text"),
    [
        ("1", 3, "①"), ("①", 1, "①"), ("◯1", 1, "①"), ("❸", 2, "③"), ("\U000f02b4", 3, "④"),
        ("\U000f02ba\U000f02c5", 3, "⑫"), ("\U000f028a\U000f0293", 1, "(21)"), ("가", 1, "(가)"),
        ("㉮", 0, "(가)"), ("★", 0, "★"),
    ],
)  # fmt: skip
def test_a_note_sign_never_joins_the_digits_behind_it(letters: str, shape: int, text: str) -> None:
    written = letters.encode("utf-16-le")
    data = b"spct" + struct.pack("<H", len(written) // 2) + written + bytes([shape, 0, 0, 0])
    sign = struct.pack("<H4s8xH", 23, b"spct", 23).decode("utf-16-le")
    assert _read(_paragraph(f"{sign}40", record(71, 1, data))) == [Paragraph(1, f"{text}40")]


def test_a_note_sign_is_the_same_in_both_formats() -> None:
    document = HwpxDocument.new()
    for letters in ("1", "10", "가", "21"):
        paragraph = document.add_paragraph("확보 ", inherit_style=False)
        paragraph.add_composed_character(letters)
        paragraph.add_run("40")
    content = document.to_bytes()
    assert [block.text for block in read_hwpx(content)] == [
        "확보 ①40", "확보 ⑩40", "확보 (가)40", "확보 (21)40",
    ]  # fmt: skip
    assert read_hwp(hwp_of(content)) == read_hwpx(content)


def test_a_small_digit_above_the_line_joins_no_number_in_both_formats() -> None:
    document = HwpxDocument.new()
    document.add_paragraph("가", inherit_style=False).add_run("나")
    members = members_of(document.to_bytes())
    body, styles = members[SECTION].decode(), members["Contents/header.xml"].decode()
    place = styles.rindex("</hh:charPr>")
    members["Contents/header.xml"] = (styles[:place] + "<hh:supscript/>" + styles[place:]).encode()
    last = re.findall(r'<hh:charPr id="(\d+)"', styles)[-1]
    members[SECTION] = (
        body.replace(
            '<hp:run charPrIDRef="0"><hp:t>나</hp:t>',
            f'<hp:run charPrIDRef="{last}"><hp:t>1</hp:t>',
        )
        .replace("<hp:t>가</hp:t>", "<hp:t>40</hp:t>")
        .encode()
    )
    content = packed(members)
    assert [block.text for block in read_hwpx(content)] == ["40¹"]
    assert [block.text for block in read_hwp(hwp_of(content))] == ["40¹"]


def test_signs_in_a_text() -> None:
    tab = struct.pack("<H12xH", 9, 9).decode("utf-16-le")
    assert _read(_paragraph(f"가{tab}나\n다\x1e라\x1f마\x18바\U0001f600")) == [
        Paragraph(1, "가\t나\n다 라 마-바\U0001f600")
    ]


def test_sections_in_the_order_of_their_numbers() -> None:
    sections = [_paragraph(f"{number}") for number in range(11)]
    assert [block.text for block in read_hwp(hwp_file(*sections))] == [str(n) for n in range(11)]


def test_records_that_are_not_compressed() -> None:
    assert read_hwp(hwp_file(_paragraph("가"), flags=())) == [Paragraph(1, "가")]


# Tracked changes and ciphers


def _tracked(*records: bytes) -> list[Block]:
    flags = ("compressed", "track_changes")
    return read_hwp(hwp_file(b"".join(records), flags=flags, storage="ViewText"))


def test_a_changed_number_reads_as_changed() -> None:
    assert _tracked(_paragraph("총 100200원", ranges=_deletion(2, 5))) == [Paragraph(1, "총 200원")]
    twice = _deletion(2, 4) + _deletion(3, 5)
    assert _tracked(_paragraph("총 100200원", ranges=twice)) == [Paragraph(1, "총 200원")]
    pair = _paragraph("\U0001f600가나", ranges=_deletion(2, 3))  # the first letter is two units
    assert _tracked(pair) == [Paragraph(1, "\U0001f600나")]


def test_a_deleted_table_is_not_read() -> None:
    table = _table(_cell(0, 0, _paragraph("1", level=2)))
    assert _tracked(_paragraph("앞⊞뒤", table, ranges=_deletion(1, 9))) == [Paragraph(1, "앞뒤")]
    assert len(_tracked(_paragraph("앞⊞뒤", table, ranges=_deletion(9, 10)))) == 2


def test_a_deleted_paragraph_end_joins_two_paragraphs() -> None:
    assert _tracked(
        _paragraph("앞지움", ranges=_deletion(1, 4)),
        _paragraph("모두", ranges=_deletion(0, 3)),
        _paragraph("지움뒤", ranges=_deletion(0, 2)),
        _paragraph("끝"),
    ) == [Paragraph(1, "앞뒤"), Paragraph(2, "끝")]


def test_a_body_saved_without_its_changes_keeps_all_of_its_text() -> None:
    body = _paragraph("총 200원", ranges=_deletion(2, 5))
    assert read_hwp(hwp_file(body, flags=("compressed", "track_changes"))) == [
        Paragraph(1, "총 200원")
    ]


def _ciphered(records: bytes) -> bytes:
    """A distribution document's section, ciphered with the key that its seed 7 stands for."""
    key = _random_array(7)[4 + 7 : 4 + 7 + 16]
    packed = deflated(records)
    packed += bytes(-len(packed) % 16)
    blocks = (packed[place : place + 16] for place in range(0, len(packed), 16))
    seed = (7).to_bytes(4, "little") + bytes(252)
    return record(28, 0, seed) + b"".join(aes_cbc_encrypt_no_pad(key, bytes(16), b) for b in blocks)


def _distributed(data: bytes) -> bytes:
    streams = hwp_streams(hwp_file(flags=("compressed", "distribution")))
    return build_compound_file({**streams, "ViewText/Section0": data}.items())


def test_a_distribution_document() -> None:
    records = _paragraph("가⊞", _table(_cell(0, 0, _paragraph("1", level=2))))
    assert read_hwp(_distributed(_ciphered(records))) == [
        Paragraph(1, "가"),
        TableBlock(1, (GridCell(1, 1, "1"),)),
    ]
    broken = bytearray(_ciphered(records))
    broken[-20] ^= 1
    assert _code(_distributed(bytes(broken))) == "damaged"
    assert _code(_distributed(bytes(MAX_CIPHERED_SIZE + 1))) == "file_too_large"


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        ("password", "encrypted"), ("cert_encrypted", "encrypted"),
        ("drm", "document_security"), ("cert_drm", "document_security"),
    ],
)  # fmt: skip
def test_protected_documents(flag: str, code: str) -> None:
    assert _code(hwp_file(_paragraph("가"), flags=("compressed", flag))) == code


# Files made to do harm


def _nested(depth: int) -> bytes:
    """Tables within tables; each stands two levels under the last."""
    records = _paragraph("가", level=2 * depth)
    for level in range(2 * depth - 1, 0, -2):
        table = _table(_cell(0, 0, records, level=level), level=level)
        records = _paragraph("⊞", table, level=level - 1)
    return records


@pytest.mark.slow
@pytest.mark.parametrize(
    ("records", "code"),
    [
        (record(66, 0) * 5_000_000, "file_too_large"),
        (record(66, 0) * 150_000, "hostile"),
        (bytes(MAX_TEXT + 1), "file_too_large"),
        (_paragraph("⊞", _table(rows=60_000, columns=60_000)), "file_too_large"),
        (_paragraph("⊞", _table(_cell(0, 0, rows=60_000, columns=60_000))), "file_too_large"),
        (_paragraph("⊞", _table(_cell(60_000, 0), _cell(0, 60_000))), "file_too_large"),
        (
            _paragraph(
                "⊞", _table(*[_cell(0, n, _paragraph("가", level=2), columns=2) for n in range(2)])
            ),
            "damaged",
        ),
        (_paragraph("⊞", _table(record(72, 2, bytes(10)))), "damaged"),
        (_paragraph("⊞", record(71, 1, b" lbt") + record(77, 2) + _cell(0, 0)), "damaged"),
        (_nested(30), ""),
        (_nested(40), "hostile"),
        (_nested(400), "hostile"),
        (_paragraph("가")[:-3], "damaged"),
        (struct.pack("<I", 66 | 0xFFF << 20), "damaged"),
    ],
    ids=range(14),
)
def test_hostile_records(records: bytes, code: str) -> None:
    content = hwp_file(records)
    assert len(content) < 100_000
    if code:
        assert _code(content) == code
    else:
        assert len(read_hwp(content)) == 30


def test_files_that_are_no_document() -> None:
    assert _code(b"") == "damaged"
    assert _code(b"HWP Document File V3.00 \x1a") == "damaged"
    assert _code(b"PK\x03\x04") == "damaged"
    assert _code(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)) == "damaged"
    streams = hwp_streams(hwp_file(_paragraph("가")))
    for left_out in ("FileHeader", "BodyText/Section0"):
        kept = [item for item in streams.items() if item[0] != left_out]
        assert _code(build_compound_file(kept)) == "damaged"
    other = {**streams, "FileHeader": bytes(256)}
    assert _code(build_compound_file(other.items())) == "damaged"
    assert _code(build_compound_file({**other, "FileHeader": b"HWP"}.items())) == "damaged"
    garbled = {**streams, "BodyText/Section0": b"\xff" * 100}
    assert _code(build_compound_file(garbled.items())) == "damaged"


def test_a_cut_card(content: bytes) -> None:
    for share in range(1, 20):
        assert _code(content[: len(content) * share // 20]) == "damaged"


# Whatever is done to a card


def _blocks_or_problem(content: bytes) -> None:
    try:
        blocks = read_hwp(content)
    except DocumentError:
        return
    assert all(isinstance(block, Paragraph | TableBlock) for block in blocks)


def _damaged(dice: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    begin = dice.randrange(len(changed))
    del changed[begin : begin + dice.choice([0, 0, 1, 4, 60])]
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_damaged_bytes_are_blocks_or_a_problem(content: bytes, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    for _ in range(700):
        _blocks_or_problem(_damaged(dice, content))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_damaged_records_are_blocks_or_a_problem(content: bytes, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    records = inflated(hwp_streams(content)["BodyText/Section0"])
    flags = ("compressed", "track_changes")
    for _ in range(700):
        damaged = _damaged(dice, records)
        _blocks_or_problem(hwp_file(damaged))
        _blocks_or_problem(hwp_file(damaged, flags=flags, storage="ViewText"))

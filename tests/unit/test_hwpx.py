"""The .hwpx reader: order, spans, what is text and what is not, and files made to do harm."""

import random
import zipfile
from collections.abc import Callable

import pytest

from etl.documents.blocks import MAX_TEXT, Block, GridCell, Paragraph, TableBlock
from etl.documents.hwpx import MAX_TAGS, read_hwpx
from etl.documents.package import DocumentError
from etl.office.hwpx import hwpx_bytes
from tests.documents_hwp import (
    SECTION,
    WRITTEN_AT,
    card,
    members_of,
    p,
    package,
    run,
    section,
    t,
    tbl,
    tc,
)


def _read(*paragraphs: str) -> list[Block]:
    return read_hwpx(package(section(*paragraphs)))


def _texts(*paragraphs: str) -> list[str]:
    return [block.text for block in _read(*paragraphs) if isinstance(block, Paragraph)]


def _code(content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_hwpx(content)
    return caught.value.code


def _one(text: str = "가") -> str:
    return tbl(tc(0, 0, p(text)))


# What a paragraph says


def test_a_paragraph_is_its_runs_joined_with_the_signs_in_them() -> None:
    assert _texts(p("총사업비", " 40", "백만원")) == ["총사업비 40백만원"]
    signs = "가<hp:tab/>나<hp:lineBreak/>다<hp:nbSpace/>라<hp:fwSpace/>마<hp:hyphen/>바"
    assert _texts(p(t(signs))) == ["가\t나\n다 라 마-바"]
    assert _texts(p(run("<hp:t>가</hp:t><hp:tab/><hp:t>나</hp:t>"))) == ["가\t나"]


def test_text_behind_a_mark_or_a_comment_is_not_lost() -> None:
    marked = '앞<hp:markpenBegin color="#FFFF00"/>가운데<hp:markpenEnd/><!-- 주석 --><?x y?>뒤'
    assert _texts(p(t(marked))) == ["앞가운데뒤"]


def test_letters_stay_as_they_are() -> None:
    assert _texts(p("  □ &lt;가&gt; &amp; ‘나’ １２３ \U0001f600 ")) == [
        "  □ <가> & ‘나’ １２３ \U0001f600 "
    ]


def test_an_empty_paragraph_counts_and_is_no_block() -> None:
    assert _read(p("가"), p(), p(run()), p(" "), p("나")) == [
        Paragraph(1, "가"),
        Paragraph(4, " "),
        Paragraph(5, "나"),
    ]


def test_letters_over_each_other_and_a_gloss() -> None:
    assert _texts(p("가", run('<hp:compose composeText="12"/>'), "나")) == ["가⑫나"]
    note = run('<hp:compose circleType="SHAPE_RECTANGLE" composeText="1"/>')
    assert _texts(p(note, "40")) == ["①40"]
    gloss = run(
        "<hp:dutmal><hp:mainText>본말</hp:mainText><hp:subText>덧말</hp:subText></hp:dutmal>"
    )
    assert _texts(p(gloss)) == ["본말"]


def test_one_rendering_of_the_same_thing_is_read() -> None:
    switch = "<hp:switch><hp:case><hp:t>새</hp:t></hp:case><hp:default><hp:t>옛</hp:t></hp:default></hp:switch>"
    assert _texts(p(run(switch))) == ["옛"]
    assert _texts(p(run("<hp:switch><hp:case><hp:t>새</hp:t></hp:case></hp:switch>"))) == ["새"]


def test_any_prefix_is_the_formats() -> None:
    content = section(p("가")).replace(b"hp:", b"x:").replace(b":hp=", b":x=")
    assert read_hwpx(package(content)) == [Paragraph(1, "가")]


# Tables


def test_text_before_between_and_behind_tables_of_one_paragraph() -> None:
    assert _read(p("앞", _one("1"), "사이", _one("2"), " ", _one("3"), "뒤"), p("끝")) == [
        Paragraph(1, "앞"),
        TableBlock(1, (GridCell(1, 1, "1"),)),
        Paragraph(2, "사이"),
        TableBlock(2, (GridCell(1, 1, "2"),)),
        TableBlock(3, (GridCell(1, 1, "3"),)),
        Paragraph(3, "뒤"),
        Paragraph(4, "끝"),
    ]


def test_the_paragraph_of_a_table_alone_does_not_count() -> None:
    assert _read(p(_one()), p("가"))[1] == Paragraph(1, "가")


def test_cells_stand_where_their_address_says() -> None:
    table = tbl(
        tc(1, 1, p("라")),
        tc(0, 1, p("나"), columns=2),
        tc(0, 0, p("가"), rows=2),
        tc(1, 2, p("마"), p(), p("바")),
        rows=2,
        columns=3,
    )
    assert _read(p(table)) == [
        TableBlock(
            1,
            (
                GridCell(1, 1, "가", 2, 1),
                GridCell(1, 2, "나", 1, 2),
                GridCell(2, 2, "라"),
                GridCell(2, 3, "마\n\n바"),
            ),
        )
    ]


def test_an_empty_cell_that_a_merge_left_is_no_cell() -> None:
    cells = [GridCell(1, 1, "가", 1, 2)]
    table = tbl(tc(0, 0, p("가"), columns=2), tc(0, 1, p()), columns=2)
    assert _read(p(table)) == [TableBlock(1, tuple(cells))]


def test_nested_tables_follow_their_outer_table_and_have_the_next_numbers() -> None:
    inner = tbl(tc(0, 0, p("안1", _one("속"))))
    outer = tbl(tc(0, 0, p("앞", inner, "뒤"), p("다음 줄")), tc(0, 1, p(_one("안2"))), columns=2)
    assert _read(p(outer), p(_one("밖"))) == [
        TableBlock(1, (GridCell(1, 1, "앞\n뒤\n다음 줄"), GridCell(1, 2, ""))),
        TableBlock(2, (GridCell(1, 1, "안1"),)),
        TableBlock(3, (GridCell(1, 1, "속"),)),
        TableBlock(4, (GridCell(1, 1, "안2"),)),
        TableBlock(5, (GridCell(1, 1, "밖"),)),
    ]


@pytest.mark.parametrize(("side", "places"), [("TOP", [0, 1]), ("BOTTOM", [1, 0])])
def test_a_caption_is_a_paragraph_beside_its_table(side: str, places: list[int]) -> None:
    words = (
        f'<hp:caption side="{side}"><hp:subList>{p("(단위 : 백만원)")}</hp:subList></hp:caption>'
    )
    blocks = [Paragraph(1, "(단위 : 백만원)"), TableBlock(1, (GridCell(1, 1, "가"),))]
    assert _read(p(tbl(tc(0, 0, p("가")), before=words))) == [blocks[place] for place in places]


def test_the_text_of_a_box_stands_where_the_box_does() -> None:
    drawn = f"<hp:drawText><hp:subList>{p('상자 1')}{p()}{p('상자 2', _one())}</hp:subList></hp:drawText>"
    box = run(f"<hp:container><hp:rect>{drawn}</hp:rect></hp:container>")
    assert _read(p("앞", box, "뒤")) == [
        Paragraph(1, "앞"),
        Paragraph(2, "상자 1"),
        Paragraph(3, "상자 2"),
        TableBlock(1, (GridCell(1, 1, "가"),)),
        Paragraph(4, "뒤"),
    ]
    assert _read(p(tbl(tc(0, 0, p("앞", box)))))[0] == TableBlock(
        1, (GridCell(1, 1, "앞\n상자 1\n상자 2"),)
    )


# What is not text


@pytest.mark.parametrize(
    "inside",
    [
        "<hp:ctrl><hp:header><hp:subList>{}</hp:subList></hp:header></hp:ctrl>",
        "<hp:ctrl><hp:footer><hp:subList>{}</hp:subList></hp:footer></hp:ctrl>",
        "<hp:ctrl><hp:footNote><hp:subList>{}</hp:subList></hp:footNote></hp:ctrl>",
        "<hp:ctrl><hp:endNote><hp:subList>{}</hp:subList></hp:endNote></hp:ctrl>",
        "<hp:ctrl><hp:hiddenComment><hp:subList>{}</hp:subList></hp:hiddenComment></hp:ctrl>",
        '<hp:ctrl><hp:fieldBegin type="MEMO"><hp:subList>{}</hp:subList></hp:fieldBegin></hp:ctrl>',
        "<hp:secPr><hp:header><hp:subList>{}</hp:subList></hp:header></hp:secPr>",
        "<hp:ctrl><hp:autoNum num='1'/></hp:ctrl>",
        "<hp:equation><hp:script>a over b</hp:script></hp:equation>",
        "<hp:pic><hp:shapeComment>그림입니다.</hp:shapeComment></hp:pic>",
    ],
)
def test_what_stands_beside_the_text_is_not_read(inside: str) -> None:
    beside = run(inside.format(p("딴 글", _one())))
    assert _read(p("앞", beside, "뒤")) == [Paragraph(1, "앞뒤")]


def test_memos_at_the_end_of_a_section_are_not_read() -> None:
    memo = f"<hp:memogroup><hp:memo><hp:paraList>{p('메모')}</hp:paraList></hp:memo></hp:memogroup>"
    assert _read(p("가"), memo) == [Paragraph(1, "가")]


# Tracked changes

_CUT, _END = '<hp:deleteBegin Id="1" TcId="1"/>', '<hp:deleteEnd Id="1" TcId="1" paraend="{}"/>'
_NEW, _NEW_END = '<hp:insertBegin Id="2" TcId="2"/>', '<hp:insertEnd Id="2" TcId="2" paraend="0"/>'


def _cut(inner: str, paragraph_end: int = 0) -> str:
    return _CUT + inner + _END.format(paragraph_end)


def test_a_changed_number_reads_as_changed() -> None:
    assert _texts(p(t(f"총 {_cut('100')}{_NEW}200{_NEW_END}백만원"))) == ["총 200백만원"]
    assert _texts(p(t("총 " + _CUT), "100", t("<hp:tab/>" + _END.format(0) + "200"))) == ["총 200"]
    cell = tbl(tc(0, 0, p(t(_cut("100") + "200"))))
    assert _read(p(cell)) == [TableBlock(1, (GridCell(1, 1, "200"),))]


def test_marks_may_stand_outside_the_text() -> None:
    assert _texts(p("가", run(_CUT), "나", _one(), run(_END.format(0)), "다")) == ["가다"]
    assert _texts(p("가", _CUT, "나", _END.format(0), "다")) == ["가다"]
    assert len(_read(p("가", run(_CUT), "나", _one(), run(_END.format(0)), "다"))) == 1


def test_overlapping_deletions_end_with_the_last() -> None:
    other, other_end = _CUT.replace("1", "7"), _END.format(0).replace("1", "7")
    assert _texts(p(t(f"{_CUT}가{other}나{_END.format(0)}다{other_end}라"))) == ["라"]


def test_a_deleted_paragraph_end_joins_two_paragraphs() -> None:
    assert _read(p(t("앞 " + _cut("100", 1))), p("200"), p("끝")) == [
        Paragraph(1, "앞 200"),
        Paragraph(2, "끝"),
    ]
    across = p(t("앞" + _CUT + "지움")), p("모두 지움"), p(t("지움" + _END.format(0) + "뒤"))
    assert _texts(*across) == ["앞뒤"]
    assert _texts(p(t(_cut("홀로", 1)))) == []


def test_a_deletion_without_an_end_does_not_swallow_the_rest() -> None:
    assert _code(package(section(p(t("가" + _CUT + "나")), p("다")))) == "damaged"


def test_an_end_without_a_deletion_is_nothing() -> None:
    assert _texts(p(t("가" + _END.format(0) + "나"))) == ["가나"]


# The parts of the package


def _parts(*order: str) -> bytes:
    items = "".join(f'<item id="{name}" href="{name}"/>' for name in sorted(order))
    spine = "".join(f'<itemref idref="{name}"/>' for name in order)
    return f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>".encode()


def _sections(count: int, **others: bytes) -> list[Block]:
    return read_hwpx(package(*(section(p(f"{n}")) for n in range(count)), **others))


def test_sections_follow_the_spine_or_else_their_numbers() -> None:
    assert [b.text for b in _sections(11)] == [str(n) for n in range(11)]  # type: ignore[union-attr]
    order = _parts(
        "Contents/header.xml", "Contents/section2.xml", "section0.xml", "/Contents/Section1.xml"
    )
    assert _sections(3, **{"Contents/content.hpf": order}) == [
        Paragraph(1, "2"),
        Paragraph(2, "0"),
        Paragraph(3, "1"),
    ]
    twice = _parts("Contents/section0.xml", "Contents/section0.xml")
    assert len(_sections(1, **{"Contents/content.hpf": twice})) == 1


def test_a_section_that_is_listed_and_missing_is_damage() -> None:
    listed = {"Contents/content.hpf": _parts("Contents/section0.xml", "Contents/section1.xml")}
    assert _code(package(section(p("가")), **listed)) == "damaged"
    assert _code(package(**{"Contents/header.xml": b"<head/>"})) == "damaged"


def test_encrypted_documents() -> None:
    manifest = (
        b"<odf:manifest><odf:file-entry><odf:encryption-data/></odf:file-entry></odf:manifest>"
    )
    assert _code(package(b"\x93\x12", **{"META-INF/manifest.xml": manifest})) == "encrypted"
    content = package(section(p("가")))
    place = content.index(b"PK\x01\x02")
    assert _code(content[: place + 8] + b"\x01\x00" + content[place + 10 :]) == "encrypted"


# Files made to do harm


def _nested(depth: int) -> str:
    table = "가"
    for _ in range(depth):
        table = tbl(tc(0, 0, p(table)))
    return p(table)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (p(tbl(tc(0, 0, p("가")), rows=60_000, columns=60_000)), "file_too_large"),
        (p(tbl(tc(0, 0, p("가"), rows=60_000, columns=60_000))), "file_too_large"),
        (p(tbl(tc(60_000, 0, p("가")), tc(0, 60_000, p("나")))), "file_too_large"),
        (p(*[tbl(rows=100, columns=100)] * 51), "file_too_large"),
        (p(tbl(tc(0, 0, p("가"), rows=2), tc(1, 0, p("나")))), "damaged"),
        (p(tbl(*[tc(0, 0, rows=400, columns=400)] * 5_000)), "damaged"),
        (p(tbl(tc(-1, 0, p("가")))), "damaged"),
        (p(tbl(tc(9_999_999, 0, p("가")))), "damaged"),
        (p(tbl(tc(0, 0, p("가"))).replace("rowAddr", "addr")), "damaged"),
        (p(tbl(tc(0, 0, p("가"))).replace('rowSpan="1"', 'rowSpan="둘"')), "damaged"),
        (p(tbl(tc(0, 0, p("가"))).replace('rowAddr="0"', 'rowAddr="²"')), "damaged"),
        (_nested(36), "hostile"),
        (_nested(400), "damaged"),
        ("<hp:p>" * 100_000 + "</hp:p>" * 100_000, "damaged"),
        ("<hp:p/>" * (MAX_TAGS + 1), "file_too_large"),
        (p("가")[:-1], "damaged"),
        ("<hp:p>&amp;nope;&nope;</hp:p>", "damaged"),
    ],
    ids=lambda value: value if len(value) < 20 else value[:20],
)
def test_hostile_sections(body: str, code: str) -> None:
    assert _code(package(section(body))) == code


def test_more_text_than_any_card_holds() -> None:
    big = b" " * (MAX_TEXT // 2 + 1)
    assert _code(package(section() + big, section() + big, method=zipfile.ZIP_STORED)) == (
        "file_too_large"
    )


@pytest.mark.parametrize(
    "kind",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://example.com/x.dtd">',
    ],
)
def test_document_types_are_refused_in_every_part(kind: str) -> None:
    bad, good = kind.encode() + section(p("가")), section(p("가"))
    assert _code(package(bad)) == "hostile"
    assert (
        _code(package(good, **{"Contents/content.hpf": kind.encode() + _parts("x")})) == "hostile"
    )
    assert _code(package(section(p("가")).decode().encode("utf-16"))) == "damaged"


@pytest.mark.slow
def test_bombs_and_odd_packages() -> None:
    assert _code(b"") == "damaged"
    assert _code("공약".encode()) == "damaged"
    content = package(section(p("가")))
    assert _code(content[:-30]) == "damaged"
    assert _code(package(section(p("가")), **{"BinData/x.bin": bytes(100_000_000)})) == "hostile"
    assert _code(package(section(p(" " * 60_000_000)))) == "hostile"
    assert _code(package(section(), **{"../x": b""})) == "hostile"
    assert _code(package(section(), **{f"x{n}": b"" for n in range(60_000)})) == "hostile"
    big_list = {"Contents/content.hpf": b"<a>" + b" " * 2_000_000 + b"</a>"}
    assert _code(package(section(), **big_list)) == "file_too_large"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_members() -> None:
    assert _code(package(section(), **{"contents/SECTION0.xml": section()})) == "hostile"


def test_one_section_listed_ten_thousand_times_is_read_once() -> None:
    spine = '<itemref idref="a"/>' * 10_000
    parts = f'<x><item id="a" href="Contents/section0.xml"/>{spine}</x>'.encode()
    assert len(_sections(1, **{"Contents/content.hpf": parts})) == 1


# Whatever is done to a card


def _card() -> bytes:
    return hwpx_bytes(card(), written_at=WRITTEN_AT)


def _blocks_or_problem(content: bytes) -> None:
    try:
        blocks = read_hwpx(content)
    except DocumentError:
        return
    assert all(isinstance(block, Paragraph | TableBlock) for block in blocks)


def test_a_cut_card() -> None:
    content = _card()
    for share in range(1, 20):
        assert _code(content[: len(content) * share // 20]) in ("damaged", "hostile")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_damaged_bytes_are_blocks_or_a_problem(seed: int) -> None:
    dice, content = random.Random(seed), _card()  # noqa: S311
    for _ in range(1_000):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        _blocks_or_problem(bytes(damaged))


def _swapped(dice: random.Random, xml: bytes) -> bytes:
    """Cut, repeat, move or change a piece of the markup."""
    begin = dice.randrange(len(xml))
    piece = xml[begin : begin + dice.choice([1, 3, 30, 300])]
    place = dice.randrange(len(xml))
    changes: list[Callable[[], bytes]] = [
        lambda: xml[:begin] + xml[begin + len(piece) :],
        lambda: xml[:place] + piece + xml[place:],
        lambda: xml.replace(
            b'"1"', b'"%d"' % dice.choice([0, 2, 9, 70_000]), dice.randrange(1, 90)
        ),
        lambda: xml.replace(piece[:1], dice.choice([b"<", b">", b"&", b"\0", b""]), 1),
        lambda: xml.replace(b"<hp:t>", b"<hp:t><hp:deleteBegin/>", dice.randrange(3)),
    ]
    return dice.choice(changes)()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_damaged_markup_is_blocks_or_a_problem(seed: int) -> None:
    dice, members = random.Random(seed), members_of(_card())  # noqa: S311
    for _ in range(1_000):
        xml = members[SECTION]
        for _ in range(dice.randint(1, 4)):
            xml = _swapped(dice, xml)
        _blocks_or_problem(package(xml))


def test_a_good_card_is_read() -> None:
    assert read_hwpx(_card()) == card()

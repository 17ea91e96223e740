"""A .pdf as blocks: ruled tables with spans, pages, and files that mean harm."""

import io
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from reportlab.lib import pagesizes
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from etl.documents.blocks import MAX_TEXT, Block, GridCell, Paragraph, TableBlock
from etl.documents.package import DocumentError
from etl.documents.pdf import MAX_PAGES, read_pdf
from etl.documents.ruled import unbroken
from tests.documents_samples import CARD, damaged, document, documents, outcomes, table, texts
from tests.documents_writers import FONT, write_pdf


def _code(content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_pdf(content)
    return caught.value.code


def _drawn(*pages: Callable[[Canvas], None]) -> bytes:
    """Return a PDF of pages that are drawn by hand."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=pagesizes.A4)
    for draw in pages:
        canvas.setFont(FONT, 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _without_space(blocks: list[Block]) -> list[Block]:
    """Return the blocks with the white space of their texts removed: words wrap in a PDF."""
    return document(
        *(
            "".join(block.text.split())
            if isinstance(block, Paragraph)
            else TableBlock(0, tuple(_bare(cell) for cell in block.cells))
            for block in blocks
        )
    )


def _bare(cell: GridCell) -> GridCell:
    return replace(cell, text="".join(cell.text.split()))


@pytest.mark.parametrize("open_sides", [False, True])
def test_a_card_is_read_with_its_spans(open_sides: bool) -> None:
    """Also where tables are drawn without their left and right lines, as is usual in print."""
    read = read_pdf(write_pdf(CARD, open_sides=open_sides, page_numbers=True))
    assert _without_space(read) == _without_space(CARD)
    assert all(block.spans_known for block in read if isinstance(block, TableBlock))


def test_a_word_that_wraps_keeps_its_line_break() -> None:
    read = read_pdf(write_pdf(CARD))
    assert isinstance(read[0], TableBlock)
    cell = read[0].at(2, 5)
    assert cell
    assert cell.text == "완료시기 (완료\n연도)"


@pytest.mark.slow
@settings(max_examples=25)
@given(documents())
def test_no_text_is_lost(blocks: list[Block]) -> None:
    content = write_pdf(blocks)
    if texts(blocks):
        assert sorted("".join(texts(read_pdf(content)))) == sorted("".join(texts(blocks)))
    else:
        assert _code(content) == "no_text"


def _long_table(rows: int) -> TableBlock:
    lines = [f"{number}번 사업 | 구 비 | {number} | 0" for number in range(1, rows + 1)]
    return table("구 분 | 재원별 | 2021년 | <", "^ | ^ | 확보액 | 집행액", *lines)


@pytest.mark.slow
@pytest.mark.parametrize("repeat_rows", [0, 2])
def test_a_table_that_goes_on_overleaf_is_one(repeat_rows: int) -> None:
    """120 rows on three pages; where the header is printed again it is not read again."""
    blocks = document("앞", _long_table(120), "뒤")
    content = write_pdf(blocks, repeat_rows=repeat_rows, page_numbers=True)
    assert content.count(b"/Type /Page\n") >= 3
    read = read_pdf(content)
    assert _without_space(read) == _without_space(blocks)
    assert isinstance(read[1], TableBlock)
    assert read[1].locator(122, 3) == "표1 122행3열"


def test_another_table_overleaf_is_another_table() -> None:
    def one(canvas: Canvas) -> None:
        canvas.grid([100, 200, 300], [100, 120, 140])
        canvas.drawString(110, 125, "가")

    def two(canvas: Canvas) -> None:
        canvas.grid([100, 250, 300], [700, 720, 740])
        canvas.drawString(110, 725, "나")

    assert len(read_pdf(_drawn(one, two))) == 2
    assert len(read_pdf(_drawn(one, one))) == 1


def test_text_between_two_pages_parts_their_tables() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(100, 750, "가온과")
        canvas.grid([100, 200, 300], [700, 720, 740])

    kinds = [type(block) for block in read_pdf(_drawn(page, page))]
    assert kinds == [Paragraph, TableBlock, Paragraph, TableBlock]


def test_page_numbers_are_no_text() -> None:
    """A page is 842 points high: the lowest 67 may hold its number, and so may the highest."""

    def page(canvas: Canvas) -> None:
        canvas.drawString(100, 810, "3 / 12")
        canvas.drawString(100, 750, "2021")
        canvas.drawString(100, 40, "- 3 -")

    assert read_pdf(_drawn(page)) == [Paragraph(1, "2021")]


def test_a_frame_around_a_page_is_no_table() -> None:
    def page(canvas: Canvas) -> None:
        canvas.rect(50, 50, 500, 740)
        canvas.drawString(100, 750, "공약")
        canvas.grid([100, 200, 300], [600, 620, 640])
        canvas.drawString(110, 625, "가")
        canvas.drawString(210, 605, "나")

    assert read_pdf(_drawn(page)) == document("공약", table("가 | ", " | 나"))


@pytest.mark.parametrize(
    "points",
    [
        [(72, 400), (100, 450), (172, 400), (72, 400)],  # a triangle
        [(72, 400), (180, 440), (100, 300)],
        [(72, 400), (100, 410), (130, 411), (160, 400)],  # nearly a curve
    ],
)
def test_a_slanted_edge_is_no_line_of_a_table(points: list[tuple[float, float]]) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(100, 750, "공약")
        path = canvas.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        path.curveTo(10, 10, 40, 80, *points[0])
        canvas.drawPath(path)

    assert read_pdf(_drawn(page)) == document("공약")


@pytest.mark.parametrize("lean", [0, 0.4, -0.4])
def test_a_table_with_a_diagonal_in_its_corner(lean: float) -> None:
    """Also where its lines lean as little as rounding makes them."""

    def page(canvas: Canvas) -> None:
        for y in (600, 620, 640):
            canvas.line(100, y, 300, y + lean)
        for x in (100, 200, 300):
            canvas.line(x, 600, x + lean, 640)
        canvas.line(100, 640, 200, 620)
        for x, y, text in ((210, 625, "나"), (110, 605, "다"), (210, 605, "라")):
            canvas.drawString(x, y, text)

    assert read_pdf(_drawn(page)) == document(table(" | 나", "다 | 라"))


def test_what_fails_in_our_own_code_is_not_called_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr("etl.documents.pdf.ruled_tables", fails)
    with pytest.raises(KeyError):
        read_pdf(write_pdf(CARD))


def test_a_glyph_that_two_characters_share_is_what_it_looks_like() -> None:
    """Printing programs name a blank U+0001, and an ideograph by its radical, in some fonts."""
    blank, radical = (_mapped(ord(" "), 0x01), _mapped(ord("*"), 0x2FB6))
    assert read_pdf(blank) == [Paragraph(1, "a b*c")]
    assert read_pdf(radical) == [Paragraph(1, "a b飛c")]


def _mapped(code: int, character: int) -> bytes:
    """Return one line, `a b*c`, whose font says of one code that it is another character."""
    names = {n: n for n in map(ord, "a b*c")} | {code: character}
    told = "".join(f"<{key:02x}> <{value:04x}>\n" for key, value in names.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(names)} beginbfchar\n{told}endbfchar endcmap end end"
    )
    return _raw_pdf(b"BT /F1 12 Tf 72 700 Td (a b*c) Tj ET", cmap.encode())


def _raw_pdf(drawing: bytes, cmap: bytes) -> bytes:
    streams = [b"<</Length %d>>\nstream\n%s\nendstream" % (len(s), s) for s in (drawing, cmap)]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        streams[0], b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>", streams[1],
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 7\n0000000000 65535 f \n"
    return out + head + rows + b"trailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)


def test_a_table_in_a_cell_stands_between_the_lines_of_the_cell() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([100, 200, 500], [400, 640])
        canvas.grid([220, 300, 400], [500, 520, 540])
        for x, y, text in ((110, 620, "추진계획"), (210, 620, "앞"), (230, 525, "가"),
                           (310, 505, "나"), (210, 420, "뒤")):  # fmt: skip
            canvas.drawString(x, y, text)

    outer, inner = read_pdf(_drawn(page))
    assert isinstance(outer, TableBlock)
    assert [cell.text for cell in outer.cells] == ["추진계획", "앞\n뒤"]
    assert outer.cells[1].held == (Paragraph(0, "앞"), inner, Paragraph(0, "뒤"))
    assert inner == replace(table("가 | ", " | 나"), number=2)


@pytest.mark.parametrize(
    ("rise", "size", "before", "text"),
    [
        (4, 6, False, "40¹"), (5, 5, True, "¹40"),
        (0, 10, False, "401"), (0, 9, False, "401"),
    ],
)  # fmt: skip
def test_a_small_digit_off_the_line_joins_no_number(
    rise: float, size: float, before: bool, text: str
) -> None:
    def page(canvas: Canvas) -> None:
        def note(x: float) -> None:
            canvas.setFont(FONT, size)
            canvas.drawString(x, 700 + rise, "1")
            canvas.setFont(FONT, 10)

        if before:
            note(100 - size / 2)
        canvas.drawString(100, 700, "40")
        if not before:
            note(110)

    (line,) = read_pdf(_drawn(page))
    assert line == Paragraph(1, text)


def test_bold_by_printing_twice_is_one_text() -> None:
    def page(canvas: Canvas) -> None:
        for shift in (0, 0.3):
            canvas.drawString(100 + shift, 700, "확보액 1,100")

    assert read_pdf(_drawn(page)) == [Paragraph(1, "확보액 1,100")]


def test_a_table_with_a_place_that_no_lines_close() -> None:
    """Three boxes of a 2 × 2 grid: the text in the open corner is not in the table."""

    def page(canvas: Canvas) -> None:
        canvas.rect(100, 620, 100, 20)
        canvas.rect(200, 620, 100, 20)
        canvas.rect(100, 600, 100, 20)
        canvas.drawString(110, 625, "가")
        canvas.drawString(210, 625, "나")
        canvas.drawString(110, 605, "다")
        canvas.drawString(210, 605, "라")

    grid, corner = read_pdf(_drawn(page))
    assert isinstance(grid, TableBlock)
    assert [cell.text for cell in grid.cells] == ["가", "나", "다"]
    assert not grid.spans_known
    assert corner == Paragraph(1, "라")


def test_a_picture_of_a_page_has_no_text() -> None:
    assert _code(_drawn(lambda canvas: canvas.rect(50, 50, 100, 100, fill=1))) == "no_text"


def test_a_font_that_does_not_tell_its_characters_has_no_text() -> None:
    """Glyph numbers without a table to characters: nothing of it can be read."""
    content = _plain(lambda canvas: canvas.drawString(100, 700, "공약"))
    unknown = content.replace(b"/UniKS-UCS2-H", b"/Identity-H   ").replace(
        b"Adobe-Korea1", b"Adobe-Identi"
    )
    assert unknown != content
    assert _code(unknown) == "no_text"


def _plain(draw: Callable[[Canvas], None]) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pageCompression=0)
    canvas.setFont(FONT, 10)
    draw(canvas)
    canvas.save()
    return stream.getvalue()


def test_a_password() -> None:
    assert _code(write_pdf(CARD, password="비밀".encode().hex())) == "encrypted"


def test_damaged_files() -> None:
    good = write_pdf(CARD)
    assert _code(good[: len(good) // 2]) == "truncated"
    assert _code(b"") == "truncated"
    assert _code(b"%PDF-1.7\n%%EOF") == "damaged"
    assert _code(good.replace(b"/Root", b"/Toor")) == "damaged"


def test_too_much() -> None:
    pages = [lambda canvas: canvas.drawString(100, 700, "공약")] * (MAX_PAGES + 1)
    assert _code(_drawn(*pages)) == "file_too_large"
    lines = range(0, 800, 8)  # 100 × 100 crossings, then 2,200 lines that do not touch

    assert _code(_drawn(lambda canvas: canvas.grid(lines, lines))) == "file_too_large"
    stripes = [(10 + n % 50 * 10, 10 + n // 50 * 5) for n in range(2_200)]
    stray = _drawn(lambda canvas: canvas.lines([(x, y, x + 4, y) for x, y in stripes]))
    assert _code(stray) == "file_too_large"


@pytest.mark.slow
def test_a_stream_that_would_fill_the_memory() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    stream = b"9 0 obj <</Filter /FlateDecode /Length %d>> stream\n%s\nendstream endobj\n"
    good = write_pdf(CARD)
    place = good.index(b"%PDF-1.4\n") + 9
    content = good[:place] + stream % (len(bomb), bomb) + good[place:]
    assert len(content) < 300_000
    assert _code(content) == "hostile"


def test_more_text_than_any_card_holds_but_a_font_may_be_large() -> None:
    packed = zlib.compress(b"0 0 m\n" * (MAX_TEXT // 6 + 1), 9)
    stream = b"9 0 obj <</Filter /FlateDecode /Length %d%s>> stream\n%s\nendstream endobj\n"
    good = write_pdf(CARD)
    place = good.index(b"%PDF-1.4\n") + 9
    drawn = good[:place] + stream % (len(packed), b"", packed) + good[place:]
    assert _code(drawn) == "file_too_large"
    font = good[:place] + stream % (len(packed), b" /Length1 9", packed) + good[place:]
    assert read_pdf(font) == read_pdf(good)


@pytest.mark.slow
def test_damage_ends_in_blocks_or_a_typed_error() -> None:
    packed, plain = write_pdf(CARD), _plain(lambda canvas: canvas.grid([100, 200], [300, 320]))
    copies = (*damaged(packed, 100), *damaged(plain, 200))
    assert outcomes(read_pdf, copies) == {"blocks", "refused"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,14\n0", "1,140"),
        ("969.\n5", "969.5"),
        ("100\n%", "100%"),
        ("10\n20", "10\n20"),  # two numbers, for all we know
        ("1,140\n20", "1,140\n20"),
        ("3\nO", "3\nO"),
        ("2019\n년", "2019\n년"),
    ],
)
def test_a_number_that_wraps_is_one_where_nothing_else_fits(text: str, expected: str) -> None:
    assert unbroken(text) == expected

"""A .docx as blocks: merged cells, order, tracked changes, and files that mean harm."""

import io
import zipfile

import docx
import pytest
from hypothesis import given, settings

from etl.documents.blocks import MAX_NESTING, MAX_TEXT, Block, Paragraph, TableBlock
from etl.documents.docx import MAIN_PART, read_docx
from etl.documents.package import DocumentError
from tests.documents_samples import CARD, damaged, document, documents, outcomes, table
from tests.documents_writers import write_docx

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _with_body(body: str, head: str = "", namespace: str = W) -> bytes:
    """Return a .docx whose body is this WordprocessingML."""
    xml = f'{head}<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>'
    return _package(xml.encode())


def _package(xml: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(MAIN_PART, xml)
    return stream.getvalue()


def _p(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def _r(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def _tc(text: str, properties: str = "", more: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{_p(_r(text))}{more}</w:tc>"


def _tbl(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def _code(content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_docx(content)
    return caught.value.code


def test_a_card_is_read_as_it_was_written() -> None:
    assert read_docx(write_docx(CARD)) == CARD


@pytest.mark.slow
@settings(max_examples=60)
@given(documents())
def test_whatever_was_written_is_read(blocks: list[Block]) -> None:
    assert read_docx(write_docx(blocks)) == blocks


def test_python_docx_sees_the_same_cells() -> None:
    """Another reader of the same file: each place of the grid shows the text of its cell."""
    content = write_docx(CARD)
    others = docx.Document(io.BytesIO(content)).tables
    ours = [block for block in read_docx(content) if isinstance(block, TableBlock)]
    assert len(ours) == len(others) == 4
    for block, other in zip(ours, others, strict=True):
        for row in range(1, block.row_count + 1):
            shown = [cell.text for cell in other.rows[row - 1].cells]
            cells = [block.at(row, column) for column in range(1, block.column_count + 1)]
            assert [cell.text for cell in cells if cell] == shown


def test_text_and_tables_keep_their_order() -> None:
    blocks = document("앞", table("가 | 나"), "사이", table("다 | 라"), "뒤")
    read = read_docx(write_docx(blocks))
    assert [type(block) for block in read] == [
        Paragraph,
        TableBlock,
        Paragraph,
        TableBlock,
        Paragraph,
    ]
    assert [block.number for block in read] == [1, 1, 2, 2, 3]


def test_blank_paragraphs_are_not_counted() -> None:
    assert read_docx(_with_body(_p() + _p(_r(" ")) + _p(_r("공약")))) == [Paragraph(1, "공약")]


def test_tracked_deletions_are_gone_and_insertions_stay() -> None:
    changed = _p(
        _r("확보액 "),
        "<w:del><w:r><w:delText>100</w:delText></w:r></w:del>",
        "<w:ins><w:r><w:t>200</w:t></w:r></w:ins>",
        "<w:moveFrom><w:r><w:t>옮김 전</w:t></w:r></w:moveFrom>",
        "<w:moveTo><w:r><w:t> 옮김 후</w:t></w:r></w:moveTo>",
    )
    assert read_docx(_with_body(changed)) == [Paragraph(1, "확보액 200 옮김 후")]


def test_a_deleted_end_of_a_paragraph_joins_the_next() -> None:
    joined = '<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>작은</w:t></w:r></w:p>'
    assert read_docx(_with_body(joined + _p(_r("도서관")))) == [Paragraph(1, "작은도서관")]


def test_a_deleted_row_is_no_row() -> None:
    deleted = "<w:trPr><w:del/></w:trPr>" + _tc("지움")
    read = read_docx(_with_body(_tbl(_tc("가"), deleted, _tc("나"))))
    assert read == document(table("가", "나"))


def test_a_nested_table_follows_its_outer_table() -> None:
    inner = _tbl(_tc("안쪽")) + _p()
    outer = _tbl(_tc("가") + _tc("나", more=inner), _tc("다") + _tc("라"))
    body = outer + _tbl(_tc("다음"))
    assert read_docx(_with_body(body)) == document(
        table("가 | 나", "다 | 라"), table("안쪽"), table("다음")
    )


def test_a_small_digit_above_the_line_joins_no_number() -> None:
    small = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    note = f"<w:r>{small}<w:t>1</w:t></w:r>"
    assert read_docx(_with_body(_p(_r("40"), note))) == document("40¹")


def test_text_inside_content_controls_links_and_boxes_is_kept() -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{_p(_r('양식'))}</w:sdtContent></w:sdt>"
    link = _p(_r("누리집 "), f"<w:hyperlink>{_r('주소')}</w:hyperlink>")
    box = f"<w:pict><w:txbxContent>{_p(_r('상자'))}{_tbl(_tc('칸'))}</w:txbxContent></w:pict>"
    held = f"<w:sdt><w:sdtContent>{_tc('나')}</w:sdtContent></w:sdt>"
    body = control + link + _p(_r("둘레"), f"<w:r>{box}</w:r>") + _tbl(_tc("가") + held)
    assert read_docx(_with_body(body)) == document(
        "양식", "누리집 주소", "둘레", "상자", table("칸"), table("가 | 나")
    )


def test_the_copy_for_older_programs_is_no_second_text() -> None:
    def box(text: str) -> str:
        return f"<w:txbxContent>{_p(_r(text))}</w:txbxContent>"

    both = f"<w:AlternateContent><w:Choice>{box('상자')}</w:Choice><w:Fallback>{box('상자')}</w:Fallback></w:AlternateContent>"
    assert read_docx(_with_body(_p(f"<w:r>{both}</w:r>"))) == document("상자")


def test_tabs_and_line_breaks_are_characters() -> None:
    run = '<w:r><w:t>가</w:t><w:tab/><w:t>나</w:t><w:br/><w:t>다</w:t><w:br w:type="page"/><w:noBreakHyphen/></w:r>'
    tabs = "<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>"
    assert read_docx(_with_body(_p(tabs, run))) == [Paragraph(1, "가\t나\n다-")]


def test_a_row_may_begin_further_right() -> None:
    shifted = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + _tc("다")
    (block,) = read_docx(_with_body(_tbl(_tc("가") + _tc("나"), shifted)))
    assert isinstance(block, TableBlock)
    assert [(c.row, c.column, c.text) for c in block.cells] == [
        (1, 1, "가"),
        (1, 2, "나"),
        (2, 2, "다"),
    ]


def test_a_merge_that_continues_nothing_is_a_cell_of_its_own() -> None:
    wider = _tc("나", '<w:gridSpan w:val="2"/><w:vMerge/>')
    (block,) = read_docx(_with_body(_tbl(_tc("가", "<w:vMerge/>"), wider)))
    assert isinstance(block, TableBlock)
    assert [(c.row, c.row_span, c.column_span, c.text) for c in block.cells] == [
        (1, 1, 1, "가"),
        (2, 1, 2, "나"),
    ]


def test_the_strict_variant_is_read() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    merged = _tc("가", '<w:gridSpan w:val="2"/>')
    content = _with_body(_tbl(merged, _tc("나") + _tc("다")), namespace=strict)
    assert read_docx(content) == document(table("가 | <", "나 | 다"))


@pytest.mark.slow
def test_hostile_documents() -> None:
    good = write_docx(CARD)
    entity = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    assert _code(_with_body(_p(_r("&a;")), head=entity)) == "hostile"
    assert _code(_with_body(_nested(MAX_NESTING + 2))) == "hostile"
    assert _code(_with_body(_p(_r("가")) + " " * MAX_TEXT)) in ("hostile", "file_too_large")
    assert _code(_with_body(_nested(400))) == "damaged"  # deeper than the XML parser goes
    assert _code(_with_body("<w:p>" * 100_000)) == "damaged"
    for span in ("60000", "999999999"):
        huge = _tbl(_tc("가", f'<w:gridSpan w:val="{span}"/>'))
        assert _code(_with_body(huge)) == "file_too_large"
    wide = _tc("가", '<w:gridSpan w:val="500"/>')
    assert _code(_with_body(_tbl(*[wide] * 1_001))) == "file_too_large"  # 500,500 places
    assert _code(_with_body("<w:p/>" * 20_000_000)) in ("hostile", "file_too_large")
    assert _code(good[:-200]) == "damaged"
    assert _code(good[: len(good) // 2]) == "damaged"
    assert _code(b"") == "damaged"


def _nested(levels: int) -> str:
    opened, closed = _tbl(_tc("가", more="|")).split("|")
    return opened * levels + closed * levels


def test_tables_nested_as_people_nest_them_are_read() -> None:
    assert len(read_docx(_with_body(_nested(10)))) == 10


def test_spans_that_are_no_numbers_are_one() -> None:
    for span in ("", "x", "-3", "0", "²", "9" * 5_000):
        assert read_docx(_with_body(_tbl(_tc("가", f'<w:gridSpan w:val="{span}"/>')))) == document(
            table("가")
        )


def test_a_package_without_a_body_is_damaged() -> None:
    assert _code(_package(b"<document/>")) == "damaged"


@pytest.mark.slow
def test_damage_ends_in_blocks_or_a_typed_error() -> None:
    """Bytes changed in the XML, then anywhere in the package: nothing else than DocumentError."""
    content = write_docx(CARD)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = package.read(MAIN_PART)
    copies = (*map(_package, damaged(xml, 400)), *damaged(content, 400))
    assert outcomes(read_docx, copies) == {"blocks", "refused"}

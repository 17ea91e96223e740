"""Which document a file is: by what it holds, whatever it is called."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from etl.documents.blocks import Block
from etl.documents.formats import document_format, read_blocks
from etl.documents.isolation import read_each
from etl.documents.package import DocumentError
from etl.problems import PROBLEM_CODES, CellProblem
from tests.documents_samples import CARD, texts
from tests.documents_writers import write_docx, write_pdf, write_text, write_xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return stream.getvalue()


def _code(content: bytes, name: str = "카드.hwpx") -> str:
    with pytest.raises(DocumentError) as caught:
        read_blocks(content, name)
    assert caught.value.code in PROBLEM_CODES
    return caught.value.code


@pytest.mark.parametrize("name", ["카드", "카드.hwp", "카드.xlsx", "카드.pdf", "카드.TXT"])
def test_a_name_says_nothing_about_a_file_with_a_mark(name: str) -> None:
    assert document_format(write_docx(CARD), name) == "docx"
    assert document_format(write_xlsx(CARD), name) == "xlsx"
    assert document_format(write_pdf(CARD), name) == "pdf"
    assert document_format(b"\n" * 1_000 + b"%PDF-1.4", name) == "pdf"
    assert document_format(_zip({"mimetype": b"application/hwp+zip"}), name) == "hwpx"
    assert document_format(_zip({"Contents/section0.xml": b"<sec/>"}), name) == "hwpx"
    assert document_format(OLE + b"HWP Document File" + bytes(15), name) == "hwp"
    assert document_format(OLE + "Workbook".encode("utf-16-le"), name) is None


def test_only_text_is_known_by_its_name() -> None:
    content = write_text(CARD)
    assert document_format(content, "카드.txt") == "text"
    assert document_format(content, "카드.MD") == "text"
    assert document_format(content, "카드.hwp") is None
    assert document_format(b"", "카드") is None


@pytest.mark.parametrize("write", [write_docx, write_xlsx, write_pdf, write_text])
def test_a_card_is_the_same_in_every_format(write: Callable[[list[Block]], bytes]) -> None:
    assert texts(read_blocks(write(CARD), "카드.txt")) == texts(CARD)


def test_what_is_no_document() -> None:
    assert _code(b"") == "truncated"
    assert _code("공약".encode()) == "not_a_workbook"
    assert _code(_zip({"readme": b"x"})) == "not_a_workbook"
    assert _code(OLE + "Workbook".encode("utf-16-le")) == "old_xls"
    assert _code(OLE + "EncryptedPackage".encode("utf-16-le"), "카드.docx") == "encrypted"
    assert _code(OLE + "WordDocument".encode("utf-16-le"), "카드.doc") == "not_a_workbook"
    assert _code(write_docx(CARD)[:5_000]) == "truncated"
    assert _code(b"\xff\xfe\xfa", "카드.txt") == "damaged"


def test_a_bomb_is_refused_whatever_it_calls_itself() -> None:
    bomb = {"word/document.xml": b"<w/>", "word/media/zeros.bin": bytes(100_000_000)}
    assert _code(_zip(bomb)) == "hostile"


@pytest.mark.slow
def test_a_file_that_takes_the_memory_of_its_worker_costs_no_other() -> None:
    """A font of a PDF that claims a thousand million widths, between two good cards."""
    good = write_pdf(CARD)
    claim = good.replace(b"/W [", b"/W [ 1 999999999 500 ", 1)
    assert claim != good
    items = [(1, good, "카드.pdf"), (2, claim, "카드.pdf"), (3, write_docx(CARD), "카드.docx")]
    first, second, third = (
        found for _, found in read_each(items, read_blocks, workers=1, seconds=60, memory_mb=256)
    )
    assert second == CellProblem("unreadable", "메모리 초과")
    assert isinstance(first, list)
    assert texts(first) == texts(CARD)
    assert third == CARD

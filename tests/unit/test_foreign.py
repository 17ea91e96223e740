"""Files of other programs are called by their names, by content first."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from etl.documents.foreign import foreign
from etl.pipeline.reading import read_submission
from tests.card_documents import as_hwpx
from tests.card_factory import CardModel, card_blocks
from tests.documents_hwp import hwp_bytes, packed
from tests.documents_writers import write_docx, write_pdf, write_text, write_xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HWPML = '<?xml version="1.0" encoding="{}" standalone="no" ?>\n<HWPML Style="embed"><HEAD/></HWPML>'


def ole(*streams: str) -> bytes:
    return OLE + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)


def open_document(kind: str) -> bytes:
    return packed(
        {"mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(), "content.xml": b"<o/>"},
        zipfile.ZIP_STORED,
    )


FILES: dict[str, tuple[bytes, str, str]] = {
    "Fasoo": (
        b"\x9b DRMONE  This Document is encrypted and protected by Fasoo DRM \0\0" + bytes(99),
        "document_security", "Fasoo",
    ),
    "Fasoo, another header": (b"\x01\0FasooSecureContainer\0" + bytes(99), "document_security", "Fasoo"),
    "SoftCamp": (b"SCDSA002\0\0\xf0\x06" + bytes(99), "document_security", "SoftCamp"),
    "SoftCamp 4": (b"SCDSA004" + bytes(99), "document_security", "SoftCamp"),
    "MarkAny": (b"<!-- MarkAny DRM -->" + bytes(99), "document_security", "MarkAny"),
    "DocumentSafer": (b"\0\0DOCUMENTSAFER\0" + bytes(99), "document_security", "DocumentSafer"),
    "IRM": (ole("\x06DataSpaces", "DRMEncryptedTransform", "EncryptedPackage"),
            "document_security", "Microsoft IRM"),
    "HWP 3": (b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05" + bytes(99), "old_hangul", "HWP 3"),
    "HWP 2": (b"HWP Document File V2.10 \x1a" + bytes(99), "old_hangul", "HWP 3"),
    "HWPML": (HWPML.format("UTF-8").encode(), "old_hangul", "HWPML"),
    "HWPML with a mark": (HWPML.format("UTF-8").encode("utf-8-sig"), "old_hangul", "HWPML"),
    "HWPML in UTF-16": (HWPML.format("UTF-16").encode("utf-16"), "old_hangul", "HWPML"),
    "xls": (ole("Root Entry", "Workbook"), "old_xls", ".xls"),
    "xlsb": (packed({"xl/workbook.bin": b"\x83\x01\0", "[Content_Types].xml": b"<T/>"}),
             "other_workbook", ".xlsb"),
    "ods": (open_document("spreadsheet"), "other_workbook", ".ods"),
    "odt": (open_document("text"), "other_document", ".odt"),
    "doc": (ole("Root Entry", "WordDocument"), "other_document", ".doc"),
    "rtf": (b"{\\rtf1\\ansi }", "other_document", ".rtf"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", ["보고서.xlsx", "카드.hwp", "카드.hwpx", "이름"])
def test_a_file_is_known_by_its_content(kind: str, name: str) -> None:
    content, code, called = FILES[kind]
    staged = read_submission(content, name)
    assert [(p.code, p.seen) for p in staged.problems] == [(code, called)]
    assert staged.form_code is None


@pytest.mark.parametrize(
    ("content", "name", "called"),
    [
        ("공약번호,공약명\n1-1,쉼터\n".encode("cp949"), "보고서.CSV", ".csv"),
        ("공약번호\t공약명\n".encode(), "보고서.tsv", ".csv"),
        (b"<html><table><tr><td>1</td></tr></table>", "보고서.xls", "웹 페이지(HTML)"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><?mso-application progid=\"Excel.Sheet\"?>", "a.xls",
         "엑셀 2003 XML"),
    ],
)  # fmt: skip
def test_a_text_is_known_by_its_name(content: bytes, name: str, called: str) -> None:
    assert foreign(content, name) == ("other_workbook", called)


def _workbook() -> bytes:
    stream = io.BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


@pytest.mark.slow
def test_what_has_a_reader_is_none_of_these() -> None:
    blocks = card_blocks(CardModel(goal=("- Fasoo, MarkAny, SCDSA002, <HWPML>, xl/workbook.bin",)))
    writers = {
        "hwpx": as_hwpx, "hwp": hwp_bytes, "docx": write_docx, "pdf": write_pdf, "txt": write_text,
        "xlsx": write_xlsx,
    }  # fmt: skip
    for kind, write in writers.items():
        assert foreign(write(blocks), f"카드.{kind}") is None, kind
    assert foreign(_workbook(), "보고서.csv") is None


def test_a_password_is_no_document_security() -> None:
    assert foreign(ole("\x06DataSpaces", "EncryptedPackage"), "보고서.xlsx") is None


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04mimetype", OLE, b"hello", b"<", b"\0"])
def test_what_is_not_known_is_left_to_the_readers(content: bytes) -> None:
    assert foreign(content, "카드.hwpx") is None
    assert foreign(content, "카드.txt") is None

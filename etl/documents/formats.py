"""Which document a file is, by its content and not by its name, and its blocks."""

from importlib import import_module

from etl.documents.blocks import Block
from etl.documents.package import OLE, DocumentError, Package
from etl.documents.relations import workbook_part

# Imported when first needed: a process that reads returns has no use for a PDF library.
_READERS = {
    "hwpx": ("etl.documents.hwpx", "read_hwpx"),
    "hwp": ("etl.documents.hwp", "read_hwp"),
    "docx": ("etl.documents.docx", "read_docx"),
    "pdf": ("etl.documents.pdf", "read_pdf"),
    "text": ("etl.documents.plain_text", "read_text"),
    "xlsx": ("etl.documents.card_book", "read_card_book"),
}
_MEMBERS = {
    "contents/section0.xml": "hwpx",
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
}
_HWP_SIGNATURE = b"HWP Document File"
_PDF_WITHIN = 1024  # bytes in which a PDF may begin
_TEXT_NAMES = (".txt", ".md")


def document_format(content: bytes, file_name: str) -> str | None:
    """Return hwpx, hwp, docx, pdf, text or xlsx; None for anything else, damaged packages too.

    Only text, which has no mark of its own, is known by its name.
    """
    if content.startswith(b"PK"):
        return _package_format(content)
    if content.startswith(OLE):
        return "hwp" if _HWP_SIGNATURE in content else None
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return "pdf"
    return "text" if file_name.lower().endswith(_TEXT_NAMES) else None


def _package_format(content: bytes) -> str | None:
    try:
        package = Package(content)
        if "mimetype" in package.members and package.read("mimetype") == b"application/hwp+zip":
            return "hwpx"
    except DocumentError:
        return None
    known = next((kind for name, kind in _MEMBERS.items() if name in package.members), None)
    return known or _workbook_elsewhere(package)


def _workbook_elsewhere(package: Package) -> str | None:
    """Return xlsx for a package that says that its workbook lies at another place."""
    try:
        return "xlsx" if workbook_part(package) else None
    except DocumentError:
        return None


def read_blocks(content: bytes, file_name: str) -> list[Block]:
    """Return the paragraphs and tables of a document of any known format, in order.

    Raises DocumentError with the codes of its reader. What is no document is judged by the guard
    of workbooks: `not_a_workbook`, `old_xls`, `encrypted`, `truncated`, `damaged`, `hostile`.
    """
    module, function = _READERS[document_format(content, file_name) or "xlsx"]
    blocks: list[Block] = getattr(import_module(module), function)(content)
    return blocks

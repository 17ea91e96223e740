"""One submitted file of any kind → staged rows: a workbook's tables, or the cards of a document."""

from __future__ import annotations

from etl.documents.card_book import read_card_book
from etl.documents.formats import document_format, read_blocks
from etl.documents.package import DocumentError
from etl.problems import CellProblem
from etl.read_card import read_card
from etl.read_workbook import read_workbook
from etl.staged import StagedFile


def read_submission(content: bytes, file_name: str) -> StagedFile:
    """Read one file by what it is, not by its name; a bad one has a problem and never raises.

    What is no document at all is judged as a workbook. A workbook without the form's tables may
    hold a card laid out in cells.
    """
    kind = document_format(content, file_name)
    if kind in (None, "xlsx"):
        staged = read_workbook(content, file_name)
        staged.document_format = kind
        return _card_in_cells(content, file_name) or staged if _is_other_form(staged) else staged
    try:
        staged = read_card(read_blocks(content, file_name), file_name)
    except DocumentError as error:
        staged = StagedFile(problems=[CellProblem(error.code, error.seen or file_name)])
    staged.document_format = kind
    return staged


def _is_other_form(staged: StagedFile) -> bool:
    return staged.form_code is None and {p.code for p in staged.problems} == {"other_form"}


def _card_in_cells(content: bytes, file_name: str) -> StagedFile | None:
    try:
        staged = read_card(read_card_book(content), file_name)
    except DocumentError:
        return None
    staged.document_format = "xlsx"
    return staged if staged.form_code else None

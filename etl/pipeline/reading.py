"""Submitted files of any kind → staged rows: a workbook's tables, or the cards of a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from etl import collect as collecting
from etl.documents.card_book import read_card_book
from etl.documents.foreign import foreign
from etl.documents.formats import document_format, read_blocks
from etl.documents.isolation import read_each
from etl.documents.package import DocumentError
from etl.form import stages
from etl.problems import CellProblem
from etl.read_card import read_card
from etl.read_workbook import read_workbook
from etl.settings import settings
from etl.staged import StagedFile, stage_columns
from etl.warehouse import transaction

Contents = Callable[[str], bytes]


@dataclass(frozen=True)
class ReadRecord:
    """What reading a batch did.

    `files` says of each file read now whose it is; `rows` were staged; `repeated` gives the name of
    a file whose content is in force already, and the submission that brought it.
    """

    files: list[dict[str, Any]]
    rows: int
    repeated: dict[str, int]


def read_files(
    files: Iterable[tuple[int, str, str]], contents: Contents
) -> Iterator[tuple[int, StagedFile | CellProblem]]:
    """Read files, told as number, sha256 and name; `contents` gives the bytes of a sha256."""
    return read_each(
        ((number, contents(sha256), name) for number, sha256, name in files),
        read_submission,
        workers=settings().reader_workers,
        seconds=settings().reader_seconds,
        memory_mb=settings().reader_memory_mb,
    )


def stage_files(batch_id: int, contents: Contents) -> ReadRecord:
    """Read every received file of a batch into staging; `contents` gives the bytes of a sha256."""
    with transaction() as connection:
        receipts = collecting.received(connection, batch_id)
    files = [(r.submission_id, r.sha256, r.file_name) for r in receipts]
    return stage(batch_id, read_files(files, contents))


def stage(batch_id: int, found: Iterable[tuple[int, StagedFile | CellProblem]]) -> ReadRecord:
    """Write what was read of the received files of a batch into staging."""
    staged = collecting.Staged()
    numbers = []
    for submission_id, one in found:
        numbers.append(submission_id)
        staged.add(submission_id, one)
    columns = {table: stage_columns(table) for table in stages()}
    with transaction() as connection:
        rows = collecting.write_staged(connection, staged, columns)
        collecting.identify_cards(connection, batch_id)
        repeated = collecting.mark_repeated(connection, batch_id)
        owners = collecting.owners(connection, numbers)
    files = [{"batch_id": batch_id, "submission_id": s, "government_id": g} for s, g in owners]
    return ReadRecord(files, rows, repeated)


def read_submission(content: bytes, file_name: str) -> StagedFile:
    """Read one file by what it is, not by its name; a bad one has a problem and never raises.

    A file of another program is called by its name. What is no document at all is judged as a
    workbook. A workbook without the form's tables may
    hold a card laid out in cells.
    """
    if known := foreign(content, file_name):
        return StagedFile(problems=[CellProblem(known.code, known.name)])
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

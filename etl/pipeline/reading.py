"""Submitted files of any kind → staged rows: a workbook's tables, or the cards of a document."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Connection

from etl import collect as collecting
from etl.archive import sha256_of
from etl.documents.bundle import BundledFile, is_bundle, members
from etl.documents.card_book import read_card_book
from etl.documents.foreign import foreign
from etl.documents.formats import document_format, read_blocks
from etl.documents.isolation import read_each
from etl.documents.package import DocumentError
from etl.documents.pictures import is_picture, picture
from etl.form import ATTACHMENT, form
from etl.inbox import is_litter
from etl.load import staging
from etl.pipeline.telling import counted
from etl.problems import CellProblem, FileFault, GongyakError
from etl.read_card import read_card
from etl.read_workbook import read_published, read_workbook
from etl.settings import settings
from etl.staged import StagedFile
from etl.warehouse import run_file, transaction

Contents = Callable[[str], bytes]
Found: TypeAlias = staging.Found
Read: TypeAlias = Found | FileFault


@dataclass(frozen=True)
class ReadRecord:
    """What reading a batch did.

    `files` says of each file read now whose it is and of which edition; `rows` were staged;
    `repeated` gives the name of a file whose content is in force already, and the submission that
    brought it; `faults` are the files that a fault of ours hindered: nothing of them is staged.
    """

    files: list[staging.ReadFile]
    rows: int
    repeated: dict[str, int]
    faults: dict[int, FileFault] = field(default_factory=dict)


@dataclass(frozen=True)
class StagedFiles:
    """The files of a batch that are staged, by submission, their rows, and faults of ours."""

    numbers: list[int]
    rows: int
    faults: dict[int, FileFault]


Noting = Callable[[Connection, ReadRecord], None]


def _nothing(_connection: Connection, _record: ReadRecord) -> None:
    """Note nothing: what is done again, or only tried, did not happen."""


def read_files(
    files: Iterable[tuple[int, str, str, str | None]], contents: Contents
) -> Iterator[tuple[int, Read]]:
    """Read files, told as number, sha256, name and the edition of their form as read before.

    `contents` gives the bytes of a sha256.
    """
    return read_each(
        ((number, contents(sha256), (name, edition)) for number, sha256, name, edition in files),
        _read,
        workers=settings().reader_workers,
        seconds=settings().reader_seconds,
        memory_mb=settings().reader_memory_mb,
    )


def stage_files(batch_id: int, contents: Contents) -> StagedFiles:
    """Read every received file of a batch into staging; `contents` gives the bytes of a sha256.

    After it everybody knows whose each is; nothing that others change is looked at. What cannot be
    staged as it was read is staged file by file, so that one costs no other.
    """
    with transaction() as connection:
        receipts = collecting.received(connection, batch_id)
    files = [(r.submission_id, r.sha256, r.file_name, r.form_edition) for r in receipts]
    try:
        found = counted("읽기", read_files(files, contents), len(files))
        return stage(batch_id, found)
    except GongyakError:
        raise
    except Exception:
        return _stage_singly(batch_id, read_files(files, contents))


def stage(batch_id: int, found: Iterable[tuple[int, Read]]) -> StagedFiles:
    """Write what was read of the received files of a batch into staging, in one transaction."""
    faults: dict[int, FileFault] = {}
    numbers: list[int] = []

    def sound() -> Iterator[tuple[int, Found]]:
        for submission_id, one in found:
            if isinstance(one, FileFault):
                faults[submission_id] = one
            else:
                numbers.append(submission_id)
                yield submission_id, one

    with transaction() as connection:
        rows = staging.stage_found(connection, sound())
        _place(connection, batch_id, faults)
    return StagedFiles(numbers, rows, faults)


def _stage_singly(batch_id: int, found: Iterable[tuple[int, Read]]) -> StagedFiles:
    faults: dict[int, FileFault] = {}
    numbers, rows = [], 0
    for submission_id, one in found:
        if isinstance(one, FileFault):
            faults[submission_id] = one
            continue
        try:
            rows += _stage_one(submission_id, one)
            numbers.append(submission_id)
        except GongyakError:
            raise
        except Exception as error:
            faults[submission_id] = FileFault.of("stage", error)
    with transaction() as connection:
        _place(connection, batch_id, faults)
    return StagedFiles(numbers, rows, faults)


def _stage_one(submission_id: int, one: Found) -> int:
    with transaction() as connection:
        return staging.stage_found(connection, [(submission_id, one)])


def _place(connection: Connection, batch_id: int, faults: dict[int, FileFault]) -> None:
    staging.set_aside(connection, list(faults))
    run_file(connection, "read/place_cards.sql", batch_id=batch_id)


def identify(batch_id: int, staged: StagedFiles, noting: Noting = _nothing) -> ReadRecord:
    """Tell of staged files what depends on what is known of their governments, whose turn is held.

    Department and quarter of a card, the names of whole pledges, and what is in force already.
    `noting` is called in the transaction that does it.
    """
    with transaction() as connection:
        run_file(connection, "read/identify_cards.sql", batch_id=batch_id)
        run_file(connection, "read/name_whole_pledges.sql", batch_id=batch_id)
        repeated = staging.mark_repeated(connection, batch_id)
        files = staging.identities(connection, staged.numbers)
        record = ReadRecord(files, staged.rows, repeated, staged.faults)
        noting(connection, record)
    return record


def _read(content: bytes, told: tuple[str, str | None]) -> StagedFile:
    staged = read_submission(content, *told)
    staged.content_key  # noqa: B018  worked out here, by several at once, and kept
    return staged


def read_submission(content: bytes, file_name: str, edition: str | None = None) -> StagedFile:
    """Read one file by what it is, not by its name; a bad one has a problem and never raises.

    One that names no edition of its form is read by `edition`, if any was told.
    A file of another program is called by its name; a CSV may hold published values. What is no
    document at all is judged as a workbook. A picture is
    what a return may name. A workbook without the form's tables may hold a card
    laid out in cells. A bundle's members are files of their own; it says which.
    """
    if is_picture(content):
        return _picture(content)
    if known := foreign(content, file_name):
        is_text = known.code == "other_workbook" and known.name == ".csv"
        published = read_published(content, edition) if is_text else None
        return published or StagedFile(problems=[CellProblem(known.code, known.name)])
    kind = document_format(content, file_name)
    if kind is None and is_bundle(content):
        return StagedFile(problems=[_bundle_told(content, file_name)])
    if kind in (None, "xlsx"):
        staged = read_workbook(content, file_name, edition)
        staged.document_format = kind
        if staged.form_code is None and {p.code for p in staged.problems} == {"other_form"}:
            return _card_in_cells(content, file_name, edition) or staged
        return staged
    try:
        staged = read_card(read_blocks(content, file_name), file_name, edition)
    except DocumentError as error:
        staged = StagedFile(problems=[CellProblem(error.code, error.seen or file_name)])
    staged.document_format = kind
    return staged


def _picture(content: bytes) -> StagedFile:
    """Tell what is published of a picture; whose it is the return says that names it."""
    staged = StagedFile(form_code=ATTACHMENT, form_edition=form(ATTACHMENT).edition)
    try:
        found = picture(content)
    except DocumentError as error:
        staged.problems.append(CellProblem(error.code, error.seen))
        return staged
    staged.document_format = found.media_type.removeprefix("image/")
    facts = found.media_type, found.width, found.height, len(found.content)
    staged.rows[_PICTURES] = [(0, 0, *facts, sha256_of(found.content))]
    return staged


_PICTURES = "staging.attachment__picture"


def _bundle_told(content: bytes, file_name: str) -> CellProblem:
    """Say what was taken out of a bundle, or why nothing was; a member's name has its bundle's."""
    if "/" in file_name:
        return CellProblem("bundle_refused", "압축 파일 안의 압축 파일")
    try:
        names = [one.name for one in sent_members(content)]
    except DocumentError as error:
        return CellProblem("bundle_refused", _REFUSED.get(error.code, "온전하지 않은 압축 파일"))
    if not names:
        return CellProblem("bundle_refused", "보낸 파일이 들어 있지 않은 압축 파일")
    more = f" 등 {len(names)}개" if len(names) > _MOST_NAMED else ""
    return CellProblem("bundle", ", ".join(names[:_MOST_NAMED]) + more, str(len(names)))


def sent_members(content: bytes) -> list[BundledFile]:
    """Return the members of a bundle that somebody sent; raises DocumentError as `members` does."""
    return [one for one in members(content) if not is_litter(one.name)]


_MOST_NAMED = 20
_REFUSED = {
    "encrypted": "암호가 걸린 압축 파일",
    "file_too_large": "너무 크거나 파일이 너무 많은 압축 파일",
    "hostile": "풀면 터무니없이 커지는 압축 파일",
}


def _card_in_cells(content: bytes, file_name: str, edition: str | None) -> StagedFile | None:
    try:
        staged = read_card(read_card_book(content), file_name, edition)
    except DocumentError:
        return None
    staged.document_format = "xlsx"
    return staged if staged.form_code else None

"""What the page 제출 현황 reads besides the state of a quarter: its quarters, files and uploads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from etl import common
from etl.quarter import SEOUL, seoul_now
from etl.settings import settings
from etl.warehouse import records, run_alone, values_of


def page_of(pages: str, government_id: str, quarter_id: str) -> str:
    """Return the address of the page 제출 현황 of a quarter; `pages` is where the pages are."""
    return f"{pages}/gongyak/?government={quote(government_id)}&quarter={quote(quarter_id)}"


@dataclass(frozen=True)
class ReceivedFile:
    """One file that was received of a department; `answer_path` is told from the home."""

    submission_id: int
    file_name: str
    quarter_id: str | None
    received_at: datetime
    state: str
    is_late: bool
    accepted_count: int
    blocked_count: int
    answer_path: str | None
    batch_id: int
    finding_count: int


@dataclass(frozen=True)
class SentFile:
    """One file, received or only checked: whose it is as far as it says so, and how it stands."""

    submission_id: int
    file_name: str
    form_code: str | None
    government_id: str | None
    quarter_id: str | None
    department_code: str | None
    department_name: str | None
    received_at: datetime
    state: str
    is_late: bool
    accepted_count: int
    blocked_count: int
    answer_path: str | None
    batch_id: int
    source_uri: str


@dataclass(frozen=True)
class Upload:
    """One file that a user sends in through the page, and the department it is sent for."""

    upload_token: str
    user_name: str
    government_id: str
    department_code: str
    quarter_id: str
    file_name: str
    sha256: str
    source_uri: str
    sent_at: datetime


class GovernmentName(NamedTuple):
    """One government whose register is loaded."""

    government_id: str
    government_name: str


class Revision(NamedTuple):
    """One approved release of a quarter; with when and why where it was taken back."""

    revision: int
    decided_at: datetime
    retracted_at: datetime | None
    retraction_reason: str | None


def government_names() -> list[GovernmentName]:
    """Return every government whose register is loaded, by its code."""
    return records(GovernmentName, run_alone("desk/government_names.sql"))


def department_name(government_id: str, department_code: str) -> str:
    """Return the name of a department in the register, its code where it has none."""
    asked = {"g": government_id, "d": department_code}
    (name,) = values_of("SELECT core.department_name(:g, :d)", **asked)
    return name or department_code


def shown_quarters(government_id: str, today: date | None = None) -> list[str]:
    """Return the quarters that have begun, or that files came for, newest first."""
    day = today or seoul_now().astimezone(SEOUL).date()
    rows = run_alone("desk/quarters.sql", government_id=government_id, today=day)
    return [row.quarter_id for row in rows]


def files_of_department(
    government_id: str, department_code: str, most: int = 30
) -> list[ReceivedFile]:
    """Return the files that were received of a department, newest first."""
    asked = {"government_id": government_id, "department_code": department_code, "most": most}
    return records(ReceivedFile, run_alone("desk/files.sql", **asked))


def sent_files(submission_ids: Sequence[int]) -> list[SentFile]:
    """Return what is known of files, by number; unknown numbers are left out."""
    rows = run_alone("desk/file.sql", submission_ids=list(submission_ids))
    return records(SentFile, rows)


def note_upload(upload: Upload) -> None:
    """Write down who sends a file in, before it is received; again changes nothing."""
    run_alone("desk/note_upload.sql", **upload.__dict__)


def upload_of(token: str) -> Upload | None:
    """Return what was sent in under a token."""
    found = records(Upload, run_alone("desk/upload.sql", upload_token=token))
    return found[0] if found else None


def files_of_upload(upload: Upload) -> list[SentFile]:
    """Return the files that an upload brought, or the earlier one where it brought no news."""
    rows = run_alone("desk/files_of_upload.sql", source_uri=upload.source_uri, sha256=upload.sha256)
    return sent_files([row.submission_id for row in rows])


def is_uploaded_by(submission_id: int, user_name: str) -> bool:
    """Tell whether a user sent this file in through the page."""
    asked = {"submission_id": submission_id, "user_name": user_name}
    return bool(run_alone("desk/uploaded_by.sql", **asked))


def revisions(government_id: str, quarter_id: str) -> list[Revision]:
    """Return the approved releases of a quarter, newest first."""
    asked = {"government_id": government_id, "quarter_id": quarter_id}
    return records(Revision, run_alone("desk/revisions.sql", **asked))


def answer_file(answer_path: str | None) -> Path | None:
    """Return where an answer lies that the warehouse names; None where it is not there."""
    if answer_path is None:
        return None
    path = (settings().home.resolve() / answer_path).resolve()
    return path if path.is_relative_to(settings().outbox) and common.is_there(path) else None


def invitation_file(government_id: str, quarter_id: str, department_code: str) -> Path | None:
    """Return the pre-filled return of a department; None where none was written.

    Its name is made of what the register calls the department, as the invitation's was.
    """
    from etl.office.styles import safe_name

    names = values_of(
        "SELECT DISTINCT department_name FROM core.dim_department"
        " WHERE government_id = :g AND department_code = :d ORDER BY 1",
        g=government_id, d=department_code,
    )  # fmt: skip
    folder = settings().outbox / quarter_id / government_id
    paths = [folder / f"{safe_name(department_code)}_{safe_name(name)}.xlsx" for name in names]
    return next(filter(common.is_there, paths), None)


def data_docs_file(batch_id: int) -> Path | None:
    """Return Great Expectations' page of a run; None where there is none."""
    path = settings().data_docs / f"batch-{batch_id}.html"
    return path if common.is_there(path) else None


def released_files(government_id: str, quarter_id: str, revision: int) -> list[Path]:
    """Return the files of a release, those of its folders too, in the order of their names."""
    return common.below(settings().published / government_id / quarter_id / f"r{revision}")

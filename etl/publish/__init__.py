"""What is published of a quarter: every file is written from one `Publication`.

`publication` reads it, `tables` says what stands in it; each other module writes one kind of file.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from etl.publish.attachments import write_attachments
from etl.publish.document import write_document
from etl.publish.frozen import write_frozen
from etl.publish.open_data import write_open_data
from etl.publish.page import write_changes, write_pdf, write_report
from etl.publish.publication import COMPUTED, Publication, Release, read_publication
from etl.publish.retraction import Notice, mark, with_notice
from etl.publish.workbook import write_workbook

# Goes through what is to be written, and may tell how much of it is.
Each = Callable[[Sequence[Any]], Iterable[Any]]
# Each writes one kind of file of a publication into a folder; the last tells what lies there.
WRITERS = (
    write_report, write_pdf, write_changes, write_workbook, write_document, write_open_data,
    write_attachments, write_frozen,
)  # fmt: skip


def publish(
    publication: Publication,
    folder: Path,
    notice: Notice | None = None,
    each: Each = iter,
) -> list[Path]:
    """Write every file of a release, in place of what `folder` holds; all of them or none.

    The same publication gives the same bytes. With a notice they say that it was taken back.
    """
    with workshop(folder) as made:
        whole = made / folder.name
        for write in each(WRITERS):
            write(publication, whole)
        if notice:
            mark(whole, notice)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(whole, folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def sweep(folder: Path) -> None:
    """Remove the workshops that dead runs left beside the folder of a release."""
    for left in folder.parent.glob(f"{_prefix(folder)}*"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left)


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """Give a folder beside another in which that is made.

    Who works in one holds its lock, which the system lets go when the process ends, however.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    with TemporaryDirectory(prefix=_prefix(folder), dir=folder.parent) as made, _locked(Path(made)):
        yield Path(made)


def _prefix(folder: Path) -> str:
    return f".{folder.name}-"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; raises BlockingIOError where another process does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)

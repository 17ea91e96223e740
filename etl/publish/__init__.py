"""What is published of a quarter: every file is written from one `Publication`.

`publication` reads it, `tables` says what stands in it; each other module writes one kind of file.
"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.publish.document import write_document
from etl.publish.open_data import write_open_data
from etl.publish.page import write_changes, write_pdf, write_report
from etl.publish.publication import COMPUTED, Publication, Release, read_publication
from etl.publish.workbook import write_workbook

# Each writes one kind of file of a publication into a folder.
WRITERS = (
    write_report, write_pdf, write_changes, write_workbook, write_document, write_open_data,
)  # fmt: skip


def publish(publication: Publication, folder: Path) -> list[Path]:
    """Write every file of a release, in place of what `folder` holds; all of them or none.

    The same publication gives the same bytes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
        whole = Path(made) / folder.name
        for write in WRITERS:
            write(publication, whole)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(whole, folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())

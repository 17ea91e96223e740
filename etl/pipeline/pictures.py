"""Pictures of a quarter: their bytes as they are published, and laid out to be looked at."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from etl import archive
from etl.common import below, hand_over, remove
from etl.documents.pictures import ENDINGS, without_metadata
from etl.office.styles import safe_name
from etl.settings import settings
from etl.warehouse import transaction

Content = Callable[[Any], bytes]


def content_of(connection: Connection, rows: Sequence[Any]) -> Content:
    """Return what gives the bytes of one of these pictures as it is published."""
    found = connection.execute(
        text("SELECT submission_id, sha256 FROM audit.submission WHERE submission_id = ANY(:ids)"),
        {"ids": [row.submission_id for row in rows]},
    )
    originals = {row.submission_id: row.sha256 for row in found}

    def content(row: Any) -> bytes:
        if archive.holds(row.sha256):
            return archive.get(row.sha256)
        return without_metadata(archive.get(originals[row.submission_id]))

    return content


def kept(content: Content) -> Content:
    """Return the same, keeping what is published as a file: the original goes one day."""

    def keeping(row: Any) -> bytes:
        told = content(row)
        archive.put(told)
        return told

    return keeping


def folder_to_see(quarter_id: str, government_id: str) -> Path:
    """Return where the pictures that a quarter would publish are laid out for the office."""
    return settings().outbox / "reports" / government_id / quarter_id / "pictures"


def pictures_to_see(quarter_id: str, government_id: str) -> list[Path]:
    """Return the pictures of a quarter that are laid out."""
    return below(folder_to_see(quarter_id, government_id))


def lay_out(quarter_id: str, government_id: str) -> int:
    """Lay out the pictures of a quarter, in place of those that lay there; return how many."""
    folder = folder_to_see(quarter_id, government_id)
    with transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT * FROM mart.pledge_attachment WHERE quarter_id = :q"
                " AND government_id = :g ORDER BY pledge_id, entry_number"
            ),
            {"q": quarter_id, "g": government_id},
        ).all()
        content = content_of(connection, rows)
    remove(folder)
    if not rows:
        return 0
    folder.mkdir(parents=True)
    for row in rows:
        name = safe_name(f"{row.pledge_id}_{row.entry_number}_{row.file_name}")
        (folder / f"{name}{ENDINGS[row.media_type]}").write_bytes(content(row))
    hand_over(folder, settings().outbox)
    return len(rows)

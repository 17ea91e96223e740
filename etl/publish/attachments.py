"""The pictures of a release, beside its other files.

Each is called by what it holds: it is there once, and an address never shows another.
"""

from pathlib import Path
from typing import Any

from etl.archive import sha256_of
from etl.documents.pictures import ENDINGS
from etl.problems import SystemFault
from etl.publish.publication import Publication

FOLDER = "pictures"


def picture_path(row: Any) -> str:
    """Return where a picture lies below the folder of its release."""
    return f"{FOLDER}/{row.sha256[:16]}{ENDINGS[row.media_type]}"


def write_attachments(publication: Publication, folder: Path) -> list[Path]:
    """Write the pictures of a publication; raises SystemFault for one that changed."""
    held = {picture_path(row): row for row in publication.attachments}
    if not held or publication.picture_of is None:
        return []
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, row in held.items():
        content = publication.picture_of(row)
        if sha256_of(content) != row.sha256:
            raise SystemFault(
                f"공약 {row.pledge_id}의 사진 {row.file_name}이(가) 접수할 때와 다릅니다.",
                "발표한 파일은 그대로입니다.",
                "gongyak verify로 보관된 파일을 확인하십시오.",
            )
        (folder / name).write_bytes(content)
    return [folder / name for name in held]

"""Files that are written whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

_ENDING = ".part"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path beside another, and put what is written there in its place as the block ends.

    Each writer has a path of its own: of two that write the same file at once the later one's
    stands, whole. Where the block fails, what was there before stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid4().hex[:8]}{_ENDING}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sweep(folder: Path, before: datetime) -> int:
    """Remove what writers that were killed before a moment left below a folder; return how much."""
    left = [
        part
        for part in folder.rglob(f".*{_ENDING}")
        if datetime.fromtimestamp(part.stat().st_mtime, UTC) < before
    ]
    for part in left:
        part.unlink(missing_ok=True)
    return len(left)

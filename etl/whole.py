"""Files that are written whole or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32


@contextmanager
def whole(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """Give a path beside another, and put what is written there in its place as the block ends.

    Who writes holds the part's lock, which the system lets go when the process ends, however: of
    two that write the same file at once one waits, and what a dead one left is written over. Where
    the block fails, what was there before stays. The part has a short name of its own, for the
    file's may be as long as a name can be.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{crc32(os.fsencode(path.name)):08x}.part")
    with _alone(part, mode):
        try:
            yield part
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        part.replace(path)


@contextmanager
def _alone(part: Path, mode: int) -> Iterator[None]:
    """Hold a part, empty, against whoever else writes it."""
    while True:
        with open(os.open(part, os.O_RDWR | os.O_CREAT, mode), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_called(part, file.fileno()):
                file.truncate()
                yield
                return


def is_called(path: str | Path, descriptor: int) -> bool:
    """Whether an open file still bears a name: another process may just have given it another."""
    try:
        return os.path.samefile(path, descriptor)
    except FileNotFoundError:
        return False

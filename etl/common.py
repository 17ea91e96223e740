"""What is written for others: answers, invitations, releases, pages of runs; and where it lies.

It lies where it is made, on this machine. With `GONGYAK_COMMON_URL` it is taken from there to an
address (`etl.storage`) that all machines of an installation share, and nothing of it stays: a path
of this machine then only names it.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from fsspec.implementations.local import LocalFileSystem

from etl.home import share
from etl.problems import OutageError
from etl.settings import settings
from etl.storage import Away, opened


def hand_over(made: Path, place: Path, mode: int | None = None) -> None:
    """Let others have a file, or all of a folder, that was made below a place.

    Raises OutageError where the common address cannot be written to.
    """
    if not settings().common_url:
        share(made, place, mode)
        return
    for path in _files(made):
        _put(path)
        path.unlink()


def _files(made: Path) -> list[Path]:
    return [path for path in (made, *sorted(made.rglob("*"))) if path.is_file()]


def _put(path: Path) -> None:
    """Write a file at the common address, whole or not at all."""
    filesystem, there = _at(path)
    part = f"{there}.{uuid4().hex[:8]}.part"
    try:
        filesystem.makedirs(str(PurePosixPath(there).parent), exist_ok=True)
        with filesystem.open(part, "wb") as file:
            file.write(path.read_bytes())
        filesystem.mv(part, there)
    except Away:
        raise
    except OSError as error:
        raise OutageError(
            f"{shown(path)}에 쓰지 못했습니다({error}).",
            "쓰려던 파일은 이 컴퓨터에 그대로 있습니다.",
            "그곳(GONGYAK_COMMON_URL)의 여유와 권한을 확인하고 다시 실행하십시오.",
        ) from error


def _at(path: Path) -> tuple[Any, str]:
    """Return the file system in which a path lies, and what that calls it."""
    url, name = settings().common_url, _name(path)
    if not url or name is None:
        return LocalFileSystem(), str(path)
    store = opened(url)
    return store.filesystem, f"{store.root.rstrip('/')}/{name}"


def _name(path: Path) -> str | None:
    """Return what a path is called at the common address; None for one that others do not read."""
    told = settings()
    places = {"outbox": told.outbox, "published": told.published, "data_docs": told.data_docs}
    for name, place in places.items():
        if path.is_relative_to(place):
            return str(PurePosixPath(name, path.relative_to(place)))
    return None


def shown(path: Path) -> str:
    """Return where a file or folder lies, as people are told it."""
    url, name = settings().common_url, _name(path)
    return f"{url.rstrip('/')}/{name}" if url and name else str(path)


def is_there(path: Path) -> bool:
    """Tell whether there is such a file, here or at the common address."""
    filesystem, there = _at(path)
    filesystem.invalidate_cache()
    return bool(filesystem.isfile(there))


def content(path: Path) -> bytes:
    """Return the bytes of a file; raises FileNotFoundError."""
    filesystem, there = _at(path)
    found: bytes = filesystem.cat_file(there)
    return found


def below(folder: Path) -> list[Path]:
    """Return the files in a folder and in those below it, in the order of their names."""
    filesystem, there = _at(folder)
    filesystem.invalidate_cache()
    found = filesystem.find(there) if filesystem.exists(there) else []
    return sorted(folder / PurePosixPath(path).relative_to(there) for path in found)


def bring(folder: Path) -> bool:
    """Bring a folder to this machine, to be changed and handed over again; tell whether it is."""
    found = below(folder)
    for path in found if settings().common_url else []:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(path))
    return bool(found)


def folders(place: Path, pattern: str) -> list[Path]:
    """Return the folders of a place that hold files and are called by a pattern, such as `*/2024`.

    Where a name may be anything, `*` is in its place.
    """
    depth = len(PurePosixPath(pattern).parts)
    found = {path.relative_to(place).parts for path in below(place)}
    heads = {parts[:depth] for parts in found if len(parts) > depth}
    return sorted(place.joinpath(*head) for head in heads if PurePosixPath(*head).match(pattern))


def remove(folder: Path) -> int:
    """Remove a folder with all of its files; return how many files."""
    found = below(folder)
    remove_files(found)
    shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files, here or at the common address."""
    for path in paths:
        filesystem, there = _at(path)
        filesystem.rm_file(there)

"""The archive: every received file by its sha256, bytes unchanged, and the journal of events.

Append-only, on any fsspec URL. Nothing here deletes or overwrites.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import methodcaller
from pathlib import PurePosixPath
from typing import Any

import fsspec

from etl.problems import OutageError, SystemFault
from etl.quarter import seoul_now
from etl.settings import settings


def _root() -> tuple[Any, str]:
    return _filesystem(settings().archive)


@cache
def _filesystem(url: str) -> tuple[Any, str]:
    filesystem, path = fsspec.core.url_to_fs(url)
    return filesystem, path.rstrip("/")


def _place(root: str, sha256: str) -> str:
    return f"{root}/files/{sha256[:2]}/{sha256}"


def _write_once(filesystem: Any, path: str, content: bytes) -> None:
    if filesystem.exists(path) and filesystem.size(path) == len(content):
        return
    part = f"{path}.part"
    try:
        filesystem.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        filesystem.pipe_file(part, content)
        filesystem.mv(part, path)
    except OSError as error:
        raise OutageError(
            f"보관소에 쓰지 못했습니다({error}).",
            "이 파일은 아직 접수되지 않았고 원본은 그대로입니다.",
            "보관소(GONGYAK_ARCHIVE_URL)의 여유와 권한을 확인하고 다시 실행하십시오.",
        ) from error


def put(content: bytes) -> str:
    """Keep a file; return its sha256. The same bytes are kept once."""
    filesystem, root = _root()
    sha256 = hashlib.sha256(content).hexdigest()
    _write_once(filesystem, _place(root, sha256), content)
    return sha256


def get(sha256: str) -> bytes:
    """Return an archived file; raises SystemFault when it is missing or its bytes changed."""
    filesystem, root = _root()
    try:
        content: bytes = filesystem.cat_file(_place(root, sha256))
    except FileNotFoundError as error:
        raise _damaged(sha256, "없습니다") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(sha256, "바뀌었습니다")
    return content


def _damaged(sha256: str, what: str) -> SystemFault:
    return SystemFault(
        f"보관된 파일 {sha256}이(가) {what}.",
        "자료는 바뀌지 않았습니다.",
        "백업에서 이 파일을 되살린 뒤 다시 실행하십시오.",
    )


def holds(sha256: str) -> bool:
    """Tell whether a file is in the archive."""
    filesystem, root = _root()
    return bool(filesystem.exists(_place(root, sha256)))


def damaged() -> Iterator[str]:
    """Yield the name of every archived file whose bytes no longer match it."""
    filesystem, root = _root()
    if not filesystem.exists(f"{root}/files"):
        return
    for path in filesystem.find(f"{root}/files"):
        name = PurePosixPath(path).name
        if hashlib.sha256(filesystem.cat_file(path)).hexdigest() != name:
            yield name


@dataclass(frozen=True)
class Event:
    """One file of the journal: what happened, and a line for each thing it happened to."""

    name: str
    kind: str
    lines: tuple[dict[str, Any], ...]

    @property
    def at(self) -> datetime:
        """The moment it stands for, as the lines tell it."""
        return datetime.fromisoformat(self.lines[0]["at"])


# The journals of one moment, in the order in which they happen.
_KINDS = (
    "receipt", "read", "check", "acceptance", "withdrawal", "waiver", "waiver_end", "recheck",
    "approval",
)  # fmt: skip
_AS_ISO = methodcaller("isoformat")  # how a moment or a day is told


def journal(event: str, at: datetime, lines: Sequence[Mapping[str, Any]]) -> None:
    """Write what happened as one file of JSON lines; a release can be derived again from them.

    Call it before the lock that kept others apart is let go: the name starts with the moment of
    writing, so that names sort in the order in which things happened, whatever moment `at` they
    stand for.
    """
    if not lines:
        return
    filesystem, root = _root()
    text = "".join(
        json.dumps({"event": event, "at": at, **line}, ensure_ascii=False, default=_AS_ISO) + "\n"
        for line in lines
    )
    content = text.encode()
    name = f"{seoul_now():%Y%m%dT%H%M%S%f}-{event}-{_short(content)}.jsonl"
    _write_once(filesystem, f"{root}/journal/{name}", content)


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def events() -> tuple[list[Event], list[str]]:
    """Return the journal in the order in which it was written, and the names of damaged files."""
    filesystem, root = _root()
    folder = f"{root}/journal"
    paths = filesystem.find(folder) if filesystem.exists(folder) else []
    read: list[Event] = []
    damaged: list[str] = []
    for path in paths:
        name, content = PurePosixPath(path).name, filesystem.cat_file(path)
        if name.endswith(".part"):
            continue
        if not name.endswith(f"-{_short(content)}.jsonl"):
            damaged.append(name)
            continue
        lines = tuple(json.loads(line) for line in content.decode().splitlines())
        read.append(Event(name, name.split("-")[1], lines))
    return sorted(read, key=_order), sorted(damaged)


def _order(event: Event) -> tuple[str, int, str]:
    return event.name.partition("-")[0], _KINDS.index(event.kind), event.name

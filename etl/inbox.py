"""Files before anyone reads them: what stands in the inbox or was named, opened one by one.

Listing never fails for one entry, opening costs one entry at the most, and a name is text for
people, never a path that is opened.
"""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
import yaml

from etl.problems import OutageError, UsageError
from etl.settings import settings

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_MEGABYTE = 1024 * 1024
CHANGED = "받는 동안 바뀌었습니다. 다 옮겨진 뒤 다음 실행에서 받습니다"


@dataclass(frozen=True)
class Arrival:
    """One file that stands in the inbox or was named by the caller, before anyone read it.

    `uri` and `name` are for people and for recognising it; `path` is what its file system calls it.
    """

    uri: str
    name: str
    stamp: str | None
    path: str = ""
    filesystem: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class NotTaken:
    """One entry that was not received, and why: told to data staff, looked at again next time."""

    name: str
    reason: str


@cache
def _data() -> dict[str, list[str]]:
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    loaded: dict[str, list[str]] = yaml.safe_load(text)
    return {name: [pattern.lower() for pattern in listed] for name, listed in loaded.items()}


def is_litter(name: str) -> bool:
    """Tell whether a file's path is of those that nobody sends (`inbox.yml`)."""
    *folders, last = name.lower().split("/")
    is_in_litter = not {*folders}.isdisjoint(_data()["litter_folders"])
    return is_in_litter or any(fnmatch(last, pattern) for pattern in _data()["litter"])


def inbox_arrivals() -> tuple[list[Arrival], list[NotTaken]]:
    """List the files of the inbox, oldest first, and the entries that are no files.

    Links are not followed. Raises OutageError where the inbox cannot be listed.
    """
    try:
        filesystem, root = fsspec.core.url_to_fs(settings().inbox)
        if not filesystem.exists(root):
            filesystem.makedirs(root, exist_ok=True)
        entries = list(filesystem.find(root, detail=True).values())
    except OSError as error:
        raise OutageError(
            f"접수함을 볼 수 없습니다({error}).",
            "아무것도 접수되지 않았습니다.",
            "접수함(GONGYAK_INBOX_URL)이 있는지와 그 권한을 확인하고 다시 실행하십시오.",
        ) from error
    entries = [entry for entry in entries if not is_litter(_last(entry["name"]))]
    entries.sort(key=lambda entry: (_modified(entry), entry["name"]))
    arrivals, not_taken = [], []
    for entry in entries:
        reason = _not_a_file(entry)
        if reason:
            not_taken.append(NotTaken(as_text(_last(entry["name"])), reason))
        else:
            arrivals.append(_arrival(filesystem, entry))
    return arrivals, not_taken


def _arrival(filesystem: Any, entry: dict[str, Any]) -> Arrival:
    path = entry["name"]
    uri = as_text(filesystem.unstrip_protocol(path))
    return Arrival(uri, as_text(_last(path)), _stamp(entry), path, filesystem)


def _not_a_file(entry: dict[str, Any]) -> str | None:
    if entry.get("islink"):
        return "바로가기(링크)라서 따라가지 않았습니다. 파일을 복사해 넣어 주십시오"
    return None if entry.get("type", "file") == "file" else "보통 파일이 아닙니다"


def _last(path: str) -> str:
    return PurePosixPath(path).name


def _stamp(entry: dict[str, Any]) -> str:
    return f"{_modified(entry)}:{entry['size']}"


def _modified(entry: dict[str, Any]) -> str:
    moment = entry.get("mtime") or entry.get("LastModified") or entry.get("last_modified") or ""
    return f"{moment:020.6f}" if isinstance(moment, int | float) else str(moment)


def as_text(path: str) -> str:
    """Return a path as text: of bytes that are not UTF-8 the parts are CP949, as Windows had them.

    Composed Hangul, no control characters; bytes of no encoding are shown as escapes.
    """
    return "/".join(map(_part_as_text, path.split("/")))


def _part_as_text(part: str) -> str:
    text = part
    if any("\ud800" <= letter <= "\udfff" for letter in part):
        raw = part.encode("utf-8", "surrogateescape")
        try:
            text = raw.decode("cp949")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "backslashreplace")
    return _CONTROLS.sub("", unicodedata.normalize("NFC", text))


def named_arrivals(files: Iterable[str | Arrival]) -> list[Arrival]:
    """List the files that a caller named; raises UsageError for one that is not there.

    An arrival is one already: its caller says what it is called and where it came from.
    """
    return [one if isinstance(one, Arrival) else _named(one) for one in files]


def _named(name: str) -> Arrival:
    # A path on this machine is one, whatever else it looks like: `a::b` is no chain of addresses.
    is_path = os.path.lexists(name)
    filesystem, path = (
        (fsspec.filesystem("file"), os.path.abspath(name)) if is_path
        else fsspec.core.url_to_fs(name)
    )  # fmt: skip
    if not filesystem.isfile(path):
        what = "폴더입니다" if filesystem.isdir(path) else "파일이 없습니다"
        raise UsageError(
            f"{what}: {as_text(name)}.",
            "아무것도 접수되지 않았습니다.",
            "경로를 확인하고 다시 실행하십시오.",
        )
    uri = as_text(filesystem.unstrip_protocol(path))
    return Arrival(uri, as_text(_last(path)), None, path, filesystem)


def content_of(arrival: Arrival) -> bytes | NotTaken:
    """Return the bytes of an arrival, or why it cannot be received now.

    Its size is looked at before it is read. A file that changes while it is read is left for the
    next run.
    """
    try:
        entry = arrival.filesystem.info(arrival.path)
        limit = settings().file_limit_mb
        if entry["size"] > limit * _MEGABYTE:
            size = f"{entry['size'] / _MEGABYTE:,.0f}MB"
            return NotTaken(arrival.name, f"{size}로 한도 {limit}MB를 넘어 읽지 않았습니다")
        with arrival.filesystem.open(arrival.path, "rb") as handle:
            content: bytes = handle.read(entry["size"] + 1)
        arrival.filesystem.invalidate_cache()
        is_same = _stamp(arrival.filesystem.info(arrival.path)) == (arrival.stamp or _stamp(entry))
    except FileNotFoundError:
        return NotTaken(arrival.name, "목록을 본 뒤에 없어졌습니다")
    except OSError as error:
        return NotTaken(arrival.name, f"열지 못했습니다({error.strerror or type(error).__name__})")
    if not is_same or len(content) != entry["size"]:
        return NotTaken(arrival.name, CHANGED)
    return content


def told(not_taken: Sequence[NotTaken]) -> list[str]:
    """Return one line of text for each entry that was not received."""
    return [f"{one.name}: {one.reason}" for one in not_taken]

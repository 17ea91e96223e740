"""Files before anyone reads them: what stands in the inboxes or was named, opened one by one.

Listing never fails for one entry, opening costs one entry at the most, and a name is text for
people, never a path that is opened.
"""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from etl import storage
from etl.problems import GongyakError, OutageError, UsageError
from etl.settings import settings
from etl.storage import Away, Store

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_MEGABYTE = 1024 * 1024
CHANGED = "받는 동안 바뀌었습니다. 다 옮겨진 뒤 다음 실행에서 받습니다"


@dataclass(frozen=True)
class Arrival:
    """One file that stands in the inbox or was named by the caller, before anyone read it.

    `uri` and `name` are for people and for recognising it; `path` is what its file system calls it.
    `moment` is when it was last written, in seconds.
    """

    uri: str
    name: str
    stamp: str | None
    path: str = ""
    filesystem: Any = field(default=None, compare=False)
    moment: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class NotTaken:
    """One entry that was not received, and why: told to data staff, looked at again next time.

    `is_away`: a place that nobody could look into, which may hold what is to be received.
    """

    name: str
    reason: str
    is_away: bool = False


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


def inbox_arrivals(
    inboxes: Sequence[str] | None = None,
) -> tuple[list[Arrival], list[NotTaken]]:
    """List the files of inboxes (default: all), oldest first, and the entries that are no files.

    They are looked at side by side. One that cannot be seen is an entry that is no file, for it
    stops none of the others; links are not followed. Raises the error of the first where none of
    them can be seen.
    """
    urls = settings().inboxes if inboxes is None else inboxes
    with ThreadPoolExecutor(len(urls)) as side_by_side:
        looks = list(side_by_side.map(_look, urls))
    away = [look for look in looks if isinstance(look, GongyakError)]
    if len(away) == len(looks):
        raise away[0]
    arrivals = [one for look in looks if isinstance(look, tuple) for one in look[0]]
    not_taken = [one for look in looks if isinstance(look, tuple) for one in look[1]]
    lost = [
        NotTaken(f"접수함 {storage.without_password(url)}", reason_of(look), is_away=True)
        for url, look in zip(urls, looks, strict=True)
        if isinstance(look, GongyakError)
    ]
    return sorted(arrivals, key=lambda one: (one.moment, one.path)), [*not_taken, *lost]


def may_be_cut_off() -> bool:
    """Tell whether an inbox shows a file while somebody else writes it: no bucket does."""
    return any(url.startswith("sftp://") for url in settings().inboxes)


def reason_of(error: GongyakError) -> str:
    """Return an outage as the reason why nothing was taken: what happened, and what to do."""
    return f"{error.happened} {error.next_step}"


def _look(url: str) -> tuple[list[Arrival], list[NotTaken]] | GongyakError:
    """List one inbox; an error that ends the look is returned, and the next look begins anew."""
    try:
        return _listed(storage.opened(url))
    except UsageError as error:
        return error
    except OSError as error:
        storage.forget(url)
        return error if isinstance(error, OutageError) else _unseen(url, error)


def _unseen(url: str, error: OSError) -> OutageError:
    reason = next((said for kind, said in _REASONS if isinstance(error, kind)), str(error))
    return OutageError(
        f"접수함 {storage.without_password(url)}을(를) 볼 수 없습니다({reason}).",
        "이 접수함에서는 아무것도 접수되지 않았습니다.",
        "접수함(GONGYAK_INBOX_URL)이 있는지와 그 권한을 확인하고 다시 실행하십시오.",
    )


_REASONS: Sequence[tuple[type[OSError], str]] = (
    (FileNotFoundError, "그런 폴더가 없습니다"),
    (PermissionError, "목록을 볼 권한이 없습니다"),
)


def _listed(store: Store) -> tuple[list[Arrival], list[NotTaken]]:
    filesystem, root = store.filesystem, store.root
    if store.is_local:  # elsewhere it is the sender's, and nothing is made there
        filesystem.makedirs(root, exist_ok=True)
    entries = list(filesystem.find(root, detail=True).values())
    arrivals, not_taken = [], []
    for entry in entries:
        name = _last(entry["name"])
        if not name or is_litter(name):
            continue
        if reason := _not_a_file(entry):
            not_taken.append(NotTaken(as_text(name), reason))
        else:
            arrivals.append(_arrival(store, entry))
    return arrivals, not_taken


def _arrival(store: Store, entry: dict[str, Any]) -> Arrival:
    path = entry["name"]
    return Arrival(
        as_text(store.uri(path)), as_text(_last(path)), _stamp(entry), path, store.filesystem,
        _moment(entry),
    )  # fmt: skip


_NO_FILES = {
    "link": "바로가기(링크)라서 따라가지 않았습니다. 파일을 복사해 넣어 주십시오",
    "closed": "열 수 없는 폴더라서 그 안을 보지 못했습니다. 권한을 확인하십시오",
}


def _not_a_file(entry: dict[str, Any]) -> str | None:
    kind = "link" if entry.get("islink") else entry.get("type", "file")
    return None if kind == "file" else _NO_FILES.get(kind, "보통 파일이 아닙니다")


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _stamp(entry: dict[str, Any]) -> str:
    etag = entry.get("ETag")
    return f"{_moment(entry):020.6f}:{entry['size']}" + (f":{etag}" if etag else "")


def _moment(entry: dict[str, Any]) -> float:
    """Return when a file was last written, in seconds; 0 where its file system does not say.

    Of a moment that was told in words the second counts: a listing may know it closer than a look
    at the file itself.
    """
    told = next((entry[name] for name in _MOMENTS if entry.get(name)), 0)
    return float(told) if isinstance(told, int | float) else float(int(told.timestamp()))


_MOMENTS = ("mtime", "LastModified", "last_modified")


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
    # A path on this machine is one, whatever else it looks like.
    store, path = storage.file_at(os.path.abspath(name) if os.path.lexists(name) else name)
    if not store.filesystem.isfile(path):
        what = "폴더입니다" if store.filesystem.isdir(path) else "파일이 없습니다"
        raise UsageError(
            f"{what}: {as_text(name)}.",
            "아무것도 접수되지 않았습니다.",
            "경로를 확인하고 다시 실행하십시오.",
        )
    return Arrival(as_text(store.uri(path)), as_text(_last(path)), None, path, store.filesystem)


def content_of(arrival: Arrival) -> bytes | NotTaken:
    """Return the bytes of an arrival, or why it cannot be received now.

    Its size is looked at before it is read. A file that changes while it is read is left for the
    next run. Raises Away where all that lies beside it cannot be reached either.
    """
    try:
        entry = arrival.filesystem.info(arrival.path)
        if reason := _NO_FILES.get(entry.get("type", "")):
            return NotTaken(arrival.name, reason)
        limit = settings().file_limit_mb
        if entry["size"] > limit * _MEGABYTE:
            size = f"{entry['size'] / _MEGABYTE:,.0f}MB"
            return NotTaken(arrival.name, f"{size}로 한도 {limit}MB를 넘어 읽지 않았습니다")
        with arrival.filesystem.open(arrival.path, "rb") as handle:
            content: bytes = handle.read(entry["size"] + 1)
        arrival.filesystem.invalidate_cache()
        is_same = _stamp(arrival.filesystem.info(arrival.path)) == (arrival.stamp or _stamp(entry))
    except Away:
        raise
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

"""The archive: every received file by its sha256, bytes unchanged, and the journal of events.

In any folder (`etl.storage`). Nothing here overwrites what is whole, and nothing is removed but
what `erase` leaves a tombstone of.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from fsspec.implementations.local import LocalFileSystem

from etl.logs import log
from etl.problems import OutageError, SystemFault
from etl.settings import settings
from etl.storage import Away, opened
from etl.whole import whole

# The journal of files before anybody knows whose they are.
RECEIPTS = "receipts"
_ERASED = "erased"


def _root() -> tuple[Any, str]:
    store = opened(settings().archive)
    return store.filesystem, store.root


def place_of(sha256: str) -> str:
    """Return where a file is kept, below the archive and below every copy of it."""
    return f"files/{sha256[:2]}/{sha256}"


def _place(root: str, sha256: str) -> str:
    return f"{root}/{place_of(sha256)}"


def _tombstone(root: str, sha256: str) -> str:
    return f"{root}/{_ERASED}/{sha256}.json"


def _write(filesystem: Any, path: str, content: bytes, untouched: str) -> None:
    """Write what is not there yet, whole or not at all; bytes that differ are mended, and told."""
    try:
        if filesystem.exists(path):
            if filesystem.cat_file(path) == content:
                return
            log.warning("보관 | 상한 파일을 온전한 내용으로 고쳐 썼습니다: %s", path)
        filesystem.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        if isinstance(filesystem, LocalFileSystem):
            _write_locally(Path(path), content)
            return
        part = f"{path}.{uuid4().hex[:8]}.part"
        with filesystem.open(part, "wb") as file:
            file.write(content)
        filesystem.mv(part, path)
    except Away:
        raise
    except OSError as error:
        raise OutageError(
            f"보관소에 쓰지 못했습니다({error}).",
            untouched,
            "보관소(GONGYAK_ARCHIVE_URL)의 여유와 권한을 확인하고 다시 실행하십시오.",
        ) from error


def _write_locally(path: Path, content: bytes) -> None:
    """Write a file whole, and down to the disk before it bears its name."""
    with whole(path) as part, part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def put(content: bytes) -> str:
    """Keep a file; return its sha256. The same bytes are kept once."""
    filesystem, root = _root()
    sha256 = hashlib.sha256(content).hexdigest()
    untouched = "이 파일은 아직 접수되지 않았고 원본은 그대로입니다."
    _write(filesystem, _place(root, sha256), content, untouched)
    return sha256


def get(sha256: str) -> bytes:
    """Return an archived file; raises SystemFault when it is missing or its bytes changed."""
    filesystem, root = _root()
    try:
        content: bytes = filesystem.cat_file(_place(root, sha256))
    except FileNotFoundError as error:
        if filesystem.exists(_tombstone(root, sha256)):
            raise _erased(sha256) from error
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


def _erased(sha256: str) -> SystemFault:
    return SystemFault(
        f"보관된 파일 {sha256}은(는) 개인정보 보유기간이 지나 지웠습니다.",
        "자료는 바뀌지 않았습니다.",
        "이 파일은 다시 읽을 수 없습니다. 지운 날은 gongyak status와 verify가 말합니다.",
    )


def holds(sha256: str) -> bool:
    """Tell whether a file is in the archive."""
    filesystem, root = _root()
    return bool(filesystem.exists(_place(root, sha256)))


def uri(sha256: str) -> str:
    """Return the address of a file in the archive, whether it is there or not."""
    store = opened(settings().archive)
    return store.uri(_place(store.root, sha256))


def erase(sha256: str, told: Sequence[Mapping[str, Any]]) -> bool:
    """Remove a file and leave a tombstone of what is told of it; return whether there was a file.

    The tombstone comes first: a file that is gone is never taken for lost. Again changes nothing.
    """
    filesystem, root = _root()
    stone, place = _tombstone(root, sha256), _place(root, sha256)
    content = json.dumps({"sha256": sha256, "erased": told}, ensure_ascii=False, indent=1).encode()
    if not filesystem.exists(stone) or filesystem.cat_file(stone) != content:
        if filesystem.exists(stone):
            filesystem.rm_file(stone)
        _write(filesystem, stone, content, "이 파일은 아직 지우지 않았습니다.")
    if is_there := bool(filesystem.exists(place)):
        filesystem.rm_file(place)
    return is_there


def erased() -> set[str]:
    """Return the files that have a tombstone."""
    filesystem, root = _root()
    folder = f"{root}/{_ERASED}"
    found = filesystem.find(folder) if filesystem.exists(folder) else []
    return {PurePosixPath(path).stem for path in found if path.endswith(".json")}


def damaged() -> Iterator[str]:
    """Yield the name of every archived file whose bytes no longer match it."""
    filesystem, root = _root()
    if not filesystem.exists(f"{root}/files"):
        return
    for path in filesystem.find(f"{root}/files"):
        name = PurePosixPath(path).name
        if name.endswith(".part"):  # being written
            continue
        if hashlib.sha256(filesystem.cat_file(path)).hexdigest() != name:
            yield name


def sweep(before: datetime) -> int:
    """Remove what runs that were killed while they wrote left before a moment; return how much."""
    filesystem, root = _root()
    parts = [path for path in filesystem.find(root) if path.endswith(".part")]
    left = [path for path in parts if filesystem.modified(path) < before]
    for path in left:
        filesystem.rm_file(path)
    return len(left)


def places() -> dict[str, int]:
    """Return the size in bytes of every file and every event, by its place below the archive."""
    filesystem, root = _root()
    found = filesystem.find(root, detail=True) if filesystem.exists(root) else {}
    sizes = {path.removeprefix(f"{root}/"): entry["size"] for path, entry in found.items()}
    return {
        place: size
        for place, size in sizes.items()
        if place.startswith(("files/", "journal/")) and not place.endswith(".part")
    }


def content_at(place: str) -> bytes:
    """Return the bytes that lie at a place of the archive, whole or not."""
    filesystem, root = _root()
    content: bytes = filesystem.cat_file(f"{root}/{place}")
    return content


def sha256_of(content: bytes) -> str:
    """Return what a file is called in the archive."""
    return hashlib.sha256(content).hexdigest()


def is_whole(place: str, content: bytes) -> bool:
    """Tell whether bytes are those that their place in the archive is named after."""
    name, sha256 = PurePosixPath(place).name, sha256_of(content)
    return name == sha256 if place.startswith("files/") else name.endswith(f"-{sha256[:12]}.jsonl")


def put_back(place: str, content: bytes) -> None:
    """Write a file or an event that a backup held at the place where it lay."""
    filesystem, root = _root()
    untouched = "되살리기는 끝나지 않았고 백업은 그대로입니다."
    _write(filesystem, f"{root}/{place}", content, untouched)


@dataclass(frozen=True)
class Event:
    """One file of a journal: what happened, and a line for each thing it happened to.

    `number` is its place in the order of its journal; one from before events were numbered has
    the moments of its writing. Journal "" is that of everybody, from before each had its own.
    """

    name: str
    kind: str
    lines: tuple[dict[str, Any], ...]
    number: int | None = None
    journal: str = ""

    @property
    def place(self) -> str:
        """Where it lies below the folder of the journals."""
        return f"{self.journal}/{self.name}" if self.journal else self.name

    @property
    def at(self) -> datetime:
        """The moment it stands for, as the lines tell it."""
        return datetime.fromisoformat(self.lines[0]["at"])


# Events of one moment, in the order in which they happen, in a journal without numbers.
_KINDS = (
    "receipt", "read", "check", "acceptance", "withdrawal", "waiver", "waiver_end", "recheck",
    "approval",
)  # fmt: skip


def event(
    journal: str, number: int, kind: str, at: datetime, lines: Sequence[Mapping[str, Any]]
) -> tuple[Event, bytes]:
    """Return an event and the bytes of its file, whose name holds its number and its hash."""
    told = tuple({"event": kind, "at": at.isoformat(), **line} for line in lines)
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in told).encode()
    name = f"{number:012}-{kind}-{_short(content)}.jsonl"
    return Event(name, kind, told, number, journal), content


def write_event(told: Event, content: bytes) -> None:
    """Write an event as one file of JSON lines; a release can be derived again from them."""
    filesystem, root = _root()
    untouched = "일어난 일은 창고에 적혀 있고, 다음 실행이 일지에 씁니다."
    _write(filesystem, f"{root}/journal/{told.place}", content, untouched)


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def events(journals: Collection[str] | None = None) -> tuple[list[Event], list[str]]:
    """Return journals in the order of their events, and where damaged files lie.

    None is all of them; the one of everybody, from before each had its own, is always among them
    and comes first, then that of the receipts.
    """
    read: list[Event] = []
    damaged: list[str] = []
    for journal, path in _journal_files(journals):
        told = _read_event(journal, path)
        if isinstance(told, Event):
            read.append(told)
        else:
            damaged.append(told)
    return sorted(read, key=_order), sorted(damaged)


def _journal_files(journals: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Yield each file of some journals with its journal, in no order."""
    filesystem, root = _root()
    folder = f"{root}/journal"
    for path in filesystem.find(folder) if filesystem.exists(folder) else []:
        journal = path.removeprefix(f"{folder}/").rpartition("/")[0]
        if not path.endswith(".part") and (not journal or journals is None or journal in journals):
            yield journal, path


def _read_event(journal: str, path: str) -> Event | str:
    """Read a file of a journal; return where it lies where its bytes are not what it is called."""
    name, content = PurePosixPath(path).name, _root()[0].cat_file(path)
    place, kind, end = name.split("-")
    is_whole = end == f"{_short(content)}.jsonl"
    lines = tuple(json.loads(line) for line in content.decode().splitlines()) if is_whole else ()
    event = Event(name, kind, lines, None if "T" in place else int(place), journal)
    return event if is_whole else event.place


def _order(event: Event) -> tuple[bool, bool, str, int, str, int, str]:
    moment = event.name.partition("-")[0] if event.number is None else ""
    kind = 0 if event.number is not None else _KINDS.index(event.kind)
    before = bool(event.journal), event.journal != RECEIPTS, event.journal
    return *before, event.number or 0, moment, kind, event.name

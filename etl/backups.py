"""Backups in any folder (`etl.storage`): one for each day, and the archived files of all days.

`DAY/manifest.json` names every part with its size and sha256. It is written last, so a day without
one is no backup; parts are named by their content, so a day that is written again stays what it was
until its new manifest takes the place of the old one.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Literal
from uuid import uuid4

from etl.problems import OutageError
from etl.storage import Away, opened

MANIFEST = "manifest.json"
ARCHIVE = "archive"
_KIND, _EDITION = "gongyak backup", 1
_CHUNK = 2**20
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAMED = 12  # letters of a part's sha256 in its name


@dataclass(frozen=True)
class Part:
    """One file of a backup: what it holds, where it lies below the backups, sha256 and bytes."""

    role: Literal["database", "key", "archive"]
    name: str
    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What one backup holds.

    `at` is its moment in Seoul; `origin` tells installations apart; `holds` counts what came in.
    `lacking` are the places of archived files that were damaged before they could be backed up.
    """

    day: str
    at: str
    code_version: str
    migration: str
    content_stamp: str
    origin: str | None
    holds: Mapping[str, int]
    lacking: tuple[str, ...]
    parts: tuple[Part, ...]

    def of(self, role: str) -> list[Part]:
        """Return the parts of one role, in their order."""
        return [part for part in self.parts if part.role == role]

    def as_json(self) -> bytes:
        """Return the manifest as a file, closed by the sha256 of all that it tells."""
        told = {"kind": _KIND, "edition": _EDITION, **asdict(self)}
        return json.dumps(told | {"sha256": _hash_of(told)}, ensure_ascii=False, indent=1).encode()


def _hash_of(told: Mapping[str, Any]) -> str:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest; raises ValueError where it is none, was cut off or was changed."""
    try:
        told = json.loads(content)
    except ValueError as error:
        raise ValueError("잘렸거나 gongyak의 백업 목록이 아닙니다") from error
    if not isinstance(told, dict) or told.pop("kind", None) != _KIND:
        raise ValueError("gongyak의 백업 목록이 아닙니다")
    edition, sha256 = told.pop("edition", None), told.pop("sha256", None)
    if edition != _EDITION:
        raise ValueError(f"이 프로그램이 모르는 판({edition})의 백업입니다")
    if _hash_of({"kind": _KIND, "edition": edition, **told}) != sha256:
        raise ValueError("쓴 뒤에 바뀌었습니다")
    parts = tuple(Part(**part) for part in told.pop("parts"))
    return Manifest(**told | {"lacking": tuple(told["lacking"])}, parts=parts)


class Place:
    """Where backups lie. Every path is told from there; nothing is written but whole files."""

    def __init__(self, url: str) -> None:
        store = opened(url)
        self._filesystem, self._root, self.name = store.filesystem, store.root, store.shown
        self._is_local = store.is_local

    def exists(self) -> bool:
        """Tell whether there is anything at all."""
        with self._told("읽지"):
            return bool(self._filesystem.exists(self._root))

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Return the bytes of every whole file below a folder, by path."""
        found = self._found(folder)
        return {path: size for path, size in found.items() if not path.endswith(".part")}

    def _found(self, folder: str) -> dict[str, int]:
        top = self._at(folder)
        with self._told("읽지"):
            self._filesystem.invalidate_cache()
            there = self._filesystem.exists(top)
            found = self._filesystem.find(top, detail=True) if there else {}
        return {path.removeprefix(f"{self._root}/"): one["size"] for path, one in found.items()}

    def folders(self) -> list[str]:
        """Return the days that have a folder, whole or not, oldest first."""
        if not self.exists():
            return []
        with self._told("읽지"):
            self._filesystem.invalidate_cache()
            found = self._filesystem.ls(self._root, detail=False)
        names = (PurePosixPath(path).name for path in found)
        return sorted(name for name in names if _DAY.fullmatch(name))

    def days(self) -> list[str]:
        """Return the days that have a manifest, oldest first."""
        with self._told("읽지"):
            return [
                day
                for day in self.folders()
                if self._filesystem.exists(self._at(f"{day}/{MANIFEST}"))
            ]

    def manifest(self, day: str) -> Manifest:
        """Return the manifest of a day; raises ValueError where it is not whole."""
        told = read_manifest(b"".join(self.read(f"{day}/{MANIFEST}")))
        if told.day != day:
            raise ValueError(f"{told.day}의 백업이 {day}에 놓여 있습니다")
        return told

    def read(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file, some at a time."""
        with self._told("읽지"), self._filesystem.open(self._at(path), "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def write(self, path: str, chunks: Iterable[bytes]) -> tuple[str, str, int]:
        """Write a file whole or not at all; return its path, sha256 and bytes.

        `{sha}` in the path becomes the beginning of its sha256.
        """
        folder = path.rpartition("/")[0]
        part = self._at(f"{folder}/{uuid4().hex[:8]}.part")
        try:
            with self._told("쓰지"):
                self._make_folder(folder)
                sha256, size = self._write_part(part, chunks)
                path = path.replace("{sha}", sha256[:_NAMED])
                self._call_by_name(part, self._at(path))
        except BaseException:
            with suppress(Away):  # what is left there the next backup sweeps
                if self._filesystem.exists(part):
                    self._filesystem.rm_file(part)
            raise
        return path, sha256, size

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, in their order."""
        with self._told("쓰지"):
            for path in paths:
                self._filesystem.rm_file(self._at(path))

    def remove_day(self, day: str) -> None:
        """Remove a day: its manifest first, so that what is left of it is no backup."""
        paths = self._found(day)
        self.remove(sorted(paths, key=lambda path: not path.endswith(f"/{MANIFEST}")))
        with suppress(FileNotFoundError, FileExistsError):  # a bucket has no folders
            self._filesystem.rmdir(self._at(day))

    def sweep(self, day: str, kept: Iterable[str]) -> None:
        """Remove what a day no longer needs, and what killed runs left anywhere."""
        left = set(self._found(day)) - {*kept, f"{day}/{MANIFEST}"}
        left |= {path for path in self._found(ARCHIVE) if path.endswith(".part")}
        self.remove(sorted(left))

    def damaged(self, parts: Iterable[Part]) -> Iterator[str]:
        """Yield the path of every part that is missing or not what the manifest tells."""
        sizes = self.sizes()
        for part in parts:
            if sizes.get(part.path) != part.size or self._hash(part.path) != part.sha256:
                yield part.path

    def _hash(self, path: str) -> str:
        digest = hashlib.sha256()
        for chunk in self.read(path):
            digest.update(chunk)
        return digest.hexdigest()

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _make_folder(self, folder: str) -> None:
        if self._is_local:
            os.makedirs(self._at(folder), mode=0o700, exist_ok=True)
        else:
            self._filesystem.makedirs(self._at(folder), exist_ok=True)

    def _write_part(self, part: str, chunks: Iterable[bytes]) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with self._opened(part) as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            if self._is_local:
                file.flush()
                os.fsync(file.fileno())
        return digest.hexdigest(), size

    def _opened(self, part: str) -> Any:
        if not self._is_local:
            return self._filesystem.open(part, "wb")
        # Whoever may look into the folder: what is backed up is the owner's alone.
        return open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def _call_by_name(self, part: str, path: str) -> None:
        if self._is_local:
            os.replace(part, path)
        else:
            self._filesystem.mv(part, path)

    @contextmanager
    def _told(self, failed: str) -> Iterator[None]:
        try:
            yield
        except Away:
            raise
        except OSError as error:
            raise OutageError(
                f"{self.name}의 백업을 {failed} 못했습니다({error.strerror or error}).",
                "자료와 앞선 백업은 그대로입니다.",
                "그곳의 여유와 권한을 확인한 뒤 다시 실행하십시오.",
            ) from error

"""Files between their check and their sending in: a private folder of the home, by a random token.

A file's name is text for people: it lies under a name of ours. What is a day old is removed.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from etl.answer import AnswerFinding
from etl.inbox import Arrival, as_text
from etl.problems import UsageError
from etl.quarter import seoul_now
from etl.settings import settings
from etl.whole import whole

LONGEST_NAME = 120
_KEPT_FOR = timedelta(days=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_CONTENT, _TOLD, _LOCK = "content", "told.json", "lock"
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class CheckedFile:
    """One file that a check looked at, a member of a zip too, and whose it says it is."""

    file_name: str
    form_code: str | None
    government_id: str | None
    quarter_id: str | None
    department_code: str | None
    department_name: str | None


@dataclass(frozen=True)
class CheckResult:
    """What a check found: the files, their findings and answers (paths).

    `not_taken` says why one could not be opened, `faults` counts those that met a fault of ours.
    """

    files: list[CheckedFile]
    findings: list[AnswerFinding]
    answers: list[str]
    not_taken: list[str]
    faults: int


@dataclass(frozen=True)
class Waiting:
    """One file that was checked, or is being checked (`result` is None), and not sent in yet."""

    token: str
    user_name: str
    government_id: str
    department_code: str
    quarter_id: str
    file_name: str
    sha256: str
    kept_at: str
    result: CheckResult | None = None

    @property
    def source_uri(self) -> str:
        """Where it came from; its folders say government and quarter, as those of the inbox do."""
        return f"desk:/{self.token}/{self.government_id}/{self.quarter_id}/{self.file_name}"

    @property
    def content(self) -> Path:
        return _folder(self.token) / _CONTENT

    @property
    def answers(self) -> Path:
        """The folder of what a check writes, removed with the file."""
        return _folder(self.token) / "answers"


def shown_name(said: str | None) -> str:
    """Return the name of a file as text: no folders, no signs that nobody sees, not endless."""
    last = re.split(r"[/\\]", as_text(said or ""))[-1]
    seen = "".join(one for one in last if unicodedata.category(one)[0] != "C")
    name = " ".join(seen.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 8:
        stem, ending = name, ""
    return f"{stem[: LONGEST_NAME - len(ending)]}{'.' if ending else ''}{ending}" or "이름 없음"


def keep(
    content: BinaryIO, said: str | None, user_name: str, department: tuple[str, str], quarter: str
) -> Waiting:
    """Keep a file that a user uploads for a department; raises UsageError for one too large."""
    token = secrets.token_hex(16)
    folder = _folder(token)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        sha256 = _copied(content, folder / _CONTENT)
    except BaseException:
        shutil.rmtree(folder)
        raise
    kept = Waiting(token, user_name, *department, quarter, shown_name(said), sha256,
                   seoul_now().isoformat())  # fmt: skip
    _tell(kept)
    return kept


def _copied(content: BinaryIO, path: Path) -> str:
    limit, size, digest = settings().file_limit_mb * _CHUNK, 0, hashlib.sha256()
    with _private(path) as file:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise UsageError.refused(
                    f"파일이 한도 {settings().file_limit_mb}MB를 넘습니다.", "나누어 올리십시오."
                )
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _tell(kept: Waiting) -> None:
    path = _folder(kept.token) / _TOLD
    with whole(path, 0o600) as part:
        part.write_text(json.dumps(asdict(kept), ensure_ascii=False, default=str), "utf-8")


def waiting_file(token: str) -> Waiting | None:
    """Return what waits under a token; None for one that nothing waits under (any more)."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        told = json.loads((_folder(token) / _TOLD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Waiting(**told | {"result": _result(told["result"])})


def _result(told: dict[str, Any] | None) -> CheckResult | None:
    if told is None:
        return None
    files = [CheckedFile(**one) for one in told.pop("files")]
    return CheckResult(files, [_finding(one) for one in told.pop("findings")], **told)


def _finding(told: dict[str, Any]) -> AnswerFinding:
    until = told["waiver_expires_on"]
    return AnswerFinding(**told | {"waiver_expires_on": until and date.fromisoformat(until)})


def note_result(kept: Waiting, result: CheckResult) -> None:
    """Write down what a check found."""
    _tell(replace(kept, result=result))


def arrival(kept: Waiting) -> Arrival:
    """Return the file as the inbox would bring it: its own name, and where it came from."""
    import fsspec

    files = fsspec.filesystem("file")
    return Arrival(kept.source_uri, kept.file_name, None, str(kept.content), files)


@contextmanager
def alone_with(token: str) -> Iterator[Waiting | None]:
    """Hold what waits under a token; others who want it wait, and find nothing once it is sent."""
    path = _folder(token) / _LOCK
    try:
        lock = _private(path)
    except FileNotFoundError:
        yield None
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield waiting_file(token)


def discard(token: str) -> None:
    """Remove what waits under a token."""
    shutil.rmtree(_folder(token), ignore_errors=True)


def sweep(now: datetime | None = None) -> int:
    """Remove what has waited for a day; return how many files that were."""
    before = ((now or seoul_now()) - _KEPT_FOR).timestamp()
    root = _root()
    old = [one for one in root.iterdir() if _is_older(one, before)] if root.is_dir() else []
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _is_older(folder: Path, before: float) -> bool:
    try:
        return folder.stat().st_mtime < before
    except FileNotFoundError:
        return False


def _root() -> Path:
    return settings().home.resolve() / "desk"


def _folder(token: str) -> Path:
    return _root() / token

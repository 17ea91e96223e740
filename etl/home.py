"""The home: all state lies in it, and nobody but its owner reads it."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from etl.problems import GongyakError, OutageError, UsageError
from etl.settings import settings

BEGUN_RESTORE = "restore.json"
"""The file of a home that marks a restore which has begun and is not done."""

_OWNERS_ALONE = 0o700
# By any of these a folder is known as a home, also where others made them first.
_OURS = frozenset({
    "inbox", "archive", "outbox", "published", "backup", "pg", "airflow", "desk", "logs",
    "known_hosts", "choices.json", "pg.lock", BEGUN_RESTORE,
})  # fmt: skip
PUBLIC = 0o755
# What is said of a disk that is full, read-only, broken or out of reach; never of a file's content.
_OF_DISK = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE,
    errno.ENOTCONN, errno.EMFILE, errno.ENFILE,
})  # fmt: skip


def open_home() -> Path:
    """Return the home, made where it is missing; what this process writes is its owner's alone.

    Raises UsageError for the home of another user and for a folder of something else, OutageError
    where it cannot be made.
    """
    home = settings().home.resolve()
    os.umask(0o077)
    try:
        home.mkdir(mode=_OWNERS_ALONE, parents=True, exist_ok=True)
        found = home.stat()
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != _OWNERS_ALONE:
            _refuse_what_is_no_home(home)
            home.chmod(_OWNERS_ALONE)
    except OSError as error:
        raise OutageError(
            f"{home}을(를) 쓸 수 없습니다({error.strerror}).",
            "아무것도 바뀌지 않았습니다.",
            "디스크와 폴더 권한을 확인하거나 GONGYAK_HOME을 다른 곳으로 정하십시오.",
        ) from error
    if found.st_uid != os.geteuid():
        raise UsageError(
            f"{home}은(는) 다른 사용자의 것입니다.",
            "아무것도 바뀌지 않았습니다.",
            "그 사용자로 실행하거나 GONGYAK_HOME을 다른 곳으로 정하십시오.",
        )
    return home


def _refuse_what_is_no_home(home: Path) -> None:
    """Raise UsageError for a folder of something else: `./var` is /var where root stands in /."""
    names = set(os.listdir(home))
    if names and not names & _OURS:
        raise UsageError.refused(
            f"{home}에는 gongyak의 것이 아닌 파일이 있어 홈으로 쓰지 않았습니다.",
            "GONGYAK_HOME을 빈 폴더나 새 폴더로 정하거나, 설치한 폴더에서 실행하십시오.",
        )


def refuse_begun_restore() -> None:
    """Raise UsageError in a home that is being restored: what is done there would be lost."""
    home = settings().home.resolve()
    if (home / BEGUN_RESTORE).exists():
        raise UsageError.refused(
            f"{home}은(는) 백업을 되살리다 만 곳입니다.",
            "같은 gongyak restore 명령을 다시 실행하여 끝내거나, 빈 폴더를 GONGYAK_HOME으로 정하여"
            " 새로 되살리십시오.",
        )


Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def at_home(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return a function that opens the home before it does its work; raises as `open_home`."""

    @wraps(function)
    def opened(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        open_home()
        refuse_begun_restore()
        return function(*arguments, **named)

    return opened


_UNTOUCHED = "이미 끝난 일과 먼저 쓴 파일은 그대로입니다."
_NEXT_STEP = "디스크 여유와 폴더 권한을 확인한 뒤 같은 명령을 다시 실행하십시오."


@contextmanager
def disk_told(untouched: str = _UNTOUCHED, next_step: str = _NEXT_STEP) -> Iterator[None]:
    """Raise OutageError where the disk ends what is inside the block, or a function.

    Any other error stays what it is.
    """
    try:
        yield
    except GongyakError:
        raise
    except Exception as error:
        said = _of_disk(error)
        if said is None:
            raise
        place = f": {os.fsdecode(said.filename)}" if isinstance(said.filename, str | bytes) else ""
        raise OutageError(
            f"파일을 쓰거나 읽지 못했습니다({said.strerror}{place}).",
            untouched,
            next_step,
        ) from error


def _of_disk(error: BaseException | None) -> OSError | None:
    """Return what the disk said where it is behind an error; libraries put their own above it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _OF_DISK:
            return error
        error = error.__cause__ or error.__context__
    return None


def share(made: Path, place: Path, mode: int | None = None) -> None:
    """Let others read a file, or all of a folder, that was made in a place outside the home.

    The place's own mode, which is never changed, is that of what lies below it, unless one is told.
    """
    if place.is_relative_to(settings().home.resolve()):
        return
    mode = stat.S_IMODE(place.stat().st_mode) if mode is None else mode
    above = [one for one in made.parents if one.is_relative_to(place) and one != place]
    for one in (*above, made, *made.rglob("*")):
        one.chmod(mode if one.is_dir() else mode & 0o666)

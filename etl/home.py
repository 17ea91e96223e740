"""The home: all state lies in it, and nobody but its owner reads it."""

import os
import stat
from pathlib import Path

from etl.problems import OutageError, UsageError
from etl.settings import settings

_OWNERS_ALONE = 0o700
PUBLIC = 0o755


def open_home() -> Path:
    """Return the home, made where it is missing; what this process writes is its owner's alone.

    Raises UsageError for the home of another user, OutageError where it cannot be made.
    """
    home = settings().home.resolve()
    os.umask(0o077)
    try:
        home.mkdir(mode=_OWNERS_ALONE, parents=True, exist_ok=True)
        found = home.stat()
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != _OWNERS_ALONE:
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

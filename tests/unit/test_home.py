"""The home is its owner's alone, whoever writes in it: the shell, or a task of a DAG."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.home import BEGUN_RESTORE, at_home, disk_told
from etl.problems import OutageError, UsageError
from etl.settings import settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home as an installer made it, and the usual umask of a service."""
    place = tmp_path / "home"
    place.mkdir(mode=0o755)
    monkeypatch.setenv("GONGYAK_HOME", str(place))
    settings.cache_clear()
    before = os.umask(0o022)
    yield place
    os.umask(before)
    settings.cache_clear()


def test_what_a_task_writes_is_private(home: Path) -> None:
    @at_home
    def write(name: str) -> Path:
        """Write a file below a new folder."""
        path = home / "logs" / name
        path.parent.mkdir()
        path.write_text("x")
        return path

    written = write(name="page.html")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (home, written.parent, written)]
    assert modes == [0o700, 0o700, 0o600]
    assert write.__doc__ == "Write a file below a new folder."  # which Airflow shows


def test_no_task_works_in_a_home_that_is_being_restored(home: Path) -> None:
    done: list[int] = []
    task = at_home(lambda: done.append(1))
    (home / BEGUN_RESTORE).write_text("{}")
    with pytest.raises(UsageError, match=r"되살리다 만 곳입니다.*gongyak restore"):
        task()
    assert done == []
    (home / BEGUN_RESTORE).unlink()
    task()
    assert done == [1]


def test_a_folder_of_something_else_stays_open(home: Path) -> None:
    """Where root stands in /, `./var` is the system's."""
    home.chmod(0o755)
    (home / "spool").mkdir()
    with pytest.raises(UsageError, match="gongyak의 것이 아닌"):
        at_home(lambda: None)()
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    (home / "inbox").mkdir()  # as somebody makes it before the first command
    at_home(lambda: None)()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a home of another user")
def test_a_task_refuses_the_home_of_another_user(home: Path) -> None:
    os.chown(home, 65534, 65534)
    with pytest.raises(UsageError, match="다른 사용자"):
        at_home(lambda: None)()


def test_what_the_disk_says_is_an_outage_wherever_it_stands_and_nothing_else_is() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/x")
    above = ValueError("a handle is open")
    above.__context__ = full
    for error in (full, above, PermissionError(errno.EACCES, "Permission denied")):
        with pytest.raises(OutageError, match="쓰거나 읽지 못했습니다"), disk_told():
            raise error
    own = UsageError("", "", "")
    for other in (FileNotFoundError(errno.ENOENT, "", "x"), ValueError("no disk"), own):
        with pytest.raises(type(other)) as caught, disk_told():
            raise other
        assert caught.value is other

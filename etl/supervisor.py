"""Keeps programs running: each begins behind those before it, and is begun again when it ends.

All of them share the session of the one process that keeps them, so that nothing is left over
whoever is killed: what a program that died leaves behind is given to its keeper by the kernel and
ended, and when the keeper dies the kernel ends the programs.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil  # type: ignore[import-untyped]

from etl.logs import log
from etl.whole import whole

_LOOK_SECONDS = 2.0
# A program that is alive and says for so long that it is not well is ended and begun again: longer
# than any is silent on a machine with more work than it can do.
_PATIENCE_SECONDS = 120.0
_LONGEST_PAUSE = 60.0
_STEADY_SECONDS = 60.0  # after which a program's next end is its first again
_STOP_SECONDS = 15.0
_LOG_BYTES = 10 * 1024 * 1024
_LOGS_KEPT = 3
# When a process began is told from when the machine did, which moves as its clock is set.
_CLOCK_SECONDS = 30.0
_SET_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36  # of prctl(2)

Look = Callable[[], Mapping[str, bool]]
Tell = Callable[[str, int], None]


def _nobody(_name: str, _code: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Program:
    """One program to keep: its name, its command line, and the file that takes what it prints."""

    name: str
    command: Sequence[str]
    log: Path


@dataclass
class _Kept:
    """A program while it is kept: its process, how often it was begun, and when it may be again."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    last_well: float = 0.0
    is_well: bool = False
    starts: int = 0
    pause: float = 1.0
    due: float = 0.0

    def begin(self, now: float) -> None:
        with self.program.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603
                self.program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_end_with_the_keeper,  # the keeper has no threads
            )
        self.begun, self.is_well, self.starts = now, False, self.starts + 1
        log.info("%s 시작: %d번째", self.program.name, self.starts)

    def note_end(self, code: int, now: float) -> None:
        """Say that the process ended with a code, and when it is begun again."""
        if self.is_well and now - self.begun > _STEADY_SECONDS:
            self.pause = 1.0
        log.warning("%s 멈춤(%d): %.0f초 뒤에 다시 시작", self.program.name, code, self.pause)
        self.process, self.is_well = None, False
        self.due, self.pause = now + self.pause, min(2 * self.pause, _LONGEST_PAUSE)

    def note_health(self, process: subprocess.Popen[bytes], now: float, *, is_well: bool) -> None:
        """Note whether it says that it is well; end it where it has not for too long."""
        self.is_well = is_well
        if is_well:
            self.last_well = now
        elif now - max(self.begun, self.last_well) > _PATIENCE_SECONDS:
            log.warning("%s 응답 없음: 끝내고 다시 시작", self.program.name)
            process.kill()


def supervise(
    programs: Iterable[Program],
    ready: Callable[[], bool],
    look: Look,
    record: Path,
    tell: Tell = _nobody,
) -> None:
    """Keep programs running until SIGTERM or SIGINT, then end them in the opposite order.

    Nothing is begun before `ready` says yes. `look` tells which programs are well; one that it does
    not name is well while it lives. `record` is kept up to date as `Recorded` reads it. `tell` is
    given the name and the code of one that ended by itself; it may neither wait nor start a thread.
    """
    stopping = _stop_asked()
    _prctl(_SET_CHILD_SUBREAPER, 1)
    kept = [_Kept(program) for program in programs]
    _write_record(record, kept)
    while not stopping:
        _look_once(kept, ready, look, tell)
        _write_record(record, kept)
        for one in kept:
            _rotate(one.program.log)
        time.sleep(_LOOK_SECONDS)
    _end(kept)
    record.unlink(missing_ok=True)


def _stop_asked() -> list[int]:
    """Return a list that a signal to end puts its number into."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return asked


def _look_once(
    kept: Sequence[_Kept], ready: Callable[[], bool], look: Look, tell: Tell = _nobody
) -> None:
    may_begin = ready()
    well = look()
    now = time.monotonic()
    for one in kept:
        if one.process and (code := one.process.poll()) is not None:
            one.note_end(code, now)
            tell(one.program.name, code)
        if one.process:
            one.note_health(one.process, now, is_well=well.get(one.program.name, True))
        elif may_begin and now >= one.due:
            one.begin(now)
        # What comes later may need it from its first moment on.
        may_begin = may_begin and one.is_well
    _end_orphans(kept)


def _end_orphans(kept: Iterable[_Kept]) -> None:
    """End what programs that died left in our session, and wait for what has ended."""
    own = {one.process.pid for one in kept if one.process}
    for child in psutil.Process().children():
        if child.pid in own:
            continue
        with suppress(psutil.Error, OSError):
            # The embedded database is a child too, in a session of its own: it stays.
            if os.getsid(child.pid) == os.getsid(0):
                child.kill()
            os.waitpid(child.pid, os.WNOHANG)


def _end(kept: Sequence[_Kept]) -> None:
    for one in reversed(kept):
        if one.process:
            one.process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for one in kept:
        if one.process:
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(max(deadline - time.monotonic(), 0.1))
    for process in _session(os.getpid()):
        if process.pid != os.getpid():
            with suppress(psutil.Error):
                process.kill()


def _session(leader: int) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def _rotate(path: Path) -> None:
    """Put a log that has grown aside; who writes to it goes on at its new beginning."""
    if not path.exists() or path.stat().st_size < _LOG_BYTES:
        return
    for number in range(_LOGS_KEPT - 1, 0, -1):
        with suppress(FileNotFoundError):
            path.with_name(f"{path.name}.{number}").replace(f"{path}.{number + 1}")
    shutil.copyfile(path, f"{path}.1")
    os.truncate(path, 0)


def _end_with_the_keeper() -> None:
    _prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    with suppress(OSError, AttributeError):  # Linux alone has it
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


# --- what others read of it ----------------------------------------------------------------------


@dataclass(frozen=True)
class ProgramState:
    """A kept program as the record tells it; `pid` None: it does not run now."""

    pid: int | None
    starts: int
    is_well: bool


@dataclass(frozen=True)
class Recorded:
    """What a keeper wrote of itself; a number that another process has by now is not it."""

    keeper: psutil.Process
    programs: Mapping[str, ProgramState]


def _write_record(path: Path, kept: Iterable[_Kept]) -> None:
    own = psutil.Process()
    programs = {
        one.program.name: {
            "pid": one.process and one.process.pid,
            "starts": one.starts,
            "is_well": one.is_well,
        }
        for one in kept
    }
    told = {"keeper": [own.pid, own.create_time()], "programs": programs}
    with whole(path) as part:
        part.write_text(json.dumps(told), encoding="utf-8")


def _began(process: psutil.Process, created: float) -> bool:
    """Whether a process began at a moment, as far as the clock that tells it is steady."""
    return bool(abs(process.create_time() - created) < _CLOCK_SECONDS)


def recorded(path: Path) -> Recorded | None:
    """Return what the keeper of a record says of its programs; None where none runs."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        pid, created = told["keeper"]
        keeper = psutil.Process(pid)
        is_it = _began(keeper, created) and keeper.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, KeyError, psutil.Error):
        return None
    programs = {name: ProgramState(**state) for name, state in told["programs"].items()}
    return Recorded(keeper, programs) if is_it else None


def stop(path: Path) -> int:
    """End the keeper of a record and all that is in its session; return how many that were."""
    family = _family(path)
    if found := recorded(path):
        with suppress(psutil.Error):
            found.keeper.terminate()
    # Without its keeper the kernel has asked the programs to end.
    psutil.wait_procs(family, timeout=2 * _STOP_SECONDS)
    # One that began while they were asked is in the session too.
    for _ in range(5):
        left = _family(path)
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=5)
    path.unlink(missing_ok=True)
    return len(family)


def _family(path: Path) -> list[psutil.Process]:
    """Return what is in the session of a record's keeper, alive or not.

    A number that was given anew since, or before this start of the machine, is a stranger's.
    """
    try:
        pid, created = json.loads(path.read_text(encoding="utf-8"))["keeper"]
    except (OSError, ValueError, KeyError):
        return []
    is_stranger = False
    with suppress(psutil.NoSuchProcess):
        is_stranger = not _began(psutil.Process(pid), created)
    if is_stranger or created < psutil.boot_time() - _CLOCK_SECONDS:
        return []
    return [*_session(pid)]

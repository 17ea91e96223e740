"""What is kept running: its order, its end, what it leaves behind, and the end of its keeper."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from etl import supervisor
from etl.supervisor import Program, _Kept, _rotate, recorded, stop

ROOT = Path(__file__).parent.parent.parent
# Keeps what its folder says: a program is well while a file with its name and `.well` is there.
KEEPER = """
import sys
from pathlib import Path
from etl import supervisor

folder = Path(sys.argv[1])
supervisor._LOOK_SECONDS = 0.05
names = sys.argv[3:]
command = ["sh", "-c", sys.argv[2]]
programs = [supervisor.Program(name, command, folder / f"{name}.log") for name in names]
supervisor.supervise(
    programs,
    lambda: (folder / "ready").exists(),
    lambda: {name: (folder / f"{name}.well").exists() for name in names},
    folder / "record.json",
)
"""


# Leaves a child of its own, as a scheduler leaves its workers.
LEAVING = "sleep 600 & sleep 600"


class Keeper:
    """A keeper in a process of its own, of which the test asks what it has begun."""

    def __init__(self, folder: Path, *names: str, command: str = LEAVING) -> None:
        self.folder, self.record = folder, folder / "record.json"
        self.process = subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(folder), command, *names],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )

    def say(self, name: str) -> None:
        (self.folder / name).touch()

    def starts(self) -> list[int]:
        found = recorded(self.record)
        return [one.starts for one in found.programs.values()] if found else []

    def pid(self, name: str) -> int:
        found = recorded(self.record)
        assert found is not None
        pid = found.programs[name].pid
        assert pid is not None
        return pid

    def family(self) -> list[psutil.Process]:
        return [one for one in supervisor._session(self.process.pid) if _lives(one)]


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; a machine with much other work takes its time."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[..., Keeper]]:
    keepers: list[Keeper] = []

    def begin(*names: str, **how: str) -> Keeper:
        keepers.append(Keeper(tmp_path, *names, **how))
        return keepers[-1]

    yield begin
    for keeper in keepers:
        for process in keeper.family():
            with suppress(psutil.Error):
                process.kill()
        keeper.process.wait()


def test_each_begins_behind_those_before_it(keep: Callable[..., Keeper]) -> None:
    keeper = keep("first", "second")
    _until(lambda: keeper.starts() == [0, 0])  # nothing before the ground is ready
    keeper.say("ready")
    _until(lambda: keeper.starts() == [1, 0])
    looked = keeper.record.stat().st_mtime_ns
    _until(lambda: keeper.record.stat().st_mtime_ns != looked)
    assert keeper.starts() == [1, 0]
    keeper.say("first.well")
    _until(lambda: keeper.starts() == [1, 1])


@pytest.mark.slow
def test_what_is_killed_is_begun_again_and_leaves_nothing(keep: Callable[..., Keeper]) -> None:
    keeper = keep("only")
    keeper.say("ready")
    _until(lambda: keeper.starts() == [1])
    killed = keeper.pid("only")
    _until(lambda: bool(psutil.Process(killed).children()))
    left = psutil.Process(killed).children()
    os.kill(killed, signal.SIGKILL)
    _until(lambda: keeper.starts() == [2])
    _until(lambda: not any(_lives(one) for one in left))
    assert keeper.pid("only") != killed


def test_the_end_of_the_keeper_is_the_end_of_all(keep: Callable[..., Keeper]) -> None:
    keeper = keep("one", "two")
    for said in ("ready", "one.well", "two.well"):
        keeper.say(said)
    _until(lambda: keeper.starts() == [1, 1])
    pids = [psutil.Process(keeper.pid(name)) for name in ("one", "two")]
    keeper.process.kill()
    _until(lambda: not any(_lives(one) for one in pids))


@pytest.mark.slow
def test_stop_ends_keeper_and_programs_and_says_how_many(keep: Callable[..., Keeper]) -> None:
    keeper = keep("only")
    keeper.say("ready")
    _until(lambda: keeper.starts() == [1] and len(keeper.family()) > 2)  # and what it began
    assert stop(keeper.record) > 2
    assert keeper.family() == []
    assert not keeper.record.exists()
    assert stop(keeper.record) == 0


@pytest.mark.slow
def test_what_begins_while_all_is_stopped_is_ended_too(
    keep: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scheduler that was just begun forks its workers while it is asked to end."""
    keeper = keep("only", command="trap 'sleep 600 &' TERM; while :; do sleep 0.1; done")
    keeper.say("ready")
    _until(lambda: keeper.starts() == [1])
    monkeypatch.setattr(supervisor, "_STOP_SECONDS", 0.5)  # less than its keeper waits for it
    stop(keeper.record)
    assert keeper.family() == []


def test_a_number_that_another_process_has_now_is_left_alone(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    stranger = psutil.Process()
    told = {"keeper": [stranger.pid, stranger.create_time() - 3600], "programs": {}}
    record.write_text(json.dumps(told), encoding="utf-8")
    assert recorded(record) is None
    assert stop(record) == 0


def test_a_clock_that_was_set_since_is_no_other_process(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    own = psutil.Process()
    told = {"keeper": [own.pid, own.create_time() - 2], "programs": {}}
    record.write_text(json.dumps(told), encoding="utf-8")
    found = recorded(record)
    assert found is not None
    assert found.keeper.pid == own.pid


@pytest.mark.parametrize("text", ["", "{", "{}", '{"keeper": "x"}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    record = tmp_path / "record.json"
    record.write_text(text, encoding="utf-8")
    assert recorded(record) is None
    assert stop(record) == 0


def _kept(tmp_path: Path) -> _Kept:
    return _Kept(Program("x", ["true"], tmp_path / "x.log"))


def test_the_pause_doubles_up_to_a_minute_and_begins_anew_after_a_steady_one(
    tmp_path: Path,
) -> None:
    kept, pauses = _kept(tmp_path), []
    for _ in range(8):
        kept.note_end(1, now=0)
        pauses.append(kept.due)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    kept.begun, kept.is_well = 100, True
    kept.note_end(1, now=161)  # well for 61 s
    assert kept.due == 162


class _Process:
    """A process that only remembers whether it was ended."""

    def __init__(self) -> None:
        self.is_killed = False

    def kill(self) -> None:
        self.is_killed = True


@pytest.mark.parametrize(
    ("last_well", "now", "is_killed"), [(0, 120, False), (0, 121, True), (50, 170, False)]
)
def test_what_is_alive_and_not_well_for_two_minutes_is_ended(
    tmp_path: Path, last_well: float, now: float, is_killed: bool
) -> None:
    kept, process = _kept(tmp_path), _Process()
    kept.last_well = last_well
    kept.note_health(process, now, is_well=False)  # type: ignore[arg-type]
    assert process.is_killed is is_killed


def test_a_log_that_has_grown_is_put_aside_and_the_oldest_falls_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_LOG_BYTES", 3)
    path = tmp_path / "x.log"
    with path.open("ab", buffering=0) as writer:
        for text in (b"one", b"two", b"three", b"four"):
            writer.write(text)
            _rotate(path)
        writer.write(b"5")
        _rotate(path)  # too short to be put aside
    assert path.read_bytes() == b"5"
    kept = [path.with_name(f"x.log.{number}").read_bytes() for number in (1, 2, 3)]
    assert kept == [b"four", b"three", b"two"]
    assert not path.with_name("x.log.4").exists()

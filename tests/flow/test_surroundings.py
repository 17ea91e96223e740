"""What a machine may be like: long paths, blanks, other users, a server that dies, no UTF-8.

Each home has a server of its own, started by the shell as an office starts it.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from etl import warehouse
from etl.problems import OutageError
from etl.warehouse import contents, embedded, migrations
from tests.conftest import registered
from tests.office import AT, Office, mode

pytestmark = pytest.mark.slow


def is_well(office: Office) -> bool:
    """Tell whether the warehouse can be asked, made or started where that is needed."""
    told = office.command("sql", "--csv", "SELECT count(*) AS rows FROM mart.release")
    assert told.returncode == 0, told.stderr
    return told.stdout.split() == ["rows", "0"]


@pytest.mark.parametrize("name", ["a b 'c' \"d\"", "가" * 60, "$HOME `id` ;", "쉼표, 괄호(1)"])
def test_a_home_of_any_name(folder: Path, name: str) -> None:
    office = Office(folder, folder / name / "home")
    try:
        assert is_well(office)
        assert list((folder / "tmp").iterdir()) == []  # nothing where anybody could reach it
    finally:
        office.down()


def test_all_state_is_its_owners_alone(office: Office) -> None:
    office.home.mkdir(mode=0o755)
    above = mode(office.folder)
    assert office.register().returncode == 0
    assert mode(office.home) == 0o700
    assert mode(office.folder) == above == 0o700  # a private folder above it stays private
    open_to_others = [
        path
        for part in ("archive", "outbox", "inbox")
        for path in (office.home / part).rglob("*")
        if mode(path) & 0o077
    ]
    assert open_to_others == []
    assert (office.home / "archive").exists()
    sockets = office.home / "run"
    assert mode(sockets) == 0o700
    assert [mode(path) for path in sockets.glob(".s.PGSQL.*[0-9]")] == [0o700]


def test_places_of_others_keep_their_modes(office: Office) -> None:
    outbox, published = office.folder / "outbox", office.folder / "published"
    for place, bits in ((outbox, 0o770), (published, 0o711)):
        place.mkdir()
        place.chmod(bits)
    office.variables |= {
        "GONGYAK_OUTBOX_FOLDER": str(outbox),
        "GONGYAK_PUBLISHED_FOLDER": str(published),
        "GONGYAK_BROWSER": "no-browser",
    }
    assert office.register().returncode == 0
    assert office.command("invite", "2021Q4", "--at", "2021-12-20").returncode == 0
    office.put_returns()
    assert office.command("collect", *AT).returncode == 0
    assert office.command("report", "2021Q4", "--at", "2022-01-20").returncode == 0
    decided = ("--by", "기획예산과장", "--at", "2022-01-20")
    assert office.command("release", "2021Q4", *decided).returncode == 0
    assert (mode(outbox), mode(published)) == (0o770, 0o711)
    below = [path for place in (outbox, published) for path in place.rglob("*")]
    modes = {(path.is_relative_to(outbox), path.is_dir()): mode(path) for path in below}
    assert modes == {(True, True): 0o770, (True, False): 0o660, (False, True): 0o755,
                     (False, False): 0o644}  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a home of another user")
def test_the_home_of_another_user_is_refused_untouched(office: Office) -> None:
    office.home.mkdir()
    os.chown(office.home, 65534, 65534)
    before = office.home.stat()
    done = office.command("status", "2021Q4")
    assert done.returncode == 2
    assert "다른 사용자의 것입니다" in done.stderr
    assert "Traceback" not in done.stderr
    assert office.home.stat() == before
    assert list(office.home.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
def test_two_users_on_one_machine(office: Office) -> None:
    assert office.register().returncode == 0
    folder = office.folder / "other"
    folder.mkdir()
    other = Office(folder, folder / "home")
    nobody = pwd.getpwnam("nobody")
    other.before = (
        "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"
    )  # fmt: skip
    for place in (folder, *folder.iterdir()):
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
    office.folder.chmod(0o711)
    told = other.command("--version")
    if told.returncode:
        pytest.skip(f"another user cannot run this Python: {told.stderr}")
    try:
        assert is_well(other)
        owners = {path.stat().st_uid for path in folder.rglob("*")}
        assert owners == {nobody.pw_uid}
        # Neither reaches the other: by home, by socket, by archive.
        other.home, own = office.home, other.home
        assert other.command("status", "2021Q4").returncode == 2
        other.home = own
        socket = office.home / "run"
        seen = subprocess.run(
            [*other.before, "ls", str(office.home), str(socket), str(office.home / "archive")],
            capture_output=True,
            check=False,
        )
        assert (seen.returncode, seen.stdout) == (2, b"")
        office.home, own = other.home, office.home
        refused = office.command("status", "2021Q4")
        office.home = own
        assert refused.returncode == 2
        assert "다른 사용자의 것입니다" in refused.stderr
        for one in (office, other):
            assert one.command("sql", "--csv", "SELECT 1").returncode == 0
        other.down()
        assert office.server.is_running()  # down ends one's own alone
    finally:
        other.down()


def test_a_home_that_cannot_be_made(office: Office) -> None:
    office.home = office.folder / "file" / "home"
    (office.folder / "file").write_text("no folder")
    done = office.command("status", "2021Q4")
    assert done.returncode == 2
    assert "쓸 수 없습니다" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_utf_8(office: Office) -> None:
    office.variables |= {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = office.register()
    assert done.returncode == 0, done.stderr


def test_a_server_that_was_killed_starts_again(office: Office) -> None:
    assert is_well(office)
    office.server.send_signal(signal.SIGKILL)
    assert is_well(office)


def test_a_home_removed_while_its_server_runs(office: Office) -> None:
    """The old server ends only when it looks after its data, and would remove the new socket."""
    assert is_well(office)
    left = office.server
    shutil.rmtree(office.home)
    assert is_well(office)
    assert not embedded._lives(left)
    assert (office.home / "run" / embedded._SOCKET).exists()


def test_a_server_that_was_killed_while_a_session_is_at_work(office: Office) -> None:
    """Such a session goes on without its server, and PostgreSQL starts no other beside it."""
    assert is_well(office)
    socket = str(office.home / "run")
    connection = psycopg.connect(host=socket, user="postgres", dbname="warehouse")
    try:
        left = psutil.Process(connection.info.backend_pid)
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000000)")
        office.server.send_signal(signal.SIGKILL)
        time.sleep(1)
        assert embedded._lives(left)
        assert is_well(office)
        assert not embedded._lives(left)
    finally:
        connection.close()


# What the log says when a stage of a collect is done.
STAGES = ("접수 | 묶음", "읽기 |", "점검 | 묶음", "반영 |", "회신 | 파일")


@pytest.mark.torture
def test_a_server_that_is_killed_while_files_are_collected(
    office: Office, undisturbed: dict[str, list[str]]
) -> None:
    assert office.register().returncode == 0
    office.put_returns()
    for stage in STAGES:
        with office.start("collect", *AT) as process:
            assert process.stderr is not None
            told = ""
            for line in process.stderr:
                if stage in line and stage not in told:
                    office.server.send_signal(signal.SIGKILL)
                told += line
        assert "Traceback" not in told
        if process.returncode or stage != STAGES[-1]:  # behind the last one it may be done first
            assert process.returncode == 2, stage
            assert told.endswith("다시 실행하십시오.\n")
    done = office.command("collect", *AT)
    assert done.returncode == 0, done.stderr
    assert office.collected() == undisturbed


# Steps of the first start; the first of them ends between two migrations.
STEPS = (
    (migrations, "run_beside"),
    *((contents, name) for name in ("_write_objects", "_write_comments", "_grant_roles")),
)


def test_a_server_that_is_killed_while_it_is_migrated(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, step in STEPS:
        whole, calls = getattr(module, step), 0

        def killing(*arguments: Any, whole: Any = whole) -> Any:
            nonlocal calls
            done, calls = whole(*arguments), calls + 1
            if calls == 1:
                number = (empty_home / "pg" / "postmaster.pid").read_text().split()[0]
                psutil.Process(int(number)).kill()
                time.sleep(1)
            return done

        with monkeypatch.context() as patched:
            patched.setattr(module, step, killing)
            with pytest.raises(OutageError):
                warehouse.migrate()
        assert calls == 1
        warehouse.engine().dispose()  # as a new process
    assert warehouse.migrate()
    assert not warehouse.migrate()
    registered(empty_home)
    assert warehouse.analyst_query("SELECT COUNT(*) FROM mart.release")[1] == [(0,)]


def test_the_number_of_a_dead_server_may_be_another_programs(office: Office) -> None:
    """As after a restart of a container, where numbers begin anew."""
    assert is_well(office)
    office.server.send_signal(signal.SIGKILL)
    file = office.home / "pg" / "postmaster.pid"
    _, *others = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([str(os.getpid()), *others]) + "\n", encoding="utf-8")
    assert is_well(office)
    assert psutil.Process(os.getpid()).is_running()


def test_a_home_moved_while_nothing_runs(office: Office) -> None:
    assert is_well(office)
    office.down()
    moved = office.folder / "elsewhere" / "home"
    moved.parent.mkdir()
    shutil.move(office.home, moved)
    office.home = moved
    assert is_well(office)


def test_a_server_half_made_is_made_again(office: Office) -> None:
    """What a killed first start left, in the place where it was being made."""
    (office.home / "pg.new" / "base").mkdir(parents=True)
    (office.home / "pg.new" / "PG_VERSION").write_text("18\n")
    assert is_well(office)
    assert not (office.home / "pg.new").exists()


def test_two_begin_at_once(office: Office) -> None:
    commands = [
        subprocess.Popen(
            [sys.executable, "-m", "etl", "sql", "SELECT 1"],
            env={**office.variables, "GONGYAK_HOME": str(office.home)},
            cwd=office.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    ended = [(*command.communicate(), command.returncode) for command in commands]
    assert [code for *_, code in ended] == [0] * 4, ended


def test_a_socket_finds_a_short_place_or_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / ("x" * 120) / "pg"
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert embedded._socket_folder(data).parent == Path("/run/user/1/gongyak")
    assert embedded._socket_folder(Path("/srv/gongyak/pg")) == Path("/srv/gongyak/run")


@pytest.mark.torture
def test_a_restore_that_is_killed_is_begun_again(
    office: Office, folder: Path, undisturbed: dict[str, list[str]]
) -> None:
    assert office.register().returncode == 0
    office.put_returns()
    assert office.command("collect", *AT).returncode == 0
    kept = folder / "kept"
    told = office.command("backup", str(kept))
    assert (told.returncode, "접수 |" in told.stderr) == (0, False), told.stderr
    (folder / "another").mkdir()
    new = Office(folder / "another", folder / "another" / "home")
    mark = new.home / "restore.json"
    try:
        for seen in (mark, new.home / "archive"):
            with new.start("restore", str(kept)) as process:
                until = time.monotonic() + 60
                while not seen.exists() and process.poll() is None and time.monotonic() < until:
                    time.sleep(0.01)
                process.kill()
            assert mark.exists()
            refused = new.command("collect")
            assert (refused.returncode, "되살리다 만 곳" in refused.stderr) == (2, True)
        done = new.command("restore", str(kept))
        assert done.returncode == 0, done.stderr
        assert "접수 4건" in done.stdout  # the register and three returns
        assert new.collected() == undisturbed
        assert not mark.exists()
        assert mode(new.home / "archive") == 0o700
    finally:
        new.down()

"""A disk that is full or cannot be written: one line says so, and the run after it finishes all.

The disks are small file systems in memory, which only root can mount; elsewhere that is skipped.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.office import AT, RETURNS, Office, ended_in_one_line

pytestmark = pytest.mark.slow

# The system says it, or PostgreSQL of a page that it could write a part of.
IS_FULL = re.compile("No space left|Check free disk space")
SIZE = "224m"  # a home with its server takes some 70 MB
# Bytes that are left: for nothing, for the archive, for what was read, for verdicts, for marts.
ROOM = [0, 100_000, 200_000, 400_000, 1_000_000]


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")


@contextmanager
def a_disk(place: Path, size: str) -> Iterator[Path]:
    place.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def filled(disk: Path, room: int) -> Iterator[None]:
    """Leave this many bytes of a disk, for as long as the block lasts."""
    ballast = disk / "ballast"
    state = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize - room)
    try:
        yield
    finally:
        ballast.unlink()


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    with a_disk(folder / "disk", SIZE) as place:
        yield place


@pytest.fixture
def office(folder: Path, disk: Path) -> Iterator[Office]:
    """All of it lies on the small disk: archive, answers, and what PostgreSQL writes."""
    found = Office(folder, disk / "home")
    yield found
    found.down()


@pytest.mark.torture
def test_a_disk_that_fills_up_while_files_are_collected(
    office: Office, disk: Path, undisturbed: dict[str, list[str]]
) -> None:
    assert office.register().returncode == 0
    office.put_returns()
    for room in ROOM:
        with filled(disk, room):
            done = office.command("collect", *AT)
        assert ended_in_one_line(done)
        assert IS_FULL.search(done.stderr)
    done = office.command("collect", *AT)
    assert done.returncode == 0, done.stderr
    assert office.collected() == undisturbed
    assert office.command("collect", *AT).stdout.startswith("새 파일이 없습니다")


@pytest.mark.torture
def test_a_disk_on_which_the_server_itself_ends(
    office: Office, disk: Path, undisturbed: dict[str, list[str]]
) -> None:
    """PostgreSQL cannot go on where it can write no log of its own, nor start again before."""
    assert office.register().returncode == 0
    office.put_returns()
    with filled(disk, 0):
        with suppress(psycopg.OperationalError):
            for _ in range(20):
                office.rows("SELECT pg_logical_emit_message(false, '', repeat('x', 8000000), true)")
            pytest.fail("the server had room")
        done = office.command("collect", *AT)
        assert ended_in_one_line(done)
        assert IS_FULL.search(done.stderr)
        assert ended_in_one_line(office.command("status", "2021Q4"))
    done = office.command("collect", *AT)
    assert done.returncode == 0, done.stderr
    assert office.collected() == undisturbed


@pytest.fixture
def elsewhere(folder: Path) -> Iterator[Office]:
    """The home has room; answers and published files lie on small disks."""
    office = Office(folder, folder / "home")
    office.variables |= {
        "GONGYAK_OUTBOX_FOLDER": str(folder / "outbox"),
        "GONGYAK_PUBLISHED_FOLDER": str(folder / "published"),
        "GONGYAK_BROWSER": "no-browser",
    }
    with a_disk(folder / "outbox", "2m"), a_disk(folder / "published", "2m"):
        yield office
        office.down()


def files_below(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


def test_answers_and_published_files_on_a_full_disk(elsewhere: Office) -> None:
    office, outbox, published = (
        elsewhere, elsewhere.folder / "outbox", elsewhere.folder / "published"
    )  # fmt: skip
    approval = ("release", "2021Q4", "--by", "기획예산과장", "--at", "2022-01-20")
    assert office.register().returncode == 0
    with filled(outbox, 0):
        assert ended_in_one_line(office.command("invite", "2021Q4", *AT))
    office.put_returns()
    with filled(outbox, 8_192):
        assert ended_in_one_line(office.command("collect", *AT))
    assert office.rows("SELECT COUNT(*) FROM audit.fault") == [(0,)]  # none of ours
    done = office.command("collect", *AT)
    assert done.returncode == 0, done.stderr
    assert office.rows("SELECT COUNT(*) FROM audit.submission WHERE answer_path IS NULL") == [(0,)]
    answered = [name for name in files_below(outbox) if name.startswith("answers/2021Q4")]
    assert len(answered) == len(RETURNS)

    with filled(outbox, 4_096):
        assert ended_in_one_line(office.command("report", "2021Q4", "--at", "2022-01-20"))
    assert not [name for name in files_below(outbox) if name.startswith("reports/")]
    for room in (0, 50_000, 150_000):
        with filled(published, room):
            done = office.command(*approval)
        assert ended_in_one_line(done)
        assert "gongyak publish 2021Q4" in done.stderr
        assert files_below(published) == set()
    assert office.rows("SELECT revision FROM audit.release") == [(1,)]
    assert office.command("publish", "2021Q4").returncode == 0
    whole = {name: (published / name).read_bytes() for name in files_below(published)}
    assert "보고서.html" in {Path(name).name for name in whole}
    with filled(published, 50_000):
        assert ended_in_one_line(office.command("publish", "2021Q4"))
    assert whole == {name: (published / name).read_bytes() for name in files_below(published)}


def test_what_is_printed_onto_a_full_disk(folder: Path) -> None:
    office = Office(folder, folder / "home")
    with Path("/dev/full").open("w") as full:
        done = office.command("rules", stdout=full)
    assert ended_in_one_line(done)
    assert IS_FULL.search(done.stderr)


def set_read_only(disk: Path, *how: str) -> None:
    mount("-o", ",".join(("remount", *how)), str(disk))


@pytest.mark.torture
def test_a_home_that_can_only_be_read(
    office: Office, disk: Path, undisturbed: dict[str, list[str]]
) -> None:
    set_read_only(disk, "ro")
    assert ended_in_one_line(office.command("status", "2021Q4"))
    set_read_only(disk, "rw")
    assert office.register().returncode == 0
    office.put_returns()

    mount("--bind", str(disk), str(disk))  # while the server, which came before it, can write
    set_read_only(disk, "bind", "ro")
    assert office.command("status", "2021Q4").returncode == 0
    for command in (("collect", *AT), ("invite", "2021Q4"), ("report", "2021Q4"), ("down",)):
        done = office.command(*command)
        assert ended_in_one_line(done)
        assert "Read-only file system" in done.stderr
    subprocess.run(["umount", str(disk)], check=True)

    office.down()
    set_read_only(disk, "ro")
    for command in (("collect", *AT), ("sql", "SELECT 1"), ("demo",)):
        done = office.command(*command)
        assert ended_in_one_line(done)
        assert "Read-only file system" in done.stderr
    set_read_only(disk, "rw")
    done = office.command("collect", *AT)
    assert done.returncode == 0, done.stderr
    assert office.collected() == undisturbed

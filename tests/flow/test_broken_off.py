"""A run that ended early, anywhere: the next one, of whatever, finishes what it began."""

import hashlib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any
from zlib import crc32

import psycopg2
import pytest
from sqlalchemy import event, text

from etl import archive, pipeline
from etl.archive import RECEIPTS
from etl.check import validation
from etl.pipeline import publications, submissions
from etl.pipeline.journal import note, write_journal
from etl.problems import OutageError
from etl.publish import _locked
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import database_url, scratch_warehouse, transaction
from etl.warehouse.server import CREATE_DATABASE, on_server
from tests.conftest import Begin
from tests.factories import GOVERNMENT, return_workbook
from tests.flow import shell
from tests.flow.test_collect import rate
from tests.flow.test_release import APPROVED, all_reported


@pytest.fixture
def judge() -> None:
    """Great Expectations itself."""


AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
LATER = AT + timedelta(hours=1)


class _KilledError(BaseException):
    """As SIGKILL: no handler of ours sees it."""


def _killed(*_: Any, **__: Any) -> None:
    raise _KilledError


def rows(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def r1() -> list[tuple[Any, ...]]:
    """The sum of rates behind R1, as the marts have it."""
    return rows(
        "SELECT numerator FROM mart.implementation_rate WHERE figure_code = 'R1' AND scope_type = 'all'"
    )


def broken_off(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, path: Path) -> None:
    """Collect a file in a run that ends before the step of that name."""
    with monkeypatch.context() as patched:
        patched.setattr(module, name, _killed)
        with pytest.raises(_KilledError):
            pipeline.collect([str(path)], at=AT)


@pytest.mark.slow
def test_an_answer_that_was_never_written_is(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_off(monkeypatch, submissions, "answer", return_workbook(world / "a.xlsx"))
    assert rows("SELECT state, answer_path FROM audit.submission WHERE file_name = 'a.xlsx'") == [
        ("loaded", None)
    ]
    (answer,) = pipeline.collect([], at=LATER).answers
    assert Path(answer).exists()
    assert pipeline.collect([], at=LATER).batch is None


@pytest.mark.slow
def test_marts_that_stayed_old_are_written(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = return_workbook(world / "a.xlsx", progress=[rate("1-1", 40)])
    assert pipeline.collect([str(first)], at=AT).accepted == 1
    then = r1()
    second = return_workbook(world / "b.xlsx", progress=[rate("1-1", 60)])
    broken_off(monkeypatch, submissions, "refresh", second)
    assert r1() == then
    pipeline.collect([], at=LATER)
    assert r1() != then
    assert rows("SELECT count(*) FROM audit.batch WHERE counted_at IS NULL") == [(0,)]


@pytest.mark.slow
def test_a_withdrawal_is_counted_by_whoever_comes_next(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [return_workbook(world / f"{n}.xlsx", progress=[rate("1-1", n)]) for n in (40, 60)]
    (first,) = pipeline.collect([str(files[0])], at=AT).submission_ids
    before = r1()
    (second,) = pipeline.collect([str(files[1])], at=LATER).submission_ids
    with monkeypatch.context() as patched:
        patched.setattr(submissions, "refresh", _killed)
        with pytest.raises(_KilledError):
            pipeline.withdraw(second, "총괄", "잘못 냄", LATER)
    assert r1() != before
    pipeline.collect([], at=LATER)
    assert (first, r1()) == (first, before)


@pytest.mark.slow
def test_what_happened_reaches_the_archive_after_an_outage(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows hold what the archive does not tell yet, in the same order and without a gap."""

    def away(*_: Any) -> None:
        raise OutageError("보관소가 없습니다.", "일은 적혀 있습니다.", "다시 하십시오.")

    known = [event.place for event in archive.events()[0]]
    with monkeypatch.context() as patched:
        patched.setattr(archive, "write_event", away)
        with pytest.raises(OutageError):
            pipeline.receive([str(return_workbook(world / "a.xlsx"))], AT)
    assert [event.place for event in archive.events()[0]] == known
    pipeline.collect([], at=LATER)
    events, damaged = archive.events()
    assert damaged == []
    told = {journal: [event for event in events if event.journal == journal]
            for journal in (RECEIPTS, GOVERNMENT)}  # fmt: skip
    for one in told.values():
        assert [event.number for event in one] == [*range(1, len(one) + 1)]
    kinds = {journal: [event.kind for event in one if event.place not in known]
             for journal, one in told.items()}  # fmt: skip
    assert kinds == {RECEIPTS: ["receipt"], GOVERNMENT: ["read", "check", "acceptance", "answer"]}


def test_what_was_taken_back_is_not_told(world: Path) -> None:
    before = rows("SELECT journal_code, last_number FROM audit.journal ORDER BY 1")
    with suppress(_KilledError), transaction() as connection:
        note(connection, "withdrawal", AT, [(GOVERNMENT, {"submission_id": 1})])
        raise _KilledError
    write_journal()
    assert rows("SELECT journal_code, last_number FROM audit.journal ORDER BY 1") == before
    assert [event.kind for event in archive.events()[0]].count("withdrawal") == 0


@pytest.mark.slow
def test_a_clock_that_stands_behind_takes_the_next_moment_and_says_so(
    world: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A correction that comes by a clock a day back is still the later one."""
    for value in (40, 60):
        path = return_workbook(world / f"{value}.xlsx", progress=[rate("1-1", value)])
        assert pipeline.collect([str(path)]).accepted == 1
        with transaction() as connection:  # as if all of this had happened a day later
            connection.execute(
                text("UPDATE audit.journal SET last_moment = last_moment + interval '1 day'")
            )
    assert "뒤처져" in caplog.text
    assert r1() == [(60,)]
    assert rows(
        "SELECT count(*) FROM core.pledge_report WHERE superseded_at < accepted_at"
    ) == [(0,)]  # fmt: skip
    moments = [event.at for event in archive.events()[0] if event.kind == "acceptance"]
    assert moments == sorted(moments)
    assert moments[-1] > datetime.now(SEOUL) + timedelta(hours=23)


@pytest.fixture
def reported(begin: Begin) -> Path:
    return begin(all_reported)


@pytest.mark.slow
def test_commands_by_a_clock_that_goes_back_a_day_between_them(reported: Path) -> None:
    """Each counts as later than the one before, and a release can be derived again from them."""

    def told(*arguments: str) -> str:
        said = shell.run(*arguments)
        assert said.code == 0, said
        with transaction() as connection:  # as if all of this had happened a day later
            connection.execute(
                text("UPDATE audit.journal SET last_moment = last_moment + interval '1 day'")
            )
        return said.out

    def rate_of_all() -> Any:
        (figure,) = json.loads(
            told("figures", "2021Q4", "--code", "R1", "--scope", "all", "--json")
        )
        return figure["numerator"]

    before = rate_of_all()
    for value in (70, 80):
        path = return_workbook(
            reported / f"{value}.xlsx", progress=[rate("1-1", value), rate("1-2", 50)]
        )
        told("collect", str(path))
        assert float(rate_of_all()) == float(before) + value - 60
    newest = rows("SELECT max(submission_id) FROM audit.submission")[0][0]
    told("withdraw", str(newest), "--by", "총괄", "--reason", "잘못 냄")
    assert float(rate_of_all()) == float(before) + 10
    told("release", "2021Q4", "--by", "기획예산과장", "--reason", "결재")
    told("verify", "2021Q4")
    moments = [event.at for event in archive.events()[0] if event.kind in ("receipt", "approval")]
    assert moments == sorted(moments)


@pytest.mark.slow
def test_a_release_without_its_files_gets_them(
    reported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision holds first; a folder stands only for what was decided."""
    folder = settings().published / GOVERNMENT / "2021Q4" / "r1"
    with monkeypatch.context() as patched:
        patched.setattr(publications, "publish", _killed)
        with pytest.raises(_KilledError):
            pipeline.release("2021Q4", GOVERNMENT, APPROVED)
    assert rows("SELECT revision FROM audit.release") == [(1,)]
    assert not folder.exists()
    assert pipeline.release("2021Q4", GOVERNMENT, APPROVED).outcome == "unchanged"
    assert (folder / "보고서.html").exists()
    assert pipeline.verify("2021Q4", GOVERNMENT).differences == []


def test_a_release_that_fails_leaves_no_folder(
    reported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("etl.pipeline.releases.freeze", _killed)
        with pytest.raises(_KilledError):
            pipeline.release("2021Q4", GOVERNMENT, APPROVED)
    assert rows("SELECT count(*) FROM audit.release") == [(0,)]
    assert not (settings().published / GOVERNMENT / "2021Q4").exists()


def test_a_damaged_copy_is_mended_from_good_bytes(
    world: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sha256 = archive.put(b"as received")
    (kept,) = (world / "archive" / "files").rglob(sha256)
    kept.write_bytes(b"as damaged!")  # of the same length
    assert archive.put(b"as received") == sha256
    assert kept.read_bytes() == b"as received"
    assert "온전한 내용으로 고쳐 썼습니다" in caplog.text
    assert not list((world / "archive").rglob("*.part"))


def test_the_part_that_a_dead_run_left_becomes_the_file(world: Path) -> None:
    """Half a file under the name of a part: the next run that keeps the same bytes goes on there."""
    sha256 = hashlib.sha256(b"as received").hexdigest()
    part = world / "archive" / "files" / sha256[:2] / f".{crc32(sha256.encode()):08x}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"as received, and more of another day")
    assert archive.put(b"as received") == sha256
    assert archive.get(sha256) == b"as received"
    assert not list((world / "archive").rglob("*.part"))


def test_two_that_keep_the_same_bytes_at_once_keep_them_once(world: Path) -> None:
    content = b"0123456789" * 200_000
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: archive.put(content), range(40)))) == 1
    assert list(archive.damaged()) == []
    assert not list((world / "archive").rglob("*.part"))


def test_what_dead_runs_left_is_swept(world: Path) -> None:
    left = world / "archive" / "files" / "ab" / "abcd.0123.part"
    fresh = left.with_name("abcd.4567.part")
    left.parent.mkdir(parents=True, exist_ok=True)
    for part in (left, fresh):
        part.write_bytes(b"half")
    day_before = (datetime.now(SEOUL) - timedelta(days=2)).timestamp()
    os.utime(left, (day_before, day_before))
    pipeline.check_archive()  # neither is taken for a damaged file
    assert (left.exists(), fresh.exists()) == (False, True)


def test_the_workshop_of_a_dead_run_is_removed_and_that_of_a_living_one_is_not(
    reported: Path,
) -> None:
    folder = settings().published / GOVERNMENT / "2021Q4"
    dead, living = folder / ".r1-dead", folder / ".r1-living"
    for one in (dead, living):
        (one / "r1").mkdir(parents=True)
    with _locked(living):
        pipeline.release("2021Q4", GOVERNMENT, APPROVED)
    assert (dead.exists(), living.exists()) == (False, True)
    assert [path.name for path in folder.iterdir() if path != living] == ["r1"]


def test_a_scratch_warehouse_that_a_dead_run_left_is_dropped(world: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    left, mine = f"warehouse_scratch_{process.pid}", f"warehouse_scratch_{os.getppid()}"
    on_server(*(CREATE_DATABASE.format(name=name) for name in (left, mine)))
    with scratch_warehouse():
        pass
    known = {name for (name,) in rows("SELECT datname FROM pg_database")}
    on_server(f'DROP DATABASE "{mine}"')
    assert {left, mine} & known == {mine}


def test_a_file_that_is_named_again_is_received_once(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = return_workbook(world / "a.xlsx")
    broken_off(monkeypatch, submissions, "stage_files", path)
    assert pipeline.collect([str(path)], at=LATER).accepted == 1
    assert rows("SELECT state FROM audit.submission WHERE file_name = 'a.xlsx'") == [("loaded",)]


def test_an_invitation_is_known_without_its_folder(world: Path) -> None:
    opened = datetime(2021, 12, 21, 9, 0, tzinfo=SEOUL)
    (due,) = pipeline.open_windows(opened)
    pipeline.invite(due.quarter_id, due.government_id, opened)
    rmtree(settings().outbox / due.quarter_id)
    assert pipeline.open_windows(opened) == []


def test_a_government_is_no_way_to_another_folder(world: Path) -> None:
    path = return_workbook(world / "a.xlsx", form={"government": "../../../../../away"})
    (answer,) = pipeline.collect([str(path)], at=AT).answers
    assert Path(answer).parts[-3] == "기관미상"
    assert Path(answer).is_relative_to(settings().outbox)
    assert {event.journal for event in archive.events()[0]} == {RECEIPTS, GOVERNMENT}


@pytest.mark.slow
def test_a_database_that_goes_away_while_rules_run_is_no_fault_of_a_rule(world: Path) -> None:
    pipeline.collect([str(return_workbook(world / "a.xlsx"))], at=AT)
    url = database_url(driver="psycopg2").render_as_string(hide_password=False)
    engine = validation._source(url).get_execution_engine().engine

    def away(*_: Any) -> None:
        raise psycopg2.OperationalError("server closed the connection")

    event.listen(engine, "do_connect", away)
    try:
        again = return_workbook(world / "b.xlsx", progress=[rate("1-1", 70)])
        with pytest.raises(OutageError, match="server closed the connection"):
            pipeline.collect([str(again)], at=LATER)
    finally:
        event.remove(engine, "do_connect", away)
    assert pipeline.collect([], at=LATER).accepted == 1

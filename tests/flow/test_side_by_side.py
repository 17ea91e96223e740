"""Offices that do not wait for each other: one warehouse, whoever does what at the same time."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from etl import archive, pipeline
from etl.archive import RECEIPTS
from etl.pipeline.journal import write_journal
from etl.warehouse import engine, rows_of, transaction, turn
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, return_workbook
from tests.flow.test_collect import rate
from tests.side_by_side import jostled
from tests.torture.side_by_side import together


@pytest.mark.slow
def test_eight_processes_end_as_one_does(server: Path, tmp_path: Path) -> None:
    """With corrections, withdrawals, waivers and releases, figure for figure."""
    assert together(server, tmp_path, governments=8, workers=8) == []


@pytest.mark.slow
def test_nobody_waits_in_a_ring_and_every_release_comes_out_again(
    server: Path, tmp_path: Path
) -> None:
    """What four workers do by chance to three governments is in the order of its numbers."""
    with fresh_home(server, tmp_path / "home") as home:
        assert jostled(home, rounds=10, seed=1) == []


def test_each_government_has_a_journal_of_its_own(world: Path) -> None:
    pipeline.collect([str(return_workbook(world / "a.xlsx")), str(_nobodys(world))])
    events, _ = archive.events()
    assert {event.journal for event in events} == {RECEIPTS, GOVERNMENT}
    kinds = [event.kind for event in events if event.journal == RECEIPTS]
    assert kinds == ["receipt", "receipt", "read", "check", "answer"]


def _nobodys(folder: Path) -> Path:
    path = folder / "b.xlsx"
    path.write_bytes(b"no workbook")
    return path


@pytest.fixture
def held(world: Path) -> Iterator[Path]:
    """A world in which somebody works on its government all the time."""
    entered, left = threading.Event(), threading.Event()

    def hold() -> None:
        with turn(GOVERNMENT):
            entered.set()
            left.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(60)
    yield world
    left.set()
    holder.join()


def test_a_check_waits_for_nobody(held: Path) -> None:
    trial = pipeline.dry_run([str(return_workbook(held / "a.xlsx"))])
    assert (trial.faults, len(trial.answers)) == (0, 1)


def test_who_works_on_a_batch_keeps_it(held: Path) -> None:
    """Another run takes up what a killed one left, not what a living one has in hand."""
    path = return_workbook(held / "a.xlsx", progress=[rate("1-1", 40)])
    done: list[int] = []

    def collect() -> None:
        done.append(pipeline.collect([str(path)]).accepted)

    runner = threading.Thread(target=collect)
    runner.start()
    for _ in range(600):
        if rows_of("SELECT 1 FROM audit.submission WHERE state = 'read' AND file_name = 'a.xlsx'"):
            break
        threading.Event().wait(0.05)
    assert pipeline.receive([]).batch_id is None
    assert done == []  # it waits for its government


def test_an_analyst_holds_nobody_up(world: Path) -> None:
    """No session of theirs can lock what we wait for: they may not even read it."""
    with engine().connect() as connection:
        connection.execute(text("SET ROLE analyst"))
        with pytest.raises(Exception, match="permission denied"):
            connection.execute(text("SELECT 1 FROM audit.turn FOR UPDATE"))
    with transaction() as connection:
        numbers = connection.execute(text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"))
        assert numbers.all() == []


def test_what_another_marks_as_archived_is_left_to_them(world: Path) -> None:
    """Two that mark the same events in another order would wait for each other for ever."""
    pipeline.collect([str(return_workbook(world / "a.xlsx"))])
    of_receipts = text("SELECT event_number FROM audit.event WHERE journal_code = :j FOR UPDATE")
    with transaction() as connection:
        connection.execute(text("UPDATE audit.event SET is_in_archive = FALSE"))
    with transaction() as another:
        another.execute(of_receipts, {"j": RECEIPTS})
        write_journal()
    waiting = "SELECT DISTINCT journal_code FROM audit.event WHERE NOT is_in_archive"
    assert rows_of(waiting) == [(RECEIPTS,)]
    write_journal()
    assert rows_of(waiting) == []

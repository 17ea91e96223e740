"""Offices that do not wait for each other: one warehouse, whoever does what at the same time."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from sqlalchemy import text

from etl import archive, pipeline
from etl.archive import RECEIPTS
from etl.pipeline.journal import write_journal
from etl.pipeline.working import side_by_side
from etl.warehouse import engine, rows_of, transaction, turn
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, register_workbook, return_workbook
from tests.flow.test_collect import rate
from tests.side_by_side import jostled
from tests.torture.side_by_side import together


@pytest.mark.torture
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
        assert jostled(home, rounds=4, seed=1) == []


@pytest.mark.slow
def test_each_government_has_a_journal_of_its_own(world: Path) -> None:
    pipeline.collect([str(return_workbook(world / "a.xlsx")), str(_nobodys(world))])
    events, _ = archive.events()
    assert {event.journal for event in events} == {RECEIPTS, GOVERNMENT}
    kinds = [event.kind for event in events if event.journal == RECEIPTS]
    assert kinds == ["receipt", "receipt", "read", "check", "answer"]


SECOND = "3990001"


@pytest.mark.slow
def test_governments_of_one_batch_are_counted_side_by_side(world: Path) -> None:
    """Each by a thread of its own, under the turns that the batch holds."""
    other = {"기관코드": SECOND, "기관명": "나루구"}
    pipeline.register(str(register_workbook(world / "second.xlsx", government=other)))
    files = [
        return_workbook(world / "a.xlsx", progress=[rate("1-1", 30)]),
        return_workbook(world / "b.xlsx", progress=[rate("1-1", 50)], form={"government": SECOND}),
    ]
    with patch("etl.pipeline.submissions.refresh", _watched(seen := [])):
        done = pipeline.collect([str(path) for path in files])
    assert done.accepted == 2
    assert {government for government, *_ in seen} == {GOVERNMENT, SECOND}
    assert len({thread for *_, thread in seen}) == 2
    rates = "SELECT government_id, shown FROM mart.implementation_rate WHERE figure_code = 'R1'"
    told = rows_of(f"{rates} AND scope_type = 'all' ORDER BY 1")
    assert [tuple(row) for row in told] == [(GOVERNMENT, "30.0"), (SECOND, "50.0")]


def _watched(seen: list[tuple[str, int]]) -> Callable[..., Any]:
    """Refresh, and note whose and by which thread; both threads are at it at once."""
    both = threading.Barrier(2, timeout=60)

    def refresh(quarter_id: str, government_id: str, at: datetime) -> Any:
        both.wait()
        seen.append((government_id, threading.get_ident()))
        return pipeline.refresh(quarter_id, government_id, at)

    return refresh


def test_what_one_of_several_raises_is_raised_when_all_are_done() -> None:
    done = []

    def half(number: int) -> float:
        done.append(number)
        return 1 / number

    assert side_by_side(half, [2, 4, 1]) == [0.5, 0.25, 1.0]
    with pytest.raises(ZeroDivisionError):
        side_by_side(half, [2, 0, 4])
    assert sorted(done[3:]) == [0, 2, 4]


def _nobodys(folder: Path) -> Path:
    path = folder / "b.xlsx"
    path.write_bytes(b"no workbook")
    return path


class Held(NamedTuple):
    """A world in which somebody works on its government until released."""

    world: Path
    release: Callable[[], None]


@pytest.fixture
def held(world: Path) -> Iterator[Held]:
    entered, left = threading.Event(), threading.Event()

    def hold() -> None:
        with turn(GOVERNMENT):
            entered.set()
            left.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(60)

    def release() -> None:
        left.set()
        holder.join()

    yield Held(world, release)
    release()


def test_a_check_waits_for_nobody(held: Held) -> None:
    trial = pipeline.dry_run([str(return_workbook(held.world / "a.xlsx"))])
    assert (trial.faults, len(trial.answers)) == (0, 1)


@pytest.mark.slow
def test_who_works_on_a_batch_keeps_it(held: Held) -> None:
    """Another run takes up what a killed one left, not what a living one has in hand."""
    path = return_workbook(held.world / "a.xlsx", progress=[rate("1-1", 40)])
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
    held.release()
    runner.join()
    assert done == [1]


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

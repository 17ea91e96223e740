"""Who works on what: a batch while a run goes on, and its governments one run after the other."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

from etl import collect as collecting
from etl.archive import RECEIPTS
from etl.pipeline.journal import journal_of
from etl.settings import settings
from etl.warehouse import at_work, transaction, turn

Item = TypeVar("Item")
Done = TypeVar("Done")


@contextmanager
def turn_of(*batch_ids: int) -> Iterator[None]:
    """Hold the governments of batches; what is nobody's changes nothing that anybody shares."""
    with transaction() as connection:
        told = collecting.governments_of(connection, batch_ids)
    with turn(*{journal_of(government_id) for government_id in told} - {RECEIPTS}):
        yield


@contextmanager
def working_on(batch_id: int) -> Iterator[None]:
    """Work on a batch that is read, in the turn of its governments."""
    with at_work(batch_id), turn_of(batch_id):
        yield


def with_left_over(batch_id: int) -> Sequence[int]:
    """Return a batch, and those that earlier runs left before their marts were written."""
    with transaction() as connection:
        left = collecting.uncounted(connection)
    return [batch_id, *(other for other in left if other != batch_id)]


def side_by_side(work: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
    """Do some work for each item, by as many threads as there are readers; return what it did.

    A thread holds the places that this one holds, and has connections of its own. All of it is done
    or has failed at the end; what the first of the items raised is raised.
    """
    threads = min(len(items), settings().reader_workers)
    if threads <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        begun = [pool.submit(copy_context().run, work, item) for item in items]
        try:
            wait(begun)
        except BaseException:  # nobody who interrupts waits for what has not begun
            pool.shutdown(cancel_futures=True)
            raise
    return [one.result() for one in begun]

"""Whose turn it is: who works at a place holds its row locked, and others wait or leave it alone.

A place is a government, the receipts, or a batch. The lock is that of a row which only we may
lock, so that no analyst's session can hold anybody up, and it ends with the session of its holder.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection, text

from etl.warehouse.connection import engine, run_alone, run_file
from etl.warehouse.server import outage_told

_held: ContextVar[frozenset[str]] = ContextVar("held_places", default=frozenset())
_at_work: ContextVar[frozenset[str]] = ContextVar("batches_at_work", default=frozenset())


@contextmanager
def turn(*places: str) -> Iterator[None]:
    """Hold places (governments, or the receipts) alone until the block ends; waits for others.

    Places that a block around this one holds already are not asked for again. Whoever takes several
    takes them at once, in the order of their codes: nobody waits in a ring.
    """
    wanted = {*places} - _held.get()
    if wanted and _held.get():
        raise RuntimeError(f"{sorted(wanted)} asked for while {sorted(_held.get())} are held")
    with _holding(wanted, _held):
        yield


@contextmanager
def at_work(batch_id: int) -> Iterator[None]:
    """Tell others that a batch has somebody who works on it, until the block ends.

    A second one who would work on it waits. Nobody asks for one while holding a turn.
    """
    with _holding({_batch(batch_id)} - _at_work.get(), _at_work):
        yield


def left_alone(connection: Connection, batch_ids: Collection[int]) -> set[int]:
    """Return the batches that nobody works on; nobody begins to until `connection` ends."""
    asked = {_batch(number): number for number in batch_ids}
    busy = run_file(connection, "turn/busy.sql", places=sorted(asked))
    return {*asked.values()} - {asked[row.place] for row in busy}


def _batch(number: int) -> str:
    return f"batch {number}"


@contextmanager
def _holding(places: Collection[str], held: ContextVar[frozenset[str]]) -> Iterator[None]:
    if not places:
        yield
        return
    wanted = sorted(places)
    run_alone("turn/places.sql", places=wanted)
    with outage_told(), engine().connect() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        run_file(connection, "turn/hold.sql", places=wanted)
        token = held.set(held.get() | {*wanted})
        try:
            yield
        finally:
            held.reset(token)
            connection.rollback()

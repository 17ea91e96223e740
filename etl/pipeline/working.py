"""Who works on what: a batch while a run goes on, and its governments one run after the other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from etl import collect as collecting
from etl.archive import RECEIPTS
from etl.pipeline.journal import journal_of
from etl.warehouse import at_work, transaction, turn


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

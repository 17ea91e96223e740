"""The watch over analysts: their login may put off its own limits, and then we end what is over.

PostgreSQL lets every login set its own time limits. An open transaction of theirs keeps a view from
being dropped, so an upgrade would wait for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from threading import Event, Thread

from etl.logs import log
from etl.problems import OutageError
from etl.settings import settings
from etl.warehouse.analyst import ANALYST
from etl.warehouse.connection import run_alone

_SECONDS_BETWEEN = 5.0  # two looks of the watch
_SECONDS_BESIDE = 1.0  # two looks while something may wait for an analyst


def end_overdue() -> int:
    """End the analysts' sessions whose transaction stands open too long; return how many.

    Whether its statement still runs or the session waits with it open; each is told in the log.
    """
    limit = settings().analyst_seconds
    ended = run_alone("analyst/end_overdue.sql", login=ANALYST, seconds=limit)
    for row in ended:
        log.warning(
            "분석가 | %s초를 넘긴 조회 세션을 끝냈습니다: pid=%s state=%s seconds=%.0f",
            limit, row.pid, row.state, row.seconds,
        )  # fmt: skip
    return len(ended)


@contextmanager
def watched() -> Iterator[None]:
    """End what is over the limit for as long as the block lasts, which may wait for it."""
    is_done = Event()
    thread = Thread(
        target=copy_context().run, args=(_watch, is_done, _SECONDS_BESIDE, end_overdue), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def watch(*besides: Callable[[], None]) -> None:
    """End what is over the limit, and do what else is told, for ever; an outage is waited out."""
    _watch(Event(), _SECONDS_BETWEEN, end_overdue, *besides)


def _watch(is_done: Event, seconds_between: float, *looks: Callable[[], object]) -> None:
    while not is_done.wait(seconds_between):
        for look in looks:
            with suppress(OutageError):  # whoever needs the server says that it is away
                look()

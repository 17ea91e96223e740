"""The bell of the inbox: rings for `collect_submissions` when files lie there that nobody took.

It only looks. What is new the table of receipts decides, here and again in the run that it sets
off, so a ring too many does nothing. Airflow keeps one ring at most while a run is under way: what
came meanwhile is rung for again, for as long as it lies there, ever more seldom.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from etl.logs import log
from etl.storage import without_password

_FIRST_PAUSE = 60.0
_PATIENCE = 5  # times the seconds between two looks, after one that saw nothing
_LONGEST_PAUSE = 24 * 3600.0  # by then the daily run has told of it

Waiting = Mapping[str, str | None]
"""Address → stamp of what lies in the inbox and no run has settled."""


@dataclass
class Rings:
    """Which waiting files the bell has rung for, and when it does again."""

    before: Waiting = field(default_factory=dict)
    rung: dict[tuple[str, str | None], tuple[float, float]] = field(default_factory=dict)

    def due(self, waiting: Waiting, now: float) -> list[str]:
        """Return the addresses to ring for at `now`, in seconds; they are noted as rung for.

        A file that was not there at the look before, or otherwise, still grows: it is left.
        """
        steady = [one for one in waiting.items() if one in self.before.items()]
        self.before = dict(waiting)
        self.rung = {key: told for key, told in self.rung.items() if key in steady}
        due = [key for key in steady if self.rung.get(key, (0.0, 0.0))[0] <= now]
        for key in due:
            _, pause = self.rung.get(key, (0.0, _FIRST_PAUSE))
            self.rung[key] = (now + pause, min(2 * pause, _LONGEST_PAUSE))
        return sorted(uri for uri, _ in due)


class InboxBell(BaseEventTrigger):  # type: ignore[misc]
    """Rings with the number of files that lie in the inbox as they did at the look before.

    `seconds` lie between two looks.
    """

    def __init__(self, *, seconds: float = 2.0) -> None:
        super().__init__()
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__qualname__}", {"seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        from etl.settings import settings

        rung: asyncio.Queue[int] = asyncio.Queue()
        watching = [asyncio.create_task(self._watch(one, rung)) for one in settings().inboxes]
        try:
            while True:
                yield TriggerEvent({"files": await rung.get()})
        finally:
            for one in watching:
                one.cancel()

    async def _watch(self, inbox: str, rung: "asyncio.Queue[int]") -> None:
        """Look at one inbox for ever; one that does not answer holds nobody up but itself."""
        rings, said = Rings(), None
        while True:
            waiting = await asyncio.to_thread(_look, inbox)
            if isinstance(waiting, str):
                if waiting != said:
                    log.warning("접수함 | 보지 못했습니다: %s", waiting)
            else:
                if said is not None:
                    log.warning("접수함 | 다시 보입니다: %s", without_password(inbox))
                if files := rings.due(waiting, time.monotonic()):
                    rung.put_nowait(len(files))
            said = waiting if isinstance(waiting, str) else None
            # A server that refuses a login every two seconds shuts it out.
            await asyncio.sleep(self.seconds if said is None else self.seconds * _PATIENCE)


def _look(inbox: str) -> Waiting | str:
    """Return what waits in an inbox; why where it cannot be seen now.

    A trigger that raises is begun anew every two seconds, and Airflow calls that healthy.
    """
    from etl import pipeline
    from etl.problems import GongyakError

    try:
        return {arrival.uri: arrival.stamp for arrival in pipeline.waiting([inbox])}
    except Exception as error:
        return str(error) if isinstance(error, GongyakError) else type(error).__name__

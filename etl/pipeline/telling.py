"""What every stage says: a line in the log, the same keys, Korean first; and how far it is."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any, TypeVar

log = logging.getLogger("gongyak")

STAGES = ("접수", "읽기", "점검", "반영", "지표", "회신")
"""The stages of a run that takes files, in their order."""

Item = TypeVar("Item")
Tell = Callable[[str, float], None]
_waiting: ContextVar[Tell | None] = ContextVar("waiting", default=None)

STATE_NAMES = {
    "missing": "미제출",
    "rejected": "반려",
    "withdrawn": "철회",
    "blocked": "보류 있음",
    "needs_reason": "사유 필요",
    "late": "지연 제출",
    "submitted": "제출",
}


def say(stage: str, started: float, **facts: Any) -> None:
    told = " ".join(f"{name}={value}" for name, value in facts.items() if value is not None)
    log.info("%s | %s seconds=%.2f", stage, told, perf_counter() - started)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Tell somebody, as it goes on inside the block, a stage and the share of it that is done."""
    token = _waiting.set(tell)
    try:
        yield
    finally:
        _waiting.reset(token)


def at_stage(stage: str, share: float = 0.0) -> None:
    """Tell whoever waits that so much of a stage is done, from 0 to 1."""
    if tell := _waiting.get():
        tell(stage, share)


def counted(stage: str, items: Iterable[Item], of: int) -> Iterator[Item]:
    """Yield the items of a stage, and tell with each how many of so many are done."""
    for number, item in enumerate(items):
        at_stage(stage, number / of)
        yield item

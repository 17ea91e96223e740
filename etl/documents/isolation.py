"""Files read in worker processes: a file that kills its worker costs that file and no other.

Workers are forked once, live under a memory and a time limit, and take many files per task, so
that a file costs microseconds above its own reading. When a worker dies or hangs, the files of
its task are tried again one by one; only the one that does it again is given up.
"""

import faulthandler
import gc
import multiprocessing
import os
import resource
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from etl.problems import CellProblem, FileFault

FILES_PER_TASK = 24
BYTES_PER_TASK = 8 * 1024 * 1024
# Seconds between two looks of a pool whether it may end; most batches waited for the usual 0.1.
CONSTS.sleep_unit = 0.01

Key = TypeVar("Key")
Told = TypeVar("Told")
T = TypeVar("T")
Read = Callable[[bytes, Told], T]
Item: TypeAlias = tuple[Key, bytes, Told]
"""One file: what its result is known by, its content, what its reader is told beside it."""


@dataclass
class _Task(Generic[Key, Told]):
    items: list[Item[Key, Told]]
    future: Any


def read_each(
    items: Iterable[Item[Key, Told]],
    read: Read[Told, T],
    *,
    workers: int,
    seconds: float,
    memory_mb: int,
) -> Iterator[tuple[Key, T | CellProblem | FileFault]]:
    """Yield (key, what `read(content, told)` returned) in the order of the items.

    A file that kills its worker or needs more than `seconds` or `memory_mb` yields a CellProblem
    `unreadable` instead; one on which the reader fails, which is our fault, a FileFault. Items are
    taken as workers become free, so memory holds a few tasks, not the batch.
    """
    # A task under Celery runs in a daemon, to which Python allows no children: these end with the
    # pool below, however it is left.
    multiprocessing.current_process().daemon = False
    batches = _batches(items)
    first = list(islice(batches, workers))
    context = multiprocessing.get_context("fork")
    needed = max(len(first), 1)  # a fork of what has grown large costs more than a file
    with ProcessPool(needed, initializer=_limit, initargs=[memory_mb], context=context) as pool:

        def start(batch: list[Item[Key, Told]]) -> _Task[Key, Told]:
            files = [(content, told) for _, content, told in batch]
            return _Task(batch, pool.schedule(_read_all, args=[read, files], timeout=seconds))

        running: deque[_Task[Key, Told]] = deque()
        for batch in chain(first, batches):
            running.append(start(batch))
            if len(running) > 2 * workers:
                yield from _finish(running.popleft(), start)
        while running:
            yield from _finish(running.popleft(), start)


def _batches(items: Iterable[Item[Key, Told]]) -> Iterator[list[Item[Key, Told]]]:
    batch: list[Item[Key, Told]] = []
    size = 0
    for item in items:
        if batch and (len(batch) >= FILES_PER_TASK or size + len(item[1]) > BYTES_PER_TASK):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item[1])
    if batch:
        yield batch


def _finish(
    task: _Task[Key, Told], start: Callable[[list[Item[Key, Told]]], _Task[Key, Told]]
) -> Iterator[tuple[Key, Any]]:
    try:
        results = task.future.result()
    except Exception as error:
        if len(task.items) == 1:
            yield task.items[0][0], _given_up(error)
            return
        for item in task.items:
            yield from _finish(start([item]), start)
        return
    for (key, _, _), result in zip(task.items, results, strict=True):
        yield key, result


def _given_up(error: BaseException) -> CellProblem | FileFault:
    """Say what ended the reading of one file: a limit or the worker's death, else our own fault."""
    reasons = {LateError: "시간 초과", MemoryError: "메모리 초과", ProcessExpired: "읽기 중단"}
    reason = next((said for kind, said in reasons.items() if isinstance(error, kind)), None)
    return CellProblem("unreadable", reason) if reason else FileFault.of("read", error)


def _read_all(
    read: Read[Told, T], files: Sequence[tuple[bytes, Told]]
) -> list[T | CellProblem | FileFault]:
    return [_read_one(read, content, told) for content, told in files]


def _read_one(read: Read[Told, T], content: bytes, told: Told) -> T | CellProblem | FileFault:
    try:
        return read(content, told)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # one file's failure, a library's panic too, is its own
        return _given_up(error)


def _limit(memory_mb: int) -> None:
    """Limit a forked worker's memory above what it inherited, and silence its last words."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.disable()
    gc.freeze()  # what was inherited is never garbage here
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

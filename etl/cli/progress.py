"""What the shell tells on stderr while it works: the log's lines, and how far it is."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Timer

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from etl import pipeline
from etl.logs import log

_UNSHOWN_SECONDS = 1.0  # a bar that comes and goes within them is no help
_is_quiet: ContextVar[bool] = ContextVar("is_quiet", default=False)


def hush(is_quiet: bool = True) -> None:
    """Tell results and errors alone in what this process does from here on."""
    _is_quiet.set(is_quiet)


class _Stderr(logging.Handler):
    """To what is stderr now: a bar takes it over while it is shown, and puts lines above itself."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)


def logs_to_stderr() -> None:
    handler = _Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log.handlers = [handler]
    log.setLevel(logging.ERROR if _is_quiet.get() else logging.INFO)


@contextmanager
def progress(*stages: str) -> Iterator[None]:
    """Show which of these stages is at work, and how far the whole is, where it takes a while.

    Nothing is shown where nobody looks. What works inside may tell of stages of its own: those that
    are not named here are passed over.
    """
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        disable=_is_quiet.get() or not sys.stderr.isatty(),
    )
    whole = shown.add_task(stages[0], total=None)

    def tell(stage: str, share: float) -> None:
        if stage in stages:
            done = stages.index(stage) + share
            # Without a total the bar runs to and fro: so it does until something is done.
            shown.update(
                whole, description=stage, completed=done, total=len(stages) if done else None
            )

    begin = Timer(_UNSHOWN_SECONDS, shown.start)
    begin.daemon = True
    try:
        begin.start()
        with pipeline.telling(tell):
            yield
    finally:
        begin.cancel()
        begin.join()
        shown.stop()

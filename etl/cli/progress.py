"""One bar on stderr while a run of several stages goes on, where somebody looks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from etl import pipeline
from etl.cli.shell import logs_to_stderr


@contextmanager
def progress() -> Iterator[None]:
    """Show which stage is at work, and how far the whole is; nothing where nobody looks."""
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    whole = shown.add_task("", total=len(pipeline.STAGES))

    def tell(stage: str, share: float) -> None:
        shown.update(whole, description=stage, completed=pipeline.STAGES.index(stage) + share)

    try:
        with shown, pipeline.telling(tell):
            logs_to_stderr()  # above the bar, which has taken stderr over
            yield
    finally:
        logs_to_stderr()

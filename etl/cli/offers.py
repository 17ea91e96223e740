"""What Tab offers: the codes that the home's list of choices knows, with no look at a database."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from etl.problems import GongyakError

PROGRAM = "gongyak"
ASKED = "_GONGYAK_COMPLETE"
"""The variable by which a shell asks what to offer."""

Offer = Callable[[], list[tuple[str, str]]]


def known(name: str) -> Offer:
    """Return what offers the entries of one list of choices, each with what people call it."""

    def offer() -> list[tuple[str, str]]:
        from etl import choices

        with suppress(GongyakError):  # of settings: nobody reads a line that comes with Tab
            return [*choices.names(name).items()]
        return []

    return offer


def begin() -> None:
    """Have the answers ready where a shell asks what to offer."""
    if ASKED in os.environ:
        from typer._completion_classes import completion_init

        completion_init()


def renew() -> None:
    """Write what there is to offer after a command that made more of it."""
    from etl import choices

    with suppress(GongyakError, OSError):  # the command itself is done
        choices.write()

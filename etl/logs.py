"""The log: one line for each thing told, whatever stands in the names that it tells."""

import logging
import re
from numbers import Number
from textwrap import indent
from typing import Any

# Signs that end a line, move the writing or are not seen.
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\ud800-\udfff]+")


def visible(text: str) -> str:
    """Return a text with a blank for signs that end a line, move the writing or are not seen."""
    return _NOT_SHOWN.sub(" ", text)


def one_line(text: str) -> str:
    """Return a text as one line that a header may hold, whatever stood in it."""
    return " ".join(visible(text).split())


class Indented(str):
    """Several lines, as of a traceback, of which none begins where a line of the log does."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> "Indented":
        """Return a text with every line indented, whatever it takes for a line's end."""
        return cls(indent("\n".join(map(visible, text.splitlines())), "  "))


def _told(fact: Any) -> Any:
    return fact if isinstance(fact, Number | Indented) else visible(str(fact))


def _in_one_line(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(map(_told, record.args))
    return True


log = logging.getLogger("gongyak")
log.addFilter(_in_one_line)

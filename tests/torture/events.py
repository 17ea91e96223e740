"""Every moment at which a process changes its home or the database, counted; it can die at one.

A forked child calls `arm` and does its work. What is wrapped is Python's own way to the disk (open,
write, fsync, rename, mkdir, unlink, rmdir) and psycopg's commit. A statement outside a transaction,
which makes or drops a database, counts too. Only the thread that was armed counts: neither readers
nor the watch, which looks whenever a second has gone.
"""

import builtins
import io
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from threading import get_ident
from typing import Any, NamedTuple

import psycopg
from psycopg.pq import TransactionStatus

NOTHING = "nothing"  # the end of a transaction that only asked

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_SERVER = ("pg", "run")  # the server's own folders below a home
_ASKING = re.compile(r"\s*(SELECT|SHOW|WITH)\b", re.I)
_RANDOM = re.compile(
    r"(?<=_scratch_)\d+|(?<=-)[0-9a-f]{12}(?=\.jsonl)|(?<=[.-])[0-9a-f]{8}(?=\.part)|(?<=/\.r\d-)\w+|(?<=/\.site-)\w+|(?<=/tmp)\w{8}"
)


class Event(NamedTuple):
    """One thing about to happen: `open`, `write`, `commit`, ... and the path below the home."""

    kind: str
    what: str

    def alike(self) -> "Event":
        """The event without what is drawn by lot, such as the name of a part."""
        return Event(self.kind, _RANDOM.sub("*", self.what))


class _Counter:
    """Counts the events of one process, tells them to a file, and ends it before one of them."""

    def __init__(self, home: Path, at: int, log: Path | None) -> None:
        self.home, self.at, self.count = f"{home}/", at, 0
        self.process, self.thread = os.getpid(), get_ident()
        self.log = log and os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    def comes(self, kind: str, what: str) -> bool:
        """Count an event; return whether it is the one at which the process is to die."""
        if (os.getpid(), get_ident()) != (self.process, self.thread):
            return False
        self.count += 1
        if self.log:
            os.write(self.log, f"{kind}\t{what}\n".encode())
        return self.count == self.at

    def event(self, kind: str, what: str) -> None:
        if self.comes(kind, what):
            os.kill(self.process, signal.SIGKILL)

    def inside(self, path: Any, folder: int | None = None) -> str | None:
        """Return a path as it stands below the home; None for one outside it, or of the server."""
        if isinstance(path, int):
            whole = os.readlink(f"/proc/self/fd/{path}")
        else:
            base = "" if folder is None else os.readlink(f"/proc/self/fd/{folder}")
            whole = os.path.abspath(os.path.join(base, os.fsdecode(path)))
        below = whole.removeprefix(self.home)
        return None if below == whole or below.split("/")[0] in _SERVER else below


def arm(home: Path, at: int = 0, log: Path | None = None) -> None:
    """Count what this process does from now on; it dies before event `at` (0: it lives)."""
    counter = _Counter(home, at, log)
    _wrap_folders(counter)
    _wrap_opening(counter)
    _wrap_database(counter)


def _wrap_folders(counter: _Counter) -> None:
    def wrap(name: str) -> None:
        real: Callable[..., Any] = getattr(os, name)

        def wrapped(path: Any, *more: Any, **named: Any) -> Any:
            folder = named.get("dir_fd", named.get("src_dir_fd"))
            below = counter.inside(path, folder)
            # A folder that is there already is not made.
            if below is not None and not (name == "mkdir" and os.path.lexists(path)):
                counter.event(name, below)
            return real(path, *more, **named)

        setattr(os, name, wrapped)

    for name in ("replace", "rename", "fsync", "mkdir", "unlink", "remove", "rmdir", "link"):
        wrap(name)
    real_open = os.open

    def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
        below = counter.inside(path, named.get("dir_fd")) if flags & _WRITING else None
        if below is not None:
            counter.event("open", below)
        return real_open(path, flags, *more, **named)

    os.open = opened


def _wrap_opening(counter: _Counter) -> None:
    class Torn(io.FileIO):
        """A file whose every write to the disk is an event; death leaves half of it there."""

        def write(self, data: Any, /) -> int:
            below = counter.inside(self.fileno())
            if below is not None and counter.comes("write", below):
                half = memoryview(data).cast("B")
                super().write(half[: len(half) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return super().write(data)

    real = io.open

    def opened(file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
        below = counter.inside(file) if set(mode) & set("wax+") else None
        if below is None:
            return real(file, mode, buffering, *more, **named)
        if named.get("opener") is None and not isinstance(file, int):  # else os.open counts it
            counter.event("open", below)
        return _opened(Torn, file, mode, buffering, *more, **named)

    builtins.open = io.open = opened


def _opened(
    kind: type[io.FileIO], file: Any, mode: str, buffering: int, encoding: str | None = None,
    errors: str | None = None, newline: str | None = None, closefd: bool = True, opener: Any = None,
) -> Any:  # fmt: skip
    """Open for writing as `open` does, over a raw file of another kind."""
    bare = "".join(letter for letter in mode if letter not in "bt")
    raw = kind(file, bare, closefd, opener)
    if buffering == 0:
        return raw
    buffer = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
    if "b" in mode:
        return buffer
    text = io.TextIOWrapper(buffer, encoding, errors, newline, line_buffering=buffering == 1)
    text.mode = mode  # type: ignore[misc]
    return text


def _wrote(connection: Any, execute: Callable[..., Any]) -> bool:
    """Tell whether a transaction has changed anything: else its end is no moment to look at."""
    if connection.info.transaction_status != TransactionStatus.INTRANS:
        return False
    asked = execute(psycopg.Cursor(connection), "SELECT pg_current_xact_id_if_assigned()::text")
    return asked.fetchone()[0] is not None


def _text(query: Any) -> str:
    """Return the text of a query, which may be composed of parts."""
    if isinstance(query, bytes):
        return query.decode()
    return query if isinstance(query, str) else str(query.as_string(None))


def _wrap_database(counter: _Counter) -> None:
    commit, execute = psycopg.Connection.commit, psycopg.Cursor.execute

    def committed(self: Any) -> None:
        wrote = _wrote(self, execute)
        counter.event("commit" if wrote else NOTHING, "")
        commit(self)
        counter.event("committed" if wrote else NOTHING, "")

    def executed(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        told = " ".join(_text(query).split())
        if self.connection.autocommit and not _ASKING.match(told):
            counter.event("alone", told[:60])
        return execute(self, query, *more, **named)

    psycopg.Connection.commit = committed  # type: ignore[method-assign]
    psycopg.Cursor.execute = executed  # type: ignore[method-assign]

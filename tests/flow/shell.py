"""The shell as a person meets it: a command in this process, with what it said and its exit code."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

from etl.cli import main, shell


class Said(NamedTuple):
    """What a command ended with, printed, and told on stderr."""

    code: int
    out: str
    err: str


def run(*arguments: str, stdin: str = "") -> Said:
    """Run `gongyak` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(sys, "argv", ["gongyak", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        monkeypatch.setattr(shell.out, "_file", out)
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main()
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
    return Said(code, out.getvalue(), err.getvalue())

"""What README.md and docs/*.md show, played: each fenced block is run and its output put in.

`console`: commands behind `$ `, each with what it prints. `sql` runs as the analyst and `python` in
one namespace per page; what they print stands in the `text` block right behind them. A `…` on a
line of its own stands for paragraphs left out. `console unrun` is shown and not run.
A page holds when playing it changes nothing; playing and writing it is how it is refreshed.
"""

import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from etl.settings import settings
from etl.warehouse.embedded import program
from tests.flow.shell import run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
RUN = ("console", "sql", "python")
UNRUN = "console unrun"
INFOS = {*RUN, UNRUN, "text", "yaml", "mermaid"}
GAP = "…"
_BINARIES = [
    str(ROOT / ".venv" / "bin"),
    str(program("psql").parent),
]


@dataclass(frozen=True)
class Block:
    """A fenced block: its info words, its body, and where the body lies in the page."""

    info: str
    body: str
    start: int
    end: int


def blocks(page: str) -> list[Block]:
    return [
        Block(m["info"], m["body"], m.start("body"), m.end("body")) for m in FENCE.finditer(page)
    ]


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block and what is shown below it."""
    lines = body.splitlines(keepends=True)
    while lines:
        command = lines.pop(0).removeprefix("$ ")
        while not _is_whole(command):
            command += lines.pop(0)
        shown = ""
        while lines and not lines[0].startswith("$ "):
            shown += lines.pop(0)
        yield command.rstrip("\n"), shown


def _is_whole(command: str) -> bool:
    """Tell whether a command ends here: no quote is open and no backslash leads on."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.rstrip("\n").endswith("\\")


@dataclass
class Player:
    """One reader who follows one page from its first block to its last, in a home of its own."""

    folder: Path
    """Where the page's commands are given; the demo's home lies in `var/demo` below it."""
    said: dict[str, str]
    """What commands printed that were given before, and are not given again."""
    monkeypatch: pytest.MonkeyPatch
    names: dict[str, Any] = field(default_factory=dict)

    def play(self, page: str) -> str:
        """Return the page with what its blocks print now."""
        found = blocks(page)
        written, last = "", 0
        for block, behind in zip_longest(found, found[1:]):
            if block.info not in RUN:
                continue
            if block.info == "console":
                place, output = block, self._played(block.body)
            else:
                answer = self._asked(block.body) if block.info == "sql" else self._run(block.body)
                if not _stands_behind(page, block, behind):
                    continue
                place, output = behind, answer
            written += page[last : place.start] + output
            last = place.end
        return written + page[last:]

    def _played(self, body: str) -> str:
        return "".join(
            f"$ {command}\n{cut(self._given(command), shown)}" for command, shown in commands(body)
        )

    def _given(self, command: str) -> str:
        """Return what a command prints; `gongyak` alone or before a pipe runs in this process."""
        if command in self.said:
            return self._plain(self.said[command])
        first, pipe, rest = _piped(command)
        words = [os.path.expandvars(word) for word in shlex.split(first.replace("\\\n", " "))]
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            if value.startswith("$("):
                value = self._in_shell(f'printf %s "{value}"', "")
            self.monkeypatch.setenv(name, value)
            settings.cache_clear()
            return ""
        if words[0] != "gongyak":
            return self._plain(self._in_shell(command, ""))
        said = run(*words[1:])
        assert said.code in (0, 1), f"{command}\n{said.err}"
        return self._plain(self._in_shell(rest, said.out) if pipe else said.out)

    def _in_shell(self, command: str, stdin: str) -> str:
        path = os.pathsep.join([*_BINARIES, os.environ["PATH"]])
        ended = subprocess.run(
            ["bash", "-ec", command],
            input=stdin, capture_output=True, text=True, cwd=self.folder,
            env={**os.environ, "PATH": path},
        )  # fmt: skip
        assert ended.returncode == 0, f"{command}\n{ended.stderr}"
        return ended.stdout

    def _asked(self, query: str) -> str:
        """Return the table that `gongyak sql` prints of a query."""
        said = run("sql", stdin=query)
        assert said.code == 0, f"{query}\n{said.err}"
        return self._plain(said.out)

    def _run(self, code: str) -> str:
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(code, self.names)  # noqa: S102  our own pages
        return self._plain(printed.getvalue())

    def _plain(self, output: str) -> str:
        """Return an output without trailing blanks or byte order mark, paths seen from the folder."""
        output = output.replace(f"{self.folder}/", "").removeprefix("\ufeff")
        return "".join(f"{line.rstrip()}\n" for line in output.splitlines())


def _stands_behind(page: str, block: Block, behind: Block | None) -> bool:
    """Tell whether a block is followed by the `text` block with its output."""
    if behind is None or behind.info != "text":
        return False
    return not page[block.end : behind.start].replace("```text", "").replace("```", "").strip()


def _piped(command: str) -> tuple[str, str, str]:
    """Return a command's part before its first pipe, the pipe, and the rest."""
    for found in re.finditer(r" \| ", command):
        if _is_whole(command[: found.start()]):
            return command[: found.start()], "|", command[found.end() :]
    return command, "", ""


def cut(output: str, shown: str) -> str:
    """Return an output with the paragraphs left out that `shown` leaves out.

    What stands between two gaps begins with the line that it begins with now, and ends with a
    paragraph; only the last part runs to the end.
    """
    parts = _parts(shown)
    if len(parts) == 1:
        return output
    lines, kept = output.splitlines(), []
    for number, part in enumerate(parts):
        if not part:
            continue
        first = lines.index(part[0])
        lines = lines[first:]
        is_last = number == len(parts) - 1
        length = len(lines) if is_last else _paragraphs(lines, part.count(""))
        kept.append("\n".join(lines[:length]) + "\n")
        lines = lines[length:]
    ends = ("" if parts[0] else f"{GAP}\n", "" if parts[-1] else f"{GAP}\n")
    return ends[0] + f"{GAP}\n".join(kept) + ends[1]


def _parts(shown: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in shown.splitlines():
        if line == GAP:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _paragraphs(lines: Sequence[str], blank: int) -> int:
    """Return how many lines hold so many blank ones and end with a paragraph."""
    for number, line in enumerate(lines):
        if not line:
            if not blank:
                return number
            blank -= 1
    return len(lines)

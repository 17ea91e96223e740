"""How long a command makes its user wait, beside Python itself.

    .venv/bin/python -m benchmarks.shell        # in a home where `gongyak demo` ran

Each command runs as a process of its own, the quickest of 5 after one that warms the machine. The
ratio is to `python -c pass`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from etl import service

RUNS = 5
QUARTER = ("2021Q4", "--government", "4510000")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "--help": ("--help",),
    "a usage error": ("figures", "--nothing"),
    "status": ("status", *QUARTER),
    "figures --scope all": ("figures", *QUARTER, "--scope", "all"),
    "figures, all of them": ("figures", *QUARTER),
    "trace R1": ("trace", *QUARTER[:1], "R1", *QUARTER[1:]),
    "sql": ("sql", "SELECT 1"),
}
_SHELL = (sys.executable, "-m", "etl")


def seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return the quickest of some runs of a command."""

    def once() -> float:
        begun = time.perf_counter()
        subprocess.run(command, env=environment, capture_output=True, check=False)
        return time.perf_counter() - begun

    once()
    return min(once() for _ in range(RUNS))


def every_command() -> tuple[float, dict[str, float]]:
    """Return the seconds of `python -c pass`, and of each command."""
    demo = service.demo_home()
    sent = next(Path(demo).glob("sent/4510000/*.xlsx"))
    environment = {**os.environ, "GONGYAK_HOME": str(demo)}
    asked = {**COMMANDS, "check FILE": ("check", str(sent))}
    took = {name: seconds((*_SHELL, *words), environment) for name, words in asked.items()}
    return seconds((sys.executable, "-c", "pass"), environment), took


def ratios() -> dict[str, float]:
    """Return what each command costs beside Python itself."""
    least, took = every_command()
    return {f"gongyak {name} / python": one / least for name, one in took.items()}


def main() -> None:
    least, took = every_command()
    table = Table(title="seconds until a command is done", title_justify="left")
    for heading in ("command", "s", "ratio"):
        table.add_column(heading, justify="left" if heading == "command" else "right")
    for name, one in {"python -c pass": least, **took}.items():
        table.add_row(name, f"{one:.3f}", f"{one / least:.1f}")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()

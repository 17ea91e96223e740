"""A part of the torture that is another one every day, and can be had again."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path


def sampled(module: str, *options: str) -> str:
    """Run a module of the torture with the day's seed, or `TORTURE_SEED`; return what it printed.

    In a process of its own: what it forks must not have the threads of a test session, and no other
    test may notice that it lets the rules' own queries judge.
    """
    seed = os.environ.get("TORTURE_SEED") or f"{date.today():%Y%m%d}"  # noqa: DTZ011  any day does
    asked = ["-m", f"tests.torture.{module}", *options, "--seed", seed]
    print("python", *asked)  # so that it can be repeated
    done = subprocess.run(
        [sys.executable, *asked],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}:\n{done.stdout}\n{done.stderr[-4000:]}"
    return done.stdout

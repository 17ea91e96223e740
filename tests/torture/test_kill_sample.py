"""A sample of the points at which anything can be killed, another one every day."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

POINTS = 40


def test_a_quarter_survives_kills() -> None:
    """The seed is the day's, or `TORTURE_SEED`; it is printed, so that a sample can be repeated."""
    seed = os.environ.get("TORTURE_SEED") or f"{date.today():%Y%m%d}"  # noqa: DTZ011  any day does
    print(f"python -m tests.torture.kill --sample {POINTS} --seed {seed}")
    # A process of its own: what it forks must not have the threads of a test session.
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.kill", "--sample", str(POINTS), "--seed", seed],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}:\n{done.stdout}\n{done.stderr[-2000:]}"
    assert f"points tried {POINTS}, survived {POINTS}" in done.stdout

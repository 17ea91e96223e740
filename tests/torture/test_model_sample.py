"""A sample of the events that the model of the domain goes through, another one every day."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

STEPS, LENGTH = 150, 30


def test_the_product_says_what_the_model_says() -> None:
    """The seed is the day's, or `TORTURE_SEED`; what differs is told with the way back to it."""
    seed = os.environ.get("TORTURE_SEED") or f"{date.today():%Y%m%d}"  # noqa: DTZ011  any day does
    # A process of its own: it lets the rules' own queries judge, which no other test may notice.
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.model", "--steps", str(STEPS), "--seed", seed,
         "--length", str(LENGTH)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    assert "all as the model says" in done.stdout

"""`gongyak`: the same jobs from a shell; no Airflow needed.

Results go to stdout, progress and logs to stderr. Exit 0: done; 1: something blocks; 2: could
not run, with one line that says what happened, what was left untouched and what to do next.
"""

from __future__ import annotations

import sys

from etl.cli import (
    changes,
    evidence,
    files,
    quarters,
    releases,
    system,
    verification,
    waivers,
)
from etl.cli.common import app
from etl.problems import GongyakError

__all__ = [
    "app",
    "changes",
    "evidence",
    "files",
    "main",
    "quarters",
    "releases",
    "system",
    "verification",
    "waivers",
]


def main() -> None:
    """Run the shell; a fault of ours or of the caller ends in one line and exit 2."""
    try:
        app()
    except GongyakError as error:
        print(error, file=sys.stderr)
        sys.exit(2)

"""`gongyak`: the same jobs from a shell; no Airflow needed.

Results go to stdout, progress and logs to stderr. Exit 0: done; 1: something blocks; 2: could
not run, with one line that says what happened, what was left untouched and what to do next; 3:
done as far as could be seen. `--help` of a command says which of them it knows, and where.
"""

import os
import sys

from etl import __version__
from etl.problems import GongyakError


def main() -> None:
    """Run the shell; a fault of ours or of the caller ends in one line and exit 2."""
    if sys.argv[1:] == ["--version"]:
        # Before anything else is imported: it needs nothing.
        print(f"gongyak {__version__}")
        return
    if sys.getfilesystemencoding() != "utf-8":
        # Departments and files have Korean names, whatever language the machine was set up for.
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
    from etl.cli.commands import run
    from etl.home import disk_told

    try:
        with disk_told():
            try:
                code = run()
            finally:
                sys.stdout.flush()  # a full disk below what it is led to is told too
    except GongyakError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    sys.exit(code)

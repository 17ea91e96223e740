"""An office on a machine: a home, and the shell in it as a person has it."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import IO, Any

import psutil
import psycopg

from tests.factories import register_workbook, return_workbook

AT = ("--at", "2022-01-05T10:00")
RETURNS = {"D01": ["1-1", "1-2"], "D02": ["2-1"], "D03": ["2-2"]}
ROOT = Path(__file__).parents[1]
_NUMBERS = "ARRAY['submission_id', '_submission_id', 'report_id']"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def ended_in_one_line(done: subprocess.CompletedProcess[str]) -> bool:
    """Tell whether a command ended as by an outage: exit 2, and no traceback but a sentence."""
    last = done.stderr.strip().splitlines()[-1]
    told = last.endswith("십시오.") and "Traceback" not in done.stderr
    assert (done.returncode, told) == (2, True), done.stderr[-3000:]
    return True


class Office:
    """A home, and the shell in it: another process each time, with nothing of this one's."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self.before: tuple[str, ...] = ()  # what a command is started by
        (folder / "tmp").mkdir()
        (folder / "user").mkdir()
        self.variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder / "user"),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
        }

    def start(self, *arguments: str, stdout: int | IO[str] = PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.before, sys.executable, "-m", "etl", *arguments],
            env={**self.variables, "GONGYAK_HOME": str(self.home)},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=PIPE,
            encoding="utf-8",
        )

    def command(
        self, *arguments: str, stdout: int | IO[str] = PIPE
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, stdout=stdout) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def register(self) -> subprocess.CompletedProcess[str]:
        path = register_workbook(self.folder / "register.xlsx")
        return self.command("register", str(path), "--at", "2021-01-04")

    def put_returns(self) -> None:
        """Put what each department returns into the inbox."""
        for department, pledges in RETURNS.items():
            path = self.home / "inbox" / f"{department}.xlsx"
            path.parent.mkdir(exist_ok=True)
            said = {"이행률(%)": 40, "추진내용": "가" * 3_000}
            progress = [{"공약번호": pledge, **said} for pledge in pledges]
            return_workbook(path, department=department, progress=progress)

    def down(self) -> None:
        self.command("down")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse, as its owner."""
        socket = str(self.home / "run")
        with psycopg.connect(host=socket, user="postgres", dbname="warehouse") as connection:
            return connection.execute(query.encode()).fetchall()

    def collected(self) -> dict[str, list[str]]:
        """Return all rows that count, without the numbers of the runs that wrote them."""
        tables = self.rows(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables"
            " WHERE table_schema IN ('core', 'mart') AND table_type = 'BASE TABLE' ORDER BY 1"
        )
        return {
            table: [
                str(row)
                for (row,) in self.rows(
                    f"SELECT to_jsonb(t) - {_NUMBERS} FROM {table} AS t ORDER BY 1"
                )
            ]
            for (table,) in tables
        } | {
            "received": [
                str(row)
                for row in self.rows(
                    "SELECT file_name, state, answer_path IS NULL FROM audit.submission ORDER BY 1"
                )
            ]
        }

    @property
    def server(self) -> psutil.Process:
        lines = (self.home / "pg" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return psutil.Process(int(lines[0]))

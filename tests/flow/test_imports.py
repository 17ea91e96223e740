"""A command loads what it uses: who asks for help does not wait for a database driver."""

import subprocess
import sys
from pathlib import Path

import pytest

from etl import pipeline
from tests.conftest import REGISTERED_AT
from tests.factories import return_workbook

DATABASE = {"sqlalchemy", "psycopg"}
DOCUMENTS = {"openpyxl", "lxml", "python_calamine", "numpy"}
ELSEWHERE = {"paramiko", "s3fs", "botocore"}
HEAVIEST = {"great_expectations", "pandas", "alembic", "airflow", "pyarrow"}

_TELLING = """
import sys
try:
    {}
finally:
    print(*sys.modules, file=sys.stderr)
"""


def _loaded(*arguments: str, by: str = "from etl.cli import main; main()") -> set[str]:
    code = _TELLING.format(by)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_loads_neither_database_nor_documents() -> None:
    assert not (DATABASE | DOCUMENTS | HEAVIEST) & _loaded("--help")


@pytest.mark.slow
@pytest.mark.parametrize("asked", [("status",), ("figures", "--code", "R1"), ("trace", "R1")])
def test_a_question_loads_the_database_alone(world: Path, asked: tuple[str, ...]) -> None:
    name, *rest = asked
    pipeline.report("2021Q4", pipeline.only_government(None), REGISTERED_AT)
    loaded = _loaded(name, "2021Q4", *rest)
    assert loaded >= DATABASE
    assert not (DOCUMENTS | HEAVIEST | ELSEWHERE) & loaded


@pytest.mark.slow
def test_checking_a_file_waits_for_nothing_that_counts_batches(world: Path) -> None:
    loaded = _loaded("check", str(return_workbook(world / "a.xlsx")), "--at", "2022-01-05T10:00")
    assert "openpyxl" in loaded
    assert not (HEAVIEST | ELSEWHERE) & loaded


@pytest.mark.slow
def test_what_forks_tasks_has_all_that_they_use() -> None:
    loaded = _loaded(by="import etl.loaded")
    assert loaded >= {"great_expectations", "openpyxl", "etl.pipeline.releases", "psycopg"}


@pytest.mark.slow
def test_what_is_forked_reads_the_settings_of_its_own_moment() -> None:
    asked = "import etl.loaded; from etl.settings import settings; print(settings.cache_info())"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert "currsize=0" in done.stdout

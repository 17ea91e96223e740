"""OpenLineage: events name the files and tables of each task, nobody and no secret; or nothing is sent."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl import figures, lineage, service
from etl.settings import another_home, settings
from etl.warehouse import values_of
from tests.airflow_process import Airflow, airflow_at
from tests.conftest import fresh_home
from tests.factories import return_workbook

ROOT = Path(__file__).parent.parent
TOLD = yaml.safe_load((ROOT / "etl" / "lineage" / "tasks.yml").read_text(encoding="utf-8"))
TASKS: dict[str, dict[str, list[str]]] = TOLD["tasks"]
GROUPS: dict[str, list[str]] = TOLD["groups"]
FILES = {"inbox", "archive"}


def _set(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("GONGYAK_LINEAGE", place)
    settings.cache_clear()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def _transport(environment: dict[str, str]) -> dict[str, Any]:
    outer = json.loads(environment["AIRFLOW__OPENLINEAGE__TRANSPORT"])
    assert outer["transformer_class"] == "etl.lineage.events.OnlyLineage"
    inner: dict[str, Any] = outer["transport"]
    return inner


def test_nothing_is_told_unless_it_is_set(told: pytest.MonkeyPatch) -> None:
    _set(told, "")
    assert lineage.environment() == {"AIRFLOW__OPENLINEAGE__DISABLED": "True"}


def test_a_file_is_told_of_by_its_whole_path(told: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told.chdir(tmp_path)
    _set(told, "events.jsonl")
    assert _transport(lineage.environment()) == {
        "type": "file", "log_file_path": str(tmp_path / "events.jsonl"), "append": True,
    }  # fmt: skip


def test_a_backend_gets_its_key_and_is_not_waited_for(told: pytest.MonkeyPatch) -> None:
    _set(told, "https://lineage.example/")
    assert "auth" not in _transport(lineage.environment())
    told.setenv("OPENLINEAGE_API_KEY", "canary")
    transport = _transport(lineage.environment())
    assert transport["auth"] == {"type": "api_key", "apiKey": "canary"}
    assert (transport["type"], transport["timeout"], transport["retry"]) == (
        "http",
        3,
        {"total": 0},
    )


def _tables(words: list[str]) -> set[str]:
    return {table for word in words for table in GROUPS.get(word, [word])} - FILES


def test_every_table_that_is_told_exists(home: Path) -> None:
    known = values_of("SELECT table_schema || '.' || table_name FROM information_schema.tables")
    said = {one for task in TASKS.values() for words in task.values() for one in _tables(words)}
    assert len(said) > 30
    assert said - set(known) == set()


def test_what_a_task_writes_is_what_its_statements_write(home: Path) -> None:
    """A table that is added has to be told too."""
    load = ROOT / "sql/load"
    statements = [load / "accept_reports.sql", load / "take_attachments.sql",
                  *load.glob("facts_*.sql")]  # fmt: skip
    written = {
        table
        for path in statements
        for table in re.findall(r"^ *INSERT INTO (\S+)", path.read_text(encoding="utf-8"), re.M)
    }
    assert _tables(TASKS["collect_submissions.load"]["writes"]) == written
    assert {f"mart.{name}" for name in figures._MARTS} == _tables(["figures"])
    forms = values_of(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        " WHERE table_schema IN ('staging', 'restricted')"
        " AND (table_name ~ '^(quarterly_return|pledge_card|attachment)__' OR table_name = 'problem')"
    )
    assert _tables(["staged"]) == set(forms)


_NAMES = """
import json, sys
from etl.lineage.events import file_dataset
print(json.dumps([[one.namespace, one.name] for one in map(file_dataset, sys.argv[1:])]))
"""


@pytest.mark.slow
def test_files_are_named_as_openlineage_names_them() -> None:
    """In a process of its own: the provider's modules are no part of this one."""
    named = {
        "file:///srv/받은 함/가?온#과.xlsx": ["file", "/srv/받은 함/가?온#과.xlsx"],
        "s3://keys@bucket/in/a.xlsx": ["s3://bucket", "in/a.xlsx"],
        "sftp://keys@host:2222/in/a.xlsx": ["sftp://host:2222", "/in/a.xlsx"],
        "desk:/0f3a/3990000/2021Q4/a.xlsx": ["gongyak://desk", "/3990000/2021Q4/a.xlsx"],
    }
    done = subprocess.run(
        [sys.executable, "-c", _NAMES, *named], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == list(named.values())


_LOADED = """
import sys
from airflow.plugins_manager import get_plugin_info
plugins = [one["name"] for one in get_plugin_info()]
assert "OpenLineageProviderPlugin" in plugins, plugins
print(sorted(name for name in sys.modules if name.startswith("openlineage")))
"""


@pytest.mark.slow
def test_a_process_of_airflow_loads_nothing_where_nothing_is_told(empty_home: Path) -> None:
    environment = {**service.airflow_environment(), "AIRFLOW__OPENLINEAGE__DISABLED": "True"}
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.fixture(scope="module")
def events(
    server: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Airflow, Path]]:
    """Airflow that tells its lineage to a file."""
    folder = tmp_path_factory.mktemp("lineage")
    file = folder / "events.jsonl"
    with (
        fresh_home(server, folder / "home") as home,
        another_home({"GONGYAK_LINEAGE": str(file)}),
        airflow_at(home) as running,
    ):
        yield running, file


def _completed(file: Path) -> dict[str, tuple[set[str], set[str]]]:
    """What each task said it read and wrote, by its job, as `NAMESPACE NAME`."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["eventType"] == "COMPLETE":
            read, written = found.setdefault(event["job"]["name"], (set(), set()))
            read |= {f"{one['namespace']} {one['name']}" for one in event["inputs"]}
            written |= {f"{one['namespace']} {one['name']}" for one in event["outputs"]}
    return found


def _told_tables(datasets: set[str]) -> set[str]:
    """The tables among datasets, of which each lies in the warehouse of one server."""
    tables = {one for one in datasets if one.startswith("postgres://")}
    assert len({one.partition(" ")[0] for one in tables}) == 1
    assert all(" warehouse." in one for one in tables)
    return {one.partition(" warehouse.")[2] for one in tables}


_SENT = {
    "가온과": ("D01", ("1-1", "1-2")), "나래과": ("D02", ("2-1",)), "다솜과": ("D03", ("2-2",)),
}  # fmt: skip


@pytest.mark.slow
def test_events_name_files_and_tables_and_nobody(events: tuple[Airflow, Path]) -> None:
    airflow, file = events
    inbox = settings().home / "inbox"
    inbox.mkdir()
    for name, (code, numbers) in _SENT.items():
        rows = [{"공약번호": number, "이행률(%)": 50} for number in numbers]
        return_workbook(inbox / f"{name}.xlsx", department=code, progress=rows)
    assert airflow.run("collect_submissions", at="2022-01-05T10:00")["state"] == "success"
    reported = airflow.run("report_quarter", quarter="2021Q4", at="2022-01-12T09:00")
    assert reported["state"] == "success"
    released = airflow.run(
        "release_quarter", answer=("승인", "결재 7호"), quarter="2021Q4", at="2022-01-12T09:00"
    )
    said = _completed(file)
    received = {f"file {inbox}/{name}.xlsx" for name in _SENT}
    read, written = said["collect_submissions.receive"]
    assert read >= received
    archived = {one.partition(" ")[2] for one in written}
    assert len(archived) == len(read)
    assert all(Path(one).is_file() for one in archived)
    assert said["collect_submissions.read"][0] == written
    for task in sorted(TASKS):
        assert task in said, released
        for side, told in zip(said[task], TASKS[task].values(), strict=True):
            if tables := _tables(told):
                assert _told_tables(side) == tables
    # Nobody, and nothing that somebody gave as a reason; nor what opens a database.
    text = file.read_text(encoding="utf-8")
    for word in ("기획예산과장", "결재 7호", "postgresql", "password"):
        assert word not in text, word

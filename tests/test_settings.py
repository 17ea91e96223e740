"""Every setting is told in `.env.example` and docs/operating.md, and nothing is told that is no setting."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.settings import Settings, SettingsError, _unusable, settings

ROOT = Path(__file__).parent.parent
SETTINGS = {f"GONGYAK_{name.upper()}" for name in Settings.model_fields}
LINE = re.compile(r"^#? ?(GONGYAK_\w+)=(.*)$", re.MULTILINE)


def test_example_lists_every_setting_once() -> None:
    told = [name for name, _ in LINE.findall((ROOT / ".env.example").read_text(encoding="utf-8"))]
    assert sorted(told) == sorted(SETTINGS)


def test_example_shows_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Uncommenting every line of the example changes nothing."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    shown = LINE.findall((ROOT / ".env.example").read_text(encoding="utf-8"))
    given = {name.removeprefix("GONGYAK_").lower(): value for name, value in shown if value}
    assert Settings(**given) == Settings()  # type: ignore[arg-type]


def test_the_page_lists_every_setting() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(GONGYAK_[A-Z_]+)`", page, re.MULTILINE)) == SETTINGS
    told = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert set(re.findall(r"GONGYAK_[A-Z_]+[A-Z]", told)) == SETTINGS


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [
        ("GONGYAK_AIRFLOW_PORT", "eighty", "정수를"),
        ("GONGYAK_AIRFLOW_PORT", "70000", "65535 이하의 수를"),
        ("GONGYAK_BACKUP_DAYS", "0", "1 이상의 수를"),
        ("GONGYAK_MAIL_TEST", "네", "true나 false를"),
        ("GONGYAK_OPEN_DATA_LICENCE", "KOGL-9", "'KOGL-4' 가운데 하나를"),
        ("GONGYAK_READER_SECONDS", "0", "0보다 큰 수를"),
        ("GONGYAK_READER_SECONDS", "soon", "수를"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(
    fresh: pytest.MonkeyPatch, name: str, value: str, instead: str
) -> None:
    fresh.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        settings()
    assert f"{name}={value!r}" in raised.value.happened
    assert f"{name}에는" in raised.value.next_step
    assert instead in raised.value.next_step
    assert raised.value.__cause__ is None


def test_several_wrong_values_are_said_at_once(fresh: pytest.MonkeyPatch) -> None:
    fresh.setenv("GONGYAK_AIRFLOW_PORT", "eighty")
    fresh.setenv("GONGYAK_BACKUP_DAYS", "0")
    with pytest.raises(SettingsError, match="BACKUP_DAYS='0', GONGYAK_AIRFLOW_PORT='eighty'"):
        settings()


def test_what_may_be_a_secret_is_not_told(fresh: pytest.MonkeyPatch) -> None:
    """The address of a mail server holds its password."""
    told = str(_unusable([{"loc": ("smtp_url",), "type": "string_type", "input": "hunter2"}]))
    assert "hunter2" not in told
    assert "GONGYAK_SMTP_URL(값은 감춤)" in told


@pytest.mark.slow
def test_a_command_ends_in_one_line(tmp_path: Path) -> None:
    wrong = {"GONGYAK_HOME": str(tmp_path / "home"), "GONGYAK_AIRFLOW_PORT": "eighty"}
    done = subprocess.run(
        [sys.executable, "-m", "etl", "rules", "P-07"],
        env={**os.environ, **wrong, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "GONGYAK_AIRFLOW_PORT='eighty'" in done.stderr
    assert not (tmp_path / "home").exists()

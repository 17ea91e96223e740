"""Every setting is told in `.env.example` and docs/operating.md, and nothing is told that is no setting."""

import re
from pathlib import Path

import pytest

from etl.settings import Settings

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

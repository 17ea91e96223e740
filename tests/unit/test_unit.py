"""The unit for systemd: what it runs, as whom, and that systemd itself finds nothing in it."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from etl.unit import write_unit

ROOT = Path(__file__).parent.parent.parent


def _read(path: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser["Service"]


def test_it_runs_the_supervisor_of_this_home(empty_home: Path) -> None:
    empty_home.mkdir(exist_ok=True)
    service = _read(write_unit(ROOT))
    assert service["ExecStart"].endswith(" -m etl.service supervise")
    assert service["ExecStop"].endswith(" -m etl down")
    assert f"GONGYAK_HOME={empty_home.resolve()} " in service["Environment"]
    assert service["UMask"] == "0077"
    assert service["Restart"] == "always"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_finds_nothing_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "공약 자료 100%"  # which must not end a word or mean a value
    home.mkdir()
    monkeypatch.setenv("GONGYAK_HOME", str(home))
    from etl.settings import settings

    settings.cache_clear()
    try:
        told = subprocess.run(
            ["systemd-analyze", "verify", str(write_unit(ROOT))],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        settings.cache_clear()
    ours = [line for line in told.stderr.splitlines() if "gongyak.service" in line]
    assert ours == []

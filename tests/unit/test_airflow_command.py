"""`gongyak airflow` is Airflow's own command, in the environment of this installation."""

import os
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from etl import service
from etl.cli.commands import app


def test_words_and_options_are_airflows(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    begun: list[Any] = []
    monkeypatch.setenv("GONGYAK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(service, "environment_in_use", lambda: {"AIRFLOW_HOME": "here"})
    monkeypatch.setattr(os, "execve", lambda *what: begun.append(what))
    words = ["connections", "add", "office", "--conn-type", "generic", "--help"]
    assert CliRunner().invoke(app, ["airflow", *words]).exit_code == 0
    command = [sys.executable, "-m", "airflow", *words]
    assert begun == [(sys.executable, command, {"AIRFLOW_HOME": "here"})]


def test_alone_it_says_what_it_wants() -> None:
    assert CliRunner().invoke(app, ["airflow"]).exit_code == 2


@pytest.mark.parametrize("how", ["", "_CMD", "_SECRET"])
def test_a_server_has_keys_and_users_of_its_own(
    how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Wherever the address of its database stands; else the first user got a new password."""
    monkeypatch.setenv("GONGYAK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN{how}", "cat /run/secrets/url")
    assert service.environment_in_use() is os.environ
    assert not (tmp_path / "home").exists()

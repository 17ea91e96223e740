"""What the README shows can be done: its commands exist, all of them, and its queries run."""

from __future__ import annotations

import re
from pathlib import Path

from etl.check import rules
from etl.cli.commands import app

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_commands_are_those_of_the_shell() -> None:
    section = README.split("## The shell")[1].split("## Airflow")[0]
    told = set(re.findall(r"`gongyak ([a-z]+)", section))
    known = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    assert told == known


def test_the_rule_shown_and_their_number_are_true() -> None:
    shown = re.search(r"- id: (\S+)\n  title: (.+)", README)
    assert shown is not None
    assert [rule.title for rule in rules() if rule.id == shown[1]] == [shown[2]]
    assert f"There are {len(rules())} rules" in README

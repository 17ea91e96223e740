"""docs/commands.md: every command of the shell in the words of its own `--help`."""

import pytest
from typer import Typer
from typer.testing import CliRunner

from etl.cli.commands import app
from etl.cli.course import PART_OF
from tests.doc_blocks import ROOT

PAGE = ROOT / "docs" / "commands.md"
_WIDTH = 96
_HEAD = """# Commands

Every command in the words of its own `--help`, which `make docs` writes here, in the order of the work. What each is for, by the course of a quarter, stands in [operating.md](operating.md#the-shell).
"""


def names() -> list[str]:
    """Return the commands in the order of the alphabet; several of one word are that word."""
    return sorted([*_names(app), *(str(group.name) for group in app.registered_groups)])


def _names(of: Typer) -> list[str]:
    return [
        command.name or command.callback.__name__  # type: ignore[union-attr]
        for command in of.registered_commands
    ]


def _whole_names() -> list[str]:
    """Return the commands in the order of the work."""
    grouped = [
        f"{group.name} {name}" for group in app.registered_groups
        for name in _names(group.typer_instance)  # type: ignore[arg-type]
    ]  # fmt: skip
    places = [*PART_OF]
    return sorted([*_names(app), *grouped], key=lambda name: places.index(name.split()[0]))


def commands_page() -> str:
    """Return the page: one heading and one help text per command."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(app, "rich_markup_mode", None)  # no frames round the words
        sections = [f"\n## {name}\n\n{_shown(name)}" for name in _whole_names()]
        return "".join([_HEAD, "\n", _shown(""), *sections])


def _shown(name: str) -> str:
    return f"```text\n{_help(name)}```\n"


def _help(name: str) -> str:
    said = CliRunner().invoke(
        app, [*name.split(), "--help"], prog_name="gongyak", terminal_width=_WIDTH
    )
    assert said.exit_code == 0, said.output
    return said.stdout

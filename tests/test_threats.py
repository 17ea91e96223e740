"""The page of threats: every test that it names is there, and a line without one says so."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = [
    line
    for line in (ROOT / "docs" / "threats.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| threat ")
]


def test_every_test_named_exists() -> None:
    named = [name for line in LINES for name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", line)]
    assert len(named) > 30
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_every_line_has_its_test_or_says_that_there_is_none() -> None:
    tests = [line.split(" | ")[2] for line in LINES]
    assert [told for told in tests if "::" not in told and told != "no test"] == []

"""The tests pass on any machine: what they hold does not depend on how fast it is."""

import ast
from pathlib import Path

import hypothesis

TESTS = sorted(Path(__file__).parent.rglob("*.py"))


def test_one_profile_without_deadlines_holds_for_all() -> None:
    assert hypothesis.settings().deadline is None
    assert hypothesis.HealthCheck.too_slow in hypothesis.settings().suppress_health_check


def _told(name: str) -> list[tuple[str, str]]:
    """Return (file, value) of every argument of this name in the tests."""
    return [
        (path.name, ast.unparse(node.value))
        for path in TESTS
        if path.name != "conftest.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == name
    ]


def test_no_test_goes_back_behind_the_profile() -> None:
    """A list of health checks in `@settings` replaces the profile's: it must be of all."""
    assert len(TESTS) > 100
    assert {value for _, value in _told("deadline")} <= {"None"}
    assert not [one for one in _told("suppress_health_check") if one[1] != "list(HealthCheck)"]

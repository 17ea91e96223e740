"""The shape of the code: a module imports only from lower floors, and data stay out of code."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FLOORS = [
    {
        *("described", "home", "logs", "measures", "palette", "particles", "period", "problems"),
        *("quarter", "settings", "shown", "whole"),
    },
    {"form", "cells"},
    {
        *("alerts", "archive", "backups", "common", "documents", "frames", "inbox", "mail"),
        *("office", "staged", "storage", "warehouse"),
    },
    {
        *("answer", "check", "collect", "figures", "invite", "load"),
        *("publish", "read_card", "read_workbook", "register", "site"),
    },
    {"pipeline"},
    {
        *("__main__", "bell", "choices", "cli", "dags", "databases", "demo", "desk", "doctor"),
        *("fresh_secrets", "lineage", "loaded", "service", "supervisor", "tasks", "unit", "well"),
    },
]
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}
SIDEWAYS_FORBIDDEN = 3
FILES = sorted(
    path
    for path in [*ROOT.glob("etl/**/*.py"), *ROOT.glob("dags/*.py")]
    if path.name != "__init__.py"
) + sorted(ROOT.glob("etl/*/__init__.py"))


def _module(path: Path) -> str:
    """The part of `etl` that a file belongs to: a module, or a package of the same name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "dags" else parts[1]


def _imported(path: Path) -> Iterator[str]:
    """The parts of `etl` that a file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            module = node.module or ""
            names = [f"etl.{alias.name}" for alias in node.names] if module == "etl" else [module]
        else:
            continue
        parts = (name.split(".")[1] for name in names if name.startswith("etl."))
        yield from (part for part in parts if part != "__version__")


def _constants(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert {_module(path) for path in FILES} >= {"pipeline", "warehouse", "check", "dags", "cells"}


@pytest.mark.parametrize("path", FILES, ids=_ids)
def test_imports_lead_downward(path: Path) -> None:
    own = _module(path)
    floor = FLOOR_OF[own]
    for name in _imported(path):
        if name == own:
            continue
        assert FLOOR_OF[name] <= floor, f"{own} (floor {floor}) imports {name} from above"
        sideways = FLOOR_OF[name] == floor == SIDEWAYS_FORBIDDEN
        assert not sideways, f"{own} imports {name} beside it"


@pytest.mark.parametrize(("folder", "owner"), [("sql", "warehouse"), ("expectations", "check")])
def test_one_module_opens_the_folder(folder: str, owner: str) -> None:
    opening = {
        _module(path)
        for path in FILES
        for text in _constants(path)
        if text == folder or (text.startswith(f"{folder}/") and " " not in text)
    }
    assert opening == {owner}


def _organisations() -> set[str]:
    """Names of governments and departments in the samples."""
    boryeong = json.loads((ROOT / "samples/boryeong_2021.json").read_text(encoding="utf-8"))
    garam = yaml.safe_load((ROOT / "samples/garam.yml").read_text(encoding="utf-8"))["register"]
    names = {row["기관명"] for row in garam["기관"]} | {row["부서명"] for row in garam["부서"]}
    return names | {pledge["dept_main"] for pledge in boryeong["pledges"]} | {"보령"}


def test_organisations_are_data() -> None:
    """No government's and no department's name steers the code; the demo's own play may say one."""
    names = _organisations()
    assert len(names) > 20
    for path in FILES:
        if _module(path) in ("demo",):
            continue
        text = path.read_text(encoding="utf-8")
        assert not [name for name in names if name in text], path

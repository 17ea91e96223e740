"""F-23 asks where a form was handed in: each way needs a batch, and a home, of its own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from etl.check import rules
from etl.check.relations import checked_relations
from tests.conftest import fresh_home
from tests.factories import published_workbook, register_workbook, return_workbook
from tests.rules.conftest import CHECKED
from tests.rules.test_mutations import Expected, keeps, stage

pytestmark = pytest.mark.slow

WRITERS: dict[str, Callable[[Path], Path]] = {
    "register": register_workbook,
    "return": return_workbook,
    "published": lambda path: published_workbook(path, {}),
}


@pytest.mark.parametrize(
    ("purpose", "form", "fires"),
    [("collect", "register", True), ("collect", "return", False),
     ("register", "return", True), ("register", "register", False),
     ("collect", "published", True), ("register", "published", True),
     ("published", "published", False), ("published", "register", True)],
)  # fmt: skip
def test_f_23_and_its_mutants(
    purpose: str, form: str, fires: bool, server: Path, tmp_path: Path
) -> None:
    rule = next(rule for rule in rules() if rule.id == "F-23")
    with fresh_home(server, tmp_path / "home"):
        path = WRITERS[form](tmp_path / "file.xlsx")
        batch_id, ids = stage([(str(path), CHECKED)], purpose)
        with checked_relations(batch_id, []):
            expected = [Expected(ids["file.xlsx"], fires, None)]
            assert keeps(rule, expected)
            broken = replace(rule, condition=f"NOT ({rule.condition})")
            assert not keeps(broken, expected)

"""F-23 asks where a form was handed in: each way needs a batch, and a home, of its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from etl.check import rules
from etl.check.relations import checked_relations
from tests.conftest import fresh_home
from tests.factories import register_workbook, return_workbook
from tests.rules.conftest import CHECKED
from tests.rules.test_mutations import Expected, keeps, stage

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("purpose", "form", "fires"),
    [("collect", "register", True), ("collect", "return", False),
     ("register", "return", True), ("register", "register", False)],
)  # fmt: skip
def test_f_23_and_its_mutants(
    purpose: str, form: str, fires: bool, server: Path, tmp_path: Path
) -> None:
    rule = next(rule for rule in rules() if rule.id == "F-23")
    with fresh_home(server, tmp_path / "home"):
        write = register_workbook if form == "register" else return_workbook
        batch_id, ids = stage([(str(write(tmp_path / "file.xlsx")), CHECKED)], purpose)
        with checked_relations(batch_id, []):
            expected = [Expected(ids["file.xlsx"], fires, None)]
            assert keeps(rule, expected)
            broken = replace(rule, condition=f"NOT ({rule.condition})")
            assert not keeps(broken, expected)

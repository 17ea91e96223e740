"""Workbooks as LibreOffice saves them, through the real way: what passes, and what says why not.

The tree is the specification: a file under `should_pass/` is told nothing; one under
`should_fail/RULE/` is told that rule once, at the cell behind the @ of its name, and nothing else
stops it.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import check, pipeline
from etl.answer import AnswerFinding
from etl.warehouse import transaction
from tests.conftest import fresh_home
from tests.golden.world import CHECKED, build

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PASSING = sorted(HERE.glob("should_pass/*"))
FAILING = sorted(HERE.glob("should_fail/*/*"))
BLOCKING = {"reject_file", "block_pledge", "acknowledge"}
# All the files come in one batch and report the same pledges.
OF_THE_BATCH = {"C-07"}

Findings = dict[str, list[AnswerFinding]]


@pytest.fixture(scope="module")
def findings(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What is found in every file of the tree, by file name; all of one batch."""
    folder = tmp_path_factory.mktemp("golden")
    files = [*PASSING, *FAILING]
    with fresh_home(server, folder / "home"):
        build(folder)
        found: Findings = {path.name: [] for path in files}
        for finding in pipeline.dry_run([str(path) for path in files], at=CHECKED).findings:
            if finding.rule_id not in OF_THE_BATCH:
                found[finding.file_name].append(finding)
    return found


def test_the_tree_is_whole() -> None:
    """Both kinds are there, each under the id of a rule, and a name belongs to one file."""
    assert PASSING
    assert FAILING
    assert {path.parent.name for path in FAILING} <= {rule.id for rule in check.rules()}
    names = [path.name for path in (*PASSING, *FAILING)]
    assert len(set(names)) == len(names)
    assert {path.suffix for path in (*PASSING, *FAILING)} == {".xlsx"}


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.stem)
def test_nothing_is_said_of_a_sound_file(path: Path, findings: Findings) -> None:
    assert findings[path.name] == []


@pytest.mark.parametrize("path", FAILING, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_fault_is_told_once_at_its_cell(path: Path, findings: Findings) -> None:
    rule_id, cell = path.parent.name, path.stem.partition("@")[2] or None
    found = findings[path.name]
    assert [f.cell for f in found if f.rule_id == rule_id] == [cell], found
    assert {f.rule_id for f in found if f.level in BLOCKING} <= {rule_id}


def test_what_was_typed_is_what_is_loaded(server: Path, tmp_path: Path) -> None:
    """Full-width digits, a per cent, formulas, numbers as text: by hand from what was typed."""
    with fresh_home(server, tmp_path / "home"):
        build(tmp_path)
        filled = str(HERE / "should_pass/filled_in.xlsx")
        assert pipeline.collect([filled], at=CHECKED).accepted == 4
        assert loaded("fct_quarterly_progress", "declared_rate_pct, content, problem") == {
            ("1-1", 65, "설계 4곳을 마침", None),
            ("1-2", 45, "설계를 마치고 공사 중", None),
            ("1-3", 55, "두 번 열었음", None),
            ("1-11", 30, "설계를 마치고 공사 중", None),
        }
        # 1-1 구비 is 10 + 20 and spent 12, 1-2 spent 16.50; 1-11 is 50 now and 150 after the term.
        money = "fiscal_year, plan_krw / 1000000, executed_krw / 1000000"
        assert {
            row for row in loaded("fct_quarterly_budget", money) if row[1] in ("2021", "post_term")
        } == {
            ("1-1", "2021", 30, 12),
            ("1-1", "2021", 20, 5),
            ("1-2", "2021", 20, Decimal("16.5")),
            ("1-11", "2021", 50, 20),
            ("1-11", "post_term", 150, 0),
        }
        assert loaded("achievement", "achieved_on, content") == {
            ("1-1", date(2021, 11, 15), "첫 삽"),
            ("1-11", date(2021, 11, 16), "둑을 쌓음"),
        }


def loaded(table: str, columns: str) -> set[tuple[Any, ...]]:
    """What a table of core holds of the fourth quarter, by pledge."""
    query = (
        f"SELECT pledge_id, {columns} FROM core.{table}"
        " INNER JOIN core.pledge_report USING (report_id) WHERE pledge_report.quarter_id = '2021Q4'"
    )
    with transaction() as connection:
        return {tuple(row) for row in connection.execute(text(query))}

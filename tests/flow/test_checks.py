"""What checking leaves for data staff: the page of a run, times, versions, the trend, a replay."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from etl import __version__, pipeline
from etl.check import rule_version
from etl.form import form_version
from etl.quarter import SEOUL
from etl.warehouse import analyst_query, transaction
from tests.factories import return_workbook

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
HALF_DONE = {"추진상황": "완료", "이행률(%)": 50}


def rows(query: str, **asked: Any) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query), asked)]


def test_a_run_leaves_a_page_that_needs_no_network(world: Path) -> None:
    facts = pipeline.collect([str(return_workbook(world / "r.xlsx", progress=[HALF_DONE]))], at=AT)
    page = world / "logs" / "data_docs" / f"batch-{facts['batch']}.html"
    drawn = page.read_text(encoding="utf-8")
    assert "P-09 완료인데 100 % 미만" in drawn
    assert "http" not in drawn


def test_a_check_leaves_no_page(world: Path) -> None:
    folder = world / "logs" / "data_docs"
    before = sorted(folder.iterdir())
    pipeline.dry_run([str(return_workbook(world / "r.xlsx"))], at=AT)
    assert sorted(folder.iterdir()) == before


def test_each_rule_of_a_run_is_counted_and_timed(world: Path) -> None:
    facts = pipeline.collect([str(return_workbook(world / "r.xlsx", progress=[HALF_DONE]))], at=AT)
    runs = rows("SELECT rule_id, finding_count, seconds FROM audit.rule_run WHERE batch_id = :b",
                b=facts["batch"])  # fmt: skip
    counts = {rule_id: count for rule_id, count, _ in runs}
    assert counts["P-09"] == 1
    assert sum(counts.values()) == facts["findings"]
    assert all(seconds > 0 for *_, seconds in runs)


def test_a_judged_file_names_its_versions(world: Path) -> None:
    pipeline.collect([str(return_workbook(world / "r.xlsx"))], at=AT)
    assert rows(
        "SELECT rule_version, form_version, code_version, checked_at FROM audit.submission"
        " WHERE form_code = 'quarterly_return'"
    ) == [(rule_version(), form_version(), __version__, AT)]


def test_the_trend_counts_findings_of_every_file_of_a_quarter(world: Path) -> None:
    # First file: P-09 without a reason. Second: the same with one. Both are files of the quarter:
    # 2 findings in 2 files, 1 answered, 1 open (never answered in the first file).
    first = return_workbook(world / "1.xlsx", progress=[HALF_DONE])
    second = return_workbook(world / "2.xlsx", progress=[{**HALF_DONE, "정정사유": "준공 전 개통"}])
    pipeline.collect([str(first)], at=AT)
    pipeline.collect([str(second)], at=AT + timedelta(days=1))
    assert rows(
        "SELECT quarter_id, department_name, level, finding_count, acknowledged_count,"
        " waived_count, open_count, file_count FROM mart.finding_trend WHERE rule_id = 'P-09'"
    ) == [("2021Q4", "가온과", "acknowledge", 2, 1, 0, 1, 2)]


def test_analysts_may_read_the_trend(world: Path) -> None:
    headers, found = analyst_query("SELECT rule_id FROM mart.finding_trend")
    assert (headers, found) == (["rule_id"], [])


def test_a_mere_check_leaves_no_trend(world: Path) -> None:
    pipeline.dry_run([str(return_workbook(world / "r.xlsx", progress=[HALF_DONE]))], at=AT)
    assert rows("SELECT * FROM mart.finding_trend") == []

"""Every rule passes once and fails once, through the real reader, and names the right cell.

All workbooks go through one batch, as a quarter's files do: a rule that fires on another case's
passing workbook would show here too.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from etl import check, pipeline
from etl.particles import WRITTEN_PAIR
from etl.quarter import SEOUL
from tests.factories import register_workbook, return_workbook
from tests.rules.cases import IN_TIME, Case, without_identity
from tests.rules.conftest import ALL_CASES

# Rules about the moment or the place of receipt; each has a test of its own below.
BY_CIRCUMSTANCE = {
    *("F-17", "F-18", "F-23", "D-01", "D-02"),
    *("M-01", "M-02", "M-03", "M-04", "M-05"),
}


def _of(findings: dict[str, Any], file: str, rule_id: str) -> list[dict[str, Any]]:
    return [f for f in findings.get(file, []) if f["rule_id"] == rule_id]


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_a_rule_fires_on_its_fault_at_its_cell(case: Case, findings: dict[str, Any]) -> None:
    found = _of(findings, f"{case}-fail.xlsx", case.rule_id)
    assert len(found) == 1, findings.get(f"{case}-fail.xlsx")
    if case.cell:
        assert found[0]["cell"] == case.cell
    assert found[0]["related_cells"] == case.related or not case.related
    assert "{" not in found[0]["message"]
    assert not WRITTEN_PAIR.search(found[0]["message"])


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_a_rule_is_silent_without_its_fault(case: Case, findings: dict[str, Any]) -> None:
    assert _of(findings, f"{case}-pass.xlsx", case.rule_id) == []


def test_every_rule_has_a_case() -> None:
    tested = {case.rule_id for case in ALL_CASES} | BY_CIRCUMSTANCE
    assert tested == {rule.id for rule in check.rules()}


def test_ids_are_unique_and_levels_known() -> None:
    rules = check.rules()
    assert len({rule.id for rule in rules}) == len(rules)
    assert {rule.level for rule in rules} <= set(check.LEVELS)
    assert {rule.table for rule in rules} <= set(check.RELATIONS)


def test_every_problem_of_the_reader_is_a_rule() -> None:
    """A code that no rule takes up would be silence."""
    from etl.problems import PROBLEM_CODES

    taken = {code for rule in check.rules() for code in PROBLEM_CODES
             if rule.table == "problem" and f"'{code}'" in (rule.condition or "")}  # fmt: skip
    assert taken == set(PROBLEM_CODES)


def test_every_problem_of_the_reader_has_a_case() -> None:
    from etl.problems import PROBLEM_CODES

    assert {case.name for case in ALL_CASES} >= set(PROBLEM_CODES) - {"untouched_row"}


def test_a_file_after_the_grace_day_is_late(world: Path) -> None:
    # The grace day is 2022-01-17 in Seoul; 23:59 that day is in time, a minute later is not.
    path = return_workbook(world / "r.xlsx")
    last = datetime(2022, 1, 17, 23, 59, tzinfo=SEOUL)
    late = datetime(2022, 1, 18, 0, 0, tzinfo=SEOUL)
    assert _ids(pipeline.dry_run([str(path)], at=last)).isdisjoint({"F-17"})
    assert "F-17" in _ids(pipeline.dry_run([str(path)], at=late))


def test_a_file_before_the_window_is_told(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    before = datetime(2021, 12, 19, 23, 59, tzinfo=SEOUL)
    assert "F-18" in _ids(pipeline.dry_run([str(path)], at=before))
    assert "F-18" not in _ids(pipeline.dry_run([str(path)], at=IN_TIME))


def test_a_register_does_not_come_through_the_inbox(world: Path) -> None:
    inbox = world / "inbox"
    register_workbook(inbox / "register.xlsx", departments=({"부서명": "바뀐 이름"},))
    facts = pipeline.collect(at=IN_TIME)
    found = pipeline.findings_of(facts["submission_ids"])
    assert [f["rule_id"] for f in found if f["level"] == "reject_file"] == ["F-23"]


def _ids(facts: dict[str, Any]) -> set[str]:
    return {finding["rule_id"] for finding in facts["findings"]}


def test_a_refused_file_is_told_only_why(world: Path) -> None:
    """One cause, one message: without `_form` no pledge is unknown, the whole file is."""
    path = return_workbook(world / "r.xlsx", progress=[{}, {"공약번호": "1-2", "이행률(%)": 120}])
    without_identity(path)
    found = pipeline.dry_run([str(path)], at=IN_TIME)["findings"]
    assert [f["rule_id"] for f in found] == ["F-06"]


def test_a_total_row_may_say_so_in_the_place_of_the_number(world: Path) -> None:
    # Two parts of 10 and a printed 500 in a row whose 공약번호 is 합계.
    rows = [{"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 10},
            {"공약번호": "합계", "세부사업": None, "재원": None, "2021 확보액": 500}]  # fmt: skip
    path = return_workbook(world / "r.xlsx", budget=rows)
    found = pipeline.dry_run([str(path)], at=IN_TIME)["findings"]
    assert [(f["rule_id"], f["cell"], f["expected"]) for f in found if f["level"] != "inform"] == [
        ("B-12", "K5", "20")
    ]


def test_a_total_over_blank_parts_is_checked_too(world: Path) -> None:
    rows = [{"2020 확보액": 10}, {"세부사업": "계", "재원": None, "2021 확보액": 500}]
    path = return_workbook(world / "r.xlsx", budget=rows)
    found = pipeline.dry_run([str(path)], at=IN_TIME)["findings"]
    assert [(f["rule_id"], f["cell"], f["expected"]) for f in found if f["level"] != "inform"] == [
        ("B-12", "K4", "0")
    ]


def test_a_check_says_that_nothing_was_received(world: Path) -> None:
    (answer,) = pipeline.dry_run([str(return_workbook(world / "r.xlsx", progress=[
        {}, {"공약번호": "1-2"}]))], at=IN_TIME)["answers"]  # fmt: skip
    told = Path(answer).read_text(encoding="utf-8")
    assert "접수하지 않았습니다" in told
    assert "접수번호" not in told
    assert "answers" not in Path(answer).parts

"""What checking leaves for data staff: the page of a run, times, versions, the trend, a replay."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import __version__, pipeline
from etl.check import Rule, judging, rule_version, rules
from etl.form import form_version
from etl.problems import UsageError
from etl.quarter import EVER, SEOUL
from etl.warehouse import analyst_query, transaction
from tests.factories import GOVERNMENT, return_workbook


@pytest.fixture
def judge() -> None:
    """Great Expectations itself."""


AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
MOMENT = timedelta(microseconds=1)
HALF_DONE = {"추진상황": "완료", "이행률(%)": 50}


def rows(query: str, **asked: Any) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query), asked)]


def test_a_run_leaves_a_page_that_needs_no_network(world: Path) -> None:
    facts = pipeline.collect([str(return_workbook(world / "r.xlsx", progress=[HALF_DONE]))], at=AT)
    page = world / "logs" / "data_docs" / f"batch-{facts.batch}.html"
    drawn = page.read_text(encoding="utf-8")
    assert "P-09 완료인데 100 % 미만" in drawn
    assert "http" not in drawn


def test_a_check_leaves_no_page(world: Path) -> None:
    folder = world / "logs" / "data_docs"
    before = sorted(folder.glob("*"))
    pipeline.dry_run([str(return_workbook(world / "r.xlsx"))], at=AT)
    assert sorted(folder.glob("*")) == before


def test_each_rule_of_a_run_is_counted_and_timed(world: Path) -> None:
    facts = pipeline.collect([str(return_workbook(world / "r.xlsx", progress=[HALF_DONE]))], at=AT)
    runs = rows("SELECT rule_id, finding_count, seconds FROM audit.rule_run WHERE batch_id = :b",
                b=facts.batch)  # fmt: skip
    counts = {rule_id: count for rule_id, count, _ in runs}
    assert counts["P-09"] == 1
    assert sum(counts.values()) == facts.findings
    assert all(seconds > 0 for *_, seconds in runs)


def test_a_judged_file_names_its_versions(world: Path) -> None:
    pipeline.collect([str(return_workbook(world / "r.xlsx"))], at=AT)
    assert rows(
        "SELECT rule_version, form_version, code_version, checked_at FROM audit.submission"
        " WHERE form_code = 'quarterly_return'"
    ) == [(rule_version(), form_version(), __version__, AT)]


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_replay_knows_only_what_could_be_known_then(world: Path) -> None:
    """The first file left out 1-2 (C-04), the second reports it: the first is judged as before."""
    first = return_workbook(world / "1.xlsx", progress=[{}])
    second = return_workbook(world / "2.xlsx", progress=[{"공약번호": "1-2"}])
    pipeline.collect([str(first)], at=AT)
    pipeline.collect([str(second)], at=AT + timedelta(days=1))
    facts = pipeline.recheck("2021Q4", GOVERNMENT, at=AT + timedelta(days=2))
    assert facts.files == 2
    assert facts.differences == []


def stricter(bound: str) -> list[Rule]:
    """The catalogue with P-13 (a rate below 1 looks like a share) moved to another bound."""
    return [
        replace(rule, condition=f"rate_pct > 0 AND rate_pct < {bound}") if rule.id == "P-13"
        else rule
        for rule in rules()
    ]  # fmt: skip


def accepted(home: Path) -> None:
    """One return of two pledges, 60 % and 40 %: both are accepted."""
    path = return_workbook(home / "r.xlsx", progress=[
        {"이행률(%)": 60}, {"공약번호": "1-2", "이행률(%)": 40}])  # fmt: skip
    facts = pipeline.collect([str(path)], at=AT)
    assert (facts.accepted, facts.blocked) == (2, 0)


@pytest.mark.slow
def test_the_same_rules_find_the_same(world: Path) -> None:
    accepted(world)
    facts = pipeline.recheck("2021Q4", GOVERNMENT, at=AT)
    assert (facts.files, facts.stale_files) == (1, 0)
    assert facts.rules == facts.differences == []


@pytest.mark.slow
def test_a_changed_rule_shows_its_effect_and_changes_nothing(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(world)
    before = rows("SELECT rule_id, cell, message FROM audit.finding ORDER BY 1, 2")
    with monkeypatch.context() as patched:
        # Below 50 now looks like a share: pledge 1-2 with 40 in D4 would wait for a reason.
        patched.setattr(judging, "rules", lambda: stricter("50"))
        facts = pipeline.recheck("2021Q4", GOVERNMENT, at=AT)
    (rule,) = facts.rules
    assert (rule.rule_id, rule.recorded, rule.found, rule.would_stop) == (
        "P-13",
        0,
        1,
        1,
    )
    (told,) = facts.differences
    assert (told.change, told.cell, told.pledge_id) == ("appeared", "D4", "1-2")
    assert rows("SELECT rule_id, cell, message FROM audit.finding ORDER BY 1, 2") == before
    assert rows("SELECT count(*) FROM audit.batch WHERE purpose = 'check'") == [(0,)]
    assert rows("SELECT count(*) FROM core.pledge_report WHERE superseded_at = 'infinity'") == [
        (2,)
    ]


# Below 50 looks like a share: pledge 1-2 with 40 in D4 waits for a reason, which 1-1 does not.
JUDGED_STRICTLY = ([("P-13", "D4")], [("1-1", "accepted"), ("1-2", "needs_reason")])
JUDGED = ([], [("1-1", "accepted"), ("1-2", "accepted")])


def recorded(monkeypatch: pytest.MonkeyPatch, bound: str, at: datetime) -> None:
    """Judge the quarter again by another bound of P-13 and record it."""
    with monkeypatch.context() as patched:
        patched.setattr(judging, "rules", lambda: stricter(bound))
        pipeline.recheck("2021Q4", GOVERNMENT, record=True, at=at)


def judged(at: datetime) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What P-13 found, and the verdicts, as they were known at a moment."""
    known = "recorded_at <= :at AND superseded_at > :at"
    return (
        rows(f"SELECT rule_id, cell FROM audit.finding WHERE rule_id = 'P-13' AND {known}", at=at),
        rows(f"SELECT pledge_id, verdict FROM audit.pledge_verdict WHERE {known} ORDER BY 1",
             at=at),
    )  # fmt: skip


def open_in(at: datetime) -> tuple[str, int]:
    """How the department that sent stands as known at a moment, and how many reasons it owes."""
    (row,) = (r for r in pipeline.status("2021Q4", GOVERNMENT, at) if r.department_code == "D01")
    return row.state, row.open_count


@pytest.mark.slow
def test_a_recorded_recheck_adds_a_judgement_and_keeps_the_reports(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(world)
    later = AT + timedelta(days=3)
    recorded(monkeypatch, "50", later)
    assert judged(later) == judged(EVER) == JUDGED_STRICTLY
    assert judged(later - MOMENT) == judged(AT) == JUDGED
    assert judged(AT - MOMENT) == ([], [])
    assert rows("SELECT checked_at FROM audit.submission WHERE state = 'loaded'"
                " AND form_code = 'quarterly_return'") == [(later,)]  # fmt: skip
    assert rows("SELECT count(*) FROM core.pledge_report WHERE superseded_at = 'infinity'") == [
        (2,)
    ]


@pytest.mark.slow
def test_what_was_told_before_a_recorded_recheck_is_told_again(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(world)
    before, later = AT + timedelta(days=1), AT + timedelta(days=3)
    (file,) = pipeline.release_summary("2021Q4", GOVERNMENT, before).files
    assert (open_in(before), file.open_count) == (("submitted", 0), 0)
    recorded(monkeypatch, "50", later)
    assert open_in(before) == ("submitted", 0)
    assert open_in(later) == open_in(EVER) == ("needs_reason", 1)
    assert pipeline.release_summary("2021Q4", GOVERNMENT, before).files == [file]
    (now,) = pipeline.release_summary("2021Q4", GOVERNMENT, later).files
    assert now.open_count == 1
    assert rows("SELECT open_count FROM mart.finding_trend WHERE rule_id = 'P-13'") == [(1,)]
    recorded(monkeypatch, "1", later + timedelta(days=1))
    assert (open_in(later), open_in(EVER)) == (("needs_reason", 1), ("submitted", 0))
    assert rows("SELECT open_count FROM mart.finding_trend WHERE rule_id = 'P-13'") == []


@pytest.mark.slow
def test_every_recorded_recheck_leaves_the_judgements_before_it(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the clock stands behind or still: no judgement holds for no time at all."""
    accepted(world)
    for bound, at in (("50", AT - timedelta(days=1)), ("1", AT)):
        recorded(monkeypatch, bound, at)
    spans = [(AT, AT + MOMENT), (AT + MOMENT, AT + 2 * MOMENT)]
    versions = (
        "SELECT DISTINCT recorded_at, superseded_at FROM {}"
        " WHERE superseded_at < 'infinity' ORDER BY 1"
    )
    assert rows(versions.format("audit.pledge_verdict")) == spans
    assert rows(versions.format("audit.former_judgement")) == spans
    assert (
        rows(versions.format("audit.finding").replace("WHERE", "WHERE rule_id = 'P-13' AND"))
        == spans[1:]
    )
    assert [judged(AT + n * MOMENT) for n in range(3)] == [JUDGED, JUDGED_STRICTLY, JUDGED]
    assert judged(EVER) == JUDGED
    assert pipeline.recheck("2021Q4", GOVERNMENT, at=AT).differences == []


def test_a_check_done_again_leaves_no_judgement_before_it(world: Path) -> None:
    """A run that broke off after its check: nobody relied on what it found."""
    path = return_workbook(world / "r.xlsx", progress=[HALF_DONE])
    batch_id = pipeline.receive([str(path)], AT).batch_id
    assert batch_id is not None
    pipeline.read(batch_id)
    pipeline.check(batch_id, AT)
    pipeline.check(batch_id, AT + timedelta(days=1))
    assert rows("SELECT DISTINCT recorded_at, superseded_at = 'infinity' FROM audit.finding"
                " UNION SELECT recorded_at, superseded_at = 'infinity' FROM audit.pledge_verdict"
                " INNER JOIN audit.submission USING (submission_id) WHERE batch_id = :b",
                b=batch_id) == [(AT + timedelta(days=1), True)]  # fmt: skip


@pytest.mark.slow
def test_a_rule_on_trial_stops_nothing_and_says_what_it_would_stop(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_trial = [replace(r, shadow=True) if r.id == "P-13" else r for r in stricter("50")]
    monkeypatch.setattr(judging, "rules", lambda: on_trial)
    accepted(world)  # both pledges: the trial finding does not stop 1-2
    assert rows("SELECT is_shadow FROM audit.finding WHERE rule_id = 'P-13'") == [(True,)]
    (rule,) = pipeline.recheck("2021Q4", GOVERNMENT, at=AT).rules
    assert (rule.is_shadow, rule.recorded, rule.found, rule.would_stop) == (
        True,
        1,
        1,
        1,
    )


@pytest.mark.slow
def test_files_judged_by_older_rules_are_known(world: Path) -> None:
    accepted(world)
    assert pipeline.stale_files("2021Q4", GOVERNMENT) == []
    with transaction() as connection:
        connection.execute(text("UPDATE audit.submission SET rule_version = 'older'"))
    assert len(pipeline.stale_files("2021Q4", GOVERNMENT)) == 1
    later = AT + timedelta(days=1)
    pipeline.recheck("2021Q4", GOVERNMENT, record=True, at=later)
    assert pipeline.stale_files("2021Q4", GOVERNMENT) == []
    # What was judged by the older ones then is no better for what was judged later.
    for moment, is_stale in ((later - MOMENT, True), (later, False)):
        (file,) = pipeline.release_summary("2021Q4", GOVERNMENT, moment).files
        assert file.is_stale is is_stale


def test_a_quarter_without_files_is_told(world: Path) -> None:
    with pytest.raises(UsageError, match="다시 점검할 파일이 없습니다"):
        pipeline.recheck("2021Q3", GOVERNMENT, at=AT)

"""Files on their way: what comes into force, what stays, what is recognised, what is given back."""

import hashlib
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest
from sqlalchemy import text

from etl import archive, pipeline
from etl.pipeline import receiving
from etl.problems import SystemFault, UsageError
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import transaction
from tests.factories import GOVERNMENT, fill, register_workbook, return_workbook

FIRST = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
SECOND = FIRST + timedelta(days=1)
THIRD = FIRST + timedelta(days=2)


def sql(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def rates_in_force() -> dict[str, float]:
    return {
        pledge: float(rate)
        for pledge, rate in sql(
            "SELECT pledge_id, declared_rate_pct FROM core.pledge_report"
            " JOIN core.fct_quarterly_progress USING (report_id) WHERE superseded_at = 'infinity'"
        )
    }


def core_content() -> list[tuple[Any, ...]]:
    """Everything in core that a figure reads, without ids and times of loading."""
    return sql(
        "SELECT r.pledge_id, r.quarter_id, p.status_code, p.declared_rate_pct, b.subproject_name,"
        " b.funding_source_code, b.fiscal_year, b.plan_krw, b.secured_krw, b.executed_krw"
        " FROM core.pledge_report r JOIN core.fct_quarterly_progress p USING (report_id)"
        " LEFT JOIN core.fct_quarterly_budget b USING (report_id)"
        " WHERE r.superseded_at = 'infinity' ORDER BY 1, 2, 5, 6, 7"
    )


def send(path: Path, at: datetime, **content: Any) -> pipeline.Collected:
    return pipeline.collect([str(return_workbook(path, **content))], at=at)


def rate(pledge: str, value: float, **more: Any) -> dict[str, Any]:
    return {"공약번호": pledge, "이행률(%)": value, **more}


def test_money_reaches_core_to_the_won(world: Path) -> None:
    # 백만원: 기투자 1.5, 2021 확보 10.000001 and 집행 3, 2022 확보 4, 임기후 2.
    # plan = 1.5 + 10.000001 + 4 + 2 = 17.500001; secured = 15.500001; executed = 3 (백만원).
    line = {
        "기투자": 1.5,
        "2021 확보액": 10.000001,
        "2021 집행액": 3,
        "2022 확보액": 4,
        "임기후": 2,
    }
    facts = send(world / "r.xlsx", FIRST, budget=[line])
    assert facts.accepted == 1
    assert sql(
        "SELECT sum(plan_krw), sum(secured_krw), sum(executed_krw) FROM core.fct_quarterly_budget"
    ) == [(17_500_001, 15_500_001, 3_000_000)]
    rows = sql(
        "SELECT fiscal_year, plan_krw, secured_krw, executed_krw, _row, _plan_column,"
        " _executed_column FROM core.fct_quarterly_budget ORDER BY 1"
    )
    assert rows == [
        ("2021", 10_000_001, 10_000_001, 3_000_000, 3, "K", "L"),
        ("2022", 4_000_000, 4_000_000, 0, 3, "M", None),
        ("post_term", 2_000_000, 0, 0, 3, "O", None),
        ("pre_term", 1_500_000, 1_500_000, 0, 3, "D", None),
    ]


def test_the_same_bytes_change_nothing_while_in_force(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    pipeline.collect([str(path)], at=FIRST)
    before = sql("SELECT count(*), max(submission_id) FROM audit.submission"), core_content()
    assert pipeline.collect([str(path)], at=SECOND).batch is None
    assert (
        sql("SELECT count(*), max(submission_id) FROM audit.submission"),
        core_content(),
    ) == before


@pytest.mark.slow
def test_a_resubmission_replaces_only_the_pledges_it_reports(world: Path) -> None:
    send(world / "a.xlsx", FIRST, progress=[rate("1-1", 60), rate("1-2", 40)])
    send(world / "b.xlsx", SECOND, progress=[rate("1-2", 50)])
    assert rates_in_force() == {"1-1": 60, "1-2": 50}
    versions = sql("SELECT pledge_id, version FROM core.pledge_report ORDER BY 1, 2")
    assert versions == [("1-1", 1), ("1-2", 1), ("1-2", 2)]


@pytest.mark.slow
def test_an_earlier_file_sent_back_undoes_a_later_one(world: Path) -> None:
    first = return_workbook(world / "a.xlsx", progress=[rate("1-1", 60)])
    pipeline.collect([str(first)], at=FIRST)
    send(world / "b.xlsx", SECOND, progress=[rate("1-1", 70)])
    assert pipeline.collect([str(first)], at=THIRD).accepted == 1
    assert rates_in_force() == {"1-1": 60}


@pytest.mark.slow
def test_a_blocked_pledge_keeps_its_earlier_report(world: Path) -> None:
    send(world / "a.xlsx", FIRST, progress=[rate("1-1", 60), rate("1-2", 40)])
    facts = send(world / "b.xlsx", SECOND, progress=[rate("1-1", 101), rate("1-2", 45)])
    assert (facts.accepted, facts.blocked) == (1, 1)
    assert rates_in_force() == {"1-1": 60, "1-2": 45}


@pytest.mark.slow
def test_a_money_line_without_its_number_may_be_any_pledges(world: Path) -> None:
    """Neither the pledge that has other money nor the one that lost it comes in with a part."""
    lines = [{"2021 확보액": 10}, {"공약번호": None, "2021 확보액": 20}]  # the second was 1-2's
    facts = send(world / "a.xlsx", FIRST, progress=[rate("1-1", 60), rate("1-2", 40)], budget=lines)
    assert (facts.accepted, facts.blocked, rates_in_force()) == (0, 2, {})
    # 2-2 is a pledge without a budget: it has none to lose.
    facts = send(world / "b.xlsx", FIRST, department="D03", progress=[rate("2-2", 50)],
                 budget=lines[1:])  # fmt: skip
    assert (facts.accepted, rates_in_force()) == (1, {"2-2": 50})


@pytest.mark.slow
def test_a_reason_in_the_row_lets_an_odd_value_in(world: Path) -> None:
    odd = rate("1-1", 100)  # 100 % and not 완료
    assert send(world / "a.xlsx", FIRST, progress=[odd]).accepted == 0
    explained = odd | {"정정사유": "준공 검사만 남음"}
    assert send(world / "b.xlsx", SECOND, progress=[explained]).accepted == 1
    assert rates_in_force() == {"1-1": 100}


@pytest.mark.slow
def test_a_reason_holds_for_the_same_value_next_time(world: Path) -> None:
    odd = rate("1-1", 100)
    send(world / "a.xlsx", FIRST, progress=[odd | {"정정사유": "준공 검사만 남음"}])
    again = send(world / "b.xlsx", SECOND, progress=[odd | {"추진내용": "검사 진행"}])
    assert again.accepted == 1


@pytest.mark.slow
def test_withdrawing_brings_the_earlier_report_back(world: Path) -> None:
    send(world / "a.xlsx", FIRST, progress=[rate("1-1", 60)], budget=[{"2021 확보액": 5}])
    before = core_content()
    wrong = send(
        world / "b.xlsx",
        SECOND,
        progress=[rate("1-1", 90), rate("1-2", 10)],
        budget=[{"2021 확보액": 9}],
    )
    done = pipeline.withdraw(wrong.submission_ids[0], "총괄부서", "다른 분기 파일", at=THIRD)
    assert (done.withdrawn, done.reinstated) == (("1-1", "1-2"), ("1-1",))
    assert core_content() == before
    again = pipeline.withdraw(wrong.submission_ids[0], "총괄부서", "다른 분기 파일", at=THIRD)
    assert (again.is_repeated, again.withdrawn) == (True, ())
    assert core_content() == before
    with pytest.raises(UsageError):
        pipeline.withdraw(wrong.submission_ids[0], "총괄부서", "두 번", at=THIRD)


def test_within_a_batch_the_newest_receipt_wins(world: Path) -> None:
    a = return_workbook(world / "a.xlsx", progress=[rate("1-1", 60)])
    b = return_workbook(world / "b.xlsx", progress=[rate("1-1", 70)])
    facts = pipeline.collect([str(a), str(b)], at=FIRST)
    assert facts.accepted == 2
    assert rates_in_force() == {"1-1": 70}


def test_bad_files_stay_in_the_archive_and_the_others_load(world: Path) -> None:
    inbox = world / "inbox"
    good = return_workbook(inbox / "good.xlsx")
    (inbox / "broken.xlsx").write_bytes(good.read_bytes()[:2000])
    (inbox / "note.txt").write_text("엑셀이 아닙니다", encoding="cp949")
    facts = pipeline.collect(at=FIRST)
    assert len(facts.submission_ids) == 3
    assert facts.accepted == 1
    states = dict(sql("SELECT file_name, state FROM audit.submission WHERE form_code IS DISTINCT"
                      " FROM 'register'"))  # fmt: skip
    assert states == {"good.xlsx": "loaded", "broken.xlsx": "rejected", "note.txt": "rejected"}
    for (sha256,) in sql("SELECT sha256 FROM audit.submission"):
        assert archive.get(sha256)
    assert pipeline.collect(at=SECOND).batch is None, "the inbox holds nothing new"


def test_a_file_that_still_grows_is_left_until_it_lies_still(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = return_workbook(world / "whole.xlsx").read_bytes()
    inbox = world / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / "still.xlsx").write_bytes(return_workbook(world / "other.xlsx").read_bytes())
    (inbox / "grows.xlsx").write_bytes(whole[:1000])
    monkeypatch.setattr(receiving, "sleep", lambda _: (inbox / "grows.xlsx").write_bytes(whole))
    assert {arrival.name for arrival in pipeline.waiting()} == {"still.xlsx", "grows.xlsx"}
    first = pipeline.receive(None, FIRST, settle_seconds=2)
    assert [receipt.file_name for receipt in first.receipts] == ["still.xlsx"]
    assert [one.name for one in first.not_taken] == ["grows.xlsx"]
    monkeypatch.setattr(receiving, "sleep", lambda _: None)
    second = pipeline.receive(None, SECOND, settle_seconds=2)
    assert [receipt.file_name for receipt in second.receipts][-1] == "grows.xlsx"
    assert pipeline.waiting() == []


@pytest.mark.slow
def test_a_copy_in_the_inbox_is_no_news_once_others_have_come(world: Path) -> None:
    """It lay there before the correction did, so it is not the older content that comes again."""
    inbox = world / "inbox"
    sent = return_workbook(inbox / "sent.xlsx", progress=[rate("1-1", 60)])
    assert pipeline.collect(at=FIRST).accepted == 1
    (inbox / "copy.xlsx").write_bytes(sent.read_bytes())
    assert pipeline.collect(at=FIRST).batch is None
    assert pipeline.waiting() == []
    return_workbook(inbox / "mended.xlsx", progress=[rate("1-1", 70)])
    assert pipeline.collect(at=SECOND).accepted == 1
    assert pipeline.collect(at=THIRD).batch is None
    assert rates_in_force() == {"1-1": 70}
    (inbox / "copy.xlsx").touch()  # laid there again: now it does come after the correction
    assert pipeline.collect(at=THIRD).accepted == 1
    assert rates_in_force() == {"1-1": 60}


@pytest.mark.slow
def test_a_mended_register_lets_the_inbox_in(world: Path) -> None:
    return_workbook(world / "inbox" / "new.xlsx", progress=[rate("7-7", 10)])
    assert pipeline.collect(at=FIRST).accepted == 0
    assert pipeline.collect(at=FIRST).batch is None
    mended = register_workbook(
        world / "register2.xlsx",
        pledges=[{"공약번호": "1-1"}, {"공약번호": "7-7", "공약명": "새로 더한 공약"}],
    )
    pipeline.register(str(mended), at=SECOND)
    assert pipeline.collect(at=THIRD).accepted == 1


def test_a_run_that_broke_off_is_taken_up_again(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    batch_id = pipeline.receive([str(path)], FIRST).batch_id
    assert batch_id is not None
    pipeline.read(batch_id)  # and here the machine stopped
    facts = pipeline.collect([], at=SECOND)
    assert facts.accepted == 1
    assert rates_in_force() == {"1-1": 60}


@pytest.mark.slow
def test_two_collectors_at_once_load_a_file_once(world: Path) -> None:
    for number in range(6):
        return_workbook(world / "inbox" / f"{number}.xlsx", progress=[rate("1-1", 10 + number)])
    results: list[pipeline.Collected] = []

    def run() -> None:
        results.append(pipeline.collect(at=FIRST))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(r.submission_ids) for r in results) == [0, 6]
    assert sql("SELECT count(*) FROM core.pledge_report") == [(6,)]


def test_a_difference_in_control_totals_stops_everything(world: Path) -> None:
    path = return_workbook(world / "r.xlsx", budget=[{"2021 확보액": 5}])
    batch_id = pipeline.receive([str(path)], FIRST).batch_id
    assert batch_id is not None
    pipeline.read(batch_id)
    pipeline.check(batch_id)
    with transaction() as connection:  # a fault of ours: a fact that loads twice what was read
        connection.execute(
            text("CREATE RULE doubled AS ON INSERT TO core.achievement DO INSTEAD NOTHING")
        )
        connection.execute(
            text(
                "INSERT INTO staging.quarterly_return__achievement SELECT submission_id, 9, 9,"
                " '1-1', NULL, NULL, 'blank', '내용' FROM audit.submission WHERE batch_id = :b"
            ),
            {"b": batch_id},
        )
    with pytest.raises(SystemFault, match="통제합계"):
        pipeline.load(batch_id, FIRST)
    assert sql("SELECT count(*) FROM core.pledge_report") == [(0,)]


@pytest.mark.slow
def test_as_of_a_moment_before_a_resubmission(world: Path) -> None:
    send(world / "a.xlsx", FIRST, progress=[rate("1-1", 60)])
    send(world / "b.xlsx", THIRD, progress=[rate("1-1", 80)])

    def r1(as_of: datetime) -> str:
        rows = pipeline.figures("2021Q4", GOVERNMENT, as_of, "R1", "all")
        return rows[0].shown

    assert (r1(SECOND), r1(THIRD)) == ("60.0", "80.0")


def test_a_dry_run_leaves_nothing(world: Path) -> None:
    path = return_workbook(world / "r.xlsx", progress=[rate("1-1", 101)])
    before = sql("SELECT count(*) FROM audit.submission") + sql("SELECT count(*) FROM audit.batch")
    facts = pipeline.dry_run([str(path)], at=FIRST)
    assert facts.blocks
    assert (
        sql("SELECT count(*) FROM audit.submission") + sql("SELECT count(*) FROM audit.batch")
        == before
    )
    assert not archive.holds(hashlib.sha256(path.read_bytes()).hexdigest())


def test_inbox_and_archive_may_lie_anywhere(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any fsspec address serves; here one that has no folders of this machine at all."""
    monkeypatch.setenv("GONGYAK_INBOX_URL", "memory://inbox")
    monkeypatch.setenv("GONGYAK_ARCHIVE_URL", "memory://archive")
    settings.cache_clear()
    content = return_workbook(world / "r.xlsx").read_bytes()
    fsspec.filesystem("memory").pipe_file("/inbox/dept/r.xlsx", content)
    assert pipeline.collect(at=FIRST).accepted == 1
    assert archive.get(hashlib.sha256(content).hexdigest()) == content
    assert pipeline.collect(at=SECOND).batch is None


@pytest.mark.slow
def test_an_untouched_invitation_reports_nothing(world: Path) -> None:
    folder = Path(pipeline.invite("2021Q4", GOVERNMENT, FIRST).folder)
    facts = pipeline.collect([str(path) for path in sorted(folder.glob("*.xlsx"))], at=FIRST)
    assert facts.accepted == 0
    found = pipeline.findings_of(facts.submission_ids)
    assert {f.level for f in found} == {"inform"}, found


@pytest.mark.slow
def test_a_filled_invitation_is_accepted_whole(world: Path) -> None:
    folder = Path(pipeline.invite("2021Q4", GOVERNMENT, FIRST).folder)
    (path,) = folder.glob("D01_*.xlsx")
    edits = {("공약현황", p, "추진상황"): "정상추진" for p in ("1-1", "1-2")}
    edits |= {("공약현황", p, "이행률(%)"): 55 for p in ("1-1", "1-2")}
    edits |= {
        ("예산", ("1-1", "본사업"), "재원"): "구비",
        ("예산", ("1-1", "본사업"), "2021 확보액"): 12.5,
    }
    filled = fill(path, world / "filled.xlsx", edits)
    facts = pipeline.collect([str(filled)], at=FIRST)
    assert facts.accepted == 2
    assert sql("SELECT plan_krw FROM core.fct_quarterly_budget") == [(12_500_000,)]


@pytest.mark.slow
def test_files_of_one_moment_are_all_known_at_that_moment(world: Path) -> None:
    """Receipts lie a microsecond apart to keep their order; figures of the moment see them all."""
    pipeline.collect([str(return_workbook(world / "0.xlsx", progress=[rate("1-1", 40)]))], FIRST)
    files = [
        return_workbook(world / f"{d}.xlsx", department=d, progress=[rate(p, 120)])
        for d, p in (("D02", "2-1"), ("D03", "2-2"))
    ]
    pipeline.collect([str(path) for path in files], at=SECOND)
    pipeline.refresh("2021Q4", GOVERNMENT, SECOND)
    states = sql("SELECT pledge_id, state FROM mart.missing_report ORDER BY 1")
    assert states == [("1-2", "missing"), ("2-1", "blocked"), ("2-2", "blocked")]


def test_who_waits_hears_how_far_each_stage_is(world: Path) -> None:
    files = [
        str(return_workbook(world / "one.xlsx", progress=[rate("1-1", 40)])),
        str(return_workbook(world / "two.xlsx", department="D02", progress=[rate("2-1", 50)])),
    ]
    heard: list[tuple[str, float]] = []
    with pipeline.telling(lambda stage, share: heard.append((stage, share))):
        pipeline.collect(files, at=FIRST)
    pipeline.collect(files, at=SECOND)  # nobody waits any more
    assert heard == [
        ("접수", 0), ("접수", 0.5), ("읽기", 0), ("읽기", 0.5), ("점검", 0), ("반영", 0),
        ("지표", 0), ("회신", 0), ("회신", 0.5),
    ]  # fmt: skip
    assert tuple(dict(heard)) == pipeline.STAGES

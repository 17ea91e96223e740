"""Waivers: what one covers, that an expired one blocks again, and that figures show it."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from etl import pipeline
from etl.check import rules
from etl.cli import main
from etl.problems import UsageError
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import transaction
from tests.factories import (
    DEPARTMENTS,
    GOVERNMENT,
    PLEDGES,
    register_workbook,
    return_workbook,
)

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)
# Done at half its rate: P-09 wants a reason, so the pledge waits.
HALF_DONE = {"추진상황": "완료", "이행률(%)": 50}
# 10 + 3 is not 16: B-12 blocks the pledge.
UNLIKE_TOTAL = (
    {"재원": "국비", "2021 확보액": 10},
    {"재원": "구비", "2021 확보액": 3},
    {"세부사업": "계", "재원": None, "2021 확보액": 16},
)
WAIVER = pipeline.Waiver(
    government_id=GOVERNMENT,
    rule_id="P-09",
    department_code="D01",
    pledge_id="1-1",
    first_quarter_id="2021Q4",
    last_quarter_id=None,
    expires_on=date(2022, 1, 31),
    approver="공약이행평가단",
    reason="준공 뒤 정산만 남음",
)
BUDGET_WAIVER = replace(WAIVER, rule_id="B-12")


def rows(query: str, **asked: Any) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query), asked)]


def accepted(path: Path, at: datetime = AT) -> int:
    return int(pipeline.collect([str(path)], at=at).accepted)


def half_done(world: Path, name: str = "r.xlsx", **more: Any) -> Path:
    return return_workbook(world / name, progress=[HALF_DONE], **more)


@pytest.mark.slow
def test_a_waived_rule_asks_for_no_reason(world: Path) -> None:
    assert accepted(half_done(world)) == 0
    pipeline.waive(WAIVER, at=AT)
    assert accepted(half_done(world), AT + DAY) == 1
    assert rows("SELECT rule_id, level, waiver_id FROM audit.finding WHERE waiver_id > 0") == [
        ("P-09", "acknowledge", 1)
    ]


@pytest.mark.slow
def test_a_blocked_pledge_is_accepted_under_a_waiver(world: Path) -> None:
    file = return_workbook(world / "r.xlsx", progress=[{}], budget=UNLIKE_TOTAL)
    assert accepted(file) == 0
    pipeline.waive(BUDGET_WAIVER, at=AT)
    assert accepted(file, AT + DAY) == 1
    # The parts are what counts, never their printed total: 10 + 3 백만원.
    (secured,) = pipeline.figures("2021Q4", GOVERNMENT, AT + DAY, "SECURED", "all")
    assert (secured.numerator, secured.waiver_count) == (13_000_000, 1)


@pytest.mark.slow
def test_an_expired_waiver_blocks_again(world: Path) -> None:
    pipeline.waive(WAIVER, at=AT)
    last_moment = datetime(2022, 1, 31, 23, 59, tzinfo=SEOUL)
    assert accepted(half_done(world, "last.xlsx"), last_moment) == 1
    next_day = datetime(2022, 2, 1, 0, 1, tzinfo=SEOUL)
    later = return_workbook(world / "late.xlsx", progress=[{**HALF_DONE, "이행률(%)": 51}])
    assert accepted(later, next_day) == 0
    # What was accepted while it held stays in force, and says so beside the figure.
    pipeline.refresh("2021Q4", GOVERNMENT, next_day)
    assert rows("SELECT rule_id, pledge_id, is_expired FROM mart.waived_finding") == [
        ("P-09", "1-1", True)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"department_code": "D02"},
        {"pledge_id": "1-2"},
        {"first_quarter_id": "2022Q1"},
        {"first_quarter_id": "2021Q2", "last_quarter_id": "2021Q3"},
        {"rule_id": "P-10"},
    ],
    ids=str,
)
def test_a_waiver_covers_nothing_else(world: Path, elsewhere: dict[str, Any]) -> None:
    pipeline.waive(replace(WAIVER, **elsewhere), at=AT)
    assert accepted(half_done(world), AT + DAY) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "wider",
    [
        {"department_code": None},
        {"pledge_id": None},
        {"first_quarter_id": "2021Q1", "last_quarter_id": "2021Q4"},
    ],
    ids=str,
)
def test_what_is_not_named_is_covered_whole(world: Path, wider: dict[str, Any]) -> None:
    pipeline.waive(replace(WAIVER, **wider), at=AT)
    assert accepted(half_done(world), AT + DAY) == 1


@pytest.mark.slow
def test_a_waiver_follows_the_successor_of_its_department(world: Path) -> None:
    ended = {"부서코드": "D00", "부서명": "가람과", "종료일": "2021-06-30", "승계부서코드": "D01"}
    register = register_workbook(world / "g.xlsx", departments=[ended, *DEPARTMENTS])
    pipeline.register(str(register), at=AT)
    pipeline.waive(replace(WAIVER, department_code="D00"), at=AT)
    assert accepted(half_done(world), AT + DAY) == 1


@pytest.mark.slow
def test_a_total_of_the_whole_file_counts_for_each_of_its_pledges(world: Path) -> None:
    """10 + 3 is not 20: the grand total names no pledge, and stops both that have money."""
    money = ({"2021 확보액": 10}, {"공약번호": "1-2", "2021 확보액": 3},
             {"공약번호": "합계", "세부사업": None, "재원": None, "2021 확보액": 20})  # fmt: skip
    file = return_workbook(world / "r.xlsx", progress=[{}, {"공약번호": "1-2"}], budget=money)
    assert accepted(file) == 0
    pipeline.waive(replace(BUDGET_WAIVER, pledge_id=None), at=AT)
    assert accepted(file, AT + DAY) == 2
    (secured,) = pipeline.figures("2021Q4", GOVERNMENT, AT + DAY, "SECURED", "all")
    assert (secured.numerator, secured.waiver_count) == (13_000_000, 2)
    assert rows("SELECT rule_id, pledge_id FROM mart.waived_finding") == [("B-12", None)]


def test_a_reason_that_was_given_needs_no_waiver(world: Path) -> None:
    pipeline.waive(WAIVER, at=AT)
    explained = return_workbook(world / "r.xlsx", progress=[{**HALF_DONE, "정정사유": "준공"}])
    assert accepted(explained, AT + DAY) == 1
    assert rows("SELECT count(*) FROM audit.finding WHERE waiver_id > 0") == [(0,)]


@pytest.mark.slow
def test_waivers_are_counted_in_the_scopes_they_touch(world: Path) -> None:
    """1-1 (교육문화, D01, 임기내) is waived; 2-1 (환경, D02) is not."""
    pipeline.waive(WAIVER, at=AT)
    other = return_workbook(
        world / "o.xlsx", department="D02", progress=[{"공약번호": "2-1", "완료시기": "임기후",
                                                       "완료연도": 2024}]
    )  # fmt: skip
    assert accepted(half_done(world)) + accepted(other) == 2
    counted = {
        (f.scope_type, f.scope_id): f.waiver_count
        for f in pipeline.figures("2021Q4", GOVERNMENT, AT, "R1")
    }
    assert counted["all", ""] == 1
    assert (counted["field", "교육문화"], counted["field", "환경"]) == (1, 0)
    assert (counted["department", "D01"], counted["department", "D02"]) == (1, 0)
    assert (counted["due", "IN_TERM"], counted["due", "AFTER_TERM"]) == (1, 0)
    assert (counted["status", "COMPLETED"], counted["status", "ON_TRACK"]) == (1, 0)


@pytest.mark.slow
def test_a_carried_report_keeps_its_waiver_and_a_later_one_drops_it(world: Path) -> None:
    pipeline.waive(replace(WAIVER, first_quarter_id="2021Q3"), at=AT)
    late = str(half_done(world, quarter="2021Q3"))  # which the office asks for by its quarter
    assert pipeline.collect([late], at=AT, asked=pipeline.Asked(None, "2021Q3")).accepted == 1
    (carried,) = pipeline.figures("2021Q4", GOVERNMENT, AT, "R1", "all")
    assert (carried.carried_forward_count, carried.waiver_count) == (1, 1)
    reopened = return_workbook(world / "n.xlsx", progress=[{"이행률(%)": 70, "정정사유": "재시공"}])
    assert accepted(reopened, AT + DAY) == 1
    (now,) = pipeline.figures("2021Q4", GOVERNMENT, AT + DAY, "R1", "all")
    assert now.waiver_count == 0
    # As of the day before, the carried report with its waiver was in force.
    (then,) = pipeline.figures("2021Q4", GOVERNMENT, AT, "R1", "all")
    assert then.waiver_count == 1


@pytest.mark.slow
def test_the_collection_lists_waivers_without_their_approver(world: Path) -> None:
    pipeline.waive(WAIVER, at=AT)
    accepted(half_done(world))
    book = load_workbook(pipeline.report("2021Q4", GOVERNMENT, AT))
    header, line = book["점검예외"].iter_rows(values_only=True)
    told = dict(zip(header, line, strict=True))
    assert (told["규칙"], told["공약번호"], told["만료일"], told["지금"]) == (
        "P-09", "1-1", "2022-01-31", "유효",
    )  # fmt: skip
    assert told["예외로 둔 사유"] == WAIVER.reason
    every = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row}
    assert not [value for value in every if WAIVER.approver in value]
    assert "1건" in every  # on the cover, beside 점검예외


@pytest.mark.slow
def test_a_file_that_waits_in_the_inbox_is_taken_up_again(world: Path) -> None:
    (inbox,) = map(Path, settings().inboxes)
    half_done(inbox)
    assert pipeline.collect(at=AT).accepted == 0
    assert pipeline.collect(at=AT + DAY).batch is None
    # A waiver of another rule opens nothing.
    pipeline.waive(replace(WAIVER, rule_id="P-10"), at=AT + DAY)
    assert pipeline.collect(at=AT + 2 * DAY).batch is None
    pipeline.waive(WAIVER, at=AT + 2 * DAY)
    assert pipeline.collect(at=AT + 3 * DAY).accepted == 1
    assert pipeline.collect(at=AT + 4 * DAY).batch is None


@pytest.mark.slow
def test_a_recheck_shows_what_a_waiver_would_let_through(world: Path) -> None:
    """Rechecking judges again and loads nothing; the file of the inbox is still taken up after."""
    half_done(Path(settings().inboxes[0]))
    pipeline.collect(at=AT)
    pipeline.waive(WAIVER, at=AT + DAY)
    pipeline.recheck("2021Q4", GOVERNMENT, record=True, at=AT + DAY)
    verdicts = (
        "SELECT verdict FROM audit.pledge_verdict WHERE pledge_id = '1-1' ORDER BY recorded_at"
    )
    assert rows(verdicts) == [("needs_reason",), ("accepted",)]
    assert rows("SELECT count(*) FROM core.pledge_report") == [(0,)]
    assert pipeline.collect(at=AT + 2 * DAY).accepted == 1


def test_nothing_that_refuses_a_file_can_be_waived() -> None:
    """A waiver lets a pledge through; an unread file or a remark has nothing to let through.

    M-05 stands for a quarter's coverage: its waiver lets a release through.
    """
    waivable = {rule.level for rule in rules() if rule.waivable and rule.id != "M-05"}
    assert waivable == {"acknowledge", "block_pledge"}


@pytest.mark.slow
def test_the_answer_and_the_check_tell_a_waiver(world: Path) -> None:
    file = half_done(world)
    assert pipeline.dry_run([str(file)], at=AT).blocks
    pipeline.waive(WAIVER, at=AT)
    facts = pipeline.dry_run([str(file)], at=AT)
    assert not facts.blocks
    book = load_workbook(facts.answers[0])
    shown = {str(cell.value) for row in book["점검결과"].iter_rows() for cell in row}
    assert "예외" in shown
    assert any(WAIVER.reason in value for value in shown)


@pytest.mark.slow
def test_an_answer_sent_back_does_not_outlive_the_waiver(world: Path) -> None:
    """A waiver's reason is the office's: it must not come back as the sender's own."""
    pipeline.waive(WAIVER, at=AT)
    (answer,) = pipeline.collect([str(half_done(world))], at=AT).answers
    assert accepted(Path(answer), datetime(2022, 2, 1, 9, 0, tzinfo=SEOUL)) == 0


def test_the_same_waiver_twice_is_one_row(world: Path) -> None:
    first = pipeline.waive(WAIVER, at=AT)
    again = pipeline.waive(WAIVER, at=AT + DAY)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.waiver_id == again.waiver_id
    assert rows("SELECT count(*) FROM audit.waiver") == [(1,)]
    assert len(list((world / "archive" / "journal").rglob("*-waiver-*"))) == 1


@pytest.mark.slow
def test_an_ended_waiver_blocks_again(world: Path) -> None:
    number = pipeline.waive(WAIVER, at=AT).waiver_id
    assert accepted(half_done(world)) == 1
    pipeline.end_waiver(number, "기획예산과장", "정산이 끝남", at=AT + DAY)
    later = return_workbook(world / "n.xlsx", progress=[{**HALF_DONE, "이행률(%)": 51}])
    assert accepted(later, AT + 2 * DAY) == 0
    states = [w.state for w in pipeline.waivers(GOVERNMENT, AT + 2 * DAY)]
    assert states == ["ended"]
    with pytest.raises(UsageError, match="유효한 예외가 아닙니다"):
        pipeline.end_waiver(number, "기획예산과장", "다시", at=AT + 3 * DAY)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rule_id": "Z-99"}, "Z-99"),
        ({"rule_id": "F-20"}, "예외를 둘 수 없습니다"),
        ({"department_code": "D99"}, "부서 D99"),
        ({"pledge_id": "9-9"}, "공약 9-9"),
        ({"expires_on": date(2022, 1, 4)}, "지났습니다"),
        ({"last_quarter_id": "2021Q3"}, "앞섭니다"),
        ({"reason": " "}, "비었습니다"),
    ],
    ids=str,
)
def test_what_cannot_be_waived_is_refused(world: Path, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        pipeline.waive(replace(WAIVER, **wrong), at=AT)
    assert rows("SELECT count(*) FROM audit.waiver") == [(0,)]


# -- the sheet 점검예외 of the register --------------------------------------------------------------


def in_force() -> list[tuple[Any, ...]]:
    return rows(
        "SELECT rule_id, pledge_id, expires_on, _submission_id IS NOT NULL FROM audit.waiver"
        " WHERE superseded_at = 'infinity' ORDER BY 1, 2"
    )


@pytest.mark.slow
def test_a_register_loads_its_waivers_by_difference(world: Path) -> None:
    first = {"규칙": "P-09", "공약번호": "1-1", "만료일": "2022-01-31"}
    second = {"규칙": "B-12", "공약번호": "1-2", "만료일": "2022-12-31"}
    pipeline.waive(replace(WAIVER, rule_id="P-10", pledge_id=None), at=AT)
    by_hand = ("P-10", None, date(2022, 1, 31), False)
    pipeline.register(str(register_workbook(world / "1.xlsx", waivers=[first, second])), at=AT)
    kept = ("B-12", "1-2", date(2022, 12, 31), True)
    assert in_force() == [kept, ("P-09", "1-1", date(2022, 1, 31), True), by_hand]

    # Loading it again changes nothing; a changed line closes its row; a missing one is closed.
    renamed = [{**PLEDGES[0], "공약명": "작은도서관 열두 곳 짓기"}, *PLEDGES[1:]]
    again = register_workbook(world / "2.xlsx", pledges=renamed, waivers=[first, second])
    facts = pipeline.register(str(again), at=AT + DAY)
    assert facts.registers[0].opened["audit.waiver"] == 0
    longer = {**first, "만료일": "2022-03-31"}
    pipeline.register(str(register_workbook(world / "3.xlsx", waivers=[longer])), at=AT + 2 * DAY)
    assert in_force() == [("P-09", "1-1", date(2022, 3, 31), True), by_hand]
    assert rows("SELECT count(*) FROM audit.waiver") == [(4,)]


@pytest.mark.slow
def test_a_waiver_of_the_register_holds(world: Path) -> None:
    line = {"규칙": "P-09", "부서코드": "D01", "만료일": "2022-01-31"}
    pipeline.register(str(register_workbook(world / "1.xlsx", waivers=[line])), at=AT)
    assert accepted(half_done(world), AT + DAY) == 1
    number = pipeline.waivers(GOVERNMENT, AT + DAY)[0].waiver_id
    with pytest.raises(UsageError, match="점검예외 시트"):
        pipeline.end_waiver(number, "기획예산과장", "까닭", at=AT + DAY)


@pytest.mark.slow
def test_a_bad_line_leaves_the_waiver_that_was_known(world: Path) -> None:
    line = {"규칙": "P-09", "공약번호": "1-1"}
    pipeline.register(str(register_workbook(world / "1.xlsx", waivers=[line])), at=AT)
    bad = register_workbook(world / "2.xlsx", waivers=[{**line, "사유": None}])
    facts = pipeline.register(str(bad), at=AT + DAY)
    assert [(f.rule_id, f.cell) for f in facts.findings] == [("R-34", "H2")]
    assert in_force() == [("P-09", "1-1", date(2022, 12, 31), True)]


# -- the shell -------------------------------------------------------------------------------------


def gongyak(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("sys.argv", ["gongyak", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_the_shell_records_lists_and_ends(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("waive", "P-09", "--department", "D01", "--pledge", "1-1", "--from", "2021Q4",
             "--expires", "2022-12-31", "--by", "공약이행평가단", "--reason", "정산 중",
             "--at", "2022-01-05")  # fmt: skip
    code, out, _ = gongyak(capsys, *asked)
    assert code == 0
    assert "점검예외 1을 적었습니다" in out
    assert "이미 있습니다" in gongyak(capsys, *asked)[1]
    listed = json.loads(gongyak(capsys, "waive", "--list", "--json", "--at", "2022-01-05")[1])
    assert [(w["waiver_id"], w["state"]) for w in listed] == [(1, "in_force")]
    ended = ("waive", "--end", "1", "--by", "과장", "--reason", "끝남", "--at", "2022-01-06")
    assert gongyak(capsys, *ended)[0] == 0


def test_the_shell_says_what_is_missing(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, error = gongyak(capsys, "waive", "P-09", "--from", "2021Q4")
    assert (code, out) == (2, "")
    assert error.strip().endswith(
        "--expires, --by, --reason이 없습니다. 아무것도 바뀌지 않았습니다. 더해서 다시 실행하십시오."
    )

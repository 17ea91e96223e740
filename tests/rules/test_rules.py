"""Every rule passes once and fails once, through the real reader, and names the right cell.

All workbooks go through one batch, as a quarter's files do: a rule that fires on another case's
passing workbook would show here too.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import check, pipeline
from etl.answer import AnswerFinding
from etl.particles import WRITTEN_PAIR
from etl.quarter import SEOUL
from etl.warehouse import transaction
from tests.factories import GOVERNMENT, WINDOWS, register_workbook, return_workbook
from tests.rules.cases import IN_TIME, Case, without_identity
from tests.rules.conftest import ALL_CASES

# Rules about the moment or the place of receipt; each has a test of its own below.
BY_CIRCUMSTANCE = {
    *("F-17", "F-18", "F-23", "F-47", "F-51", "D-01", "D-02", "R-46"),
    *("A-01", "A-04"),  # tests/flow/test_attachments.py
    *("M-01", "M-02", "M-03", "M-04", "M-05"),
}


def _of(findings: dict[str, Any], file: str, rule_id: str) -> list[AnswerFinding]:
    return [f for f in findings.get(file, []) if f.rule_id == rule_id]


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_a_rule_fires_on_its_fault_at_its_cell(case: Case, findings: dict[str, Any]) -> None:
    found = _of(findings, f"{case}-fail.xlsx", case.rule_id)
    assert len(found) == 1, findings.get(f"{case}-fail.xlsx")
    if case.cell:
        assert found[0].cell == case.cell
    assert found[0].related_cells == case.related or not case.related
    assert "{" not in found[0].message
    assert not WRITTEN_PAIR.search(found[0].message)


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


@pytest.mark.slow
def test_a_file_after_the_grace_day_is_late(world: Path) -> None:
    # The grace day is 2022-01-17 in Seoul; 23:59 that day is in time, a minute later is not.
    path = return_workbook(world / "r.xlsx")
    last = datetime(2022, 1, 17, 23, 59, tzinfo=SEOUL)
    late = datetime(2022, 1, 18, 0, 0, tzinfo=SEOUL)
    assert _ids(pipeline.dry_run([str(path)], at=last)).isdisjoint({"F-17"})
    assert "F-17" in _ids(pipeline.dry_run([str(path)], at=late))


@pytest.mark.slow
def test_a_file_before_the_window_is_told(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    before = datetime(2021, 12, 19, 23, 59, tzinfo=SEOUL)
    assert "F-18" in _ids(pipeline.dry_run([str(path)], at=before))
    assert "F-18" not in _ids(pipeline.dry_run([str(path)], at=IN_TIME))


LAST_QUARTER = {"quarter": "2021Q3"}  # its grace day was 2021-10-17; the window of 2021Q4 is open
SAYS_THIS_QUARTER = (
    "2021년 4분기_가온과.xlsx",
    "2021Q4_가온과.xlsx",
    "21년4분기.xlsx",
    "4분기 제출.xlsx",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAYS_THIS_QUARTER)
def test_last_quarters_form_under_this_quarters_name_stops(world: Path, name: str) -> None:
    at = datetime(2021, 12, 1, 9, 0, tzinfo=SEOUL)  # no window is open
    found = pipeline.dry_run([str(return_workbook(world / name, **LAST_QUARTER))], at=at)
    assert ("F-47", "block_pledge") in {(f.rule_id, f.level) for f in found.findings}
    own = pipeline.dry_run(
        [str(return_workbook(world / "2021Q3_정정.xlsx", **LAST_QUARTER))], at=at
    )
    assert "F-47" not in _ids(own)


NAMED = ({"분기": "2021H1"}, {"분기": "2021-11"}, {"분기": "2021-12-06"})
SAYS_ANOTHER_PERIOD = (
    "2021H1_가온과.xlsx",
    "2021년 상반기.xlsx",
    "2021-11 가온과.xlsx",
    "21년 11월 보고.xlsx",
    "2021.12.6. 가온과.xlsx",
    "12월 6일 현재.xlsx",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAYS_ANOTHER_PERIOD)
def test_a_name_says_another_period_where_the_calendar_names_it(world: Path, name: str) -> None:
    at = datetime(2021, 12, 1, 9, 0, tzinfo=SEOUL)  # no window of a quarter is open
    path = return_workbook(world / name, **LAST_QUARTER)
    # When it was written, or half a year's work: nobody reports for such a period here.
    assert "F-47" not in _ids(pipeline.dry_run([str(path)], at=at))
    windows = tuple(
        {"시작일": "2022-01-20", "마감일": "2022-01-31", "유예일": "2022-01-31"} | one
        for one in NAMED
    )
    register = register_workbook(world / "register.xlsx", windows=(*WINDOWS, *windows))
    assert pipeline.register(str(register), at=datetime(2021, 11, 1, tzinfo=SEOUL)).registers
    assert "F-47" in _ids(pipeline.dry_run([str(path)], at=at))
    both = return_workbook(world / f"2021Q3 정정 {name}", **LAST_QUARTER)
    assert "F-47" not in _ids(pipeline.dry_run([str(both)], at=at))


@pytest.mark.slow
def test_last_quarters_form_stops_while_another_window_is_open(world: Path) -> None:
    path = return_workbook(world / "r.xlsx", **LAST_QUARTER)
    assert "F-47" in _ids(pipeline.dry_run([str(path)], at=IN_TIME))
    # In its grace, on the last day of it, it is welcome whatever else is open.
    in_grace = datetime(2021, 10, 17, 23, 0, tzinfo=SEOUL)
    named = return_workbook(world / "2021Q4.xlsx", **LAST_QUARTER)
    assert "F-47" not in _ids(pipeline.dry_run([str(named)], at=in_grace))


@pytest.mark.slow
def test_last_quarters_form_in_this_quarters_folder_stops(world: Path) -> None:
    path = return_workbook(world / "2021Q4" / "r.xlsx", **LAST_QUARTER)
    at = datetime(2021, 12, 1, 9, 0, tzinfo=SEOUL)
    assert "F-47" in _ids(pipeline.dry_run([str(path)], at=at))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "fires"),
    [
        ("2021Q4/D02", True),
        ("2021Q4/나래과", True),
        (f"{GOVERNMENT}/나 래 과", True),
        (f"{GOVERNMENT}/2021Q4/D02/다시", True),
        ("2021Q4/D01", False),
        ("2021Q4/가온과", False),
        ("2021Q4/모르는과", False),
        # Above the quarter's and the government's folder it is the machine's.
        ("D02", False),
        ("나래과/2021Q4", False),
    ],
)
def test_a_form_in_another_departments_folder_is_refused(
    world: Path, place: str, *, fires: bool
) -> None:
    path = return_workbook(world / place / "r.xlsx")
    assert ("F-51" in _ids(pipeline.dry_run([str(path)], at=IN_TIME))) == fires


@pytest.mark.slow
def test_what_was_laid_into_the_right_folder_is_taken(world: Path) -> None:
    wrong = return_workbook(world / "2021Q4" / "D02" / "r.xlsx")
    assert pipeline.collect([str(wrong)], at=IN_TIME).accepted == 0
    right = world / "2021Q4" / "D01" / "r.xlsx"
    right.parent.mkdir()
    wrong.rename(right)
    assert pipeline.collect([str(right)], at=IN_TIME).accepted == 1


@pytest.mark.slow
def test_the_office_lets_last_quarters_form_in_and_the_sender_does_not(world: Path) -> None:
    odd = {"progress": [{"정정사유": "지난 분기의 집행액을 바로잡음"}], **LAST_QUARTER}
    path = return_workbook(world / "r.xlsx", **odd)
    assert pipeline.collect([str(path)], at=IN_TIME).accepted == 0
    other = pipeline.Asked(quarter_id="2021Q4")
    assert pipeline.collect([str(path)], at=IN_TIME, asked=other).accepted == 0
    named = pipeline.Asked(quarter_id="2021Q3")
    assert pipeline.collect([str(path)], at=IN_TIME, asked=named).accepted == 1


@pytest.mark.slow
def test_a_waiver_lets_last_quarters_form_in(world: Path) -> None:
    waiver = pipeline.Waiver(GOVERNMENT, "F-47", "D01", None, "2021Q3", "2021Q3",
                             date(2022, 1, 31), "총괄부서", "결산으로 바로잡음")  # fmt: skip
    pipeline.waive(waiver, at=IN_TIME)
    path = return_workbook(world / "r.xlsx", **LAST_QUARTER)
    assert pipeline.collect([str(path)], at=IN_TIME).accepted == 1


@pytest.mark.slow
def test_sorting_one_column_stops_both_pledges(world: Path) -> None:
    swapped = [{"공약번호": "1-2", "공약명": "작은도서관 열 곳 짓기"},
               {"공약번호": "1-1", "공약명": "밤길 밝은 골목 만들기"}]  # fmt: skip
    facts = pipeline.collect([str(return_workbook(world / "r.xlsx", progress=swapped))], at=IN_TIME)
    found = pipeline.findings_of(facts.submission_ids)
    assert [(f.rule_id, f.cell, f.pledge_id, f.expected) for f in found
            if f.level != "inform"] == [("P-24", "B3", "1-2", "1-1"), ("P-24", "B4", "1-1", "1-2")]  # fmt: skip
    assert facts.accepted == 0


@pytest.mark.slow
def test_a_name_on_one_wrong_row_stops_the_pledge_that_it_names_too(world: Path) -> None:
    rows = [{"공약번호": "1-1", "공약명": "밤길 밝은 골목 만들기"},
            {"공약번호": "1-2", "공약명": "밤길 밝은 골목 만들기"}]  # fmt: skip
    facts = pipeline.collect([str(return_workbook(world / "r.xlsx", progress=rows))], at=IN_TIME)
    found = {(f.rule_id, f.cell) for f in pipeline.findings_of(facts.submission_ids)}
    assert {("P-24", "B3"), ("P-24", "B4")} <= found
    assert (facts.accepted, facts.blocked) == (0, 2)


FILLERS = (
    "-",
    ".",
    "X",
    "없음",
    "해당 없음",
    "상동",
    "ㅇㅇ",
    "ㅇㅇㅇ",
    "---",
    "N/A",
    "없음.",
    "( - )",
)


REASONS = ("시험", "준공 검사만 남음", "이월", "없음이 아니라 3월 추경에 반영", "X선 장비 구입")


def test_what_gives_no_reason_is_data(world: Path) -> None:
    with transaction() as connection:
        told = {
            reason: connection.execute(text("SELECT core.is_filler(:r)"), {"r": reason}).scalar()
            for reason in (*FILLERS, *REASONS)
        }
    assert told == dict.fromkeys(FILLERS, True) | dict.fromkeys(REASONS, False)


@pytest.mark.slow
@pytest.mark.parametrize(("reason", "blocks"), [("-", True), ("시험", False)])
def test_a_filler_is_no_reason(world: Path, reason: str, blocks: bool) -> None:
    odd = {"이행률(%)": 100, "정정사유": reason}
    found = pipeline.dry_run([str(return_workbook(world / "r.xlsx", progress=[odd]))], at=IN_TIME)
    (one,) = [f for f in found.findings if f.rule_id == "P-10"]
    assert (found.blocks, "사유(-)로는 까닭을 알 수 없습니다" in one.message) == (
        blocks,
        blocks,
    )


@pytest.mark.slow
def test_a_blank_subproject_is_the_pledge_itself(world: Path) -> None:
    lines = [{"세부사업": None, "2021 확보액": 10}]
    facts = pipeline.collect([str(return_workbook(world / "a.xlsx", budget=lines))], at=IN_TIME)
    assert facts.accepted == 1
    with transaction() as connection:
        names = connection.exec_driver_sql(
            "SELECT subproject_name, plan_krw FROM core.fct_quarterly_budget"
        ).all()
    assert [tuple(row) for row in names] == [("작은도서관 열 곳 짓기", 10_000_000)]
    # Once blank and once by its name is the same line twice.
    twice = [*lines, {"세부사업": "작은도서관 열 곳 짓기", "2021 확보액": 10}]
    found = pipeline.dry_run([str(return_workbook(world / "b.xlsx", budget=twice))], at=IN_TIME)
    assert "B-04" in _ids(found)


@pytest.mark.slow
@pytest.mark.parametrize(("written", "told"), [
    (60_000_000, "60,000,000백만원은 60조 원입니다. 원으로 적었다면 60입니다."),
    (2_432_400, "2,432,400백만원은 2조 4,324억 원입니다. 원으로 적었다면 2.4324입니다."),
])  # fmt: skip
def test_a_likely_unit_is_told_in_words(world: Path, written: int, told: str) -> None:
    path = return_workbook(world / "r.xlsx", budget=[{"2021 확보액": written}])
    (one,) = [f for f in pipeline.dry_run([str(path)], at=IN_TIME).findings
              if f.rule_id == "B-18"]  # fmt: skip
    assert one.message.startswith(told)


@pytest.mark.slow
def test_a_money_line_under_another_dash_stops_the_pledge_it_means(world: Path) -> None:
    """1–1 (an en dash) is no pledge; without its money 1-1 must not come in."""
    path = return_workbook(world / "r.xlsx", budget=[{"공약번호": "1–1", "2021 확보액": 10}])
    facts = pipeline.collect([str(path)], at=IN_TIME)
    (one,) = [f for f in pipeline.findings_of(facts.submission_ids) if f.rule_id == "C-01"]
    assert (one.seen, one.expected, one.pledge_id) == ("1–1", "1-1", "1-1")
    assert "혹시 1-1입니까?" in one.message
    assert facts.accepted == 0


@pytest.mark.slow
def test_a_message_speaks_of_the_field_at_hand(world: Path) -> None:
    rows, lines = [{"이행률(%)": "60점"}], [{"2021 확보액": "9,327-", "2021 집행액": "약간"}]
    path = return_workbook(world / "r.xlsx", progress=rows, budget=lines,
                           achievements=[{"일자": "어제"}])  # fmt: skip
    told = {f.cell: f.message for f in pipeline.dry_run([str(path)], at=IN_TIME).findings
            if f.rule_id == "F-20"}  # fmt: skip
    assert told == {
        "D3": "'60점'을 읽지 못했습니다. 이행률은 숫자만 적습니다. 60이 맞으면 60으로 고치십시오.",
        "K3": "'9,327-'을 읽지 못했습니다. 2021년 확보액은 숫자만 적습니다."
              " 9,327 또는 -9,327 가운데 맞는 것으로 고치십시오.",
        "L3": "'약간'을 읽지 못했습니다. 2021년 집행액은 숫자만 적습니다. 고쳐 주십시오(예: 1,234.5).",
        "B3": "'어제'를 읽지 못했습니다. 일자는 2021-03-19처럼 날짜만 적습니다."
              " 고쳐 주십시오(예: 2021-03-19).",
    }  # fmt: skip


def test_lists_in_messages_come_from_the_code_lists(world: Path) -> None:
    rows = [{"추진상황": "그럭저럭", "목표달성": "반쯤", "완료시기": "언젠가"}]
    path = return_workbook(world / "r.xlsx", progress=rows, budget=[
        {"재원": "도비", "2021 확보액": 1}])  # fmt: skip
    told = {f.rule_id: f.expected
            for f in pipeline.dry_run([str(path)], at=IN_TIME).findings}  # fmt: skip
    assert told["P-06"] == ("완료, 이행후계속추진, 정상추진, 일부추진, 시기미도래, 장기추진, 보류, 폐기,"
                            " 통폐합, 기타")  # fmt: skip
    assert (told["P-14"], told["P-15"]) == ("달성, 미달성", "임기내, 임기후")
    # A 자치구 has 구비 of its own and 시비 of its upper tier; 도비 means nothing to it.
    assert told["B-03"] == "국비, 시비, 구비, 교부세, 조정교부금, 기금, 지방채, 민자, 기타"


def test_a_register_does_not_come_through_the_inbox(world: Path) -> None:
    inbox = world / "inbox"
    register_workbook(inbox / "register.xlsx", departments=({"부서명": "바뀐 이름"},))
    facts = pipeline.collect(at=IN_TIME)
    found = pipeline.findings_of(facts.submission_ids)
    assert [f.rule_id for f in found if f.level == "reject_file"] == ["F-23"]


def _ids(facts: pipeline.Trial) -> set[str]:
    return {finding.rule_id for finding in facts.findings}


def test_a_refused_file_is_told_only_why(world: Path) -> None:
    """One cause, one message: without `_form` no pledge is unknown, the whole file is."""
    path = return_workbook(world / "r.xlsx", progress=[{}, {"공약번호": "1-2", "이행률(%)": 120}])
    without_identity(path)
    found = pipeline.dry_run([str(path)], at=IN_TIME).findings
    assert [f.rule_id for f in found] == ["F-06"]


def test_a_total_row_may_say_so_in_the_place_of_the_number(world: Path) -> None:
    # Two parts of 10 and a printed 500 in a row whose 공약번호 is 합계.
    rows = [{"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 10},
            {"공약번호": "합계", "세부사업": None, "재원": None, "2021 확보액": 500}]  # fmt: skip
    path = return_workbook(world / "r.xlsx", budget=rows)
    found = pipeline.dry_run([str(path)], at=IN_TIME).findings
    assert [(f.rule_id, f.cell, f.expected) for f in found if f.level != "inform"] == [
        ("B-12", "K5", "20")
    ]


def test_a_total_over_blank_parts_is_checked_too(world: Path) -> None:
    rows = [{"2020 확보액": 10}, {"세부사업": "계", "재원": None, "2021 확보액": 500}]
    path = return_workbook(world / "r.xlsx", budget=rows)
    found = pipeline.dry_run([str(path)], at=IN_TIME).findings
    assert [(f.rule_id, f.cell, f.expected) for f in found if f.level != "inform"] == [
        ("B-12", "K4", "0")
    ]


@pytest.mark.slow
def test_a_check_says_that_nothing_was_received(world: Path) -> None:
    (answer,) = pipeline.dry_run([str(return_workbook(world / "r.xlsx", progress=[
        {}, {"공약번호": "1-2"}]))], at=IN_TIME).answers  # fmt: skip
    told = Path(answer).read_text(encoding="utf-8")
    assert "접수하지 않았습니다" in told
    assert "접수번호" not in told
    assert "answers" not in Path(answer).parts

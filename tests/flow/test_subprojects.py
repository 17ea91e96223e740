"""Grades beside statuses, and sub-tasks with statuses of their own: from a workbook to a release."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from etl import pipeline
from etl.problems import UsageError
from etl.quarter import SEOUL
from etl.settings import settings
from tests.conftest import REGISTERED_AT, fresh_home
from tests.factories import GOVERNMENT, PLEDGES, QUARTER, register_workbook, return_workbook
from tests.flow.test_collect import sql
from tests.flow.test_release import APPROVED, DAY
from tests.joins import marts_joined

AT = datetime(2022, 1, 5, 10, tzinfo=SEOUL)
LISTED = ("본사업", "터 고르기", "건물 짓기")
OWN = [{**PLEDGES[0], "분야": "문화"}, {**PLEDGES[1], "분야": "안전"}]


def register(home: Path, **more: Any) -> None:
    listed = [{"공약번호": "1-1", "세부사업": name} for name in LISTED]
    book = register_workbook(home / "own.xlsx", pledges=OWN, subprojects=listed, **more)
    assert pipeline.register(str(book), at=REGISTERED_AT).registers


def told(*statuses: str) -> list[dict[str, Any]]:
    return [{"세부사업": name, "추진상황": status}
            for name, status in zip(LISTED, statuses, strict=False)]  # fmt: skip


def send(path: Path, at: datetime = AT, **content: Any) -> pipeline.Collected:
    return pipeline.collect([str(return_workbook(path, **content))], at=at)


def findings(sent: pipeline.Collected) -> set[tuple[str, str]]:
    return {(f.rule_id, f.level) for f in pipeline.findings_of(sent.submission_ids)}


GRADED = [{"평가등급": "우수"}, {"공약번호": "1-2", "평가등급": "미흡"}]


@pytest.fixture(scope="module")
def home_told(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A quarter whose file was corrected the day after, released twice."""
    with fresh_home(server, tmp_path_factory.mktemp("subprojects") / "home") as home:
        register(home)
        first = send(
            home / "first.xlsx", progress=GRADED, subprojects=told("완료", "추진 중", "보류")
        )
        assert (first.accepted, first.blocked) == (2, 0)
        _release(AT + DAY)
        mended = send(home / "mended.xlsx", AT + 2 * DAY, progress=[GRADED[0]],
                      subprojects=told("완료", "완료(계속)", "보류"))  # fmt: skip
        assert mended.accepted == 1
        _release(AT + 3 * DAY)
        yield home


def _release(at: datetime) -> None:
    done = pipeline.release(QUARTER, GOVERNMENT, replace(APPROVED, at=at))
    assert done.outcome == "approved", done.summary.blockers


@pytest.mark.slow
def test_marts_tell_the_newest_report(home_told: Path) -> None:
    assert sql(
        "SELECT subproject_number, subproject_name, status_name, field_name"
        " FROM mart.subproject_status ORDER BY 1"
    ) == [
        (1, "본사업", "완료", "문화"),
        (2, "터 고르기", "이행후계속추진", "문화"),
        (3, "건물 짓기", "보류", "문화"),
    ]
    assert sql("SELECT pledge_id, grade_name FROM mart.pledge_status ORDER BY 1") == [
        ("1-1", "우수"), ("1-2", "미흡"),
    ]  # fmt: skip
    assert sql(
        "SELECT numerator, denominator, shown FROM mart.implementation_rate"
        " WHERE figure_code = 'S2' AND scope_type = 'all'"
    ) == [(2, 3, "66.67")]


@pytest.mark.parametrize(("revision", "shown", "second"), [
    (1, "33.33", "정상추진"), (2, "66.67", "이행후계속추진"),
])  # fmt: skip
def test_a_release_keeps_what_it_said(
    home_told: Path, revision: int, shown: str, second: str
) -> None:
    assert sql(
        "SELECT shown FROM mart.released_figure WHERE figure_code = 'S2' AND scope_type = 'all'"
        f" AND revision = {revision}"
    ) == [(shown,)]
    ((_, status), *_) = sql(
        "SELECT subproject_number, status_name FROM mart.released_subproject"
        f" WHERE revision = {revision} AND subproject_number = 2"
    )
    assert status == second


@pytest.mark.slow
@pytest.mark.parametrize("revision", [1, 2])
def test_a_release_is_derived_again(home_told: Path, revision: int) -> None:
    facts = pipeline.verify(QUARTER, GOVERNMENT, revision)
    assert (facts.refused, facts.differences) == ([], [])


def test_each_belongs_to_one_pledge(home_told: Path) -> None:
    marts = {"subproject_status", "released_subproject"}
    assert marts_joined(sorted(marts)) == marts


def test_as_of_an_earlier_moment(home_told: Path) -> None:
    (figure,) = [row for row in pipeline.figures(QUARTER, GOVERNMENT, AT + DAY, code="S2")
                 if row.scope_type == "all"]  # fmt: skip
    assert (figure.numerator, figure.denominator) == (1, 3)


def test_a_figure_is_traced_to_its_cells(home_told: Path) -> None:
    found = pipeline.trace(QUARTER, GOVERNMENT, AT + 3 * DAY, "S2", "all").values
    assert len(found) == 2 + 3
    for one in found:
        cell = load_workbook(home_told / one.file_name)[one.sheet_name][one.cell]
        assert (one.sheet_name, str(cell.value)) == ("세부사업현황", one.as_written)


def test_the_same_file_again_changes_nothing(home_told: Path) -> None:
    before = sql("SELECT count(*) FROM core.fct_quarterly_subproject")
    again = pipeline.collect([str(home_told / "mended.xlsx")], at=AT + 4 * DAY)
    assert again.accepted == 0
    assert sql("SELECT count(*) FROM core.fct_quarterly_subproject") == before


def test_a_change_is_told_by_its_sub_task(home_told: Path) -> None:
    assert sql(
        "SELECT item_name, subproject_name, before_value, after_value FROM mart.report_change"
    ) == [("세부사업 추진상황", "터 고르기", "정상추진", "이행후계속추진")]


def test_what_is_published_tells_of_both(home_told: Path) -> None:
    place = settings().published / GOVERNMENT
    page = (place / "pledges/7/1-1.html").read_text(encoding="utf-8")
    assert "3개 가운데 2개를 마침" in page
    assert "<dt>평가등급</dt><dd>우수</dd>" in page
    assert "EXCELLENT" not in page
    rows = json.loads((place / QUARTER / "r2/json/subprojects.json").read_text("utf-8"))["rows"]
    assert [(r["subproject_name"], r["status_name"]) for r in rows] == [
        ("본사업", "완료"), ("터 고르기", "이행후계속추진"), ("건물 짓기", "보류"),
    ]  # fmt: skip
    book = load_workbook(place / QUARTER / "r2/취합.xlsx")
    assert [cell.value for cell in book["세부사업현황"]["F"]][:2] == ["세부사업", "본사업"]
    assert "평가등급" in [cell.value for cell in book["공약현황"][1]]


def _invited(at: datetime, quarter: str = "2022Q1") -> Workbook:
    return load_workbook(pipeline.invite(quarter, GOVERNMENT, at).files[0])


def test_the_next_return_asks_for_both(home_told: Path) -> None:
    book = _invited(AT + 5 * DAY)
    rows = list(book["세부사업현황"].iter_rows(min_row=2, values_only=True))
    assert rows[:4] == [
        ("공약번호", "공약명", "세부사업", "추진상황", "이행률(%)"),
        ("1-1", OWN[0]["공약명"], "본사업", "완료", None),
        ("1-1", OWN[0]["공약명"], "터 고르기", "이행후계속추진", None),
        ("1-1", OWN[0]["공약명"], "건물 짓기", "보류", None),
    ]
    headers = [cell.value for cell in book["공약현황"][2]]
    place = headers.index("평가등급")
    assert headers[place - 1 : place + 2] == ["목표달성", "평가등급", "완료시기"]
    assert [row[place] for row in book["공약현황"].iter_rows(min_row=3, values_only=True)] == [
        "우수", "미흡",
    ]  # fmt: skip
    guide = [cell.value for cell in book["안내"]["B"]]
    assert "세부사업현황" in guide
    assert "평가등급" in guide


@pytest.mark.slow
def test_an_office_without_either_sees_nothing_of_it(home: Path) -> None:
    register(home)
    sent = send(home / "plain.xlsx", progress=[{}, {"공약번호": "1-2"}])
    assert {rule for rule, _ in findings(sent)} == set()
    _release(AT + DAY)
    codes = {row.figure_code for row in pipeline.figures(QUARTER, GOVERNMENT, AT + DAY)}
    assert codes.isdisjoint({"S2", "GRADE_SHARE"})
    place = settings().published / GOVERNMENT
    assert not (place / QUARTER / "r1/json/subprojects.json").exists()
    pledges = (place / QUARTER / "r1/json/pledges.json").read_text("utf-8")
    page = (place / "pledges/7/1-1.html").read_text("utf-8")
    assert "grade" not in pledges
    assert "세부사업" not in page
    assert "평가등급" not in page
    assert "세부사업현황" not in load_workbook(place / QUARTER / "r1/취합.xlsx").sheetnames
    invited = _invited(AT + 2 * DAY)
    assert "세부사업현황" not in invited.sheetnames
    assert "평가등급" not in [cell.value for cell in invited["공약현황"][2]]
    assert "세부사업현황" not in [cell.value for cell in invited["안내"]["B"]]


@pytest.mark.slow
def test_a_register_may_list_them_before_anyone_told(home: Path) -> None:
    """Once a department tells of its sub-tasks, the others are asked for those of the register."""
    register(home)
    send(home / "r.xlsx", progress=[{}], subprojects=told("완료"))
    rows = list(_invited(AT + DAY)["세부사업현황"].iter_rows(min_row=3, values_only=True))
    assert [row[2:4] for row in rows[:3]] == [
        ("본사업", "완료"), ("터 고르기", None), ("건물 짓기", None),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("header", ["등급", "추진 등급"])
def test_a_grade_by_another_header(home: Path, header: str) -> None:
    register(home)
    path = return_workbook(home / "r.xlsx", progress=[{"평가등급": "보통"}])
    book = load_workbook(path)
    (cell,) = [cell for cell in book["공약현황"][2] if cell.value == "평가등급"]
    cell.value = header
    book.save(path)
    sent = pipeline.collect([str(path)], at=AT)
    assert findings(sent) == {("F-13", "inform"), ("C-04", "inform")}
    assert sql("SELECT grade_code FROM core.fct_quarterly_progress") == [("FAIR",)]


@pytest.mark.slow
def test_a_word_of_the_office_for_a_status_is_no_grade(home: Path) -> None:
    """상태어 maps what stands in 추진상황; what stands in 평가등급 stays a grade."""
    register(home, status_words=[{"말": "미흡", "추진상황": "일부추진"}])
    send(home / "r.xlsx", progress=[{"추진상황": "미흡", "평가등급": "미흡"}],
         subprojects=told("미흡"))  # fmt: skip
    assert sql("SELECT status_code, grade_code FROM core.fct_quarterly_progress") == [
        ("BEHIND", "POOR")
    ]
    assert sql("SELECT status_code FROM core.fct_quarterly_subproject") == [("BEHIND",)]


@pytest.mark.slow
def test_a_grade_in_the_place_of_a_status_is_told_its_column(home: Path) -> None:
    register(home)
    sent = send(home / "r.xlsx", progress=[{"추진상황": "우수"}])
    (one,) = [f for f in pipeline.findings_of(sent.submission_ids) if f.rule_id == "P-06"]
    assert one.message.endswith("평가단이 매긴 등급이면 평가등급 열에 적습니다.")
    assert sent.accepted == 0


@pytest.mark.slow
def test_a_status_in_the_place_of_a_grade_stops(home: Path) -> None:
    register(home)
    sent = send(home / "r.xlsx", progress=[{"평가등급": "정상추진"}])
    (one,) = [f for f in pipeline.findings_of(sent.submission_ids) if f.rule_id == "P-25"]
    assert (one.level, one.expected) == ("block_pledge", "우수, 보통, 미흡")
    assert sent.accepted == 0


@pytest.mark.slow
def test_bad_sub_tasks_stop_their_pledge_alone(home: Path) -> None:
    register(home)
    rows = [{"추진상황": "거의"}, {"세부사업": "터 고르기", "이행률(%)": "절반"}]
    sent = send(home / "r.xlsx", progress=[{}, {"공약번호": "1-2"}], subprojects=rows)
    assert (sent.accepted, sent.blocked) == (1, 1)
    assert {rule for rule, level in findings(sent) if level == "block_pledge"} == {"S-06", "F-20"}
    assert sql("SELECT count(*) FROM core.fct_quarterly_subproject") == [(0,)]


@pytest.mark.slow
def test_sub_tasks_that_fall_out_need_a_reason(home: Path) -> None:
    register(home)
    send(home / "a.xlsx", progress=[{}], subprojects=told("완료", "추진 중"))
    waiting = send(home / "b.xlsx", AT + DAY, progress=[{"이행률(%)": 61}])
    assert waiting.accepted == 0
    assert ("S-11", "acknowledge") in findings(waiting)
    reason = {"이행률(%)": 61, "정정사유": "세부사업을 합쳐 하나로 함"}
    assert send(home / "c.xlsx", AT + DAY, progress=[reason]).accepted == 1
    assert sql("SELECT count(*) FROM core.fct_quarterly_subproject"
               " INNER JOIN core.pledge_report USING (report_id)"
               " WHERE superseded_at = 'infinity'") == [(0,)]  # fmt: skip


@pytest.mark.slow
def test_a_withdrawal_brings_the_earlier_sub_tasks_back(home: Path) -> None:
    register(home)
    send(home / "a.xlsx", progress=[{}], subprojects=told("추진 중"))
    later = send(home / "b.xlsx", AT + DAY, progress=[{"이행률(%)": 61}], subprojects=told("완료"))
    pipeline.withdraw(later.submission_ids[0], "총괄부서", "잘못 냄", at=AT + 2 * DAY)
    assert sql("SELECT status_code FROM core.fct_quarterly_subproject"
               " INNER JOIN core.pledge_report USING (report_id)"
               " WHERE superseded_at = 'infinity'") == [("ON_TRACK",)]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("value", "verdict"), [(66.67, "AGREES"), (66.6, "TRUNCATED")])
def test_a_printed_completion_of_sub_tasks_is_judged(
    home: Path, value: float, verdict: str
) -> None:
    printed = {"지표코드": "S2", "값": value, "소수자리": 2 if verdict == "AGREES" else 1}
    register(home, published=[printed])
    send(home / "r.xlsx", progress=[{}], subprojects=told("완료", "완료", "보류"))
    pipeline.refresh(QUARTER, GOVERNMENT, AT + DAY)
    ((found,),) = sql("SELECT verdict_code FROM mart.published_figure")
    assert found == verdict


@pytest.mark.slow
def test_what_pledges_have_explains_no_printed_rate_of_sub_tasks(home: Path) -> None:
    """2 of 3 sub-tasks: a printed 100.0 is not said to be 2 of 2 pledges."""
    register(home, published=[{"지표코드": "S2", "값": 100, "소수자리": 1}])
    send(home / "r.xlsx", progress=[{}, {"공약번호": "1-2"}],
         subprojects=told("완료", "완료", "보류"))  # fmt: skip
    pipeline.refresh(QUARTER, GOVERNMENT, AT + DAY)
    ((proof_of,),) = sql("SELECT proof_of FROM mart.published_figure")
    assert proof_of is None


def test_an_unknown_scope_of_sub_tasks_is_refused(home_told: Path) -> None:
    with pytest.raises(UsageError):
        pipeline.trace(QUARTER, GOVERNMENT, AT + 3 * DAY, "S2", "status:COMPLETED")

"""What the log says: every fact by a Korean name, and at the end of a red task what to press."""

import ast
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from etl import tasks
from etl.desk.stories import with_stories
from etl.pipeline.telling import _FACTS
from etl.problems import OutageError, SystemFault, UsageError

PIPELINE = Path(tasks.__file__).parent / "pipeline"


def _context(error: Exception | None, *tags: str) -> dict[str, Any]:
    pushed: dict[str, list[str]] = {}
    ti = SimpleNamespace(xcom_push=pushed.__setitem__, pushed=pushed)
    return {"exception": error, "dag": SimpleNamespace(tags={"공약", *tags}), "ti": ti}


FOLDED_BEFORE = ["::endgroup::", "::endgroup::"]
ANEW = "멈춤 | 그 뒤 누를 것: 오른쪽 위의 트리거(Trigger): 새로 실행합니다."
AGAIN = "멈춤 | 그 뒤 누를 것: 이 단계의 지우기(Clear): 같은 것을 다시 계산합니다."
NOTHING_DONE = "멈춤 | 이 단계에서 반영된 것은 없습니다."


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (SystemFault("가.", "나.", "다."), "지금", ["멈춤 | 가.", "멈춤 | 나.", "멈춤 | 다.", ANEW]),
        (SystemFault("가.", "나.", "다."), "재현", ["멈춤 | 가.", "멈춤 | 나.", "멈춤 | 다.", AGAIN]),
        # The message of a stranger may quote a person's text: it stands in the traceback alone.
        (KeyError("홍길동"), "지금",
         ["멈춤 | 뜻밖의 오류(KeyError)입니다.", NOTHING_DONE,
          "멈춤 | 위의 기록을 관리자에게 보내십시오.", ANEW]),
        (None, "지금", ["멈춤 | 이 단계의 프로세스가 도중에 없어졌습니다.", NOTHING_DONE, ANEW]),
    ],
)  # fmt: skip
def test_a_red_task_ends_with_what_happened_what_is_safe_and_what_to_press(
    caplog: pytest.LogCaptureFixture, error: Exception | None, kind: str, told: list[str]
) -> None:
    context = _context(error, kind)
    with caplog.at_level(logging.INFO, logger="gongyak"):
        tasks.tell_failure(context)
    assert caplog.messages == [*FOLDED_BEFORE, *told]
    # The note of the run says it too, of our own errors alone: a stranger may quote a person.
    noted = {tasks.STORY: ["멈춤: 가."]} if isinstance(error, SystemFault) else {}
    assert context["ti"].pushed == noted


def test_an_outage_says_that_it_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"):
        tasks.tell_retry(_context(OutageError("서버가 없습니다.", "그대로입니다.", "켜십시오.")))
    assert caplog.messages == [
        *FOLDED_BEFORE,
        "멈춤 | 서버가 없습니다.", "멈춤 | 그대로입니다.", "멈춤 | 켜십시오.",
        "멈춤 | 30초 뒤에 스스로 다시 합니다.",
    ]  # fmt: skip


def _raises(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SystemFault("가.", "나.", "다."), True),
        (KeyError("가"), True),
        (AirflowSkipException("할 일 없음"), False),
    ],
)
def test_what_airflow_writes_of_a_failure_lies_folded(
    caplog: pytest.LogCaptureFixture, error: Exception, told: bool
) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"), pytest.raises(type(error)) as met:
        tasks._folding(_raises)(error)
    assert met.value is error, "the retry policy looks at its type"
    assert [m for m in caplog.messages if m.startswith("::group::")] == caplog.messages
    assert len(caplog.messages) == told


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ({"반영": 3, "보류": 1, "반려": 0}, "반영 3 보류 1"),
        ({"반영": 0}, "없음"),
        ({}, "없음"),
    ],
)
def test_a_label_leaves_out_what_there_is_none_of(counts: dict[str, int], label: str) -> None:
    assert tasks.in_counts(counts) == label


@pytest.mark.parametrize(
    ("note", "stories", "told"),
    [
        (None, [], ""),
        (None, ["파일 5"], "**결과** 파일 5"),
        ("정정본", ["파일 5"], "정정본\n\n**결과** 파일 5"),
        # A run that was cleared ends twice: the last end holds, and what a person noted.
        ("정정본\n\n**결과** 파일 5", ["파일 6"], "정정본\n\n**결과** 파일 6"),
        ("정정본\n\n**결과** 파일 5", [], "정정본"),
        (None, ["가", "나", "가"], "**결과**\n\n- 가\n- 나"),
    ],
)
def test_the_note_of_a_run_keeps_what_a_person_wrote(
    note: str | None, stories: list[str], told: str
) -> None:
    assert with_stories(note, stories) == told


def test_the_note_of_a_run_is_no_longer_than_airflow_takes() -> None:
    many = with_stories(None, [f"기관 {number}" for number in range(40)])
    assert many.endswith("- 기관 7\n- 그 밖에 32건")
    long = with_stories(None, ["가" * 2000])
    assert (len(long), long[-1]) == (1000, "…")


def test_every_fact_that_a_stage_tells_has_a_name() -> None:
    told = {
        keyword.arg
        for path in PIPELINE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
        for keyword in node.keywords
        if keyword.arg
    }
    assert {"batch", "files", "lacking"} <= told <= set(_FACTS)


def test_an_approver_is_known_where_no_list_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's database is asked: a worker may have no list of what there is to choose."""
    monkeypatch.setattr(tasks, "approvers", lambda: {"7": "과장"})
    task = SimpleNamespace(assigned_users=None)
    for chosen, assigned in ((None, None), ("7", [{"id": "7", "name": "과장"}])):
        tasks.assign_approver({"params": {"approver": chosen}, "task": task})
        assert task.assigned_users == assigned
    with pytest.raises(UsageError, match="승인할 사람 8을 모릅니다"):
        tasks.assign_approver({"params": {"approver": "8"}, "task": task})


def test_what_is_due_is_asked_of_each_kind_of_period() -> None:
    def targets(*quarters: str) -> list[tasks.Target]:
        return [{"government_id": "3990000", "quarter_id": one} for one in quarters]

    newest = targets("2021Q3", "2021-11", "2021H1")
    touched = targets("2021Q3", "2021Q4", "2021-10", "2021-12-06", "2020H2", "2021H2")
    assert tasks.due_targets(newest, touched) == targets("2021Q3", "2021-10", "2020H2")
    assert tasks.due_targets(newest, []) == newest

"""What the log says: every fact by a Korean name, and at the end of a red task what to press."""

import ast
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from etl import tasks
from etl.pipeline.telling import _FACTS
from etl.problems import OutageError, SystemFault

PIPELINE = Path(tasks.__file__).parent / "pipeline"


def _context(error: Exception | None, *tags: str) -> dict[str, Any]:
    return {"exception": error, "dag": SimpleNamespace(tags={"공약", *tags})}


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
    with caplog.at_level(logging.INFO, logger="gongyak"):
        tasks.tell_failure(_context(error, kind))
    assert caplog.messages == told


def test_an_outage_says_that_it_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"):
        tasks.tell_retry(_context(OutageError("서버가 없습니다.", "그대로입니다.", "켜십시오.")))
    assert caplog.messages == [
        "멈춤 | 서버가 없습니다.", "멈춤 | 그대로입니다.", "멈춤 | 켜십시오.",
        "멈춤 | 30초 뒤에 스스로 다시 합니다.",
    ]  # fmt: skip


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

"""What every stage says: a line in the log, the same keys, Korean first; and how far it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any, TypeVar

from etl.logs import log as log

STAGES = ("접수", "읽기", "점검", "반영", "지표", "회신")
"""The stages of a run that takes files, in their order."""

Item = TypeVar("Item")
Tell = Callable[[str, float], None]
_waiting: ContextVar[Tell | None] = ContextVar("waiting", default=None)

STATE_NAMES = {
    "missing": "미제출",
    "rejected": "반려",
    "withdrawn": "철회",
    "blocked": "보류 있음",
    "needs_reason": "사유 필요",
    "late": "지연 제출",
    "submitted": "제출",
}


# How the log calls what a stage has done; the web page and the shell show the same lines.
_FACTS = {
    "accepted": "반영", "archived": "보관_파일", "batch": "묶음", "blocked": "보류",
    "bytes": "바이트", "cards": "관리카드", "copied": "옮김", "damaged": "상함",
    "data_docs": "점검기록", "day": "날", "decision": "결정", "department": "부서",
    "differences": "다른_것", "erased": "지운_원본", "figures": "지표",
    "file": "파일", "files": "파일",
    "findings": "지적", "folder": "폴더", "government": "기관", "import_seconds": "준비_초",
    "lacking": "빠짐", "mailed": "보냄", "newest": "가장_새것", "not_taken": "받지_않음",
    "partly": "칸에서만", "place": "자리", "pledge": "공약", "quarter": "분기",
    "recognised": "이미_반영",
    "recorded": "남김", "removed": "지움", "repeated": "같은_내용", "revision": "차수",
    "rows": "줄", "rule": "규칙", "rules": "규칙", "set_aside": "따로_둠",
    "pictures": "사진", "stale_files": "옛_판정", "submission": "접수번호", "swept": "치움",
    "unsent": "못_보냄", "verified": "검증", "waiver": "예외", "withdrawn": "거둔_보고",
    "written": "씀",
}  # fmt: skip


def say(stage: str, started: float, **facts: Any) -> None:
    """Say in one line what a stage has done, by the facts that are known, and how long it took."""
    told = " ".join(f"{_FACTS[name]}={told}" for name, told in facts.items() if told is not None)
    log.info("%s | %s 초=%.2f", stage, told, perf_counter() - started)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Tell somebody, as it goes on inside the block, a stage and the share of it that is done."""
    token = _waiting.set(tell)
    try:
        yield
    finally:
        _waiting.reset(token)


def at_stage(stage: str, share: float = 0.0) -> None:
    """Tell whoever waits that so much of a stage is done, from 0 to 1."""
    if tell := _waiting.get():
        tell(stage, share)


def counting(stage: str) -> Callable[[Sequence[Item]], Iterator[Item]]:
    """Return what goes through the items of a stage, and tells as it goes."""
    return lambda items: counted(stage, items, len(items))


def counted(stage: str, items: Iterable[Item], of: int) -> Iterator[Item]:
    """Yield the items of a stage, and tell with each how many of so many are done."""
    for number, item in enumerate(items):
        at_stage(stage, number / of)
        yield item

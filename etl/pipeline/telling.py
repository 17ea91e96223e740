"""What every stage says in the log: one line, the same keys, Korean first."""

import logging
from time import perf_counter
from typing import Any

log = logging.getLogger("gongyak")

STATE_NAMES = {
    "missing": "미제출",
    "rejected": "반려",
    "withdrawn": "철회",
    "blocked": "보류 있음",
    "needs_reason": "사유 필요",
    "late": "지연 제출",
    "submitted": "제출",
}


def say(stage: str, started: float, **facts: Any) -> None:
    told = " ".join(f"{name}={value}" for name, value in facts.items() if value is not None)
    log.info("%s | %s seconds=%.2f", stage, told, perf_counter() - started)

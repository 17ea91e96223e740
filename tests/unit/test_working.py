"""Work done side by side: all of it, or nothing that had not begun when somebody interrupts."""

import time
from typing import Any

import pytest

from etl.pipeline import working


def test_all_is_done_before_a_failure_is_told() -> None:
    done = []

    def work(number: int) -> int:
        if number == 2:
            raise ValueError(number)
        done.append(number)
        return 10 * number

    assert working.side_by_side(work, [1, 3, 5]) == [10, 30, 50]
    done.clear()
    with pytest.raises(ValueError, match="2"):
        working.side_by_side(work, [1, 2, 3, 4])
    assert sorted(done) == [1, 3, 4]


def test_an_interrupt_leaves_what_has_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(0.05)

    def interrupted(_futures: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(working, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        working.side_by_side(work, range(1_000))
    assert len(begun) < 500

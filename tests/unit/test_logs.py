"""The log: a name is a part of a line, whatever stands in it."""

import logging
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from etl.logs import Indented, log, one_line, visible
from etl.pipeline.telling import say

ROOT = Path(__file__).parents[2]
HOSTILE = "가온과\n12:00:00 반영 | 없던 일\r\x1b[2K\u2028\u202e끝"


def test_a_name_in_a_line_of_a_stage_begins_no_other(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"):
        say("안내", 0.0, department=HOSTILE, files=3)
        log.warning("접수 | 받지 않은 것: %s (%s)", HOSTILE, ValueError(HOSTILE))
        log.info("수 | %d %.1f %+d", Decimal(3), 2.25, -1)
    assert len(caplog.messages) == 3
    assert all(len(line.splitlines()) == 1 for line in caplog.messages)
    assert "가온과 12:00:00 반영 | 없던 일" in caplog.messages[0]
    assert not any(sign in line for line in caplog.messages for sign in "\x1b\u202e\r")
    assert caplog.messages[2] == "수 | 3 2.2 -1"


def test_a_traceback_keeps_its_lines_and_begins_none_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"):
        log.error("점검 | 잘못\n%s", Indented.of(f"File x\n  ValueError: {HOSTILE}"))
    first, *others = caplog.messages[0].splitlines()
    assert first == "점검 | 잘못"
    assert len(others) >= 3
    assert all(line.startswith("  ") for line in others if line.strip())


@given(st.text())
@hypothesis_settings(deadline=None)
def test_whatever_is_written_is_one_line(text: str) -> None:
    assert len(visible(text).splitlines()) <= 1
    assert one_line(text) == one_line(one_line(text))


def test_there_is_one_log_and_it_is_this_one() -> None:
    """Another handle would have the filter too; another name would not."""
    others = [
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("etl/**/*.py"), *ROOT.glob("dags/*.py")]
        if re.search(r"^log\w* = logging\.getLogger", path.read_text(encoding="utf-8"), re.M)
    ]
    assert others == ["etl/logs.py"]

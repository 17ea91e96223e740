"""How far a command is: told on a terminal where it takes a while, and nowhere else."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from etl.cli import progress as bars
from etl.logs import log
from etl.pipeline.telling import at_stage
from tests.factories import return_workbook
from tests.flow.shell import run

AT = "2022-01-05T10:00"


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bar is shown at once, and what a test says to the log is its own."""
    monkeypatch.setattr(bars, "_UNSHOWN_SECONDS", 0)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    handlers, level = log.handlers, log.level
    yield
    bars.hush(False)
    log.handlers = handlers
    log.setLevel(level)


@contextmanager
def shown(*stages: str) -> Iterator[Terminal]:
    """A terminal on which the bar of these stages is shown."""
    with redirect_stderr(Terminal()) as terminal, bars.progress(*stages):
        yield terminal


def _until_shown(terminal: Terminal) -> None:
    for _ in range(1000):
        if "━" in terminal.getvalue():
            return
        sleep(0.01)
    raise AssertionError("no bar")


def test_a_bar_tells_the_stage_and_the_share_of_the_whole() -> None:
    with shown("읽기", "점검") as terminal:
        _until_shown(terminal)
        at_stage("점검", 0.5)
        at_stage("다른 일", 0.9)
    assert "읽기" in terminal.getvalue()
    assert re.search(r"점검.* 75%", terminal.getvalue())
    assert "다른 일" not in terminal.getvalue()


def test_lines_of_the_log_stand_whole_above_the_bar() -> None:
    bars.logs_to_stderr()
    with shown("읽기") as terminal:
        _until_shown(terminal)
        log.info("읽기 | %s", "파일 하나")
    assert re.search(r"\d\d:\d\d:\d\d 읽기 \| 파일 하나\s*\n", terminal.getvalue())


def test_what_is_soon_done_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "_UNSHOWN_SECONDS", 60)
    with shown("읽기") as terminal:
        at_stage("읽기", 0.5)
    assert terminal.getvalue() == ""


def test_quiet_shows_errors_of_the_log_alone() -> None:
    bars.hush()
    bars.logs_to_stderr()
    with shown("읽기") as terminal:
        sleep(0.2)
        log.info("읽기 | 하나")
        log.warning("읽기 | 둘")
        log.error("읽기 | 셋")
    assert re.fullmatch(r"\d\d:\d\d:\d\d 읽기 \| 셋\n", terminal.getvalue())


def test_who_does_not_look_is_shown_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with bars.progress("읽기"):
        sleep(0.2)
        at_stage("읽기", 0.5)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1], ids=["before", "behind"])
def test_a_quiet_command_says_results_alone(world: Path, place: int) -> None:
    sent = str(return_workbook(world / "a.xlsx"))
    loud = ["collect", sent, "--at", AT]
    quiet = [*loud[:place], "--quiet", *loud[place:]]
    said = run(*quiet)
    assert (said.code, said.err) == (0, "")
    assert "반영 1공약" in said.out
    again = run(*loud)
    assert "접수 | " in again.err  # quiet is of one command
    refused = run("--quiet", "figures", "2031Q4")
    assert (refused.code, refused.out) == (2, "")
    assert "2031Q4를 모릅니다" in refused.err


class Told:
    """A bar that keeps what it is told instead of showing it."""

    def __init__(self, *_columns: Any, **_options: Any) -> None:
        self.seen: list[tuple[str, float]] = []
        BARS.append(self)

    def add_task(self, stage: str, total: float | None) -> int:
        self.first = stage
        return 0

    def update(self, _task: int, *, description: str, completed: float, total: Any) -> None:
        self.seen.append((description, completed))
        assert completed <= (total or 0)

    def start(self) -> None: ...

    def stop(self) -> None: ...


BARS: list[Told] = []


def _stages(*arguments: str) -> list[str]:
    """The stages that the bars of a command showed, each once, in their order."""
    BARS.clear()
    said = run(*arguments)
    assert said.code == 0, said.err
    for bar in BARS:
        assert [share for _, share in bar.seen] == sorted(share for _, share in bar.seen)
    shown = [stage for bar in BARS for stage in (bar.first, *(stage for stage, _ in bar.seen))]
    return [stage for stage in dict.fromkeys(shown) if stage != "창고 준비"]


@pytest.mark.slow
def test_every_command_that_takes_long_tells_how_far_it_is(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bars, "Progress", Told)
    assert _stages("invite", "2021Q4", "--cards", "--at", AT) == ["작성 파일", "관리카드"]
    lines = [{"공약번호": number, "이행률(%)": 40} for number in ("1-1", "1-2")]
    for code, some in (("D01", lines[:1]), ("D02", [{"공약번호": "2-1"}])):
        sent = return_workbook(world / f"{code}.xlsx", department=code, progress=some)
        assert _stages("collect", str(sent), "--at", AT)[:3] == ["접수", "읽기", "점검"]
    at = ("--at", "2022-01-06")
    assert _stages("report", "2021Q4", *at) == ["지표", "취합"]
    assert _stages("figures", "2021Q4", "--all-governments") == ["지표"]
    assert _stages("recheck", "2021Q4", *at) == ["읽기", "점검"]
    waived = ("--from", "2021Q4", "--expires", "2022-12-31", "--by", "과장", "--reason", "시험")
    assert run("waive", "M-05", *waived, *at).code == 0
    decided = ("--by", "과장", "--reason", "시험", *at)
    assert _stages("release", "2021Q4", *decided) == ["지표", "발표 파일"]
    assert _stages("publish", "2021Q4") == ["지표", "발표 파일"]
    assert _stages("verify", "2021Q4") == ["검증"]
    assert BARS[-1].seen
    assert _stages("backup", str(world / "kept")) == ["백업"]
    assert BARS[-1].seen[-1][1] > 0.5
    assert _stages("erase", "--dry-run") == ["개인정보 삭제"]
    assert _stages("sql", "SELECT 1") == ["조회"]

"""A run that is killed between a commit and the journal leaves nothing untold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from etl import archive, pipeline
from etl.pipeline.journal import journaled, note
from etl.problems import OutageError, UsageError
from etl.warehouse import transaction
from tests.factories import GOVERNMENT, return_workbook
from tests.flow.test_collect import rate
from tests.flow.test_verify import DAY, FIRST, RELEASED

WRITE = archive.write_journal
KILLED = 9


def killed(action: Callable[[], object], kind: str, *, is_written: bool) -> bool:
    """Do something in a process that dies when it writes that kind of event; tell whether it did.

    It dies before the file is written, or after and before it can note that it was.
    """
    child = os.fork()
    if not child:

        def write(name: str, content: str) -> None:
            if name.split("-")[1] == kind:
                if is_written:
                    WRITE(name, content)
                os._exit(KILLED)
            WRITE(name, content)

        archive.write_journal = write
        try:
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == KILLED


@pytest.mark.slow
@pytest.mark.parametrize("is_written", [False, True])
def test_whatever_a_kill_leaves_untold_is_told_by_the_next_run(
    world: Path, is_written: bool
) -> None:
    first = return_workbook(world / "first.xlsx", progress=[rate("1-1", 60)])
    second = return_workbook(world / "b.xlsx", progress=[rate("1-1", 65, 정정사유="다시 셈")])
    waiver = pipeline.Waiver(GOVERNMENT, "M-05", None, None, "2021Q4", None, date(2030, 1, 1),
                             "평가단", "표본")  # fmt: skip
    other = pipeline.Waiver(GOVERNMENT, "P-09", None, None, "2021Q4", None, date(2030, 1, 1),
                            "평가단", "정산")  # fmt: skip
    approved = pipeline.Decision("과장", RELEASED)
    taking = ("receipt", "read", "check", "acceptance")
    # Sent again after each of four kills, a file has four receipts, the last of which is loaded
    # newest: 2 to 5 and 6 to 9, after the register's. Once loaded it is no news any more.
    story: list[tuple[tuple[str, ...], Callable[[], object]]] = [
        (taking, lambda: pipeline.collect([str(first)], at=FIRST)),
        (taking, lambda: pipeline.collect([str(second)], at=FIRST + DAY)),
        (("withdrawal",), lambda: pipeline.withdraw(9, "총괄부서", "잘못 냄", at=FIRST + 2 * DAY)),
        (("waiver",), lambda: pipeline.waive(waiver, at=FIRST + 3 * DAY)),
        (("waiver",), lambda: pipeline.waive(other, at=FIRST + 3 * DAY)),
        (("waiver_end",), lambda: pipeline.end_waiver(2, "평가단", "끝", at=FIRST + 4 * DAY)),
        (("recheck",), lambda: pipeline.recheck("2021Q4", GOVERNMENT, record=True,
                                                at=FIRST + 5 * DAY)),
        (("approval",), lambda: pipeline.release("2021Q4", GOVERNMENT, approved)),
    ]  # fmt: skip
    for kinds, action in story:
        for kind in kinds:
            assert killed(action, kind, is_written=is_written), kind
        if kinds != ("approval",):
            with suppress(UsageError):  # it was done, as the warehouse knows
                action()
    # Nobody ran anything after the approval: verify itself tells what is left.
    facts = pipeline.verify("2021Q4", GOVERNMENT)
    assert (facts["refused"], facts["differences"], facts["files"]) == ([], [], 1 + 4 + 4)
    events, damaged = archive.events()
    assert not damaged
    told = Counter(event.kind for event in events)
    decided = {"withdrawal": 1, "waiver": 2, "waiver_end": 1, "approval": 1}
    assert {kind: told[kind] for kind in decided} == decided
    assert told["receipt"] == 1 + 4 + 4


def happened(kind: str, number: int) -> None:
    with journaled(), transaction() as connection:
        note(connection, kind, FIRST, [{"number": number}])


def numbers() -> list[int]:
    return [line["number"] for event in archive.events()[0] for line in event.lines]


def test_what_is_left_is_told_before_anything_else_happens(home: Path) -> None:
    assert killed(lambda: happened("waiver", 1), "waiver", is_written=False)
    assert numbers() == []
    # Of one moment a receipt sorts before a waiver; the moment of writing it down decides.
    happened("receipt", 2)
    assert numbers() == [1, 2]


def test_what_was_written_and_not_ticked_off_is_told_once(home: Path) -> None:
    assert killed(lambda: happened("waiver", 1), "waiver", is_written=True)
    assert numbers() == [1]
    happened("waiver", 2)
    assert numbers() == [1, 2]


def test_what_was_not_committed_is_never_told(home: Path) -> None:
    def fails() -> None:
        with journaled(), transaction() as connection:
            note(connection, "waiver", FIRST, [{"number": 1}])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    happened("waiver", 2)
    assert numbers() == [2]


def test_while_the_archive_cannot_be_written_nothing_happens(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: str) -> None:
        raise OutageError("꽉 찼습니다.", "", "")

    with monkeypatch.context() as patch:
        patch.setattr(archive, "write_journal", full)
        for number in (1, 2):
            with pytest.raises(OutageError):
                happened("waiver", number)
    with transaction() as connection:
        noted = connection.execute(text("SELECT count(*) FROM audit.event")).scalar_one()
    assert noted == 1  # the second did not begin
    happened("waiver", 3)
    assert numbers() == [1, 3]

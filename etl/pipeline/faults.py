"""Faults of ours on single files: each sets its file aside and no other, and data staff see it.

The file is tried again by later runs, MOST_TRIES times by one version of the code. Its sender is
told nothing, since nothing is wrong with the file as far as anybody knows.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from etl import collect as collecting
from etl.collect import MOST_TRIES
from etl.logs import Indented, log
from etl.problems import FileFault, SystemFault
from etl.quarter import seoul_now
from etl.warehouse import records, run_alone, transaction

STAGE_NAMES = {"read": "읽기", "stage": "읽은 값 쓰기", "check": "점검", "answer": "회신"}


class OpenFault(NamedTuple):
    """One file that a fault of ours keeps from its end: the last fault, and how many tries."""

    submission_id: int
    file_name: str
    stage: str
    error_type: str
    place: str
    trace: str
    happened_at: datetime
    batch_id: int
    try_count: int


def note_faults(batch_id: int, faults: Mapping[int, FileFault]) -> None:
    """Write faults down by submission, and tell each in the log with its trace."""
    if not faults:
        return
    with transaction() as connection:
        collecting.record_faults(connection, batch_id, faults, seoul_now())
    for one in open_faults():
        if one.submission_id in faults:
            log.error("%s\n%s", told_fault(one), Indented.of(one.trace))


def open_faults() -> list[OpenFault]:
    """Return the files that a fault of ours still keeps from their end, with the last one."""
    return records(OpenFault, run_alone("receive/faults.sql"))


def told_fault(one: OpenFault) -> str:
    """Return one line on a file that was set aside."""
    count = one.try_count
    again = (
        "다음 실행에서 다시 시도합니다"
        if count < MOST_TRIES
        else "더 시도하지 않습니다. 고친 판을 설치하면 다시 시도합니다"
    )
    what = f"{STAGE_NAMES[one.stage]} 중 프로그램의 잘못 {one.error_type} ({one.place})"
    return (
        f"따로 둔 파일: {one.file_name} (접수 {one.submission_id}), {what}, {count}번째."
        f" 부서에는 알리지 않았고 다른 파일은 그대로 처리했습니다. {again}."
    )


def faults_of(batch_id: int) -> list[OpenFault]:
    """Return the files that a fault of ours set aside in this batch."""
    return [one for one in open_faults() if one.batch_id == batch_id]


def raise_faults(found: Sequence[OpenFault]) -> None:
    """Raise SystemFault at the end of a run that set files aside: all others are done."""
    if not found:
        return
    told = ", ".join(f"{one.file_name}({one.error_type} {one.place})" for one in found)
    raise SystemFault(
        f"프로그램의 잘못으로 파일 {len(found)}개를 처리하지 못했습니다: {told}.",
        "다른 파일은 모두 처리했고, 이 파일은 보관되어 있으며 부서에는 알리지 않았습니다.",
        "gongyak status로 자리를 보고 개발자에게 알리십시오. 다음 실행이 다시 시도합니다.",
    )


def failing_alone(
    items: Sequence[int], fails: Callable[[Sequence[int]], Exception | None]
) -> dict[int, Exception]:
    """Return the items on each of which alone something fails, with the exception; by halving.

    `fails` tries a group, leaves nothing behind, and returns what it raised. What fails only for
    several together is found nowhere, and is no fault of one file.
    """
    error = fails(items) if items else None
    if error is None:
        return {}
    if len(items) == 1:
        return {items[0]: error}
    middle = len(items) // 2
    return failing_alone(items[:middle], fails) | failing_alone(items[middle:], fails)

"""The quarter that is lived through at every point: files, commands, and what stands between them.

Four departments report six pledges. Of six files one is broken and one corrects another; a rate too
high blocks a pledge, a total unlike its parts another until the rule is waived.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

from tests.factories import GOVERNMENT, QUARTER, fill, register_workbook
from tests.torture.samples import settled
from tests.torture.world import Ask


@dataclass(frozen=True)
class Step:
    """One command, and the files that arrive in the inbox before it.

    `arguments` may ask the database, as people do for the number of a submission.
    """

    name: str
    arguments: Callable[[Path, Ask], list[str]]
    arrives: tuple[str, ...] = ()


def _said(*words: str) -> Callable[[Path, Ask], list[str]]:
    return lambda _files, _ask: list(words)


def _register(files: Path, _ask: Ask) -> list[str]:
    return ["register", str(files / "register.xlsx"), "--at", "2021-01-04T09:00"]


def _withdraw(_files: Path, ask: Ask) -> list[str]:
    number = ask(
        f"SELECT max(submission_id) FROM audit.submission WHERE file_name = '{CORRECTION}'"
    )[0][0]
    return [
        "withdraw", str(number), "--by", "총괄", "--reason", "다른 파일을 냄",
        "--at", "2022-01-06T10:00",
    ]  # fmt: skip


_BY = ("--by", "기획예산과장")
_WAIVED = ("--from", QUARTER, "--expires", "2022-12-31", *_BY, "--reason", "준공 뒤 정산만 남음")
BROKEN, CORRECTION, LATER = "다라과.xlsx", "가온과_정정.xlsx", "나래과_정정.xlsx"
FIRST = ("가온과.xlsx", "나래과.xlsx", "다솜과.xlsx", "라온과.xlsx", BROKEN, CORRECTION)

STEPS = (
    Step("register", _register),
    Step("invite", _said("invite", QUARTER, "--at", "2021-12-20T09:00")),
    Step("collect", _said("collect", "--at", "2022-01-05T10:00"), FIRST),
    Step("withdraw", _withdraw),
    Step(
        "waive", _said("waive", "B-12", "--department", "D03", *_WAIVED, "--at", "2022-01-06T11:00")
    ),
    Step("retake", _said("collect", "--at", "2022-01-07T09:00")),
    Step(
        "cover", _said("waive", "M-05", "--department", "D04", *_WAIVED, "--at", "2022-01-07T10:00")
    ),
    Step("report", _said("report", QUARTER, "--at", "2022-01-07T11:00")),
    Step("release", _said("release", QUARTER, *_BY, "--at", "2022-01-08T09:00")),
    Step("correct", _said("collect", "--at", "2022-01-09T09:00"), (LATER,)),
    Step("revise", _said("release", QUARTER, *_BY, "--at", "2022-01-10T09:00")),
    Step("verify", _said("verify", QUARTER)),
)

_DEPARTMENTS = (
    {"부서코드": "D01", "부서명": "가온과"},
    {"부서코드": "D02", "부서명": "나래과"},
    {"부서코드": "D03", "부서명": "다솜과"},
    {"부서코드": "D04", "부서명": "라온과"},
)
_OWNERS = {"1-1": "D01", "1-2": "D01", "2-1": "D02", "3-1": "D03", "3-2": "D03", "4-1": "D04"}


def write_register(files: Path) -> None:
    """Write the register of the scenario."""
    register_workbook(
        files / "register.xlsx",
        departments=_DEPARTMENTS,
        pledges=[
            {
                "공약번호": one,
                "공약명": f"공약 {one}",
                "분야": f"분야{one[0]}",
                "주관부서코드": owner,
            }
            for one, owner in _OWNERS.items()
        ],
        subprojects=[{"공약번호": one} for one in _OWNERS],
    )
    _settle(files)


def _settle(files: Path) -> None:
    """Let workbooks forget when they were written: every world has files of the same bytes.

    Their hashes name folders of the archive, which are made where they are missing.
    """
    for path in files.glob("*.xlsx"):
        path.write_bytes(settled(path.read_bytes()))


Edits = Mapping[tuple[str, Any, str], Any]


def _reported(department: str, rate: int) -> dict[tuple[str, Any, str], Any]:
    """What an officer types for each pledge of a department, its money too."""
    edits: dict[tuple[str, Any, str], Any] = {}
    for number, pledge in enumerate(one for one, owner in _OWNERS.items() if owner == department):
        told = {"추진상황": "정상추진", "이행률(%)": rate + 5 * number, "추진내용": f"내용 {pledge}",
                "완료시기": "임기내", "완료연도": 2022}  # fmt: skip
        edits |= {("공약현황", pledge, header): value for header, value in told.items()}
        for header, amount in {"2021 확보액": 40 + rate, "2021 집행액": rate}.items():
            edits["예산", (pledge, "본사업", "구비"), header] = amount
    return edits


_UNLIKE_TOTAL: Edits = {("예산", ("3-1", "계"), "2021 확보액"): 120}


def write_returns(invited: Path, files: Path) -> None:
    """Fill what a department was sent as its officers do, and break one of the files."""
    of = {path.stem.rpartition("_")[2]: path for path in invited.glob("*.xlsx")}
    fill(of["가온과"], files / "가온과.xlsx", _reported("D01", 40))
    fill(of["나래과"], files / "나래과.xlsx", _reported("D02", 30))
    fill(of["다솜과"], files / "다솜과.xlsx", {**_reported("D03", 50), **_UNLIKE_TOTAL})
    too_high = {("공약현황", "4-1", "이행률(%)"): 105}
    fill(of["라온과"], files / "라온과.xlsx", {**_reported("D04", 60), **too_high})
    fill(of["가온과"], files / CORRECTION, _reported("D01", 55))
    fill(of["나래과"], files / LATER, _reported("D02", 35))
    _settle(files)
    whole = (files / "라온과.xlsx").read_bytes()
    (files / BROKEN).write_bytes(whole[: len(whole) * 2 // 3])


def deliver(step: Step, files: Path, inbox: Path) -> None:
    """Lay the files of a step into the inbox, each with a moment of its own, always the same."""
    inbox.mkdir(exist_ok=True)
    for number, name in enumerate(step.arrives):
        copyfile(files / name, inbox / name)
        moment = 1_641_300_000 + 1000 * STEPS.index(step) + number
        os.utime(inbox / name, (moment, moment))


def invitations(home: Path) -> Path:
    """Where the invited workbooks of the scenario lie."""
    return home / "outbox" / QUARTER / GOVERNMENT

"""The world that the golden files were filled in for: a register, and what was reported before.

The files name its pledges, departments and amounts, so it must stay as it is. Run as a program, it
writes the two workbooks that they were made from: the invitation and the register.
"""

import shutil
import sys
from datetime import datetime
from pathlib import Path

from etl import pipeline, warehouse
from etl.quarter import SEOUL
from tests.factories import GOVERNMENT, QUARTER, register_workbook, return_workbook

REPORTED = datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL)
INVITED = datetime(2021, 12, 20, 9, 0, tzinfo=SEOUL)
CHECKED = datetime(2022, 1, 7, 10, 0, tzinfo=SEOUL)

# 1-11 is one of the numbers that a spreadsheet takes for a day.
PLEDGES = (
    {"공약번호": "1-1", "공약명": "작은도서관 열 곳 짓기", "총사업비": 100},
    {"공약번호": "1-2", "공약명": "밤길 밝은 골목 만들기", "총사업비": 60},
    {"공약번호": "1-3", "공약명": "주민 회의 열기", "예산구분": "비예산"},
    {
        "공약번호": "1-11",
        "공약명": "개울 되살리기",
        "완료시기": "임기후",
        "완료연도": 2024,
        "총사업비": 200,
    },
    {"공약번호": "2-1", "공약명": "나래과의 공약", "주관부서코드": "D02"},
)
SUBPROJECTS = tuple({"공약번호": pledge} for pledge in ("1-1", "1-2", "1-11"))
# The third quarter. 1-1: 20 + 30 + 30 + 20 = 100, 1-2: 20 + 40 = 60, 1-11: 50 + 150 = 200.
PROGRESS = (
    {"공약번호": "1-1", "이행률(%)": 60, "추진내용": "네 곳의 설계를 마침"},
    {"공약번호": "1-2", "이행률(%)": 40},
    {"공약번호": "1-3", "이행률(%)": 50, "추진내용": "두 번 열었음"},
    {
        "공약번호": "1-11",
        "추진상황": "일부추진",
        "이행률(%)": 30,
        "완료시기": "임기후",
        "완료연도": 2024,
    },
)
BUDGET = (
    {
        "2020 확보액": 20,
        "2020 집행액": 20,
        "2021 확보액": 30,
        "2021 집행액": 10,
        "2022 투자수요": 30,
    },
    {"재원": "시비", "2021 확보액": 20, "2021 집행액": 5},
    {"공약번호": "1-2", "2021 확보액": 20, "2021 집행액": 15, "2022 투자수요": 40},
    {"공약번호": "1-11", "2021 확보액": 50, "2021 집행액": 20, "임기후": 150},
)


def build(folder: Path) -> Path:
    """Load the register and the quarter before into an empty warehouse; return the register."""
    register = register_workbook(folder / "register.xlsx", pledges=PLEDGES, subprojects=SUBPROJECTS)
    pipeline.register(str(register), at=REPORTED)
    before = return_workbook(
        folder / "before.xlsx", quarter="2021Q3", progress=PROGRESS, budget=BUDGET
    )
    assert pipeline.collect([str(before)], at=REPORTED).accepted == len(PROGRESS)
    return register


def main(folder: Path) -> None:
    """Write `register.xlsx` and `invitation.xlsx`, the return that 가온과 is invited to fill in."""
    warehouse.migrate()
    build(folder)
    invitation = pipeline.invite(QUARTER, GOVERNMENT, at=INVITED).files[0]
    shutil.copy(invitation, folder / "invitation.xlsx")
    warehouse.stop_embedded()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

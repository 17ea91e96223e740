"""What cases of rules are made of: a workbook that breaks a rule, one that keeps it, and the cell.

Returns have headers in row 2 and values from row 3 (columns: A 공약번호, C 추진상황, D 이행률 …; 예산:
D 기투자, E/F 2018 확보·집행 … K/L 2021, M/N 2022, O 임기후); registers have headers in row 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from etl.quarter import SEOUL
from tests.factories import return_workbook

EARLIER = datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL)
IN_TIME = datetime(2022, 1, 7, 10, 0, tzinfo=SEOUL)

PLEDGES = (
    {"공약번호": "1-1", "공약명": "작은도서관 열 곳 짓기", "주관부서코드": "D01", "총사업비": 100},
    {"공약번호": "1-2", "공약명": "밤길 밝은 골목 만들기", "주관부서코드": "D01"},
    {"공약번호": "1-3", "공약명": "지난 기한의 공약", "주관부서코드": "D01", "완료연도": 2020},
    {"공약번호": "1-4", "공약명": "돈 들지 않는 공약", "주관부서코드": "D01", "예산구분": "비예산"},
    {"공약번호": "1-5", "공약명": "접기로 한 공약", "주관부서코드": "D01"},
    {
        "공약번호": "나눔-3",
        "공약명": "동네 쉼터 열 곳 만들기",
        "주관부서코드": "D02",
        "총사업비": 1140,
    },
    {"공약번호": "2-2", "공약명": "합치기로 한 공약", "주관부서코드": "D02"},
    {"공약번호": "2-1", "공약명": "개울 되살리기", "주관부서코드": "D02", "총사업비": 200},
    # What D03 reported before: see EARLIER_LINES, EARLIER_MONEY and ACCEPTED.
    *(
        {"공약번호": f"3-{number}", "공약명": f"셋째 부서의 공약 {number}", "주관부서코드": "D03"}
        for number in (1, 2, 3, 4, 5, *range(7, 15))
    ),
    {"공약번호": "3-6", "공약명": "올해 끝나는 공약", "주관부서코드": "D03", "완료연도": 2021},
)
EARLIER_LINES = (
    {"공약번호": "3-1"},
    {"공약번호": "3-2", "추진상황": "완료", "이행률(%)": 100},
    {"공약번호": "3-3", "추진상황": "폐기", "이행률(%)": 20},
    {"공약번호": "3-4", "이행률(%)": 30},
    *({"공약번호": f"3-{number}"} for number in (5, 8, 9)),
    {"공약번호": "3-7", "정정사유": "나라에서 가장 큰 공사"},  # 9.9조 원
    {"공약번호": "3-13", "추진상황": "이행후계속추진", "이행률(%)": 100},
    {"공약번호": "3-14", "추진상황": "통폐합", "이행률(%)": 20},
)
# 3-1 had two lines: 20 in 2020 (15 executed) and 30 in 2021; the other source 6,000 in 2021.
EARLIER_MONEY = (
    {"공약번호": "3-1", "2020 확보액": 20, "2020 집행액": 15, "2021 확보액": 30},
    {"공약번호": "3-1", "재원": "국비", "2021 확보액": 6_000},
    # Large enough, and small enough, to meet every bound of a factor to the won.
    {"공약번호": "3-7", "2021 확보액": 9_900_000},
    {"공약번호": "3-8", "2021 확보액": 0.001},
    # One won, and nothing.
    {"공약번호": "3-9", "2021 확보액": 0.000001},
    {"공약번호": "3-4", "2021 확보액": 0},
)
# 3-5 is in force for the present quarter already.
ACCEPTED: dict[str, Any] = {
    "progress": [{"공약번호": "3-5", "이행률(%)": 70, "목표달성": "달성"}],
    "budget": [{"공약번호": "3-5", "2021 확보액": 10, "2021 집행액": 3}],
}
CHANGES = (
    {"공약번호": "1-5", "구분": "폐기", "일자": "2021-08-01"},
    # Merged into itself: it stays a pledge, so that a return may still name it.
    {"공약번호": "2-2", "구분": "통합", "일자": "2021-08-01", "변경후": "2-2"},
)


@dataclass
class Case:
    """One rule: the arguments of the workbooks that break it and keep it, and the cell it names."""

    rule_id: str
    fails: dict[str, Any]
    passes: dict[str, Any]
    cell: str | None
    related: list[str] = field(default_factory=list)
    write: Callable[..., Path] = return_workbook
    edit: Callable[[Path], None] | None = None
    edit_passing: Callable[[Path], None] | None = None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.rule_id}-{self.name}" if self.name else self.rule_id


def progress(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"progress": rows}


def second(*budget: dict[str, Any]) -> dict[str, Any]:
    """A return of D02, whose one pledge has no history, with its money."""
    line = {"공약번호": "2-1", "완료시기": "임기내", "완료연도": 2022}
    return {
        "department": "D02",
        "progress": [line],
        "budget": [{"공약번호": "2-1"} | row for row in budget],
    }


def third(line: dict[str, Any], *budget: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A return of D03, which has a history: one line and its money."""
    return {"department": "D03", "progress": [line], "budget": budget, **more}


def in_won(amount: int, pledge: str = "1-1") -> dict[str, Any]:
    """A return in 원 with one amount of 2021 for one pledge: D01's, or one with a history."""
    row = {"공약번호": pledge, "2021 확보액": amount}
    line = {"공약번호": pledge}
    department = "D03" if pledge.startswith("3") else "D01"
    return {"department": department, "progress": [line], "budget": [row], "unit": "원"}


def money(*rows: dict[str, Any], line: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"progress": [line or {}], "budget": rows, **more}


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no workbook, whatever its name says")


def encrypted(path: Path) -> None:
    from struct import pack

    # An OLE container with one directory entry named EncryptedPackage, as Excel writes it.
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    head = head.ljust(512, b"\xff")
    path.write_bytes(head + "EncryptedPackage".encode("utf-16-le").ljust(1024, b"\0"))


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def far_cell(path: Path) -> None:
    book = load_workbook(path)
    book["공약현황"]["XFD1048576"] = 1
    book.save(path)


def only(sheet: str) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        book = load_workbook(path)
        for name in book.sheetnames:
            if name != sheet:
                del book[name]
        book[sheet].delete_rows(1, 2)
        book.save(path)

    return edit


def without_identity(path: Path) -> None:
    book = load_workbook(path)
    del book["_form"]
    book.save(path)


def cell(
    sheet: str, address: str, value: Any, number_format: str = "General"
) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        book = load_workbook(path)
        book[sheet][address] = value
        book[sheet][address].number_format = number_format
        book.save(path)

    return edit


def hidden(path: Path) -> None:
    book = load_workbook(path)
    book["공약현황"].row_dimensions[3].hidden = True
    book.save(path)


def without(sheet: str) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        book = load_workbook(path)
        del book[sheet]
        book.save(path)

    return edit


def without_column(sheet: str, header: str) -> Callable[[Path], None]:
    """Take a whole column out of a sheet whose headers stand in row 1."""

    def edit(path: Path) -> None:
        book = load_workbook(path)
        headers = [one.value for one in book[sheet][1]]
        book[sheet].delete_cols(headers.index(header) + 1)
        book.save(path)

    return edit


def without_header(sheet: str) -> Callable[[Path], None]:
    """Take the row of headers out of a sheet."""

    def edit(path: Path) -> None:
        book = load_workbook(path)
        book[sheet].delete_rows(1)
        book.save(path)

    return edit


def merged_status(path: Path) -> None:
    book = load_workbook(path)
    book["공약현황"].merge_cells("C3:C4")
    book.save(path)


def merged(path: Path) -> None:
    book = load_workbook(path)
    book["예산"].merge_cells("A3:A4")
    book.save(path)


def rename(path: Path, sheet: str, name: str) -> None:
    book = load_workbook(path)
    book[sheet].title = name
    book.save(path)


def copied(path: Path, sheet: str) -> None:
    book = load_workbook(path)
    copy = book.copy_worksheet(book[sheet])
    copy.title = "둘째 장"
    copy["A3"] = "1-2"
    book.save(path)


def second_institution(path: Path) -> None:
    book = load_workbook(path)
    book["기관"].append(["3990001", "나람구", "자치구", "6110000"])
    book.save(path)


PLAIN: dict[str, Any] = {}
LINE = {"2021 확보액": 10, "2021 집행액": 3}
NEW_YEAR = {"2022 확보액": 10}

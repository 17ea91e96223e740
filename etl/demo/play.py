"""The samples as a play: whose register, and who sends which cells when.

`samples/garam.yml` is such a play already; 보령시 published only rows, so its play is made from
them here. Pure but for the two files it reads and the workbooks it writes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.cells import header_key
from etl.form import form
from etl.office.styles import save
from etl.register.book import build_register

SAMPLES = Path(__file__).parents[2] / "samples"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """One file that a department sends: the cells an officer types into its invitation."""

    at: datetime
    department_code: str
    file_name: str
    cells: Mapping[str, Sequence[Row]]
    is_truncated: bool = False


@dataclass(frozen=True)
class QuarterPlay:
    quarter_id: str
    invited_at: datetime
    sent: tuple[Sent, ...]


@dataclass(frozen=True)
class Play:
    """One government's register (rows by sheet, keyed by header) and its quarters in order."""

    government_id: str
    government_name: str
    registered_at: datetime
    register: Mapping[str, Sequence[Row]]
    quarters: tuple[QuarterPlay, ...]


def boryeong() -> Play:
    """Return what 보령시 published for 2021-12-31: 65 pledges, no money.

    The city prints no department codes and no dates of submission; those are ours.
    """
    facts = json.loads((SAMPLES / "boryeong_2021.json").read_text(encoding="utf-8"))
    names = dict.fromkeys(pledge["dept_main"] for pledge in facts["pledges"])
    codes = {name: f"B{number:02d}" for number, name in enumerate(names, 1)}
    term = {"민선기수": 7}
    register: dict[str, Sequence[Row]] = {
        "기관": [_institution("4510000", "보령시", "시", "6440000")],
        "임기": [term | {"시작일": "2018-07-01", "종료일": "2022-06-30"}],
        "부서": [{"부서코드": code, "부서명": name} for name, code in codes.items()],
        "공약": [
            term
            | {
                "공약번호": pledge["id"],
                "공약명": pledge["name"],
                "분야": facts["fields"][str(pledge["field"])],
                "주관부서코드": codes[pledge["dept_main"]],
                "완료시기": pledge["due"],
                "사업유형": f"{pledge['type']}/{pledge['actor']}",
            }
            for pledge in facts["pledges"]
        ],
        "제출일정": [
            {
                "분기": "2021Q4",
                "시작일": "2021-12-20",
                "마감일": "2022-01-10",
                "유예일": "2022-01-17",
            }
        ],
        "공표값": list(_printed(facts)),
    }
    sent = tuple(_boryeong_sent(facts["pledges"], name, code) for name, code in codes.items())
    return Play(
        "4510000",
        "보령시",
        _moment("2021-12-15T09:00"),
        register,
        (QuarterPlay("2021Q4", _moment("2021-12-20T09:00"), sent),),
    )


def garam() -> Play:
    """Return the made-up 자치구 of `samples/garam.yml`."""
    told = yaml.safe_load((SAMPLES / "garam.yml").read_text(encoding="utf-8"))
    register = {sheet: rows for sheet, rows in told["register"].items() if sheet != "registered_at"}
    institution = register["기관"][0]
    departments = {row["부서코드"]: row["부서명"] for row in register["부서"]}
    return Play(
        institution["기관코드"],
        institution["기관명"],
        told["register"]["registered_at"],
        register,
        tuple(_told_quarter(quarter, departments) for quarter in told["quarters"]),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+09:00")


def _institution(code: str, name: str, kind: str, upper: str) -> Row:
    return {"기관코드": code, "기관명": name, "기관종류": kind, "상위기관코드": upper}


def _boryeong_sent(pledges: Sequence[Row], name: str, code: str) -> Sent:
    rows = [
        {"공약번호": p["id"], "추진상황": p["status"], "이행률(%)": p["rate"]}
        for p in pledges
        if p["dept_main"] == name
    ]
    return Sent(_moment("2022-01-07T10:00"), code, f"2021Q4_{name}.xlsx", {"공약현황": rows})


# What the city's pages call the counts that are figures' own, and the scope that each is of.
_COUNTS = {
    "공약 수": (None, None),
    "완료": ("추진상황", "완료"),
    "추진중": ("추진상황", "추진중"),
    "임기내/임기후 임기후=12": ("완료시기", "임기후"),
    "유형 지속=14": ("사업유형", "지속"),
}


def _printed(facts: Mapping[str, Any]) -> Iterator[Row]:
    """Yield what the city printed: one rate for all pledges and for each field, and counts."""
    prefix = "추진율(%) "
    for figure in facts["published_figures"]:
        name, value = figure["name"], figure["value"]
        if name.startswith(prefix):
            field = name.removeprefix(prefix)
            scope = (None, None) if field == "전체" else ("분야", field)
            yield _value("R1", scope, f"{value:.1f}", 1)
        elif name in _COUNTS:
            yield _value("COUNT", _COUNTS[name], str(value), 0)


def _value(code: str, scope: tuple[str | None, str | None], value: str, places: int) -> Row:
    scope_type, label = scope
    return {"분기": "2021Q4", "지표코드": code, "범위종류": scope_type, "범위": label, "값": value,
            "소수자리": places, "출처": "보령시 누리집의 공약 현황"}  # fmt: skip


def _told_quarter(told: Row, departments: Mapping[str, str]) -> QuarterPlay:
    quarter_id = told["quarter"]
    sheets = {table.sheet for table in form("quarterly_return", quarter_id=quarter_id).tables}
    sent = tuple(
        Sent(
            file["at"],
            file["department"],
            f"{quarter_id}_{file.get('name') or departments[file['department']] + '.xlsx'}",
            {sheet: rows for sheet, rows in file.items() if sheet in sheets},
            file.get("truncated", False),
        )
        for file in told["sent"]
    )
    return QuarterPlay(quarter_id, told["invited_at"], sent)


def write_register(play: Play, path: Path) -> Path:
    """Write the register workbook as an office fills it in: the form's, with the play's rows."""
    return save(build_register(play.register), path, play.registered_at)


def write_sent(sent: Sent, invitation: Path, path: Path) -> Path:
    """Type the cells into the invitation and save it as the file that the department sends."""
    book = load_workbook(invitation)
    for sheet, rows in sent.cells.items():
        for row in rows:
            _type_row(book[sheet], row)
    save(book, path, sent.at)
    if sent.is_truncated:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
    return path


def _type_row(worksheet: Worksheet, row: Row) -> None:
    header_row, columns = _headers(worksheet)
    number = _line(worksheet, header_row, columns, row)
    for header, value in row.items():
        worksheet.cell(number, columns[header_key(header)]).value = value


def _headers(worksheet: Worksheet) -> tuple[int, dict[str, int]]:
    for row, cells in enumerate(worksheet.iter_rows(values_only=True), 1):
        columns = {header_key(str(value)): n for n, value in enumerate(cells, 1) if value}
        if "공약번호" in columns:
            return row, columns
    raise KeyError(worksheet.title)


def _line(worksheet: Worksheet, header_row: int, columns: Mapping[str, int], row: Row) -> int:
    """Return the row that holds this line's keys, else one still without 재원, else a new one.

    공약현황 has one line per pledge; 추진실적 and the like are added below.
    """
    keys = [h for h in ("공약번호", "세부사업", "재원") if h in columns and h in row]
    is_added = worksheet.title not in ("공약현황", "예산")
    first_free = worksheet.max_row + 1
    blank_source = None
    for number in range(header_row + 1, worksheet.max_row + 1):
        found = [worksheet.cell(number, columns[key]).value for key in keys]
        if all(value is None for value in found):
            first_free = min(first_free, number)
        elif found == [row[key] for key in keys] and not is_added:
            return number
        elif found == [*[row[key] for key in keys[:-1]], None] and len(keys) == 3:
            blank_source = blank_source or number
    return blank_source or first_free

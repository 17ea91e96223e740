"""Workbooks for tests: a whole register, a quarterly return, and what an officer types into one.

Everything is invented. Rows are dicts by header, exactly as printed on the sheet; a row names
only what its test is about and the rest has a sensible value, so the workbooks pass every rule
until a test says otherwise. Nothing of the product is used here, so that a mistake in its
writers or readers cannot hide in its tests.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Row = Mapping[str, Any]
Rows = Sequence[Row]

GOVERNMENT = "3990000"  # 가람구: no such code is given out
TERM = 7
QUARTER = "2021Q4"
DEPARTMENT = "D01"
EDITION = "2026-1"

REGISTER_HEADERS: dict[str, list[str]] = {
    "기관": ["기관코드", "기관명", "기관종류", "상위기관코드"],
    "임기": ["기관코드", "민선기수", "시작일", "종료일", "단체장"],
    "부서": ["부서코드", "부서명", "시작일", "종료일", "승계부서코드", "메일"],
    "공약": [
        "민선기수",
        "공약번호",
        "공약명",
        "분야",
        "주관부서코드",
        "협업부서",
        "완료시기",
        "완료연도",
        "사업유형",
        "예산구분",
        "총사업비",
        "확정일",
    ],
    "세부사업": ["민선기수", "공약번호", "세부사업"],
    "공약변경": [
        "민선기수",
        "공약번호",
        "일자",
        "구분",
        "항목",
        "변경전",
        "변경후",
        "사유",
        "의결기관",
    ],
    "제출일정": ["분기", "시작일", "마감일", "유예일", "기준일", "확보연도", "부서코드"],
    "점검예외": [
        "규칙",
        "부서코드",
        "공약번호",
        "시작분기",
        "종료분기",
        "만료일",
        "승인자",
        "사유",
    ],
    "상태어": ["말", "추진상황"],
    "공표값": [
        "분기",
        "지표코드",
        "범위종류",
        "범위",
        "값",
        "소수자리",
        "출처",
        "사유",
    ],
}

# What a register row holds when its test does not say.
REGISTER_DEFAULTS: dict[str, dict[str, Any]] = {
    "기관": {
        "기관코드": GOVERNMENT,
        "기관명": "가람구",
        "기관종류": "자치구",
        "상위기관코드": "6110000",
    },
    "임기": {
        "기관코드": GOVERNMENT,
        "민선기수": TERM,
        "시작일": "2018-07-01",
        "종료일": "2022-06-30",
    },
    "부서": {"부서코드": DEPARTMENT, "부서명": "가온과", "시작일": "2018-07-01"},
    "공약": {
        "민선기수": TERM,
        "공약번호": "1-1",
        "공약명": "작은도서관 열 곳 짓기",
        "분야": "교육문화",
        "주관부서코드": DEPARTMENT,
        "완료시기": "임기내",
        "완료연도": 2022,
        "사업유형": "신규/자체/시설",
        "예산구분": "예산",
    },
    "세부사업": {"민선기수": TERM, "공약번호": "1-1", "세부사업": "본사업"},
    "공약변경": {
        "민선기수": TERM,
        "공약번호": "1-1",
        "일자": "2021-10-01",
        "구분": "변경",
        "사유": "여건 변화",
        "의결기관": "공약이행평가단",
    },
    "제출일정": {"분기": QUARTER},
    "점검예외": {
        "규칙": "P-09",
        "시작분기": QUARTER,
        "만료일": "2022-12-31",
        "승인자": "공약이행평가단",
        "사유": "준공 뒤 정산만 남음",
    },
    "상태어": {"말": "미흡", "추진상황": "일부추진"},
    "공표값": {
        "분기": QUARTER,
        "지표코드": "R1",
        "값": 50,
        "소수자리": 1,
        "출처": "이행보고서 3쪽",
    },
}

DEPARTMENTS: Rows = (
    {"부서코드": "D01", "부서명": "가온과"},
    {"부서코드": "D02", "부서명": "나래과"},
    {"부서코드": "D03", "부서명": "다솜과"},
)
PLEDGES: Rows = (
    {"공약번호": "1-1", "공약명": "작은도서관 열 곳 짓기", "주관부서코드": "D01"},
    {"공약번호": "1-2", "공약명": "밤길 밝은 골목 만들기", "주관부서코드": "D01"},
    {
        "공약번호": "2-1",
        "공약명": "개울 되살리기",
        "분야": "환경",
        "주관부서코드": "D02",
        "완료시기": "임기후",
        "완료연도": 2024,
    },
    {
        "공약번호": "2-2",
        "공약명": "주민 회의 열기",
        "분야": "환경",
        "주관부서코드": "D03",
        "사업유형": "계속/협력/운영",
        "예산구분": "비예산",
    },
)
SUBPROJECTS: Rows = (
    {"공약번호": "1-1", "세부사업": "본사업"},
    {"공약번호": "1-2", "세부사업": "본사업"},
    {"공약번호": "2-1", "세부사업": "본사업"},
)
WINDOWS: Rows = (
    {"분기": "2021Q1", "시작일": "2021-03-22", "마감일": "2021-04-10", "유예일": "2021-04-17"},
    {"분기": "2021Q2", "시작일": "2021-06-21", "마감일": "2021-07-10", "유예일": "2021-07-17"},
    {"분기": "2021Q3", "시작일": "2021-09-20", "마감일": "2021-10-10", "유예일": "2021-10-17"},
    {"분기": "2021Q4", "시작일": "2021-12-20", "마감일": "2022-01-10", "유예일": "2022-01-17"},
)

RETURN_HEADERS: dict[str, list[str]] = {
    "공약현황": [
        "공약번호",
        "공약명",
        "추진상황",
        "이행률(%)",
        "목표달성",
        "완료시기",
        "완료연도",
        "추진내용",
        "문제점",
        "향후계획",
        "정정사유",
    ],
    "세부사업현황": ["공약번호", "공약명", "세부사업", "추진상황", "이행률(%)"],
    "추진실적": ["공약번호", "일자", "내용"],
    "협업": ["공약번호", "구분", "기관", "내용"],
    "담당자": ["공약번호", "직위", "이름", "전화"],
    "첨부": ["공약번호", "파일", "설명"],
}
RETURN_DEFAULTS: dict[str, dict[str, Any]] = {
    "공약현황": {
        "공약번호": "1-1",
        "추진상황": "정상추진",
        "이행률(%)": 60,
        "완료시기": "임기내",
        "완료연도": 2022,
        "추진내용": "설계를 마치고 공사 중",
    },
    "예산": {"공약번호": "1-1", "세부사업": "본사업", "재원": "구비"},
    "세부사업현황": {"공약번호": "1-1", "세부사업": "본사업", "추진상황": "정상추진"},
    "추진실적": {"공약번호": "1-1", "일자": "2021-11-15", "내용": "첫 삽을 뜸"},
    "협업": {"공약번호": "1-1", "구분": "협업부서", "기관": "나래과"},
    "담당자": {"공약번호": "1-1", "직위": "주무관", "전화": "000-0000"},
    "첨부": {"공약번호": "1-1", "파일": "지붕.jpg", "설명": "새 도서관에 지붕을 얹은 모습"},
}


def money_headers(quarter: str = QUARTER, years: Sequence[int] = range(2018, 2023)) -> list[str]:
    """Return the headers of 예산: a year is 확보액 once voted (a fourth quarter: next year too)."""
    voted = int(quarter[:4]) + (quarter[-1] == "4")
    pairs = [
        header
        for year in years
        for header in (f"{year} {'확보액' if year <= voted else '투자수요'}", f"{year} 집행액")
    ]
    return ["공약번호", "세부사업", "재원", "기투자", *pairs, "임기후"]


def register_workbook(
    path: Path,
    *,
    government: Row | None = None,
    terms: Rows = ({},),
    departments: Rows = DEPARTMENTS,
    pledges: Rows = PLEDGES,
    subprojects: Rows = SUBPROJECTS,
    changes: Rows = (),
    windows: Rows = WINDOWS,
    waivers: Rows = (),
    published: Rows = (),
    status_words: Rows = (),
) -> Path:
    """Write a register; header texts stand in row 1. Rows are completed from the defaults."""
    tables: dict[str, Rows] = {
        "기관": [government or {}],
        "임기": terms,
        "부서": departments,
        "공약": pledges,
        "세부사업": subprojects,
        "공약변경": changes,
        "제출일정": windows,
        "점검예외": waivers,
        "상태어": status_words,
        "공표값": published,
    }
    own_code = {"기관코드": (government or {}).get("기관코드", GOVERNMENT)}
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet, rows in tables.items():
        defaults = REGISTER_DEFAULTS[sheet] | (own_code if sheet == "임기" else {})
        _write_table(book.create_sheet(sheet), REGISTER_HEADERS[sheet], rows, defaults)
    return _save(book, path)


def published_workbook(path: Path, *rows: Row) -> Path:
    """Write the sheet 공표값 of a register as a file of its own."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _write_table(
        book.create_sheet("공표값"), REGISTER_HEADERS["공표값"], rows, REGISTER_DEFAULTS["공표값"]
    )
    return _save(book, path)


def return_workbook(
    path: Path,
    *,
    department: str = DEPARTMENT,
    quarter: str = QUARTER,
    progress: Rows = ({},),
    budget: Rows = (),
    subprojects: Rows = (),
    achievements: Rows = (),
    cooperation: Rows = (),
    contacts: Rows = (),
    attachments: Rows | None = None,
    unit: str = "백만원",
    headers: Mapping[str, Sequence[str]] | None = None,
    form: Row | None = None,
) -> Path:
    """Write a quarterly return: a caption in row 1, headers in row 2, values from row 3.

    The sheet 세부사업현황 stands there only with rows of its own; `attachments` None is a return from
    before the sheet 첨부 was there. `headers` replaces the header texts of a sheet, `form` single
    keys of the hidden `_form`.
    """
    tables: dict[str, Rows] = {
        "공약현황": progress,
        "예산": budget,
        **({"세부사업현황": subprojects} if subprojects else {}),
        "추진실적": achievements,
        "협업": cooperation,
        "담당자": contacts,
    } | ({} if attachments is None else {"첨부": attachments})
    printed = RETURN_HEADERS | {"예산": money_headers(quarter)} | dict(headers or {})
    if any("평가등급" in row for row in progress) and "공약현황" not in (headers or {}):
        printed["공약현황"] = [*printed["공약현황"], "평가등급"]
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = "안내"
    guide["A1"] = "노란 칸만 적어 주십시오."
    for sheet, rows in tables.items():
        worksheet = book.create_sheet(sheet)
        worksheet["A1"] = f"(단위: {unit})" if sheet == "예산" else f"{quarter} {sheet}"
        _write_table(worksheet, list(printed[sheet]), rows, RETURN_DEFAULTS[sheet])
    _write_form(book, department, quarter, form or {})
    return _save(book, path)


def fill(path_in: Path, path_out: Path, edits: Mapping[tuple[str, Any, str], Any]) -> Path:
    """Type values into an invited return as an officer does.

    A key is (sheet, row, header). The row is a 공약번호, or the leading cells of the line without its
    공약명, such as ``("1-1", "본사업", "구비")``. A row that the sheet does not hold yet is added below.
    """
    book = load_workbook(path_in)
    for (sheet, row, header), value in edits.items():
        worksheet = book[sheet]
        worksheet[cell_of(worksheet, row, header, add=True)] = value
    return _save(book, path_out)


def cell_of(
    source: Path | Worksheet, row: Any, header: str, *, sheet: str = "", add: bool = False
) -> str:
    """Return the address, such as ``D7``, of one value on a sheet of a written return."""
    worksheet = source if isinstance(source, Worksheet) else load_workbook(source)[sheet]
    header_row = _header_row(worksheet)
    texts = [str(cell.value or "") for cell in worksheet[header_row]]
    keys = row if isinstance(row, tuple) else (row,)
    number = _row_number(worksheet, header_row, keys)
    if number is None:
        if not add:
            raise KeyError(f"{worksheet.title}: {keys}")
        number = _add_row(worksheet, header_row, keys)
    return f"{get_column_letter(texts.index(header) + 1)}{number}"


def _header_row(worksheet: Worksheet) -> int:
    first = (cell for (cell,) in worksheet.iter_rows(max_col=1))
    return next(cell.row for cell in first if cell.value in ("공약번호", "민선기수", "부서코드"))


def _row_number(worksheet: Worksheet, header_row: int, keys: Sequence[Any]) -> int | None:
    columns = _key_columns(worksheet, header_row, len(keys))
    for number in range(header_row + 1, worksheet.max_row + 1):
        if [worksheet.cell(number, column).value for column in columns] == list(keys):
            return number
    return None


def _key_columns(worksheet: Worksheet, header_row: int, count: int) -> list[int]:
    """Return the first columns of a table, less the name that only helps who fills it in."""
    headers = [cell.value for cell in worksheet[header_row]]
    return [column for column, text in enumerate(headers, 1) if text != "공약명"][:count]


def _add_row(worksheet: Worksheet, header_row: int, keys: Sequence[Any]) -> int:
    number = header_row + 1
    while worksheet.cell(number, 1).value is not None:
        number += 1
    for column, key in zip(_key_columns(worksheet, header_row, len(keys)), keys, strict=True):
        worksheet.cell(number, column, key)
    return number


def _write_table(worksheet: Worksheet, headers: list[str], rows: Rows, defaults: Row) -> None:
    worksheet.append(headers)
    for row in rows:
        unknown = row.keys() - set(headers)
        if unknown:
            raise KeyError(f"{worksheet.title}: no such header {sorted(unknown)}")
        whole = {**defaults, **row}
        worksheet.append([whole.get(header) for header in headers])


def _write_form(book: Workbook, department: str, quarter: str, changed: Row) -> None:
    identity = {
        "form": "quarterly_return",
        "edition": EDITION,
        "government": GOVERNMENT,
        "term": TERM,
        "quarter": quarter,
        "department": department,
        "register_version": "test",
    }
    worksheet = book.create_sheet("_form")
    worksheet.sheet_state = "hidden"
    for key, value in (identity | dict(changed)).items():
        worksheet.append([key, value])


def _save(book: Workbook, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path

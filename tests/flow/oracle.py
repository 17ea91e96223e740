"""What an edited return says, read by openpyxl alone: nothing of the product is used here.

Its words are few on purpose: a table is where its headers stand in one row (예산: or in two), a
value is what its cell shows. Where it cannot tell what a cell says, nothing may be loaded from it.
"""

import io
import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.factories import RETURN_HEADERS
from tests.flow.edits import RATES, SHAPES

UNITS = {"원": 1, "천원": 1_000, "백만원": 1_000_000, "억원": 100_000_000}
REQUIRED = {
    "공약현황": {"공약번호", "추진상황", "이행률(%)"},
    "예산": {"공약번호", "세부사업", "재원"},
    "추진실적": {"공약번호", "내용"},
    "협업": {"공약번호", "기관"},
}
LABELS = {
    "정상추진": "ON_TRACK", "추진중": "ON_TRACK", "완료": "COMPLETED", "완료계속": "COMPLETED_ONGOING",
    "부진": "BEHIND",
}  # fmt: skip
MONEY = re.compile(r"기투자|임기후|(\d{4})(확보액|투자수요|집행액)")
_HEADERS = RETURN_HEADERS | {"예산": ["공약번호", "세부사업", "재원"]}
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Said:
    """One written cell under a header; `money` is None where no amount can be told."""

    sheet: str
    table: str
    row: int
    letter: str
    header: str
    value: Any
    number_format: str
    unit: int | None
    from_1904: bool

    @property
    def text(self) -> str:
        return clean(self.value) if isinstance(self.value, str) else str(self.value)

    def rate(self) -> Decimal | None:
        """The rate in per cent that the cell shows."""
        if isinstance(self.value, str):
            told = RATES.get(self.value, SHAPES.get(self.value))
            return _decimal(told[0] if isinstance(told, tuple) else told)
        number = _number(self.value)
        if number is None or re.search("y|h", self.number_format):
            return None
        return number * 100 if "%" in self.number_format else _scaled(number, self.number_format)

    def money(self) -> Decimal | None:
        """The amount in won that the cell shows."""
        if isinstance(self.value, str):
            number, own = SHAPES.get(self.value) or (_digits(self.value), None)
            unit = own or self.unit
        else:
            number, unit = _number(self.value), self.unit
            if "천원" in self.number_format:
                unit = 1_000
            if re.search("y|h|%", self.number_format):
                number = None
            number = number if number is None else _scaled(number, self.number_format)
        if number is None or unit is None:
            return None
        return _decimal(number) * unit  # type: ignore[operator]

    def day(self) -> date | None:
        """The day that the cell shows; two-digit years are of this century."""
        if isinstance(self.value, datetime):
            return self.value.date()
        if isinstance(self.value, str):
            found = re.fullmatch(r"'?(\d{2}|\d{4})[-.년](\d{1,2})[-.월](\d{1,2})[.일]?|(\d{4})(\d\d)(\d\d)",
                                 re.sub(r"\s", "", self.value))  # fmt: skip
            if not found:
                return None
            year, month, day = [int(part) for part in found.groups() if part]
            try:
                return date(year + 2000 if year < 100 else year, month, day)
            except ValueError:
                return None
        number = _number(self.value)
        if number is None or not 20_000 <= number <= 80_000:
            return None
        first = date(1904, 1, 1) if self.from_1904 else date(1899, 12, 30)
        return first + timedelta(days=int(number))

    def status(self) -> str | None:
        return LABELS.get(re.sub(r"[\s()]", "", self.text))


@dataclass
class Oracle:
    """Every written cell of a table, by (sheet, row, column letter), and the id of every row.

    `beside` are the written cells of those sheets that stand under no header, and the numbers above
    it; `other_sheets` hold something and no table.
    """

    cells: dict[tuple[str, int, str], Said] = field(default_factory=dict)
    pledges: dict[tuple[str, int], str] = field(default_factory=dict)
    beside: list[tuple[str, int, str]] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)

    def row(self, sheet: str, row: int) -> dict[str, Said]:
        return {c.header: c for c in self.cells.values() if (c.sheet, c.row) == (sheet, row)}


def clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("_x000D_", "").replace("\xa0", " ")
    return text.strip()


def _number(value: Any) -> Decimal | None:
    """The number that was typed: a double holds no more than 15 digits of it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return _FIFTEEN.create_decimal(repr(value))


def _decimal(number: Any) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def _digits(text: str) -> Decimal | None:
    found = re.fullmatch(r"\d{1,3}(,\d{3})+|\d+(\.\d+)?", text.strip())
    return Decimal(text.strip().replace(",", "")) if found else None


def _scaled(number: Decimal, number_format: str) -> Decimal:
    return number * {"#,##0,,": Decimal("1e-6"), '0",000"': Decimal(1000)}.get(number_format, 1)


def key(value: Any) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value or "")))


def read(content: bytes) -> Oracle:
    """Read every sheet on which the headers of a table stand."""
    book = load_workbook(io.BytesIO(content), data_only=True)
    told = Oracle()
    for sheet in book.worksheets:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        named = key(sheet.title)
        if named in ("안내", "_form", "담당자"):
            continue
        for number, row in enumerate(rows, 1):
            texts = {key(v) for v in row if isinstance(v, str)}
            tables = [
                t
                for t, needed in REQUIRED.items()
                if needed <= texts and named in (t, *_others(named))
            ]
            if tables:
                table = max(tables, key=lambda t: len(texts & {key(h) for h in _HEADERS[t]}))
                _take(told, sheet, table, number, rows, book.epoch == CALENDAR_MAC_1904)
                break
        else:
            if any(_is_written(value) for row in rows for value in row):
                told.other_sheets.append(sheet.title)
    return told


def _is_written(value: Any) -> bool:
    return value is not None and clean(str(value)) != ""


def _others(named: str) -> tuple[str, ...]:
    return () if named in _HEADERS else (named,)


def _take(
    told: Oracle, sheet: Any, table: str, header_row: int, rows: list[list[Any]], from_1904: bool
) -> None:
    headers = [key(value) for value in rows[header_row - 1]]
    first = header_row
    if table == "예산" and (joined := _over_two_rows(headers, rows[header_row : header_row + 1])):
        headers, first = joined, header_row + 1
    unit = _unit(rows[:header_row])
    known: dict[int, tuple[str, int | None]] = {}
    for column, header in enumerate(headers):
        own = re.search(r"\((\w*[원억만])\)$", header) if table == "예산" else None
        plain = re.sub(r"\([^()]*\)$", "", header) if table == "예산" else header
        is_money = table == "예산" and MONEY.fullmatch(plain)
        if (header in map(key, _HEADERS[table]) or is_money) and plain not in [
            h for h, _ in known.values()
        ]:
            known[column] = plain, UNITS.get(own[1]) if own else unit
    filled = _filled(sheet, rows)
    told.beside += [
        (sheet.title, number, get_column_letter(column + 1))
        for number, column in _beside(rows, header_row, first, known)
    ]
    for number, row in enumerate(rows[first:], first + 1):
        for column, (header, cell_unit) in known.items():
            if row[column] is not None and clean(str(row[column])):
                letter = get_column_letter(column + 1)
                shown = sheet.cell(number, column + 1).number_format
                told.cells[sheet.title, number, letter] = Said(
                    sheet.title,
                    table,
                    number,
                    letter,
                    header,
                    row[column],
                    shown,
                    cell_unit,
                    from_1904,
                )
            if header == "공약번호":
                pledge = row[column] if row[column] is not None else filled.get((number, column))
                told.pledges[sheet.title, number] = clean(str(pledge)) if pledge is not None else ""


def _beside(
    rows: list[list[Any]], header_row: int, first: int, known: Container[int]
) -> Iterator[tuple[int, int]]:
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            is_number = isinstance(value, (int, float)) and number < header_row
            if _is_written(value) and (is_number or (number > first and column not in known)):
                yield number, column


def _filled(sheet: Any, rows: list[list[Any]]) -> dict[tuple[int, int], Any]:
    """The values that merged cells stand for, by (row, column from 0)."""
    return {
        (row, box.min_col - 1): rows[box.min_row - 1][box.min_col - 1]
        for box in sheet.merged_cells.ranges
        for row in range(box.min_row + 1, box.max_row + 1)
    }


def _over_two_rows(headers: list[str], below: list[list[Any]]) -> list[str]:
    joined, year = [], ""
    for top, low in zip(headers, below[0] if below else [], strict=False):
        year = top or year
        joined.append(f"{year}{key(low)}" if low is not None else top)
    pairs = [
        h for h, low in zip(joined, below[0] if below else [], strict=False) if low is not None
    ]
    return (
        joined
        if len(pairs) > 1 and all(MONEY.fullmatch(re.sub(r"\([^()]*\)$", "", h)) for h in pairs)
        else []
    )


def _unit(rows: list[list[Any]]) -> int | None:
    """The unit printed above the table; 백만원 where none is, None for one we do not know."""
    said = [re.search(r"단위:?(\w+)", key(v)) for row in rows for v in row if isinstance(v, str)]
    names = [found[1] for found in said if found]
    return UNITS.get(names[0]) if names else UNITS["백만원"]

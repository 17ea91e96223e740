"""Text → value | blank | not applicable | unreadable: the only parser of what people type.

A reader takes a `RawCell` and returns a `Cell`. Nothing is guessed: what cannot be read exactly
is `unreadable` and names its problem. Numbers are exact decimals, money is whole won.
"""

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any, Literal, NamedTuple

from etl.cells.characters import BLANKS, WIDE, clean, header_key, label_key, plain_dashes
from etl.cells.formats import GENERAL, NumberFormat, Section, number_format, shown_text
from etl.cells.units import MAGNITUDES, MONEY_END, magnitude

Kind = Literal["value", "blank", "not_applicable", "unreadable"]

UNITS = {"원": 1, "천원": 1_000, "백만원": 1_000_000, "억원": 100_000_000}
"""Money units that a sheet may print, in won."""

_NOT_APPLICABLE = frozenset(
    {"-", "–", "—", "―", "─", "ㅡ", "해당없음", "해당사항없음", "N/A", "n/a", "NA"}
)
_NUMBER = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+")
_THREE_DECIMALS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_YEAR = re.compile(r"([12][0-9]{3})(?:년|[.\-/]|년?([.\-/]?)(0?[1-9]|1[0-2])(?:월(?:말|중)?|\.)?)?")
_TERM = re.compile(r"(?:민선|제)?(?:제)?([0-9]{1,2})기")
_DATE = re.compile(
    r"'?(?P<year>[12][0-9]{3}|[0-9]{2})(?P<s>년|[.\-/])(?P<month>[0-9]{1,2})(?:월|(?<!년)[.\-/])"
    r"(?P<day>[0-9]{1,2})(?:일|\.)?(?:\([월화수목금토일]\))?(?:T?00:00(?::00(?:\.0+)?)?)?"
)
_DAY_DIGITS = re.compile(r"([12][0-9]{3})([0-9]{2})([0-9]{2})")
_MONEY_PART = re.compile(r"([0-9,.]+)(조|천억|백억|십억|억|천만|백만|십만|만|천|)")

_DIGITS = Context(prec=15)
_PLAIN = Section()
_LARGEST_WON = 10**15
_LARGEST_INTEGER = 2**31 - 1
_LARGEST_RATE = 10**9
_FIRST_DAY = date(1899, 12, 30)
FIRST_DAY_1904 = date(1904, 1, 1)
_SERIAL_DAYS = range(20_000, 80_001)
_YEARS = range(1900, 2101)


class RawCell(NamedTuple):
    """One cell as the workbook holds it: the value plus what the value alone does not say."""

    value: Any
    format: NumberFormat = GENERAL
    error: str | None = None
    is_uncalculated: bool = False
    is_hidden: bool = False


class Cell(NamedTuple):
    """One cell as read. `raw` is the text as seen; `problem` may stand beside a value."""

    value: Any
    raw: str
    kind: Kind
    problem: str | None = None


BLANK = Cell(None, "", "blank")


def text_of(cell: RawCell) -> str:
    """Return the cell as a person sees it: `11` for 11.0, `15.3%` for 0.153 in per cent."""
    value = cell.value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number_shown(value, cell.format)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return "" if value is None else str(value)


def _number_shown(value: float, form: NumberFormat) -> str:
    """Return the number as the screen shows it were it not rounded, with % or its unit."""
    number = _decimal(value)
    if number is None:
        return str(value)
    if form is GENERAL:
        return _plain(number)
    section = form.section(number)
    if section.kind == "unknown":
        return f"{_plain(number)}(서식 {form.code})"
    sign = "%" if section.kind == "percent" else section.unit or ""
    return _plain(number.scaleb(section.exponent)) + sign


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"


def _decimal(value: float) -> Decimal | None:
    """Return the number that was typed: a float's shortest form at 15 significant digits."""
    if not math.isfinite(value):
        return None
    if abs(value) < _LARGEST_WON and value == int(value):
        return Decimal(int(value))
    return _DIGITS.create_decimal(repr(value))


def _without_value(cell: RawCell) -> Cell | None:
    """Return the result of a cell that holds nothing to read, or None when it holds something."""
    if cell.error:
        return Cell(None, cell.error, "unreadable", "error_cell")
    if cell.is_uncalculated:
        return Cell(None, "", "unreadable", "formula_without_value")
    if cell.value is None or (isinstance(cell.value, str) and not clean(cell.value)):
        return BLANK
    return None


def text(cell: RawCell) -> Cell:
    """Read free text: stays as written; a number is shown as typed."""
    if type(cell.value) is str and cell.value and not cell.error:
        shown = clean(cell.value)
        return Cell(shown, shown, "value") if shown else BLANK
    empty = _without_value(cell)
    if empty:
        return empty
    shown = text_of(cell)
    return Cell(shown, shown, "value")


def identifier(cell: RawCell) -> Cell:
    """Read an id or code of a person's making: a number is the characters that the screen shows.

    One that Excel made a date is `id_became_date`; one that is shown with fewer digits than the
    cell holds is `unreadable_format`.
    """
    read = text(cell)
    if isinstance(cell.value, (date, time, timedelta)):
        return Cell(None, read.raw, "unreadable", "id_became_date")
    if read.kind != "value" or type(cell.value) not in (int, float) or cell.format is GENERAL:
        return read
    number = _decimal(cell.value)
    if number is None:
        return read
    section = cell.format.applying(number)
    if section.kind in ("date", "duration"):
        return Cell(None, read.raw, "unreadable", "id_became_date")
    shown = shown_text(section, number, _plain(number))
    if not shown:
        return Cell(None, f"{_plain(number)}(서식 {cell.format.code})", "unreadable",
                    "unreadable_format")  # fmt: skip
    return Cell(shown, shown, "value")


def period(cell: RawCell) -> Cell:
    """Read the name of a period: of one that Excel made a date, the day or month that it shows."""
    value = cell.value
    if type(value) is not date:
        return identifier(cell)
    tokens = [token.text for section in cell.format.sections for token in section.tokens]
    shows_day = cell.format is GENERAL or any(token.lower().startswith("d") for token in tokens)
    shown = value.isoformat()[: 10 if shows_day else 7]
    return Cell(shown, shown, "value")


def code(cell: RawCell) -> Cell:
    """Read a label of a code list; the value is the label as compared (`label_key`)."""
    read = text(cell)
    if read.kind != "value":
        return read
    shown = read.raw
    if _is_not_applicable(shown):
        return Cell(None, shown, "not_applicable")
    key = label_key(shown)
    return Cell(key, shown, "value") if key else Cell(None, shown, "unreadable", "unreadable_text")


def rate(cell: RawCell) -> Cell:
    """Read a rate in per cent: `85`, `85%` and 0.85 in a per cent format are all 85."""
    empty, shown, number = _read_number(cell, "%")
    if empty:
        return empty
    if _section_of(cell).unit != "":
        number = None
    return _bounded(number, shown, cell, _LARGEST_RATE)


def integer(cell: RawCell) -> Cell:
    """Read a whole number, a year (`2022. 6월` is 2022) or a term (`민선7기` is 7)."""
    empty, shown, number = _read_number(cell, "")
    if empty:
        return empty
    if _section_of(cell).kind == "percent" or _section_of(cell).unit != "":
        number = None
    elif number is None or number != number.to_integral():
        key = BLANKS.sub("", shown.translate(WIDE))
        may_be_words = isinstance(cell.value, (str, float))
        found = (_YEAR.fullmatch(key) or _TERM.fullmatch(key)) if may_be_words else None
        number = Decimal(found[1]) if found else None
    read = _bounded(number, shown, cell, _LARGEST_INTEGER)
    return read._replace(value=int(read.value)) if read.kind == "value" else read


def _bounded(number: Decimal | None, shown: str, cell: RawCell, largest: int) -> Cell:
    if number is None:
        return Cell(None, shown, "unreadable", "unreadable_number")
    if abs(number) > largest:
        return Cell(None, shown, "unreadable", "too_large")
    return Cell(number, shown, "value", "scaled_format" if _is_scaled(cell) else None)


def _is_scaled(cell: RawCell) -> bool:
    section = _section_of(cell)
    return section.exponent != 0 and section.kind != "percent"


def _section_of(cell: RawCell) -> Section:
    """Return what the format of a numeric cell says of its value; nothing of any other cell."""
    if cell.format is GENERAL or type(cell.value) not in (int, float):
        return _PLAIN
    number = _decimal(cell.value)
    return _PLAIN if number is None else cell.format.section(number)


def _read_number(cell: RawCell, suffix: str) -> tuple[Cell | None, str, Decimal | None]:
    """Return (the result when there is nothing to read, text, the number as shown)."""
    empty = _without_value(cell)
    if empty:
        return empty, "", None
    shown = text_of(cell)
    if isinstance(cell.value, str):
        if _is_not_applicable(shown):
            return Cell(None, shown, "not_applicable"), "", None
        return None, shown, number_text(shown.translate(WIDE).removesuffix(suffix))
    if _section_of(cell).kind == "unknown":
        return Cell(None, shown, "unreadable", "unreadable_format"), "", None
    return None, shown, _cell_number(cell)


def _cell_number(cell: RawCell) -> Decimal | None:
    """Return the number of a numeric cell as shown; None for truth values, dates, durations."""
    if isinstance(cell.value, bool) or not isinstance(cell.value, (int, float)):
        return None
    section, number = _section_of(cell), _decimal(cell.value)
    if number is None or section.kind in ("date", "duration"):
        return None
    return number.scaleb(section.exponent) if section.exponent else number


def _is_not_applicable(shown: str) -> bool:
    return BLANKS.sub("", shown.translate(WIDE)) in _NOT_APPLICABLE


def number_text(shown: str) -> Decimal | None:
    """Return the number a text says, exactly, or None: `1,234` yes, `12,34` no.

    `-5`, `▲5`, `△5` and `(5)` are minus five.
    """
    body, sign = shown.strip(), 1
    if body.startswith("(") and body.endswith(")"):
        body, sign = body[1:-1].strip(), -1
    elif body[:1] in ("-", "▲", "△"):
        body, sign = body[1:].strip(), -1
    elif body[:1] == "+":
        body = body[1:].strip()
    if len(body) > 40 or not _NUMBER.fullmatch(body):
        return None
    return sign * Decimal(body.replace(",", ""))


def money(cell: RawCell, unit: int | None) -> Cell:
    """Read an amount of the sheet's unit (in won) as whole won.

    A unit written in the cell (`40백만원`, `3억원`) or printed by its format holds before the
    sheet's; one of a format that is not the sheet's is `unit_in_format`. Without any unit (None) a
    number is unreadable and carries no problem of its own: the table has it.
    """
    if type(cell.value) is float and cell.format is GENERAL and unit and not cell.error:
        return plain_money(cell.value, unit)
    empty, shown, number = _read_number(cell, "")
    if empty:
        return empty
    if number is None and isinstance(cell.value, str):
        number, unit = _with_unit(shown), 1
    section = _section_of(cell)
    if section.unit is None:
        shown = f"{shown}(서식 {cell.format.code})"
        return Cell(None, shown, "unreadable", "unreadable_format")
    if section.kind == "percent":
        number = None
    own_unit = magnitude(section.unit) if section.unit else None
    if number is not None and unit is None and own_unit is None:
        return Cell(None, shown, "unreadable")
    read = _won(number, own_unit or unit or 1, shown, cell)
    if own_unit is None or read.kind != "value":
        return read
    # What is shown with its unit leaves nothing to guess; zero is the same in all of them.
    is_other = own_unit != unit and read.value != 0
    return read._replace(problem="unit_in_format" if is_other else None)


def plain_money(value: float, unit: int) -> Cell:
    """Read an unformatted number of the unit (in won) as whole won: nearly every amount."""
    if value.is_integer() and abs((whole := int(value)) * unit) <= _LARGEST_WON:
        return Cell(whole * unit, str(whole), "value")
    number = _decimal(value)
    shown = str(value) if number is None else _plain(number)
    return _won(number, unit, shown, RawCell(value))


def _won(number: Decimal | None, unit: int, shown: str, cell: RawCell) -> Cell:
    if number is None:
        return Cell(None, shown, "unreadable", "unreadable_number")
    amount = number * unit
    if abs(amount) > _LARGEST_WON:
        return Cell(None, shown, "unreadable", "too_large")
    if amount != amount.to_integral():
        return Cell(None, shown, "unreadable", "below_one_won")
    return Cell(int(amount), shown, "value", _shape_problem(cell, shown))


def _shape_problem(cell: RawCell, shown: str) -> str | None:
    if _is_scaled(cell):
        return "scaled_format"
    three = isinstance(cell.value, str) and _THREE_DECIMALS.fullmatch(shown.translate(WIDE))
    return "shape_three_decimals" if three else None


def _with_unit(shown: str) -> Decimal | None:
    """Return the won of `2조 4,324억`, `40백만원` or `▲3억원`; None unless every part is clear."""
    key = BLANKS.sub("", shown.translate(WIDE))
    sign = -1 if key[:1] in ("-", "▲", "△") else 1
    body = key[1:] if sign < 0 else key
    if len(body) > 40 or not MONEY_END.search(body):
        return None
    body = body.removesuffix("원")
    parts = _MONEY_PART.findall(body)
    if "".join(number + magnitude for number, magnitude in parts) != body:
        return None
    amount, above = Decimal(0), None
    for written, name in parts:
        number, size = number_text(written), MAGNITUDES[name]
        if number is None or (above is not None and number * size >= above):
            return None
        amount, above = amount + number * size, size
    return sign * amount if parts else None


def day(cell: RawCell, first_day: date = _FIRST_DAY) -> Cell:
    """Read a date: a real one, a serial number, `2021.3.1.`, `'19. 3. 27.`, `2019년 4월 3일`.

    Serial numbers count from `first_day`, which is another one in workbooks of the 1904 system.
    """
    empty = _without_value(cell)
    if empty:
        return empty
    shown = text_of(cell)
    if isinstance(cell.value, str) and _is_not_applicable(shown):
        return Cell(None, shown, "not_applicable")
    value = _day_of(cell.value, shown, first_day)
    if value is None or value.year not in _YEARS:
        return Cell(None, shown, "unreadable", "unreadable_date")
    return Cell(value, value.isoformat() if cell.format.kind == "date" else shown, "value")


def _day_of(value: Any, shown: str, first_day: date) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return _day_text(BLANKS.sub("", shown.translate(WIDE)).replace("’", "'"))
    if isinstance(value, (bool, time, timedelta)) or not math.isfinite(value):
        return None
    if int(value) in _SERIAL_DAYS:
        return first_day + timedelta(days=int(value))
    return _day_text(shown)


def _day_text(key: str) -> date | None:
    found = _DAY_DIGITS.fullmatch(key)
    parts = found.groups() if found else ()
    if not found and (found := _DATE.fullmatch(key)):
        parts = found["year"], found["month"], found["day"]
    if not parts:
        return None
    year = int(parts[0]) + (2000 if len(parts[0]) == 2 else 0)
    try:
        return date(year, int(parts[1]), int(parts[2]))
    except ValueError:
        return None

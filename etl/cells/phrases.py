"""What the words of a header or a line say first: a fiscal year, a quarter, a day, a money unit.

Each returns what it read and the rest of the text. What is not exactly one of these stays text.
"""

import re

from etl.cells import BLANK, UNITS, Cell, RawCell, clean, day, header_key

UNIT_NAMES = {**{name: name for name in UNITS}, "백만": "백만원", "억": "억원"}
"""Names of money units as printed, without blanks, and their full names."""

_PRINTED_UNIT = re.compile(r"단위[:은는]?\(?([^)\]/]*)")
_UNIT_WORD = r"((?:십|백|천)?\s*[조억만]\s*원?|[백천]?\s*원)"
_UNIT_ALONE = re.compile(rf"\s*[(\[〔【<]\s*{_UNIT_WORD}\s*[)\]〕】>]\s*")
_UNIT_BEFORE = re.compile(
    rf"(?<![가-힣0-9]){_UNIT_WORD}\s*단위(?!.{{0,6}}(?:절사|절상|반올림|올림|버림|이하|미만|조정))"
)
_MONEY_SIGNS = re.compile(r"[원만억조천]|달러|\$|USD")

_APOSTROPHES = str.maketrans("‘’`´＇", "'''''")
_MONTH = r"(?:0?[1-9]|1[0-2])월(?:말|중|까지)?"
_ONE_YEAR = (
    r"(?:((?:19|20)\d{2})|'(\d{2})|(\d{2})(?=년))(?:년도|년)?"
    rf"(?:[.\-/]?{_MONTH}(?:~{_MONTH})?)?\.?"
)
_YEARS = re.compile(rf"{_ONE_YEAR}(?:[~∼〜\-–](?:{_ONE_YEAR}|(\d{{2}})(?!\d)))?")
_QUARTER = (
    r"'?(?P<year>[12]\d{3}|\d{2})\s*(?:년도?|\.)?\s*제?\s*(?P<number>[1-4])\s*(?:/\s*4\s*)?분기"
)
_QUARTER_BEFORE = re.compile(
    rf"[【\[〔<《(「]\s*{_QUARTER}[^】\]〕>》)」\d]*[】\]〕>》)」]\s*:?(?P<rest>.*)", re.DOTALL
)
_QUARTER_ALONE = re.compile(rf"{_QUARTER}\s*(?:추진)?\s*(?:실적)?\s*:?(?P<rest>)")
# As `Period.title` writes it.
_PERIOD = (
    r"년\s*(?:(?P<quarter>[1-4])분기|(?P<half>[상하])반기"
    r"|(?P<month>1[0-2]|[1-9])월(?:\s*(?P<day>[12]\d|3[01]|[1-9])일)?)"
)
_TITLE = re.compile(rf"\s*(?P<year>\d{{4}}){_PERIOD}(?!\w)")
_TITLE_ALONE = re.compile(rf"【(?P<year>\d{{2}}){_PERIOD}】")
_DAY = re.compile(
    r"(?:(?P<sure>'\d{2}|[12]\d{3})|\d{2})\s*[년.\-/]\s*\d{1,2}\s*[월.\-/]\s*\d{1,2}(?!\d)"
    r"\s*(?:일|\.)?(?:\s*\([월화수목금토일]\))?"
)
_SEPARATOR = re.compile(r"^\s*(?:[:：,)]|[-–]\s)?\s*")


def leading_years(text: str) -> tuple[str | None, str]:
    """Return (fiscal year, rest) of a header: `2019`, or `2022~2023` where it joins years.

    `2022. 6월` is 2022, `'18년` is 2018. The rest has no blanks.
    """
    key = header_key(text.translate(_APOSTROPHES))
    found = _YEARS.match(key)
    if not found:
        return None, key
    years = [part if len(part) == 4 else f"20{part}" for part in found.groups() if part]
    if years[0] > years[-1]:
        return None, key
    return "~".join(dict.fromkeys(years)), key[found.end() :]


def leading_quarter(text: str) -> tuple[str | None, str]:
    """Return (quarter, rest) of a line such as `【19년 1분기】`: `2019Q1`.

    Without brackets the quarter must be the whole line.
    """
    line = clean(text)
    plain = line.translate(_APOSTROPHES)
    found = _QUARTER_BEFORE.fullmatch(plain) or _QUARTER_ALONE.fullmatch(plain)
    if not found:
        return None, text
    year = found["year"] if len(found["year"]) == 4 else f"20{found['year']}"
    return f"{year}Q{found['number']}", line[found.start("rest") :].strip()


def titled_period(text: str) -> tuple[str | None, str]:
    """Return (period, rest) of a text that begins as sent-out files do: `2021년 상반기 …`."""
    found = _TITLE.match(text)
    return (_of_title(found), text[found.end() :].strip()) if found else (None, text)


def leading_period(text: str) -> tuple[str | None, str]:
    """Return (period, rest) of a line as `leading_quarter`, or of one that is `【21년 상반기】`."""
    found = _TITLE_ALONE.fullmatch(clean(text))
    return (_of_title(found), "") if found else leading_quarter(text)


def _of_title(found: re.Match[str]) -> str:
    year = f"20{found['year']}"[-4:]
    if found["quarter"]:
        return f"{year}Q{found['quarter']}"
    if found["half"]:
        return f"{year}H{'상하'.index(found['half']) + 1}"
    return "-".join(part.rjust(2, "0") for part in (year, found["month"], found["day"]) if part)


def leading_day(text: str) -> tuple[Cell, str]:
    """Return (day, rest) of a line such as `'19. 3. 27. : 회의`; a line without a day is blank.

    A day that is none, like `'19. 13. 45.`, is unreadable; three numbers without a four-digit year
    or an apostrophe need not be a day at all and stay text then.
    """
    line = clean(text)
    found = _DAY.match(line.translate(_APOSTROPHES))
    if not found:
        return BLANK, text
    read = day(RawCell(found[0].strip()))
    if read.kind != "value" and not found["sure"]:
        return BLANK, text
    written, rest = line[: found.end()].strip(), line[found.end() :]
    return read._replace(raw=written), _SEPARATOR.sub("", rest, count=1)


def printed_unit(text: str) -> tuple[str, str | None] | None:
    """Return (money unit as printed, its full name), or None where a text prints no money unit.

    `(단위 : 백만 원)` and `(단위: 건, 백만원)` print 백만원; the name of one not ours is None.
    """
    found = _PRINTED_UNIT.search(header_key(text)) if "단" in text else None
    named = found[1].split(",") if found else ()
    unit = next((one for one in named if _MONEY_SIGNS.search(one)), None)
    return None if unit is None else (unit, UNIT_NAMES.get(unit))


def said_unit(text: str) -> tuple[str, str | None] | None:
    """Return the money unit that a remark anywhere on a sheet says, as `printed_unit` does.

    Also `금액은 천원 단위`, and a text that is nothing but `(천원)`; not where it says rounding.
    """
    if printed := printed_unit(text):
        return printed
    found = _UNIT_ALONE.fullmatch(text) or _UNIT_BEFORE.search(text)
    if found is None:
        return None
    unit = header_key(found[1])
    return unit, UNIT_NAMES.get(unit)

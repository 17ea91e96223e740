"""Number formats: what they make of a number, proved against LibreOffice and an oracle that renders.

`tests/golden/formats.csv` holds what LibreOffice showed (see `make_formats_with_libreoffice.py`).
"""

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from etl import cells
from etl.cells import UNITS, RawCell
from etl.cells.formats import Section, built_in_format, number_format
from tests.format_oracle import shown_unrounded, told_of

GOLDEN = Path(__file__).parents[1] / "golden" / "formats.csv"
MILLION = UNITS["백만원"]
ACCOUNTING = '_-"₩"* #,##0_-;-"₩"* #,##0_-;_-"₩"* "-"_-;_-@_-'
# Read as unreadable on purpose: what stands there is no number, or not only one.
UNTOLD = {
    ";;;": "hidden",
    '"완료"': "a word",
    '[=1]"완료";[=0]"미완료"': "words",
    "0-00": "an identifier",
    "#-##": "an identifier",
    "00-00": "an identifier",
    "0\\-00": "an identifier",
    "000-0000": "an identifier",
    '#"천"000"원"': "12 is shown as 천012원",
    '"A-"000': "an identifier; A-7 may be minus seven",
    '0" (2021)"': "two numbers",
}


def _golden() -> list[tuple[str, Decimal, str]]:
    with GOLDEN.open(encoding="utf-8", newline="") as lines:
        return [(r["code"], Decimal(r["value"]), r["shown"]) for r in csv.DictReader(lines)]


def _section(code: str, value: Decimal) -> Section:
    return number_format(code).section(value)


def test_the_golden_file_holds_enough_pairs() -> None:
    pairs = _golden()
    assert len(pairs) > 700
    assert len({code for code, _, _ in pairs}) > 100


@pytest.mark.parametrize("code", sorted({code for code, _, _ in _golden()}))
def test_a_number_is_what_libreoffice_shows(code: str) -> None:
    """The value read, rounded as it was shown, is the number on the screen, with its unit."""
    read = 0
    for value, shown in ((v, s) for c, v, s in _golden() if c == code):
        section = _section(code, value)
        if section.kind in ("unknown", "date", "duration"):
            continue
        read += 1
        told = told_of(shown)
        if told is None:  # a dash, nothing at all, or words in the place of nothing
            assert value == 0 or "DBNum" in code
            continue
        number = value.scaleb(section.exponent)
        shown_zeros = len(re.sub("[^0]", "", "".join(re.findall(r'"([,.0]+)"', code))))
        step = Decimal(1).scaleb(shown_zeros - told.decimals)
        assert abs(abs(number) - told.number) <= step / 2, (value, shown)
        assert not told.is_negative or number < 0, (value, shown)
        assert (section.kind == "percent") == told.is_percent
        if section.unit is not None and value:
            assert (section.unit and cells.MAGNITUDES[section.unit[:-1]]) == (told.unit or "")
    assert read or code in UNTOLD or _section(code, Decimal(1)).kind in ("date", "duration")


@pytest.mark.parametrize("code", sorted(UNTOLD))
def test_what_cannot_be_told_is_unreadable_and_names_the_format(code: str) -> None:
    raw = RawCell(12345.0, number_format(code))
    if code == '0" (2021)"':
        assert cells.money(raw, MILLION).value == 12_345_000_000  # a word apart, no digit of it
        return
    read = cells.money(raw, MILLION)
    assert (read.value, read.kind, read.problem) == (None, "unreadable", "unreadable_format")
    assert code in read.raw


@pytest.mark.parametrize(
    ("code", "value", "won", "problem"),
    [
        ('"₩"#,##0', 200_000_000.0, 200_000_000, "unit_in_format"),
        ("[$₩-412]#,##0", 200_000_000.0, 200_000_000, "unit_in_format"),
        (ACCOUNTING, 200_000_000.0, 200_000_000, "unit_in_format"),
        (ACCOUNTING, 0.0, 0, None),  # nothing is nothing in every unit
        ("[$KRW] #,##0", 5_000_000.0, 5_000_000, "unit_in_format"),
        ('#,##0"천원"', 1234.0, 1_234_000, "unit_in_format"),
        ('#,##0"백만원"', 200.0, 200_000_000, None),
        ('#,##0,,"백만원"', 200_000_000.0, 200_000_000, None),  # shown as 200백만원
        ('#,##0"百萬원"', 200.0, 200_000_000, None),
        ('#,##0\\.0,"만원"', 200_000_000.0, 200_000_000, "unit_in_format"),  # 20,000.0만원
        ('0!.00,,"억"', 200_000_000.0, 200_000_000, "unit_in_format"),  # 2.00억
        ('0"억"0000"만원"', 20_000.0, 200_000_000, "unit_in_format"),  # 2억0000만원
        ('"₩"#,##0,"천"', 200_000_000.0, 200_000_000, "unit_in_format"),  # ₩200,000천
        ("[>=1000000]#,##0,,;#,##0", 200.0, 200_000_000, None),
        ("[>=1000000]#,##0,,;#,##0", 200_000_000.0, 200_000_000, "scaled_format"),
        ("#,##0,,", 200_000_000.0, 200_000_000, "scaled_format"),
        ("0,.0", 200_000.0, 200_000_000, "scaled_format"),
        ('0",000"', 40.0, 40_000_000_000, "scaled_format"),
        ("0", 66.67, 66_670_000, None),  # shown as 67, never rounded
        ("#,##0;△#,##0", -5.0, -5_000_000, None),
        ("#,##0;[Red]#,##0", -5.0, -5_000_000, None),
    ],
)
def test_amounts_in_a_sheet_of_millions(
    code: str, value: float, won: int, problem: str | None
) -> None:
    read = cells.money(RawCell(value, number_format(code)), MILLION)
    assert (read.value, read.problem) == (won, problem)


@pytest.mark.parametrize(
    "code",
    ['"$"#,##0', "[$€-407] #,##0", '#,##0"달러"', '#,##0"천원/월"', "0;0", "-0", '"▲"0', "(0)", "x0",
     "#\\.##", "0\\.0\\.0", "*00", '0"5"', "0.0,0", "[~dangi]0", "0;0;0;@;0", '"0."00',
     '0"천"00"백만원"', '"천원"0"백만원"', "General%", "0,E+0", "[>5]0"],
)  # fmt: skip
def test_amounts_that_a_format_does_not_tell(code: str) -> None:
    value = -3.0 if code == "0;0" else 3.0
    read = cells.money(RawCell(value, number_format(code)), MILLION)
    assert (read.value, read.problem) == (None, "unreadable_format")


@pytest.mark.parametrize(
    ("code", "value", "rate"),
    [
        ("0%", 0.85, "85"),
        ("0.00%", 0.6667, "66.67"),
        ("0%", 0.6667, "66.67"),  # shown as 67%
        ('0"%"', 85.0, "85"),
        ("[>=1]0%;0.0%", 0.85, "85"),
        ("[<=1]0%;0", 85.0, "85"),
        ("[<=1]0%;0", 0.85, "85"),
        ("0.0", 66.67, "66.67"),
        ("0\\.0", 855.0, "85.5"),
        ("[DBNum1]0", 85.0, "85"),
        ("# ?/?", 85.5, "85.5"),
        ("0.0E+0", 85.5, "85.5"),
    ],
)
def test_rates(code: str, value: float, rate: str) -> None:
    assert cells.rate(RawCell(value, number_format(code))).value == Decimal(rate)


@pytest.mark.parametrize("code", ['"₩"0', '0"천원"', '0"‰"', "yyyy-mm-dd", "[h]:mm", "0;0"])
def test_what_is_no_rate(code: str) -> None:
    read = cells.rate(RawCell(-0.5 if code == "0;0" else 0.5, number_format(code)))
    assert (read.value, read.kind) == (None, "unreadable")


def test_a_per_cent_is_no_amount_and_no_year() -> None:
    for code in ("0%", '0"%"'):
        raw = RawCell(2022.0, number_format(code))
        assert cells.money(raw, MILLION).problem == "unreadable_number"
        assert cells.integer(raw).problem == "unreadable_number"


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0.00", 1.1, "1.10"),
        ("General", 1.1, "1.1"),
        ("@", 1.1, "1.1"),
        ("000", 7.0, "007"),
        ("0-00", 101.0, "1-01"),
        ("#-##", 111.0, "1-11"),
        ("0\\-00", 101.0, "1-01"),
        ('"A-"000', 7.0, "A-007"),
        ('"제"0"호"', 3.0, "제3호"),
        ("00-00-00", 10203.0, "01-02-03"),
        ("#,##0", 1234.0, "1234"),
        ("0.##", 1.0, "1"),
        ("0_ ", 11.0, "11"),
    ],
)
def test_a_number_that_is_an_id_is_what_the_screen_shows(
    code: str, value: float, shown: str
) -> None:
    assert cells.identifier(RawCell(value, number_format(code))).value == shown


@pytest.mark.parametrize(("code", "value"), [("0", 1.1), ("0.0", 1.15), (";;;", 3.0)])
def test_an_id_that_is_shown_with_fewer_digits_is_unreadable(code: str, value: float) -> None:
    read = cells.identifier(RawCell(value, number_format(code)))
    assert (read.value, read.problem) == (None, "unreadable_format")


def test_an_id_under_a_format_of_days_became_a_day() -> None:
    read = cells.identifier(RawCell(43558.0, number_format('gggge"년"')))
    assert (read.value, read.problem) == (None, "id_became_date")


def test_formats_by_number() -> None:
    shown = {
        number: _section(built_in_format(number), Decimal(1)) for number in map(str, range(50))
    }
    assert {n for n, s in shown.items() if s.kind == "percent"} == {"9", "10"}
    assert {n for n, s in shown.items() if s.unit == "원"} == {"5", "6", "7", "8", "42", "44"}
    assert {n for n, s in shown.items() if s.kind in ("date", "duration")} == {
        *map(str, (*range(14, 23), *range(27, 37), *range(45, 48)))
    }
    assert built_in_format("164") == built_in_format("x") == ""


# --- laws ----------------------------------------------------------------------------------------

NUMBERS = st.decimals(-(10**12), 10**12, places=4)
WORDS = st.sampled_from(["명", "건", "개소", "년", "kg", "약 ", "EA", "계획", "호", "이상"])
UNIT_WORDS = st.sampled_from(["", "천원", "백만원", "억", "만원", "원", "명"])
DIGITS = st.sampled_from(["0", "#,##0", "0.0", "#,##0.00", "000", "#,##0.###", "General"])


@given(NUMBERS, st.integers(0, 3), st.booleans(), st.integers(0, 2))
def test_the_number_read_over_the_shown_scale_is_the_number_held(
    value: Decimal, commas: int, is_percent: bool, points: int
) -> None:
    code = "0" + "\\.00"[: points + 2] * bool(points) + "," * commas + "%" * is_percent
    section = _section(code, value)
    exponent = 2 * is_percent - 3 * commas - points
    assert section.exponent == exponent
    assert value.scaleb(section.exponent) * Decimal(10) ** -exponent == value


@given(NUMBERS, DIGITS, WORDS, WORDS, st.booleans())
def test_words_that_are_no_unit_change_nothing(
    value: Decimal, digits: str, before: str, behind: str, is_before: bool
) -> None:
    bare = _section(digits, value)
    code = f'"{before}"{digits}"{behind}"' if is_before else f'{digits}"{behind}"'
    said = _section(code, value)
    assert (said.kind, said.exponent, said.unit) == (bare.kind, bare.exponent, bare.unit)


@given(NUMBERS, st.lists(st.sampled_from(["0", "[>=100]0,", "[<0]-0", "0%", '0"천원"', "#,##0;-0"]),
                         min_size=1, max_size=4))  # fmt: skip
def test_every_number_has_a_section_or_is_told_to_have_none(
    value: Decimal, sections: list[str]
) -> None:
    section = _section(";".join(sections), value)
    assert section.kind in ("general", "percent", "unknown")


@given(st.text(max_size=20), st.floats(allow_nan=False, allow_infinity=False))
def test_no_code_breaks_a_reader(code: str, value: float) -> None:
    raw = RawCell(value, number_format(code))
    for read in (
        cells.money(raw, MILLION),
        cells.rate(raw),
        cells.identifier(raw),
        cells.text(raw),
    ):
        assert (read.value is not None) == (read.kind == "value")


@given(NUMBERS, DIGITS, st.integers(0, 2), UNIT_WORDS, UNIT_WORDS)
def test_the_oracle_and_the_reader_agree(
    value: Decimal, digits: str, commas: int, unit: str, before: str
) -> None:
    commas = 0 if digits == "General" else commas
    code = f'"{before} "{digits}{"," * commas}"{unit}"'
    told = told_of(shown_unrounded(code, value))
    section = _section(code, value)
    if section.kind == "unknown" or section.unit is None:
        return
    assert told is not None
    assert abs(value.scaleb(section.exponent)) == told.number

"""The only parser: what people type, worked out by hand, and the laws that hold for all of it."""

import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from etl import cells
from etl.cells import UNITS, RawCell

PERCENT = cells.number_format("0%")
MILLION = UNITS["백만원"]


def _read(reader: Any, value: Any, **flags: Any) -> tuple[Any, str, str | None]:
    cell = reader(RawCell(value, **flags))
    return cell.value, cell.kind, cell.problem


def _won(value: Any, unit: str = "백만원") -> tuple[Any, str, str | None]:
    cell = cells.money(RawCell(value), UNITS[unit])
    return cell.value, cell.kind, cell.problem


@pytest.mark.parametrize("value", [None, "", "  ", "\u00a0", "\u200b", "\n", "_x000D_"])
@pytest.mark.parametrize(
    "reader", [cells.text, cells.identifier, cells.code, cells.rate, cells.integer, cells.day]
)
def test_blank_is_blank_for_every_reader(reader: Any, value: Any) -> None:
    assert _read(reader, value) == (None, "blank", None)


@pytest.mark.parametrize("value", ["-", "–", "―", "—", " - ", "해당없음", "해당 없음", "N/A", "－"])
@pytest.mark.parametrize("reader", [cells.code, cells.rate, cells.integer, cells.day])
def test_a_dash_alone_is_not_applicable(reader: Any, value: str) -> None:
    assert _read(reader, value) == (None, "not_applicable", None)
    assert _won(value) == (None, "not_applicable", None)


def test_a_dash_stays_text_in_a_text_field() -> None:
    assert _read(cells.text, "-") == ("-", "value", None)


@pytest.mark.parametrize(
    "reader", [cells.text, cells.identifier, cells.code, cells.rate, cells.integer, cells.day]
)
def test_an_error_or_an_uncalculated_formula_is_never_a_blank(reader: Any) -> None:
    read = reader(RawCell("", error="#REF!"))
    assert (read.value, read.raw, read.problem) == (None, "#REF!", "error_cell")
    assert _read(reader, "", is_uncalculated=True)[1:] == ("unreadable", "formula_without_value")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("85", "85"),
        ("85%", "85"),
        ("85.0 %", "85.0"),
        ("８５％", "85"),
        (" 85\u00a0", "85"),
        ("007", "7"),
        ("1,234", "1234"),
        (85.0, "85"),
        (0.1 + 0.2, "0.3"),
        (33.3, "33.3"),
        ("-5", "-5"),
    ],
)
def test_rates_in_per_cent(value: Any, expected: str) -> None:
    assert _read(cells.rate, value) == (Decimal(expected), "value", None)


def test_a_rate_in_a_per_cent_format_is_exact() -> None:
    # 0.153 * 100 is 15.299999999999999 as floats; 0.07 * 100 is 7.000000000000001
    assert cells.rate(RawCell(0.153, PERCENT)) == (Decimal("15.3"), "15.3%", "value", None)
    assert cells.rate(RawCell(0.07, PERCENT)).value == Decimal(7)
    assert cells.rate(RawCell(1.0, PERCENT)) == (Decimal(100), "100%", "value", None)
    assert cells.rate(RawCell("85", PERCENT)).value == Decimal(85)


@pytest.mark.parametrize(
    "value",
    ["12,34", "85점", "85¹", "1e5", "85..0", "--5", True, date(2021, 1, 1), float("nan"), "½"],
)
def test_what_is_no_number_is_unreadable_and_keeps_its_text(value: Any) -> None:
    read = cells.rate(RawCell(value))
    assert (read.value, read.kind, read.problem) == (None, "unreadable", "unreadable_number")
    assert read.raw


@pytest.mark.parametrize(
    "value", [timedelta(hours=30), time(3, 4), datetime.fromisoformat("2021-01-01"), False]
)
def test_dates_durations_and_truth_values_are_no_money(value: Any) -> None:
    assert _won(value) == (None, "unreadable", "unreadable_number")


@pytest.mark.parametrize(
    ("value", "unit", "won"),
    [
        ("1,234", "백만원", 1_234_000_000),
        (40.0, "백만원", 40_000_000),
        (0.5, "백만원", 500_000),
        ("0.5", "백만원", 500_000),
        (0.1 + 0.2, "백만원", 300_000),
        (12.340000000000001, "백만원", 12_340_000),
        ("474748", "백만원", 474_748_000_000),
        (12.345678, "백만원", 12_345_678),
        ("007", "천원", 7_000),
        ("１，２３４", "원", 1_234),
        (1.5, "억원", 150_000_000),
        ("▲5", "백만원", -5_000_000),
        ("△5", "백만원", -5_000_000),
        ("(5)", "백만원", -5_000_000),
        ("-5", "백만원", -5_000_000),
        (-5.0, "백만원", -5_000_000),
        (0.0, "백만원", 0),
        ("40백만원", "천원", 40_000_000),
        ("40 백만 원", "천원", 40_000_000),
        ("3억원", "백만원", 300_000_000),
        ("3억", "백만원", 300_000_000),
        ("5,000원", "백만원", 5_000),
        ("2조 4,324억", "백만원", 2_432_400_000_000),
        ("▲3억원", "백만원", -300_000_000),
    ],
)
def test_money_is_whole_won(value: Any, unit: str, won: int) -> None:
    assert _won(value, unit) == (won, "value", None)


@pytest.mark.parametrize(
    ("value", "unit", "problem"),
    [
        ("12,34", "백만원", "unreadable_number"),
        ("9,327-", "백만원", "unreadable_number"),
        ("2조 4천3246억", "백만원", "unreadable_number"),
        ("3천", "백만원", "unreadable_number"),
        ("약 5", "백만원", "unreadable_number"),
        ("1.234.567", "원", "unreadable_number"),
        (0.0000001, "백만원", "below_one_won"),
        ("0.5", "원", "below_one_won"),
        (1.5, "원", "below_one_won"),
        (33.3333333333333, "백만원", "below_one_won"),
        (1_000_000_001.0, "백만원", "too_large"),
        (1e300, "원", "too_large"),
        ("-1000000000000001", "원", "too_large"),
    ],
)
def test_money_that_cannot_be_taken(value: Any, unit: str, problem: str) -> None:
    assert _won(value, unit) == (None, "unreadable", problem)


def test_the_largest_amount_is_a_thousand_trillion_won() -> None:
    assert _won(10.0**15, "원") == (10**15, "value", None)


def test_three_decimals_as_text_are_a_value_with_a_problem() -> None:
    # 24.394 백만원 may be 24,394 mistyped: the value stands, the shape is said
    assert _won("24.394") == (24_394_000, "value", "shape_three_decimals")
    assert _won("0.394") == (394_000, "value", None)
    assert _won(24.394) == (24_394_000, "value", None)


def test_a_format_that_hides_thousands_is_read_as_shown() -> None:
    # `#,##0,,` shows 40 and holds 40,000,000: 40 백만원
    scaled = RawCell(40_000_000.0, cells.number_format("#,##0,,"))
    assert cells.money(scaled, MILLION) == (40_000_000, "40", "value", "scaled_format")


def test_a_percentage_is_no_money_and_an_unknown_unit_reads_nothing() -> None:
    assert cells.money(RawCell(0.15, PERCENT), MILLION).problem == "unreadable_number"
    assert cells.money(RawCell(40.0), None) == (None, "40", "unreadable", None)


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(UNITS)))
def test_any_won_written_exactly_in_any_unit_reads_back(won: int, unit: str) -> None:
    written = f"{Decimal(won) / UNITS[unit]:f}"
    assert cells.money(RawCell(written), UNITS[unit]).value == won
    assert cells.money(RawCell(f"{written}{unit}"), 1).value == won


@given(st.integers(-(10**15), 10**15))
def test_thousands_separators_do_not_matter(won: int) -> None:
    assert _won(f"{won:,}", "원") == _won(str(won), "원") == (won, "value", None)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["천원", "백만원", "억원"]))
def test_a_number_cell_reads_like_its_text(won: int, unit: str) -> None:
    # up to 15 digits a double holds what was typed
    typed = Decimal(won) / UNITS[unit]
    assert _won(float(typed), unit)[0] == won


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader_and_every_result_is_consistent(text: str) -> None:
    raw = RawCell(text)
    for read in (
        *(f(raw) for f in (cells.text, cells.identifier, cells.code, cells.rate)),
        *(f(raw) for f in (cells.integer, cells.day, lambda c: cells.money(c, MILLION))),
    ):
        assert (read.value is not None) == (read.kind == "value")
        assert (read.problem is not None) or read.kind != "unreadable"
        assert "\0" not in read.raw


@given(st.floats())
def test_no_number_breaks_a_reader(number: float) -> None:
    raw = RawCell(number)
    assert cells.money(raw, MILLION).kind in ("value", "unreadable")
    assert cells.rate(raw).kind in ("value", "unreadable")
    assert cells.integer(raw).kind in ("value", "unreadable")
    assert cells.day(raw).kind in ("value", "unreadable")
    assert cells.text(raw).raw


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2022년", 2022),
        ("2022. 6월", 2022),
        ("2022.6", 2022),
        (2022.6, 2022),
        ("2022", 2022),
        (40.0, 40),
        ("민선7기", 7),
        ("제8기", 8),
        ("7기", 7),
        ("２０２２", 2022),
    ],
)
def test_whole_numbers_years_and_terms(value: Any, expected: int) -> None:
    assert _read(cells.integer, value) == (expected, "value", None)


@pytest.mark.parametrize(
    "value", [40.5, "40.5", "22년", "2022~2023", "2022. 13월", date(2022, 6, 30)]
)
def test_what_is_no_whole_number(value: Any) -> None:
    assert _read(cells.integer, value) == (None, "unreadable", "unreadable_number")


def test_an_integer_fits_its_column() -> None:
    assert _read(cells.integer, 2.0**31) == (None, "unreadable", "too_large")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2021, 3, 1), date(2021, 3, 1)),
        (datetime.fromisoformat("2021-03-01T09:30"), date(2021, 3, 1)),
        ("2021-03-01", date(2021, 3, 1)),
        ("2021.3.1.", date(2021, 3, 1)),
        ("2021. 3. 1", date(2021, 3, 1)),
        ("2021/3/1", date(2021, 3, 1)),
        ("'19. 3. 27.", date(2019, 3, 27)),
        ("’19.3.27", date(2019, 3, 27)),
        ("2019년 4월 3일", date(2019, 4, 3)),
        ("2019년 4월 3일(수)", date(2019, 4, 3)),
        ("20190403", date(2019, 4, 3)),
        (20190403.0, date(2019, 4, 3)),
        (43558.0, date(2019, 4, 3)),  # 43,558 days after 1899-12-30
        ("2021-03-01 00:00:00", date(2021, 3, 1)),
    ],
)
def test_dates(value: Any, expected: date) -> None:
    assert _read(cells.day, value) == (expected, "value", None)


@pytest.mark.parametrize(
    "value", ["2019년 4월", "2021-02-30", "3.27.", True, timedelta(days=1), 5.0, 1e300, "99999999"]
)
def test_what_is_no_date(value: Any) -> None:
    assert _read(cells.day, value) == (None, "unreadable", "unreadable_date")


def test_an_id_is_text_whatever_excel_made_of_it() -> None:
    assert cells.identifier(RawCell(11.0)).value == "11"
    assert cells.identifier(RawCell(7.0, cells.number_format("000"))).value == "007"
    assert cells.identifier(RawCell(" 지역경제-9\u00a0")).value == "지역경제-9"
    assert cells.identifier(RawCell("III-①-1")).value == "III-①-1"
    read = cells.identifier(RawCell(date(2026, 1, 11)))  # 1-11
    assert (read.value, read.raw, read.problem) == (None, "2026-01-11", "id_became_date")


def test_text_is_composed_and_clean() -> None:
    decomposed = unicodedata.normalize("NFD", "공약")
    assert cells.text(RawCell(decomposed)).value == "공약"
    assert cells.text(RawCell("첫 줄_x000D_\r\n둘째 줄\x00_x0000_")).value == "첫 줄\n둘째 줄"
    assert cells.text(RawCell("a_x0041_b")).value == "a_x0041_b"


def test_a_label_is_compared_without_blanks_dots_and_brackets() -> None:
    assert cells.code(RawCell("완료 (계속)")) == ("완료계속", "완료 (계속)", "value", None)
    assert cells.code(RawCell("()")).problem == "unreadable_text"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("0.0%", "percent"),
        ("General", "general"),
        ("G/표준", "general"),
        ('gggge"년"', "date"),
        ("yyyy-mm-dd", "date"),
        ("[$-412]yyyy년 m월", "date"),
        ("[h]:mm", "duration"),
        ("@", "text"),
        ("0.00E+00", "general"),
        ("#,##0_);[Red]\\(#,##0\\)", "general"),
        ('#,##0"년"', "general"),
        ('0"%"', "percent"),
        ("_-* #,##0_-;-* #,##0_-", "general"),
    ],
)
def test_number_formats(written: str, kind: str) -> None:
    assert cells.number_format(written).kind == kind


@pytest.mark.parametrize(
    ("written", "exponent"), [("#,##0,,", -6), ("0.0,", -3), ("#,##0", 0), ('0",000"', 3)]
)
def test_formats_that_change_the_power_of_ten(written: str, exponent: int) -> None:
    assert cells.number_format(written).section(Decimal(1)).exponent == exponent


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ('#,##0"천원"', "천원"),
        ("#,##0원", "원"),
        ('#,##0\\ "백만 원"', "백만원"),
        ('General"억"', "억원"),
        ('#,##0"년"', ""),
        ('"약" #,##0', ""),
        ("[$₩-412]#,##0", "원"),
    ],
)
def test_the_unit_that_a_format_prints(written: str, unit: str) -> None:
    assert cells.number_format(written).section(Decimal(1)).unit == unit


def test_a_unit_of_the_format_holds_before_the_sheets() -> None:
    # shown as 1234천원 on a sheet in 백만원: 1,234 × 1,000 won
    shown = RawCell(1234.0, cells.number_format('#,##0"천원"'))
    assert cells.money(shown, MILLION) == (1_234_000, "1234천원", "value", "unit_in_format")
    assert cells.money(shown, UNITS["천원"]).problem is None
    # 40 shown as 40,000
    zeros = RawCell(40.0, cells.number_format('0",000"'))
    assert cells.money(zeros, MILLION) == (40_000_000_000, "40000", "value", "scaled_format")

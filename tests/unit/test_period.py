"""Periods of every kind: their days, neighbours, order and words."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from etl.period import (
    PERIOD_PATTERN,
    Day,
    Half,
    Month,
    Period,
    Quarter,
    asked_period,
    is_period,
    parse_period,
)
from etl.problems import UsageError

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
OF_MONTHS = st.sampled_from([Month, Quarter, Half])


@given(OF_MONTHS, DAYS)
def test_a_day_lies_in_its_period_and_periods_follow_without_a_gap(
    kind: type[Month], day: date
) -> None:
    period = kind.of(day)
    assert period.first_day <= day <= period.last_day
    assert period.last_day + timedelta(days=1) == period.next().first_day
    assert period.next().previous() == period < period.next()
    assert parse_period(str(period)) == period


@given(DAYS)
def test_a_day_is_its_own_first_and_last(day: date) -> None:
    period = Day(day)
    assert period.first_day == day == period.last_day
    assert period.previous().last_day + timedelta(days=1) == day
    assert parse_period(str(period)) == period


@given(st.tuples(DAYS, DAYS), OF_MONTHS)
def test_a_year_ago_is_the_same_place_of_the_year_before(
    days: tuple[date, date], kind: type[Month]
) -> None:
    period = kind.of(days[0])
    earlier = period.year_ago()
    assert (earlier.year, str(earlier)[4:]) == (period.year - 1, str(period)[4:])
    assert Day(days[1]).year_ago().year == days[1].year - 1


def test_of_one_day_the_shorter_kind_stands_first() -> None:
    written = ["2021H2", "2021Q4", "2021-12", "2021-12-31", "2021-12-06", "2021Q3", "2022-01-01"]
    assert [str(one) for one in sorted(map(parse_period, written))] == [
        "2021Q3", "2021-12-06", "2021-12-31", "2021-12", "2021Q4", "2021H2", "2022-01-01"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "title", "due", "voted_year"),
    [
        ("2021Q4", "2021년 4분기", "2022-01-10", 2022),
        ("2021Q2", "2021년 2분기", "2021-07-10", 2021),
        ("2021H1", "2021년 상반기", "2021-07-10", 2021),
        ("2021H2", "2021년 하반기", "2022-01-10", 2022),
        ("2021-11", "2021년 11월", "2021-12-10", 2021),
        ("2021-12", "2021년 12월", "2022-01-10", 2022),
        ("2021-12-06", "2021년 12월 6일", "2022-01-10", 2021),
    ],
)
def test_what_a_blank_of_the_calendar_means(
    written: str, title: str, due: str, voted_year: int
) -> None:
    period = parse_period(written)
    assert period.title == title
    assert period.usual_start == period.last_day + timedelta(days=1)
    assert period.usual_due == date.fromisoformat(due)
    assert period.usual_voted_year == voted_year


def test_a_leap_day_has_the_28th_a_year_before() -> None:
    assert str(parse_period("2024-02-29").year_ago()) == "2023-02-28"


@pytest.mark.parametrize(
    "written", ["2021Q5", "2021H3", "2021-13", "2021-02-29", "2021-1", "21-12-06", "2021", ""]
)
def test_what_is_no_period_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="2021H1"):
        parse_period(written)


@given(st.from_regex(r"[0-9]{4}(Q[0-9]|H[0-9]|-[0-3][0-9](-[0-3][0-9])?)", fullmatch=True))
def test_the_pattern_of_the_forms_takes_just_what_is_read(written: str) -> None:
    assert bool(re.fullmatch(PERIOD_PATTERN, written)) == is_period(written)


def test_the_pattern_knows_every_day_of_the_calendar() -> None:
    """Of 400 years, after which the calendar begins anew."""
    numbers = range(1, 32)
    written = {
        f"{y}-{m:02}-{d:02}" for y in range(1900, 2300) for m in range(1, 13) for d in numbers
    }
    first = date(1900, 1, 1)
    days = {str(first + timedelta(n)) for n in range((date(2300, 1, 1) - first).days)}
    assert {one for one in written if re.fullmatch(PERIOD_PATTERN, one)} == days


@given(st.from_regex(r"[0-9]{4}(Q|H|-[0-9])[0-9](-[0-9]{2})?", fullmatch=True))
def test_what_is_read_has_days(written: str) -> None:
    if not is_period(written):
        with pytest.raises(UsageError, match=written) as refused:
            asked_period(written)
        assert all((refused.value.happened, refused.value.untouched, refused.value.next_step))
        return
    period = asked_period(written)
    assert period.first_day <= period.last_day < period.usual_due
    assert period.previous() < period


@given(DAYS, st.sampled_from([Day, Month, Half]))
def test_a_quarter_is_only_a_quarter(day: date, kind: type[Period]) -> None:
    written = str(kind(day) if kind is Day else kind.of(day))  # type: ignore[attr-defined, call-arg]
    with pytest.raises(ValueError, match="2021Q4"):
        Quarter.parse(written)

"""Quarters in Seoul, and moments as people write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from etl.quarter import SEOUL, Quarter, parse_moment

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))


@given(DAYS)
def test_a_day_lies_in_its_quarter(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert Quarter.parse(str(quarter)) == quarter


@given(DAYS)
def test_quarters_follow_each_other_without_a_gap(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.next().previous() == quarter
    assert quarter.last_day + timedelta(days=1) == quarter.next().first_day
    assert quarter < quarter.next()


def test_new_year_in_seoul_is_last_year_in_utc() -> None:
    # 2026-01-01 00:00 in Seoul is 2025-12-31 15:00 UTC: the quarter is that of Seoul.
    moment = datetime(2025, 12, 31, 15, 0, tzinfo=UTC)
    assert str(Quarter.of(moment.astimezone(SEOUL).date())) == "2026Q1"


@pytest.mark.parametrize("text", ["2021Q0", "2021Q5", "21Q1", "2021 1분기", ""])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2021Q4"):
        Quarter.parse(text)


def test_a_bare_date_means_the_end_of_that_day() -> None:
    assert parse_moment("2026-04-15") == datetime(2026, 4, 15, 23, 59, 59, 999999, tzinfo=SEOUL)
    assert parse_moment("2026-04-15T09:00") == datetime(2026, 4, 15, 9, 0, tzinfo=SEOUL)
    assert parse_moment("2026-04-15T00:00+00:00") == datetime(2026, 4, 15, 9, 0, tzinfo=SEOUL)

"""The functions of `sql/functions/quarter_*.sql` say of a text what `etl.period` says of it."""

from datetime import date
from pathlib import Path

from hypothesis import given, settings as hypothesis_settings, strategies as st
from sqlalchemy import text

from etl.period import Day, Half, Month, Period, Quarter, parse_period
from etl.warehouse import transaction

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
PERIODS = st.builds(
    lambda kind, day: kind(day) if kind is Day else kind.of(day),
    st.sampled_from([Day, Month, Quarter, Half]),
    DAYS,
)
# Also what is nearly a period: no such month, no such day, blanks, another letter.
TEXTS = st.one_of(
    PERIODS.map(str),
    st.from_regex(r"[12]\d{3}(Q[0-9]|H[0-9]|-\d{2}(-\d{2})?)?", fullmatch=True),
    st.sampled_from(["", "2021", "2021-02-29", "2024-02-29", "2021Q4 ", "2021h1x", "0000-01-01", "0000Q1",
                     "0999H2"]),
)
SAID = text(
    "SELECT core.quarter_kind(q), core.quarter_first_day(q), core.quarter_last_day(q),"
    " core.quarter_before(q, 1), core.quarter_year_ago(q), core.quarter_title(q)"
    " FROM (SELECT CAST(:q AS text)) AS asked (q)"
)


@given(PERIODS)
@hypothesis_settings(max_examples=400)
def test_the_database_knows_a_period_as_the_code_does(home: Path, period: Period) -> None:
    with transaction() as connection:
        said = tuple(connection.execute(SAID, {"q": str(period)}).one())
    assert said == (
        period.kind, period.first_day, period.last_day,
        str(period.previous()), str(period.year_ago()), period.title,
    )  # fmt: skip


@given(TEXTS)
@hypothesis_settings(max_examples=400)
def test_what_is_no_period_is_none_to_both(home: Path, written: str) -> None:
    with transaction() as connection:
        kind = connection.execute(text("SELECT core.quarter_kind(:q)"), {"q": written}).scalar()
    try:
        known = parse_period(written)
    except ValueError:
        assert kind is None
    else:
        assert kind == known.kind or written != str(known)


@given(st.lists(PERIODS, max_size=8))
@hypothesis_settings(max_examples=100)
def test_periods_are_put_in_order_alike(home: Path, periods: list[Period]) -> None:
    with transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT q FROM UNNEST(CAST(:q AS text[])) AS asked (q)"
                " ORDER BY core.quarter_last_day(q), core.quarter_months(q)"
            ),
            {"q": [str(one) for one in periods]},
        )
        assert [parse_period(row.q) for row in rows] == sorted(periods)

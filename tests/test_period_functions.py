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
    st.sampled_from(
        [
            "",
            "2021",
            "2021-02-29",
            "2024-02-29",
            "2021Q4 ",
            "2021h1x",
            "0000-01-01",
            "0000Q1",
            "0999H2",
        ]
    ),
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


def _spoken(period: Period, pick: int) -> tuple[str, str]:
    """One of the ways people write a period, and the pattern of ids that it means."""
    written, year = str(period), f"{period.year}년 "
    own = period.title.removeprefix(year)
    short = f"{period.year % 100:02}년{own.replace(' ', '')}"
    as_it_is = (written, period.title, period.title.replace(" ", ""), short)
    if isinstance(period, Day):
        dotted = written.replace("-", ".")
        bare = f"{period.year}.{period.day.month}.{period.day.day}"
        as_it_is += (dotted, bare, f"({dotted}.)")
    means = {len(as_it_is): f"____{written[4:]}"}
    ways = (*as_it_is, own)
    way = pick % len(ways)
    return ways[way], means.get(way, written)


@given(PERIODS.filter(lambda one: 2000 <= one.year < 2100), st.integers(0, 11),
       st.sampled_from(["", "가온과_", "정정 ", "이행보고서-"]),
       st.sampled_from([".xlsx", "_가온과.xlsx", " (2).xlsx", "_v2.xlsx"]))  # fmt: skip
@hypothesis_settings(max_examples=400)
def test_the_name_of_a_file_says_its_period_however_it_is_written(
    home: Path, period: Period, pick: int, before: str, behind: str
) -> None:
    spoken, means = _spoken(period, pick)
    name = text("SELECT core.periods_named(:name)")
    with transaction() as connection:
        assert connection.scalars(name, {"name": before + spoken + behind}).all() == [means]


@given(st.text(alphabet="가온과보고서 _-.()vV", max_size=20))
@hypothesis_settings(max_examples=100)
def test_a_name_without_numbers_says_no_period(home: Path, written: str) -> None:
    with transaction() as connection:
        said = connection.scalars(text("SELECT core.periods_named(:name)"), {"name": written})
        assert said.all() == []

"""What a header or a line says first: years, quarters, days, units."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from etl.cells import UNITS
from etl.cells.phrases import (
    leading_day,
    leading_period,
    leading_quarter,
    leading_years,
    printed_unit,
    titled_period,
)
from etl.period import Day, Half, Month, Period, Quarter


@pytest.mark.parametrize(
    ("text", "years", "rest"),
    [
        ("2018년", "2018", ""),
        ("2018", "2018", ""),
        ("20\n18년도", "2018", ""),
        ("'18년", "2018", ""),
        ("18년", "2018", ""),
        ("2022. 6월", "2022", ""),
        ("2022년 1월~6월", "2022", ""),
        ("2022~2023", "2022~2023", ""),
        ("2022년 ∼ '23년", "2022~2023", ""),
        ("2018-19년", "2018~2019", ""),
        ("2019년 확보액", "2019", "확보액"),
        ("2022～2023년 투자 수요", "2022~2023", "투자수요"),
    ],
)
def test_the_years_of_a_header(text: str, years: str, rest: str) -> None:
    assert leading_years(text) == (years, rest)


@pytest.mark.parametrize("text", ["40", "2,018", "1234", "2023~2022", "합계", "", "3018년", "8년"])
def test_no_year_is_made_up(text: str) -> None:
    assert leading_years(text)[0] is None


@pytest.mark.parametrize(
    ("text", "quarter", "rest"),
    [
        ("【19년 1분기】", "2019Q1", ""),
        ("[2019년 1/4분기 실적]", "2019Q1", ""),
        ("〔’21. 4분기〕 : 실적 없음", "2021Q4", "실적 없음"),
        ("(2019년도 제3분기) 회의", "2019Q3", "회의"),
        ("'19. 2분기", "2019Q2", ""),
        ("2019년 제4분기 추진실적:", "2019Q4", ""),
    ],
)
def test_the_quarter_of_a_line(text: str, quarter: str, rest: str) -> None:
    assert leading_quarter(text) == (quarter, rest)


@pytest.mark.parametrize(
    "text",
    [
        "19년 1분기 실적 보고회를 엶",
        "【19년 5분기】",
        "【19년 1분기 ~ 2분기】",
        "【협업】",
        "1분기",
        "",
    ],
)
def test_a_line_about_a_quarter_is_no_quarter(text: str) -> None:
    assert leading_quarter(text) == (None, text)


@pytest.mark.parametrize(
    ("text", "day", "raw", "rest"),
    [
        ("'19. 3. 27. : 방침", date(2019, 3, 27), "'19. 3. 27.", "방침"),
        ("’19. 4. 03. : 발족", date(2019, 4, 3), "’19. 4. 03.", "발족"),
        ("2019년 4월 3일(수) 회의", date(2019, 4, 3), "2019년 4월 3일(수)", "회의"),
        ("2019-04-03: 모임 3건", date(2019, 4, 3), "2019-04-03", "모임 3건"),
        ("19.4.3 - 모임", date(2019, 4, 3), "19.4.3", "모임"),
        ("'19. 4. 3. ~ 4. 5. : 교육", date(2019, 4, 3), "'19. 4. 3.", "~ 4. 5. : 교육"),
    ],
)
def test_the_day_of_a_line(text: str, day: date, raw: str, rest: str) -> None:
    read, behind = leading_day(text)
    assert (read.value, read.raw, read.kind, behind) == (day, raw, "value", rest)


def test_a_day_that_is_none_is_unreadable_only_where_it_must_be_a_day() -> None:
    read, rest = leading_day("'19. 13. 45. : 모임")
    assert (read.raw, read.problem, rest) == ("'19. 13. 45.", "unreadable_date", "모임")
    assert leading_day("10. 20. 30명")[0].kind == "blank"


@pytest.mark.parametrize(
    "text", ["주민 설명회", "'19. 5월 : 모임", "3. 27. : 모임", "100 120 130", ""]
)
def test_a_line_without_a_day_stays_whole(text: str) -> None:
    read, rest = leading_day(text)
    assert (read.kind, rest) == ("blank", text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("(단위 : 백만 원)", ("백만원", "백만원")),
        ("단위: 억", ("억", "억원")),
        ("[단위 : 천 달러]", ("천달러", None)),
        ("(단위 : 명)", None),
        ("백만원", None),
    ],
)
def test_the_unit_that_a_text_prints(text: str, unit: tuple[str, str | None] | None) -> None:
    assert printed_unit(text) == unit


@given(st.text("0123456789'’.~-년월일분기(단위:백만원)【】 /\n", max_size=40))
def test_no_text_breaks_a_phrase(text: str) -> None:
    years, _ = leading_years(text)
    assert years is None or years[:2] in ("19", "20")
    quarter, _ = leading_quarter(text)
    assert quarter is None or quarter[4:] in ("Q1", "Q2", "Q3", "Q4")
    assert leading_day(text)[0].kind in ("value", "blank", "unreadable")
    unit = printed_unit(text)
    assert unit is None or unit[1] in (None, *UNITS)


@given(
    st.builds(
        lambda kind, day: kind(day) if kind is Day else kind.of(day),
        st.sampled_from([Day, Month, Quarter, Half]),
        st.dates(date(2001, 1, 1), date(2099, 12, 31)),
    )
)
def test_what_a_sent_out_card_prints_of_a_period_is_read_again(period: Period) -> None:
    assert leading_period(f"【{period.title[2:]}】") == (str(period), "")
    assert titled_period(f"{period.title} 공약관리카드") == (str(period), "공약관리카드")


def test_other_periods_are_headings_of_sent_out_cards_alone() -> None:
    assert leading_quarter("【21년 상반기】") == (None, "【21년 상반기】")
    assert leading_period("【19년 1분기】") == ("2019Q1", "")
    assert leading_period("21년 상반기 실적 보고회를 엶") == (None, "21년 상반기 실적 보고회를 엶")

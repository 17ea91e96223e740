"""Returns as departments may send them: most count, some are stopped by a rule the model knows."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.torture.model_domain import QUARTERS, File, Line, Register

UNREASONED = "2-2"  # without money: of what asks for a reason, the model knows P-09 and H-01
USUAL = {"D01": {"1-1", "1-2"}, "D02": {"2-1", "2-3"}, "D03": {"2-2"}}

quarters = st.sampled_from(QUARTERS)


def returns(draw: Any, number: int, register: Register) -> File:
    """A return of the department that owns a pledge, of some of what it owns or owned."""
    quarter, department = draw(quarters), draw(st.sampled_from(("D01", "D02", "D03")))
    known = sorted(USUAL[department] | {
        p for p, line in register.pledges.items() if department in line.owners
    })  # fmt: skip
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
    lines = tuple(_line(draw, pledge, quarter, number) for pledge in sorted(chosen))
    return File(department, quarter, lines)


def _line(draw: Any, pledge: str, quarter: str, number: int) -> Line:
    whole = st.integers(0, 99).map(Decimal)
    status, rate, reason = draw(st.one_of(
        st.tuples(st.sampled_from(("정상추진", "일부추진", "보류")), whole, st.just("다시 셈")),
        st.tuples(st.sampled_from(("완료", "완료(계속)")), st.just(Decimal(100)), st.just("다시 셈")),
        st.tuples(st.just("완료"), st.integers(50, 99).map(Decimal), st.just("집계를 다시 함")),
        st.tuples(st.just("정상추진"), st.integers(101, 130).map(Decimal), st.just("다시 셈")),
        # A rate that no other file has, so that no earlier reason answers for it.
        st.tuples(st.just("완료"), st.sampled_from((50, 70, 90)).map(
            lambda rate: Decimal(rate) + Decimal(number) / 100), st.none()),
    ))  # fmt: skip
    target = draw(st.sampled_from(("달성", "미달성", None)))
    next_year = f"2022 {'확보액' if quarter == '2021Q4' else '투자수요'}"
    headers = ("기투자", "2020 확보액", "2021 확보액", "2021 집행액", next_year, "임기후")
    money: tuple[tuple[str, int], ...] = ()
    if pledge != UNREASONED:
        amounts = draw(st.one_of(st.just(()), st.tuples(*[st.integers(1, 90)] * len(headers))))
        money = tuple(zip(headers, amounts, strict=False))
    return Line(pledge, status, rate, target, reason, money)

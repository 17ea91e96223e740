"""Laws that hold for whatever departments report."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tests.figures.conftest import Money, World

STATUSES = ("COMPLETED", "COMPLETED_ONGOING", "ON_TRACK", "BEHIND", "ON_HOLD", "DROPPED")
YEARS = ("pre_term", "2018", "2019", "2020~2021", "2021", "2022", "2023", "post_term")

Reported = tuple[str | None, int | None, str, list[Money]]


@st.composite
def lines(draw: st.DrawFn) -> list[Money]:
    keys = draw(
        st.sets(st.tuples(st.sampled_from(YEARS), st.sampled_from(("OWN", "NATIONAL"))), max_size=5)
    )
    found = []
    for year, source in sorted(keys):
        plan = draw(st.integers(0, 10_000))
        is_secured = year == "pre_term" or (year != "post_term" and draw(st.booleans()))
        executed = 0 if year in ("pre_term", "post_term") else draw(st.integers(0, plan))
        found.append(Money(year, plan, plan if is_secured else 0, executed, source=source))
    return found


REPORTS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(STATUSES)),
        st.one_of(st.none(), st.integers(0, 100)),
        st.sampled_from(("A", "B", "A,B")),
        lines(),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=25)
@given(reports=REPORTS)
def test_laws_of_figures(make_world: Callable[[], World], reports: list[Reported]) -> None:
    world = make_world()
    for number, (status, rate, department, money) in enumerate(reports):
        world.pledge(str(number), department=department, field_name="가나"[number % 2])
        if status:
            world.report(str(number), "2021Q4", status, rate, money, met=number % 2 == 0)
    figures = world.figures("2021Q4")  # proves every row against the second computation

    # aggregates come from pledges: fields partition `all`, for counts and money alike
    for code in ("R1", "R2", "R3", "R4", "B1", "PLAN", "SECURED", "EXECUTED"):
        of_fields = [r for r in figures.rows if r.figure_code == code and r.scope_type == "field"]
        assert sum(r.numerator for r in of_fields) == figures[code].numerator
        assert sum(r.denominator or 0 for r in of_fields) == (figures[code].denominator or 0)
    # so do sources and fiscal years, for money
    for code in ("PLAN", "SECURED", "EXECUTED"):
        for scope_type in ("funding_source", "fiscal_year"):
            parts = [r for r in figures.rows if (r.figure_code, r.scope_type) == (code, scope_type)]
            assert sum(r.numerator for r in parts) == figures[code].numerator
    rated = [Decimal(rate) for status, rate, _, _ in reports if status and rate is not None]
    assert figures["R1"].numerator == sum(rated)
    assert figures["R1"].denominator == len(rated)
    # what is secured is planned, so B1 and B2 are shares; R1 lies between the rates
    for row in figures.rows:
        if (
            row.figure_code in ("B1", "B2", "R1", "R1_IN", "R2", "R3", "R4")
            and row.value_pct is not None
        ):
            assert 0 <= row.value_pct <= 100
        assert (row.value_pct is None) == (not row.denominator)
        assert bool(row.no_value_reason) == (
            row.value_pct is None and row.figure_code not in ("PLAN", "SECURED", "EXECUTED")
        )

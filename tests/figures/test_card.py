"""The example card of the domain page: every money figure of one pledge, worked out by hand."""

from decimal import Decimal

import pytest

from tests.figures.conftest import World, demand, secured

# 2018-2020 are 확보액, 2021 and 2022 still 투자수요; 3 was executed in 2019.
CARD = [
    secured(2018, 0),
    secured(2019, 10, executed=3),
    secured(2020, 10),
    demand(2021, 10),
    demand(2022, 10),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "numerator", "denominator", "shown"),
    [
        ("B1", 20, 40, "50.00"),  # (0+10+10) / (0+10+10+10+10)
        ("B2", 20, 40, "50.00"),  # no money outside the term
        ("B3", 3, 40, "7.50"),  # 3/40
        ("B4", 3, 40, "7.5"),
        ("B5", 3, 10, "30.0"),  # secured up to 2019: 0+10
        ("B5_VOTED", 3, 20, "15.0"),  # secured in all voted years: 0+10+10
        ("B6", 3, 10, "30.0"),  # 2019 alone
    ],
)
def test_card(world: World, code: str, numerator: int, denominator: int, shown: str) -> None:
    world.pledge("지역경제-9")
    world.report("지역경제-9", "2019Q4", "COMPLETED_ONGOING", 100, CARD)
    figure = world.figures("2019Q4")[code]
    assert figure.numerator == numerator * 1_000_000
    assert figure.denominator == denominator * 1_000_000
    assert figure.shown == shown
    assert figure.value_pct == Decimal(shown)
    assert figure.no_value_reason is None


def test_card_sums_are_won_without_a_denominator(world: World) -> None:
    world.pledge("지역경제-9")
    world.report("지역경제-9", "2019Q4", "COMPLETED_ONGOING", 100, CARD)
    figures = world.figures("2019Q4")
    for code, amount in (
        ("PLAN", "40,000,000"),
        ("SECURED", "20,000,000"),
        ("EXECUTED", "3,000,000"),
    ):
        assert figures[code].shown == amount
        assert figures[code].denominator is None
        assert figures[code].value_pct is None
        assert figures[code].no_value_reason is None


def test_card_by_fiscal_year(world: World) -> None:
    world.pledge("지역경제-9")
    world.report("지역경제-9", "2019Q4", "COMPLETED_ONGOING", 100, CARD)
    figures = world.figures("2019Q4")
    nothing = "해당 없음"
    # executed / plan of the same year: 2018 0/0, 2019 3/10, later 0/10
    assert figures.scopes("B3", "fiscal_year") == {
        "2018": nothing, "2019": "30.00", "2020": "0.00", "2021": "0.00", "2022": "0.00"
    }  # fmt: skip
    # executed / secured: nothing is secured in 2018, 2021 and 2022
    assert figures.scopes("B6", "fiscal_year") == {
        "2018": nothing, "2019": "30.0", "2020": "0.0", "2021": nothing, "2022": nothing
    }  # fmt: skip
    assert figures["PLAN", "fiscal_year:2021"].numerator == 10_000_000
    assert {r.figure_code for r in figures.rows if r.scope_type == "fiscal_year"} == {
        "B3", "B6", "PLAN", "SECURED", "EXECUTED"
    }  # fmt: skip

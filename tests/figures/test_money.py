"""Money figures: what is in the term, what is joined, what has no denominator."""

from tests.figures.conftest import Money, World, demand, secured


def test_money_before_and_after_the_term(world: World) -> None:
    world.pledge("1")
    lines = [
        secured("pre_term", 100),
        secured(2020, 40, executed=30),
        demand(2021, 60, executed=6),
        demand("post_term", 200),
    ]
    world.report("1", "2021Q4", money=lines)
    figures = world.figures("2021Q4")
    assert figures["B1"].shown == "35.00"  # (100+40)/(100+40+60+200) = 140/400
    assert figures["B2"].shown == "40.00"  # 40/100
    assert figures["B3"].shown == "36.00"  # 36/100
    assert figures["B4"].shown == "9.0"  # 36/400
    assert figures["B5"].shown == "90.0"  # 36/40
    assert figures["B5_VOTED"].shown == "90.0"
    assert figures["B6"].shown == "해당 없음"  # 2021 is still 투자수요
    assert "2021년 확보액이 없습니다" in (figures["B6"].no_value_reason or "")
    plain = {
        r.scope_id
        for r in figures.rows
        if r.figure_code == "PLAN" and r.scope_type == "fiscal_year"
    }
    assert plain == {"pre_term", "2020", "2021", "post_term"}
    assert set(figures.scopes("B3", "fiscal_year")) == {"2020", "2021"}
    assert figures["SECURED", "fiscal_year:pre_term"].shown == "100,000,000"
    assert figures["SECURED", "fiscal_year:pre_term"].scope_name == "기투자"


def test_a_year_outside_the_term_is_in_no_within_term_figure(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", money=[secured(2021, 10, executed=5), demand(2023, 90)])
    figures = world.figures("2021Q4")
    assert figures["B2"].shown == "100.00"  # 10/10
    assert figures["B1"].shown == "10.00"  # 10/100
    assert figures["B4"].shown == "5.0"  # 5/100


def test_a_pledge_without_budget_has_no_value_with_a_reason(world: World) -> None:
    world.pledge("1", budget_class_code="NO_BUDGET")
    world.report("1", "2021Q4", "COMPLETED", 100)
    figures = world.figures("2021Q4")
    for code in ("B1", "B2", "B3", "B4", "B5", "B5_VOTED", "B6"):
        assert figures[code].shown == "해당 없음"
        assert figures[code].value_pct is None
        assert (figures[code].numerator, figures[code].denominator) == (0, 0)
        assert (figures[code].no_value_reason or "").startswith("분모가 0입니다")
    assert figures["R1"].shown == "100.0"
    assert figures["R1"].with_amount_count == 0
    assert figures["PLAN"].shown == "0"


def test_a_joined_column_is_whole(world: World) -> None:
    world.pledge("1")
    world.pledge("2", field_name="교통")
    world.report(
        "1", "2021Q4", money=[secured(2019, 10, executed=10), secured("2020~2021", 30, 12)]
    )
    world.report("2", "2021Q4", money=[secured(2021, 20, executed=5)])
    figures = world.figures("2021Q4")
    assert figures["B5"].shown == "45.0"  # (10+12+5)/(10+30+20) = 27/60
    assert figures["B6"].shown == "해당 없음"
    assert "합친 연도" in (figures["B6"].no_value_reason or "")
    assert figures["B6"].denominator is None
    assert figures["B6", "field:교통"].shown == "25.0"  # 5/20: no joined column there
    assert figures["B6", "fiscal_year:2019"].shown == "100.0"
    assert figures["B6", "fiscal_year:2021"].no_value_reason  # part of 2021 hides in 2020~2021
    assert figures["B6", "fiscal_year:2020~2021"].no_value_reason
    assert figures["B3", "fiscal_year:2020~2021"].shown == "40.00"  # 12/30
    # in 2020 the joined column is not over yet: neither its secured nor its executed counts
    figures = world.figures("2021Q4")
    world.report("1", "2020Q4", money=[secured(2019, 10, executed=4), secured("2020~2021", 30, 12)])
    assert world.figures("2020Q4")["B5", "field:경제"].shown == "40.0"  # 4/10
    assert world.figures("2020Q4")["B5_VOTED", "field:경제"].shown == "40.0"  # 16/40


def test_a_joined_column_elsewhere_in_time_leaves_b6_alone(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", money=[secured("2018~2019", 30, 12), secured(2021, 20, executed=5)])
    assert world.figures("2021Q4")["B6"].shown == "25.0"  # 5/20


def test_sources_add_up_and_labels_of_one_source_are_one(world: World) -> None:
    world.pledge("1")
    world.pledge("2")
    lines = [
        secured(2021, 60, executed=30, source="NATIONAL", label="국비"),
        secured(2021, 20, executed=10, source="NATIONAL", label="균특"),
        demand(2021, 40, source="OWN"),
    ]
    world.report("1", "2021Q4", money=lines)
    world.report("2", "2021Q4", money=[secured(2021, 80, source="OWN")])
    figures = world.figures("2021Q4")
    assert figures.scopes("B1", "funding_source") == {
        "NATIONAL": "100.00",
        "OWN": "66.67",
    }  # 80/120
    assert figures["B1"].shown == "80.00"  # 160/200
    assert figures["PLAN", "funding_source:OWN"].pledge_count == 2
    assert figures["PLAN", "funding_source:NATIONAL"].with_amount_count == 1
    assert figures["PLAN", "funding_source:NATIONAL"].scope_name == "국비"
    assert not [
        r for r in figures.rows if r.scope_type == "funding_source" and r.figure_code[0] == "R"
    ]
    budget = world.rows("mart.pledge_budget", "pledge_id, funding_source_code, plan_krw")
    assert ("1", "NATIONAL", 80_000_000) in budget


def test_zero_is_not_an_amount(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4", money=[Money("2021", 0, 0, 0)])
    assert world.figures("2021Q4")["PLAN"].with_amount_count == 0

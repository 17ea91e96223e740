"""Waived findings beside figures: counted for every pledge they touch, once each."""

from collections.abc import Callable

from hypothesis import given, settings, strategies as st

from tests.figures.conftest import World, secured

# For each pledge: whether it is reported, and how many findings of it were waived.
PLEDGES = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=5)


@settings(max_examples=15)
@given(pledges=PLEDGES, of_file=st.integers(0, 2))
def test_each_touched_pledge_counts(
    make_world: Callable[[], World], pledges: list[tuple[bool, int]], of_file: int
) -> None:
    world = make_world()
    for number, (is_reported, waivers) in enumerate(pledges):
        world.pledge(str(number), field_name="가나"[number % 2])
        if is_reported:
            world.report(str(number), "2021Q4", money=[secured(2021, 10)])
        for _ in range(waivers):
            world.waived(str(number))
    for _ in range(of_file):
        world.waived(None)
    figures = world.figures("2021Q4")  # proves every count against the second computation

    reported = [waivers for is_reported, waivers in pledges if is_reported]
    expected = sum(reported) + of_file * len(reported)
    assert figures["R1"].waiver_count == figures["PLAN"].waiver_count == expected
    for code in ("R2", "B5"):
        of_fields = [r for r in figures.rows if r.figure_code == code and r.scope_type == "field"]
        assert sum(r.waiver_count for r in of_fields) == expected
    # In the mart each finding stands once, whatever it touches; one of no report does not.
    listed = world.rows("mart.waived_finding WHERE quarter_id = '2021Q4'", "finding_id, pledge_id")
    assert len(listed) == sum(reported) + (of_file if reported else 0)


def test_a_waiver_is_expired_from_the_day_after(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q4")
    world.waived("1", expires="2022-02-28")
    for as_of, is_expired in (("2022-02-28T23:59", False), ("2022-03-01T00:00", True)):
        world.figures("2021Q4", as_of)
        assert world.rows("mart.waived_finding", "rule_id, is_expired") == [("B-12", is_expired)]


def test_a_waived_report_of_another_quarter_counts_only_while_carried(world: World) -> None:
    world.pledge("1")
    world.report("1", "2021Q3")
    world.waived("1")
    assert world.figures("2021Q4")["R1"].waiver_count == 1
    world.submission_id = world.submission("2021Q4")
    world.report("1", "2021Q4")
    assert world.figures("2021Q4")["R1"].waiver_count == 0

"""What moved between two publications: %p, and each pledge's part of it."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given, strategies as st

from etl.publish.movement import figure_moves, pledge_moves
from etl.publish.publication import Published

RATES = st.dictionaries(
    st.integers(1, 12), st.one_of(st.none(), st.decimals(0, 100, places=2)), max_size=12
)


def figure(code: str, numerator: Any, denominator: Any, shown: str = "", **more: Any) -> Any:
    value = None if not denominator else Decimal(numerator) / Decimal(denominator)
    if value is not None and code not in ("R1", "R1_IN"):
        value *= 100
    row = {"figure_code": code, "scope_type": "all", "scope_id": "", "numerator": Decimal(numerator),
           "denominator": denominator, "value_pct": value, "shown": shown, "pledge_count": 1}  # fmt: skip
    return SimpleNamespace(**{**row, **more})


def pledge(number: int, rate: Any, **more: Any) -> Any:
    row = {"pledge_id": str(number), "pledge_name": "이름", "status_name": "정상추진",
           "declared_rate_pct": rate, "is_target_met": None, "pledge_plan_krw": None,
           "pledge_secured_krw": None, "pledge_executed_krw": None}  # fmt: skip
    return SimpleNamespace(**{**row, **more})


def published(rates: dict[int, Any]) -> Published:
    known = [rate for rate in rates.values() if rate is not None]
    r1 = figure("R1", sum(known, Decimal(0)), Decimal(len(known)))
    return Published("2021Q3", 1, [r1], [pledge(n, rate) for n, rate in rates.items()])


def test_parts_by_hand() -> None:
    # Before (50 + 70) / 2 = 60; after (60 + 90 + 30 + 60) / 4 = 60. 1: (60-50)/4 = 2.5;
    # 3 comes: (90-60)/4 = 7.5; 4: (30-60)/4 = -7.5; 5: 0; 2 leaves: -(70-60)/4 = -2.5.
    before = published({1: Decimal(50), 2: Decimal(70)})
    after = published({1: Decimal(60), 3: Decimal(90), 4: Decimal(30), 5: Decimal(60)})
    moves = pledge_moves(before, after.pledges, after.figures[0])
    assert [(m.kind, m.row.pledge_id, m.contribution_pp) for m in moves] == [
        ("changed", "1", Decimal("2.5")), ("added", "3", Decimal("7.5")),
        ("added", "4", Decimal("-7.5")), ("added", "5", 0), ("removed", "2", Decimal("-2.5")),
    ]  # fmt: skip


@given(RATES, RATES)
def test_the_parts_add_up_to_the_change(before: dict[int, Any], after: dict[int, Any]) -> None:
    then, now = published(before), published(after)
    old, new = then.figures[0], now.figures[0]
    moves = pledge_moves(then, now.pledges, new)
    if old.value_pct is None or new.value_pct is None:
        assert all(move.contribution_pp is None for move in moves)
        return
    total = sum((m.contribution_pp for m in moves), Decimal(0))
    assert abs(total - (new.value_pct - old.value_pct)) < Decimal("1e-20")
    unchanged = {str(n) for n in before.keys() & after.keys() if before[n] == after[n]}
    assert unchanged.isdisjoint(m.row.pledge_id for m in moves)


def test_no_part_where_the_pledges_alone_do_not_give_the_rate() -> None:
    before = published({1: Decimal(50)})
    held_left_out = figure("R1", 40, Decimal(1))
    (move,) = pledge_moves(before, [pledge(1, Decimal(40)), pledge(2, Decimal(50))][:1],
                           figure("R1", 30, Decimal(1)))  # fmt: skip
    assert move.contribution_pp is None
    (move,) = pledge_moves(before, [pledge(1, Decimal(40))], held_left_out)
    assert move.contribution_pp == -10


def test_a_change_is_in_percentage_points_and_money_in_won() -> None:
    before = [
        figure("B1", 1, 3, "33.33"),
        figure("PLAN", 5, None, "5"),
        figure("R2", 1, 2, "50.00"),
    ]
    after = [figure("B1", 2, 3, "66.67"), figure("PLAN", 1_500, None, "1,500"),
             figure("R2", 1, 2, "50.00")]  # fmt: skip
    assert [(m.row.figure_code, m.change) for m in figure_moves(before, after)] == [
        ("B1", "+33.33 %p"), ("PLAN", "+1,495 원"),
    ]  # fmt: skip
    gone = figure_moves(before[:1], [])
    assert [(m.before.shown, m.after, m.change) for m in gone] == [("33.33", None, None)]

"""H: against the report in force of an earlier quarter."""

from __future__ import annotations

from tests.rules.cases import (
    LINE,
    Case,
    money,
    progress,
    third,
)

WAS_30 = {"공약번호": "3-1"}
PAST = {"공약번호": "3-1", "2020 확보액": 20, "2020 집행액": 15, "2021 확보액": 30}
OTHER = {"공약번호": "3-1", "재원": "국비", "2021 확보액": 6_000}
NOW = {"공약번호": "3-5", "이행률(%)": 70, "목표달성": "달성"}
SPENT = {"공약번호": "3-5", "2021 확보액": 10, "2021 집행액": 3}

CASES = [
    # The third quarter said 60 and executed 3.
    Case("H-01", progress({"이행률(%)": 59.9}), progress({"이행률(%)": 60}), "D3"),
    Case("H-02", money({"2021 확보액": 10, "2021 집행액": 2.99}), money(LINE), "L3"),
    # 10 → 10,000 is a factor of 1,000; 10 → 20 is none.
    Case("H-03", money({"2021 확보액": 10_000, "2021 집행액": 3}),
         money({"2021 확보액": 20, "2021 집행액": 3}), "K3"),
    # The third quarter's report had money; a return without any would put it to 0.
    Case("H-04", progress({}), money(LINE), "A3"),
    # 2020 was 20 secured and 15 executed; the present year may change.
    Case("H-05", third(WAS_30, PAST | {"2020 확보액": 21}), third(WAS_30, PAST), "I3"),
    Case("H-05", third(WAS_30, PAST | {"2020 집행액": 14.99}),
         third(WAS_30, PAST | {"2021 확보액": 31}), "J3", name="executed"),
    Case("H-05", third(WAS_30, PAST | {"2020 집행액": None}),
         third(WAS_30, PAST | {"재원": "시비", "2020 확보액": 1}), "J3", name="blank"),
    # A past fall is H-05's; of the present year (0 executed then) nothing fell.
    Case("H-02", money({"2021 확보액": 10, "2021 집행액": 2.99}),
         third(WAS_30, PAST | {"2020 집행액": 10}), "L3", name="past"),
    Case("H-06", third({**NOW, "이행률(%)": 71}, SPENT), third(NOW, SPENT), "A3", name="rate"),
    Case("H-06", third({**NOW, "추진상황": "일부추진"}, SPENT),
         third({**NOW, "추진상황": "일부추진", "정정사유": "공사 지연"}, SPENT), "A3", name="status"),
    Case("H-06", third({**NOW, "목표달성": "미달성"}, SPENT), third(NOW, SPENT), "A3",
         name="target"),
    Case("H-06", third(NOW, SPENT | {"2021 집행액": 4}), third(NOW, SPENT), "A3", name="money"),
    Case("H-07", third({"공약번호": "3-2", "추진상황": "정상추진", "이행률(%)": 100}),
         third({"공약번호": "3-2", "추진상황": "이행후계속추진", "이행률(%)": 100}), "C3", ["D3"]),
    # Completed goes back: one message (H-07), not a falling rate as well.
    Case("H-01", progress({"이행률(%)": 59.9}),
         third({"공약번호": "3-2", "추진상황": "정상추진", "이행률(%)": 90}), "D3", name="back"),
    Case("H-08", third({"공약번호": "3-3", "이행률(%)": 20}),
         third({"공약번호": "3-3", "추진상황": "폐기", "이행률(%)": 20}), "C3"),
    # 6,000 → 6.6 is 1,000 / 1.1 times less, 6,000 → 6.7 is not; the other line keeps its 50.
    Case("H-09", third(WAS_30, PAST, {**OTHER, "2021 확보액": 6.6}),
         third(WAS_30, PAST, {**OTHER, "2021 확보액": 6.7}), "K4", name="less"),
    # 50 → 45,000 is 900 times more, 44,999 is less than that.
    Case("H-09", third(WAS_30, PAST | {"2021 확보액": 44_980}, OTHER),
         third(WAS_30, PAST | {"2021 확보액": 44_979}, OTHER), "K3", name="more"),
]  # fmt: skip

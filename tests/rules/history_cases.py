"""H: against the report in force of an earlier quarter."""

from tests.factories import money_headers
from tests.rules.cases import (
    LINE,
    Case,
    in_won,
    money,
    progress,
    third,
)

WAS_30 = {"공약번호": "3-1"}
PAST = {"공약번호": "3-1", "2020 확보액": 20, "2020 집행액": 15, "2021 확보액": 30}
OTHER = {"공약번호": "3-1", "재원": "국비", "2021 확보액": 6_000}
NOW = {"공약번호": "3-5", "이행률(%)": 70, "목표달성": "달성"}
# No source is stated now: beside both lines together, 20 in 2020 and 6,030 in 2021.
BOTH = {"공약번호": "3-1", "2020 확보액": 20, "2020 집행액": 15, "2021 확보액": 6_030}
NO_SOURCE = {"예산": [header for header in money_headers() if header != "재원"]}
SPENT = {"공약번호": "3-5", "2021 확보액": 10, "2021 집행액": 3}

CASES = [
    # The third quarter said 60 and executed 3.
    Case("H-01", progress({"이행률(%)": 59.9}), progress({"이행률(%)": 60}), "D3"),
    Case("H-02", money({"2021 확보액": 10, "2021 집행액": 2.99}), money(LINE), "L3"),
    # 1,000 won then: 900 to 1,100 times, and 900,000 to 1,100,000 times, to the won.
    *(Case("H-03", in_won(fails, "3-8"), in_won(passes, "3-8"), "K3", name=f"grew-{fails}")
      for fails, passes in ((900_000, 899_999), (1_100_000, 1_100_001),
                            (900_000_000, 899_999_999), (1_100_000_000, 1_100_000_001))),
    # 9,900,000 백만원 then, divided by the same factors.
    *(Case("H-03", in_won(fails, "3-7"), in_won(passes, "3-7"), "K3", name=f"shrank-{fails}")
      for fails, passes in ((11_000_000_000, 11_000_000_001), (9_000_000_000, 8_999_999_999),
                            (11_000_000, 11_000_001), (9_000_000, 8_999_999))),
    # One line alone is off: 6,000 → 6; and where both are, the one that changed more tells it.
    Case("H-03", third(WAS_30, PAST, {**OTHER, "2021 확보액": 6}),
         third(WAS_30, PAST, {**OTHER, "2021 확보액": 600}), "K4", name="line"),
    # 만원 for 백만원: a hundredth, 54 to 66 of 6,000.
    Case("H-03", third(WAS_30, PAST, {**OTHER, "2021 확보액": 66}),
         third(WAS_30, PAST, {**OTHER, "2021 확보액": 67}), "K4", name="hundredth"),
    # One year of a line, 20 in 2020: the line as a whole (50 → 2,030) is no factor away.
    Case("H-03", third(WAS_30, PAST | {"2020 확보액": 2_000}, OTHER),
         third(WAS_30, PAST | {"2020 확보액": 21}, OTHER), "I3", name="year"),
    # 3-5 is in force for this very quarter with 10; it had nothing before.
    Case("H-03", third(NOW, SPENT | {"2021 확보액": 10_000}),
         third(NOW, SPENT | {"2021 확보액": 20}), "K3", name="accepted"),
    Case("H-03", third(WAS_30, {"공약번호": "3-1", "2021 확보액": 0.05}, {**OTHER, "2021 확보액": 6.1}),
         third(WAS_30, PAST, OTHER), "K3", name="both"),
    Case("H-03", third(WAS_30, BOTH | {"2021 확보액": 6.03}, headers=NO_SOURCE),
         third(WAS_30, BOTH, headers=NO_SOURCE), "J3", name="unstated"),
    # A negative amount is B-01's.
    Case("H-02", money({"2021 확보액": 10, "2021 집행액": 0}),
         money({"2021 확보액": 10, "2021 집행액": -1}), "L3", name="negative"),
    # The third quarter's report had money; a return without any would put it to 0.
    Case("H-04", progress({}), money(LINE), "A3"),
    # A line without its number (B-02, F-22) may be the one that is missed.
    Case("H-04", progress({}), money({"공약번호": None, **LINE}), "A3", name="nameless"),
    # 2020 was 20 secured and 15 executed; the present year may change.
    Case("H-05", third(WAS_30, PAST | {"2020 확보액": 21}), third(WAS_30, PAST), "I3"),
    Case("H-05", third(WAS_30, BOTH | {"2020 확보액": 21}, headers=NO_SOURCE),
         third(WAS_30, BOTH, headers=NO_SOURCE), "H3", name="unstated"),
    Case("H-05", third(WAS_30, PAST | {"2020 집행액": 14.99}),
         third(WAS_30, PAST | {"2021 확보액": 31}), "J3", name="executed"),
    Case("H-05", third(WAS_30, PAST | {"2020 집행액": 0}),
         third(WAS_30, PAST | {"2020 집행액": -1}), "J3", name="negative"),
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
    # A share instead of per cent is P-13's.
    Case("H-01", progress({"이행률(%)": 1}), progress({"이행률(%)": 0.99}), "D3", name="share"),
    # A rate of 0 falls too; one below 0 is no rate (P-07).
    Case("H-01", progress({"이행률(%)": 0}), progress({"이행률(%)": -1}), "D3", name="zero"),
    # One won then; nothing then.
    Case("H-04", third({"공약번호": "3-9"}), third({"공약번호": "3-4", "이행률(%)": 30}), "A3",
         name="won"),
    Case("H-07", third({"공약번호": "3-13", "추진상황": "정상추진", "이행률(%)": 100}),
         third({"공약번호": "3-2", "추진상황": "완료", "이행률(%)": 100}), "C3", name="ongoing"),
    Case("H-01", third({"공약번호": "3-13", "추진상황": "이행후계속추진", "이행률(%)": 90}),
         third({"공약번호": "3-13", "추진상황": "정상추진", "이행률(%)": 90}), "D3", name="ongoing"),
    Case("H-01", third({"공약번호": "3-2", "추진상황": "완료", "이행률(%)": 90}),
         third({"공약번호": "3-2", "추진상황": "완료", "이행률(%)": 100}), "D3", name="completed"),
    Case("H-08", third({"공약번호": "3-14", "이행률(%)": 20}),
         third({"공약번호": "3-3", "추진상황": "통폐합", "이행률(%)": 20}), "C3", name="merged"),
]  # fmt: skip

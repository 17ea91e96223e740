"""B: lines, years and totals of 예산."""

from typing import Any

from tests.factories import money_headers
from tests.rules.cases import (
    LINE,
    NEW_YEAR,
    Case,
    in_won,
    money,
    second,
)

# 본사업 10 + 20 = 30 in 2021, 곁사업 20 + 5; 구비 of both: 10 + 20 = 30.
PARTS = (
    {"2021 확보액": 10},
    {"재원": "국비", "2021 확보액": 20},
    {"세부사업": "곁사업", "2021 확보액": 20},
    {"세부사업": "곁사업", "재원": "국비", "2021 확보액": 5},
)
AMOUNTS = {"2021 확보액": 10, "2022 확보액": 5}
TEN_FIVE = dict(AMOUNTS)
ASKED = {"예산": [h.replace("2022 확보액", "2022 투자수요") for h in money_headers()]}
BOTH = {"예산": [*money_headers(), "2021 투자수요"]}
WITH_TOTAL = {"예산": [*money_headers(), "합계"]}

CURRENT = {"예산": [h.replace("2021 확보액", "2021 예산현액") for h in money_headers()]}
BESIDE = {"예산": [*money_headers(), "2021 예산현액"]}
NO_SOURCE = {"예산": [h for h in money_headers() if h != "재원"]}


def unstated(*rows: dict[str, Any]) -> dict[str, Any]:
    """A return whose money has no column 재원: its amounts of 2021 stand in J."""
    return money(*rows, headers=NO_SOURCE)


CASES = [
    Case("B-01", money({"2021 확보액": -1}), money({"2021 확보액": 0}), "K3"),
    Case("B-02", money({"공약번호": None, **LINE}), money(LINE), "A3"),
    # 도비 means nothing for a 자치구, whose upper tier is a 시.
    Case("B-03", money({"재원": "도비", **LINE}), money({"재원": "시비", **LINE}), "C3"),
    Case("B-15", money({"재원": "지방비", **LINE}), money({"재원": "구비", **LINE}), "C3"),
    Case("B-04", money(LINE, LINE), money(LINE, {"재원": "국비", **LINE}), "C4", ["C3"]),
    Case("B-04", unstated(LINE, LINE), unstated(LINE, {"세부사업": "곁사업", **LINE}), "J4", ["J3"],
         name="unstated"),
    Case("B-19", unstated(LINE), money(LINE), None, name="source_column_missing"),
    # 예산현액 is 확보액 where a line has no other, with a reason; beside one it is only compared.
    Case("D-11", money({"2021 예산현액": 10}, headers=CURRENT), money(LINE), "K3", name="workbook"),
    Case("D-11", money({"2021 예산현액": 10}, headers=BESIDE),
         money({"2021 확보액": 10, "2021 예산현액": 12}, headers=BESIDE), "P3", name="beside"),
    Case("D-12", money({"2021 확보액": 10, "2021 예산현액": 12}, headers=BESIDE),
         money({"2021 확보액": 10, "2021 예산현액": 10}, headers=BESIDE), "P3", name="workbook"),
    Case("B-08", money({"2021 예산현액": 3, "2021 집행액": 3.01}, headers=CURRENT),
         money({"2021 예산현액": 3, "2021 집행액": 3}, headers=CURRENT), "L3", ["K3"], name="current"),
    Case("B-06", money({"세부사업": "곁가지", **LINE}), money({"세부사업": "본 사업", **LINE}), "B3"),
    Case("B-07", money({"공약번호": "1-4", **LINE}, line={"공약번호": "1-4"}), money(LINE), "K3"),
    # Equal is allowed; a hundredth of a 백만원 above is not.
    Case("B-08", money({"2021 확보액": 3, "2021 집행액": 3.01}),
         money({"2021 확보액": 3, "2021 집행액": 3}), "L3", ["K3"]),
    Case("B-09", money({"2021 집행액": 3}), money(LINE), "L3"),
    Case("B-10", money({"2022 확보액": 3, "2022 집행액": 1}), money(LINE), "N3"),
    Case("B-11", money({"2022 투자수요": 3}, headers={"예산": [
        h.replace("2022 확보액", "2022 투자수요") for h in money_headers()]}), money(NEW_YEAR), "M3"),
    # Two parts of 10: rounding can move the total by (2 + 1) / 2 = 1.5, so 21 passes, 22 fails.
    Case("B-12", money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 10},
                       {"세부사업": "계", "재원": None, "2021 확보액": 22}),
         money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 10},
               {"세부사업": "계", "재원": None, "2021 확보액": 21}), "K5"),
    # Typed with two decimals: 20.5 and at most 1.5 hundredths, so 20.51 passes and 20.76 fails.
    Case("B-12", money({"2021 확보액": 10.25}, {"재원": "국비", "2021 확보액": 10.25},
                       {"세부사업": "계", "재원": None, "2021 확보액": 20.76}),
         money({"2021 확보액": 10.25}, {"재원": "국비", "2021 확보액": 10.25},
               {"세부사업": "계", "재원": None, "2021 확보액": 20.51}), "K5", name="decimals"),
    # Two columns of one total row are wrong: told once, at the one that is further off.
    Case("B-12", money({"2020 확보액": 10, "2021 확보액": 10},
                       {"세부사업": "누계", "재원": None, "2020 확보액": 13, "2021 확보액": 20}),
         money({"2020 확보액": 10, "2021 확보액": 10},
               {"세부사업": "누계", "재원": None, "2020 확보액": 11, "2021 확보액": 10}),
         "K4", ["I4"], name="two_columns"),
    Case("B-14", money({"2020 확보액": 10, "2021 확보액": 10},
                       {"공약번호": "1-1 요약", "세부사업": None, "재원": None, "2020 확보액": 8, "2021 확보액": 1}),
         money({"2020 확보액": 10, "2021 확보액": 10},
               {"공약번호": "1-1 요약", "세부사업": None, "재원": None, "2020 확보액": 10, "2021 확보액": 9}),
         "K4", ["I4"], name="two_columns"),
    # By sub-project, by source, by year, by row: each total meets its own parts only.
    Case("B-12", money(*PARTS, {"세부사업": "계", "재원": "구비", "2021 확보액": 32}),
         money(*PARTS, {"세부사업": "계", "재원": "구비", "2021 확보액": 31}), "K7", name="source"),
    Case("B-12", money(*PARTS, {"재원": "계", "2021 확보액": 32}),
         money(*PARTS, {"재원": "계", "2021 확보액": 30}), "K7", name="subproject"),
    Case("B-12", money({"2020 확보액": 1, "2021 확보액": 10, "합계": 13}, headers=WITH_TOTAL),
         money({"2020 확보액": 1, "2021 확보액": 10, "합계": 12}, headers=WITH_TOTAL), "P3",
         name="row"),
    # 10 + 20 = 30 and the row of 10 and 5 was pasted as the total; alone it would be right.
    Case("B-13", money(TEN_FIVE, {"재원": "국비", "2021 확보액": 20, "2022 확보액": 2},
                       {"세부사업": "계", "재원": None, **AMOUNTS}),
         money(TEN_FIVE, {"세부사업": "계", "재원": None, **AMOUNTS}), "K5", ["K3"]),
    # 30 in all, the largest part 20: 19 is smaller than a part, 20 is merely wrong (B-12).
    Case("B-14", money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 20},
                       {"세부사업": "계", "재원": None, "2021 확보액": 19}),
         money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 20},
               {"세부사업": "계", "재원": None, "2021 확보액": 20}), "K5"),
    # 2-1 never reported. A thousandth executed is odd, a hundredth is not.
    Case("B-16", second({"2021 확보액": 10_000, "2021 집행액": 10}),
         second({"2021 확보액": 10_000, "2021 집행액": 100}), "L3"),
    # 1 secured and 999 still asked for: a thousandth of the 1,000 planned for that year.
    Case("B-17", second({"2021 확보액": 1, "2021 투자수요": 999}) | {"headers": BOTH},
         second({"2021 확보액": 2, "2021 투자수요": 998}) | {"headers": BOTH}, "K3"),
    # 1조 of a 자치구, where nothing like it is known (총사업비 is 200).
    Case("B-18", second({"2021 확보액": 1_000_000}), second({"2021 확보액": 999_999}), "K3"),
    # To the won.
    Case("B-01", in_won(-1), in_won(0), "K3", name="won"),
    Case("B-07", in_won(1, "1-4"), in_won(0, "1-4"), "K3", name="won"),
    Case("B-08", money({"2021 확보액": 0, "2021 집행액": 3}),
         money({"2021 확보액": -1, "2021 집행액": 0}, unit="원"), "L3", ["K3"], name="nothing"),
    Case("B-09", money({"2021 집행액": 1}, unit="원"), money({"2021 집행액": 0}), "L3", name="won"),
    Case("B-10", money({"2022 확보액": 1, "2022 집행액": 1}, unit="원"),
         money({"2022 확보액": 3, "2022 집행액": 0}), "N3", name="won"),
    Case("B-11", money({"2022 투자수요": 1}, unit="원", headers=ASKED),
         money({"2022 투자수요": 0}, headers=ASKED), "M3", name="won"),
    # 2023 is beyond the voted 2022.
    Case("B-11", money({"2023 확보액": 3}, headers={"예산": [
        h.replace("2023 투자수요", "2023 확보액") for h in money_headers(years=range(2018, 2024))]}),
         money({"2023 투자수요": 3}, headers={"예산": money_headers(years=range(2018, 2024))}), "O3",
         name="secured"),
    # As large as its largest part: merely wrong, not smaller than a part.
    Case("B-12", money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 20},
                       {"세부사업": "계", "재원": None, "2021 확보액": 20}),
         money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 20},
               {"세부사업": "계", "재원": None, "2021 확보액": 19}), "K5", name="largest"),
    # Within what rounding may do, (2 + 1) / 2 = 1.5 and (1 + 1) / 2 = 1, a total is right.
    Case("B-13", money(TEN_FIVE, {"재원": "국비", "2021 확보액": 2},
                       {"세부사업": "계", "재원": None, **AMOUNTS}),
         money(TEN_FIVE, {"재원": "국비", "2021 확보액": 1},
               {"세부사업": "계", "재원": None, **AMOUNTS}), "K5", ["K3"], name="rounding"),
    Case("B-14", money({"2021 확보액": 10}, {"세부사업": "계", "재원": None, "2021 확보액": 8}),
         money({"2021 확보액": 10}, {"세부사업": "계", "재원": None, "2021 확보액": 9}), "K4",
         name="rounding"),
]  # fmt: skip

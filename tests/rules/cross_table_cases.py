"""C: what the tables of one return say together."""

from tests.rules.cases import (
    LINE,
    Case,
    in_won,
    money,
    progress,
    second,
    third,
)

CASES = [
    Case("C-01", {"progress": [{"공약번호": "1-2"}], "budget": [LINE]}, money(LINE), "A3"),
    # A line without its number (P-01, F-22) may be the one that is missed.
    Case("C-01", {"progress": [{"공약번호": "1-2"}], "budget": [LINE]},
         {"progress": [{"공약번호": None}], "budget": [LINE]}, "A3", name="nameless"),
    Case("C-02", {"achievements": [{"공약번호": "1-2"}]}, {"achievements": [{}]}, "A3"),
    # 총사업비 is 100; a difference of exactly 1 백만원 is rounding, 2 is a difference.
    Case("C-03", money({"2021 확보액": 10, "2022 확보액": 50, "임기후": 42}),
         money({"2021 확보액": 10, "2022 확보액": 50, "임기후": 41}), "M3"),
    Case("C-03", money({"2021 확보액": 98}), money({"2021 확보액": 99}), "K3", name="less"),
    # More secured than the total is C-05's, a thousandfold of the total C-06's or H-03's.
    Case("C-05", money({"2021 확보액": 101.1}), money({"2021 확보액": 101}), "K3"),
    # 51 twice is B-04's, and no sum.
    Case("C-05", money({"2021 확보액": 51}, {"재원": "시비", "2021 확보액": 51}),
         money({"2021 확보액": 51}, {"2021 확보액": 51}), "K3", name="line-twice"),
    # 2-1 never reported and its 총사업비 is 200: 900 to 1,100 times as much, or as little.
    Case("C-06", second({"2021 확보액": 180_000}), second({"2021 확보액": 179_999}), "K3"),
    Case("C-06", second({"2021 확보액": 220_000}), second({"2021 확보액": 220_001}), "K3",
         name="upper"),
    Case("C-06", second({"2021 확보액": 0.2}), second({"2021 확보액": 200}), "K3", name="less"),
    # 100 and 10,000 of a total of 200: without its factor (100) the second makes 200.
    Case("C-06", second({"2021 확보액": 100, "2022 확보액": 10_000}),
         second({"2021 확보액": 100, "2022 확보액": 15_000}), "M3", name="alone"),
    # Nearly every case reports 1-1; only this one reports 3-10.
    Case("C-07", progress({}), third({"공약번호": "3-10"}), "A3"),
    # The day itself (2021-12-31, 2018-07-01) passes.
    Case("C-08", {"achievements": [{"일자": "2022-01-01"}]},
         {"achievements": [{"일자": "2021-12-31"}]}, "B3"),
    Case("C-09", {"achievements": [{"일자": "2018-06-30"}]},
         {"achievements": [{"일자": "2018-07-01"}]}, "B3"),
    Case("C-04", progress({}, {"공약번호": "1-2"}, {"공약번호": "1-3", "추진상황": "일부추진"}),
         progress({}, {"공약번호": "1-2"}, {"공약번호": "1-3", "추진상황": "일부추진"},
                                 {"공약번호": "1-4"}), None),
    # To the won: 총사업비 is 100 백만원.
    Case("C-03", in_won(98_999_999), in_won(99_000_000), "K3", name="won"),
    Case("C-03", money({"2021 확보액": 101, "임기후": 5}),
         money({"2021 확보액": 101_000_001, "임기후": 5_000_000}, unit="원"), "K3", name="secured"),
    Case("C-05", in_won(101_000_001), in_won(101_000_000), "K3", name="won"),
    # 3-11 stands in two files: in this one and in the next.
    Case("C-07", third({"공약번호": "3-11"}), third({"공약번호": "3-12"}), "A3", name="first"),
    Case("C-07", third({"공약번호": "3-11"}), progress({"공약번호": "9-9"}), "A3", name="second"),
]  # fmt: skip

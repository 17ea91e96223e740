"""C: what the tables of one return say together."""

from __future__ import annotations

from tests.rules.cases import (
    LINE,
    Case,
    money,
    progress,
)

CASES = [
    Case("C-01", {"progress": [{"공약번호": "1-2"}], "budget": [LINE]}, money(LINE), "A3"),
    Case("C-02", {"achievements": [{"공약번호": "1-2"}]}, {"achievements": [{}]}, "A3"),
    # 총사업비 is 100; a difference of exactly 1 백만원 is rounding, 2 is a difference.
    Case("C-03", money({"2021 확보액": 102}), money({"2021 확보액": 101}), "K3"),
    Case("C-04", progress({}, {"공약번호": "1-2"}, {"공약번호": "1-3", "추진상황": "일부추진"}),
         progress({}, {"공약번호": "1-2"}, {"공약번호": "1-3", "추진상황": "일부추진"},
                                 {"공약번호": "1-4"}), None),
]  # fmt: skip

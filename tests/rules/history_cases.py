"""H: against the report in force of an earlier quarter."""

from __future__ import annotations

from tests.rules.cases import (
    LINE,
    Case,
    money,
    progress,
)

CASES = [
    # The third quarter said 60 and executed 3.
    Case("H-01", progress({"이행률(%)": 59.9}), progress({"이행률(%)": 60}), "D3"),
    Case("H-02", money({"2021 확보액": 10, "2021 집행액": 2.99}), money(LINE), "L3"),
    # 10 → 10,000 is a factor of 1,000; 10 → 20 is none.
    Case("H-03", money({"2021 확보액": 10_000, "2021 집행액": 3}),
         money({"2021 확보액": 20, "2021 집행액": 3}), "K3"),
    # The third quarter's report had money; a return without any would put it to 0.
    Case("H-04", progress({}), money(LINE), "A3"),
]  # fmt: skip

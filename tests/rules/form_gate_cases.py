"""F: the form gate, what a person can do to a workbook."""

from __future__ import annotations

from datetime import date

from tests.rules.cases import (
    LINE,
    PLAIN,
    Case,
    cell,
    copied,
    encrypted,
    far_cell,
    garbage,
    hidden,
    merged,
    merged_status,
    money,
    only,
    progress,
    rename,
    truncated,
    without,
    without_identity,
)

CASES = [
    Case("F-01", PLAIN, PLAIN, None, edit=garbage),
    Case("F-02", PLAIN, PLAIN, None, edit=encrypted),
    Case("F-03", PLAIN, PLAIN, None, edit=truncated),
    Case("F-04", PLAIN, PLAIN, None, edit=far_cell),
    Case("F-05", PLAIN, PLAIN, None, edit=only("안내")),
    Case("F-06", PLAIN, PLAIN, None, edit=without_identity),
    Case("F-07", {"form": {"government": "0000000"}}, PLAIN, None),
    Case("F-08", {"department": "D99"}, PLAIN, None),
    Case("F-09", PLAIN, PLAIN, None, edit=cell("공약현황", "C2", "진행 정도")),
    Case("F-10", PLAIN, PLAIN, "E2", edit=cell("공약현황", "E2", "추진상황")),
    Case("F-11", PLAIN, PLAIN, "L2", edit=cell("공약현황", "L2", "비고")),
    Case("F-12", PLAIN, PLAIN, None, edit=cell("공약현황", "I2", None)),
    Case("F-13", PLAIN, PLAIN, None, edit=lambda path: rename(path, "공약현황", "현황표")),
    Case("F-14", {"unit": "만원"}, {"unit": "천원"}, None),
    Case("F-15", PLAIN, PLAIN, None, edit=hidden),
    Case("F-16", money(LINE, {"공약번호": None, "재원": "시비", **LINE}), PLAIN, None, edit=merged),
    Case("F-19", {"quarter": "2022Q3"}, PLAIN, None),
    Case("F-20", money({"2021 확보액": "9,327-"}), money({"2021 확보액": "9,327"}), "K3"),
    Case("F-21", PLAIN, PLAIN, "D3", edit=cell("공약현황", "D3", "#REF!"),
         edit_passing=cell("공약현황", "D3", 60)),
    Case("F-22", PLAIN, PLAIN, "A3", edit=cell("공약현황", "A3", date(2021, 1, 1), "m-d")),
    Case("F-24", PLAIN, PLAIN, None, edit=lambda path: copied(path, "공약현황")),
    # Typed as text with three decimals; as a number it would be a value like any other.
    Case("F-25", money({"2021 확보액": "24.394"}), money({"2021 확보액": 24.394}), "K3"),
    Case("F-26", money(LINE), money(LINE), "K3", edit=cell("예산", "K3", 40_000_000, "#,##0,,")),
    Case("F-28", PLAIN, PLAIN, None, edit=without("예산")),
    Case("F-29", progress({}, {"공약번호": "1-2"}), progress({}, {"공약번호": "1-2"}), "C4",
         edit=merged_status),
    Case("F-27", PLAIN, PLAIN, "D3", edit=cell("공약현황", "D3", "=30+30")),
]  # fmt: skip

"""docs/analysis.ipynb: every cell runs, and its five answers are those worked out by hand.

Its cells are Python and nothing else, so they run here in one namespace, as in a kernel.
"""

import ast
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import altair
import pytest

from etl import pipeline, warehouse
from etl.quarter import SEOUL
from tests.conftest import REGISTERED_AT, Begin
from tests.factories import PLEDGES, register_workbook, return_workbook

NOTEBOOK = json.loads(
    (Path(__file__).parents[1] / "docs" / "analysis.ipynb").read_text(encoding="utf-8")
)
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def two_quarters(home: Path) -> None:
    """가람구 in 2021Q3 and Q4: 1-2 is due in 2021, 2-1 is held, 2-2 is not reported in Q4."""
    due = [
        pledge | {"완료연도": 2021} if pledge["공약번호"] == "1-2" else pledge for pledge in PLEDGES
    ]
    held = {"공약번호": "2-1", "일자": "2021-11-02", "구분": "보류", "사유": "부지 협의"}
    book = register_workbook(home / "register.xlsx", pledges=due, changes=[held])
    pipeline.register(str(book), at=REGISTERED_AT)
    for quarter, at, told in (
        ("2021Q3", datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL), (
            ("D01", ("1-1", "정상추진", 40), ("1-2", "정상추진", 50)),
            ("D02", ("2-1", "정상추진", 10)),
            ("D03", ("2-2", "일부추진", 30)),
        )),
        ("2021Q4", datetime(2022, 1, 5, 9, 0, tzinfo=SEOUL), (
            ("D01", ("1-1", "정상추진", 70), ("1-2", "정상추진", 80)),
            ("D02", ("2-1", "보류", 10)),
        )),
    ):  # fmt: skip
        for department, *pledges in told:
            _report(home, quarter, at, department, pledges)


def _report(home: Path, quarter: str, at: datetime, department: str, pledges: list[Any]) -> None:
    registered = {pledge["공약번호"]: pledge for pledge in PLEDGES}
    progress = [
        {"공약번호": number, "추진상황": status, "이행률(%)": rate, "정정사유": "사실임", "문제점": f"{quarter}: {number}",
         "완료시기": registered[number].get("완료시기", "임기내"),
         "완료연도": 2021 if number == "1-2" else registered[number].get("완료연도", 2022)}
        for number, status, rate in pledges
    ]  # fmt: skip
    budget = [
        {"공약번호": "1-1", "재원": "국비", "2021 확보액": 100, "2021 집행액": 60},
        {"공약번호": "1-1", "재원": "구비", "2021 확보액": 50, "2021 집행액": 20},
        {"공약번호": "1-2", "재원": "국비", "2021 확보액": 30, "2021 집행액": 30},
    ]
    file = return_workbook(
        home / f"{quarter}_{department}.xlsx", department=department, quarter=quarter,
        progress=progress, budget=budget if department == "D01" else [],
    )  # fmt: skip
    assert pipeline.collect([str(file)], at=at).accepted == len(pledges)


@pytest.fixture
def notebook(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that the cells leave, and under `shown` what each cell ends with."""
    begin(two_quarters)
    monkeypatch.setenv("ANALYST_DSN", warehouse.analyst_dsn())
    names: dict[str, Any] = {}
    shown = [_run(cell, names) for cell in CELLS]
    return {**names, "shown": shown}


def _run(cell: str, names: dict[str, Any]) -> Any:
    """Run a cell; return the value of the expression that it ends with."""
    tree = ast.parse(cell)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "analysis.ipynb", "exec"), names)  # noqa: S102  our own
    return last and eval(ast.unparse(last), names)  # noqa: S307


@pytest.mark.slow
def test_the_five_answers_are_those_by_hand(notebook: dict[str, Any]) -> None:
    # 가온과 (70 + 80) / 2; 나래과 and 다솜과 have a pledge each, the latter's carried forward.
    assert notebook["departments"].to_numpy().tolist() == [
        ["나래과", 10, 1, 100], ["다솜과", 30, 1, 0], ["가온과", 75, 2, 100],
    ]  # fmt: skip
    # National money of 2021: 60 + 30 of 100 + 30 million; the office's own: 20 of 50.
    assert notebook["national_krw"] == 90_000_000
    assert notebook["money"].to_numpy().tolist() == [
        ["국비", 130_000_000, 90_000_000, 90], ["자체", 50_000_000, 20_000_000, 20],
    ]  # fmt: skip
    # 교육문화 from (40 + 50) / 2 to (70 + 80) / 2; 환경 stays at (10 + 30) / 2.
    moved = notebook["moved"][["field", "previous_value_pct", "value_pct", "change_pp"]]
    assert moved.to_numpy().tolist() == [["교육문화", 45, 75, 30], ["환경", 20, 20, 0]]
    late = notebook["late"].astype(object).where(notebook["late"].notna(), None)
    columns = ["pledge_id", "status_name", "due_year", "decision", "report", "problem"]
    assert late[columns].to_numpy().tolist() == [
        ["1-2", "정상추진", 2021, None, None, "2021Q4: 1-2"],
        ["2-1", "보류", 2024, "보류: 부지 협의", None, "2021Q4: 2-1"],
        ["2-2", "일부추진", 2022, None, "missing", "2021Q3: 2-2"],
    ]
    # (40 + 50 + 10 + 30) / 4, then (70 + 80 + 10 + 30) / 4; nothing is completed.
    assert notebook["rates"].to_numpy().tolist() == [
        ["2021Q3", "이행완료율", 0], ["2021Q4", "이행완료율", 0],
        ["2021Q3", "평균 이행률", 32.5], ["2021Q4", "평균 이행률", 47.5],
    ]  # fmt: skip


def test_each_answer_has_its_picture(notebook: dict[str, Any]) -> None:
    pictures = [one for one in notebook["shown"] if isinstance(one, altair.TopLevelMixin)]
    drawn = []
    for picture in pictures:
        described = picture.to_dict()  # also keeps to the schema of Vega-Lite
        (rows,) = described["datasets"].values()
        layers = described.get("layer", [described])
        axes = layers[0]["encoding"]
        drawn.append([(row[axes["y"]["field"]], row[axes["x"]["field"]]) for row in rows])
        assert picture.title
    assert drawn == [
        [("나래과", 10), ("다솜과", 30), ("가온과", 75)],
        [("국비", 90), ("자체", 20)],
        [("교육문화", 30), ("환경", 0)],
        [("가온과", 1), ("나래과", 1), ("다솜과", 1)],
        [(0, "2021Q3"), (0, "2021Q4"), (32.5, "2021Q3"), (47.5, "2021Q4")],
    ]


def test_it_is_kept_without_what_a_run_leaves() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in NOTEBOOK["cells"]]
    assert len(set(ids)) == len(ids)
    assert len(CELLS) == 12
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"], cell["metadata"]) == ([], None, {})
    assert set(NOTEBOOK["metadata"]) == {"kernelspec", "language_info"}

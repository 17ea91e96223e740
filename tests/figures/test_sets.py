"""Figures of several governments at once, worked out by hand from their pledges."""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest

from etl import pipeline
from etl.figures import FigureRow
from etl.figures.sets import of_set
from etl.quarter import SEOUL
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, QUARTER, register_workbook, return_workbook
from tests.flow.shell import run
from tests.flow.test_collect import sql

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
NEIGHBOUR, CITY, SILENT = "3980000", "4700001", "3970000"
SEOUL_CITY, JEONBUK = "11", "52"
OFFICES = {
    GOVERNMENT: {},
    NEIGHBOUR: {"기관명": "나봄구"},
    CITY: {"기관명": "다솔시", "기관종류": "시", "상위기관코드": "전북특별자치도"},
    SILENT: {"기관명": "라온구"},
}
# Each has four pledges; those that are not here have never reported.
REPORTS = {
    GOVERNMENT: ([{"이행률(%)": 60}], [{"2021 확보액": 10, "2021 집행액": 3}]),
    NEIGHBOUR: (
        [{"추진상황": "완료", "이행률(%)": 100}, {"공약번호": "1-2", "이행률(%)": 40}],
        [{"2021 확보액": 30, "2021 집행액": 30}],
    ),
    CITY: ([{"이행률(%)": 20}], []),
}
BY_HAND = {
    (SEOUL_CITY, "R1"): "66.7",  # (60 + 100 + 40) / 3; the mean of 60.0 and 70.0 is 65.0
    (SEOUL_CITY, "R2"): "12.50",  # 1 of 8 pledges
    (SEOUL_CITY, "B5"): "82.5",  # 33 of 40; the mean of 30.0 and 100.0 is 65.0
    (JEONBUK, "R1"): "20.0",
    (JEONBUK, "B5"): "해당 없음",
    ("all", "R1"): "55.0",  # 220 / 4
    ("all", "R2"): "8.33",  # 1 of 12
    ("all", "EXECUTED"): "33,000,000",
}


@pytest.fixture(scope="module")
def country(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Four governments: one is below another upper one, and one has no term yet."""
    with fresh_home(server, tmp_path_factory.mktemp("sets") / "home") as home:
        for code, office in OFFICES.items():
            terms = [{"시작일": "2022-07-01", "종료일": "2026-06-30"}] if code == SILENT else [{}]
            path = register_workbook(
                home / f"{code}.xlsx", government={"기관코드": code, **office}, terms=terms
            )
            assert pipeline.register(str(path), AT).registers
        returns = [
            return_workbook(home / f"r{code}.xlsx", progress=progress, budget=budget,
                            form={"government": code})
            for code, (progress, budget) in REPORTS.items()
        ]  # fmt: skip
        assert pipeline.collect([str(path) for path in returns], AT).accepted == 4
        yield home


@pytest.mark.slow
def test_sums_are_of_pledges(country: Path) -> None:
    rows = sql(
        "SELECT set_id, figure_code, shown FROM mart.set_figure"
        f" WHERE quarter_id = '{QUARTER}' AND scope_type = 'all'"
    )
    shown = {(set_id, code): told for set_id, code, told in rows}
    assert {key: shown[key] for key in BY_HAND} == BY_HAND


def test_who_has_no_figures_is_counted_among_the_members(country: Path) -> None:
    assert sql(
        "SELECT DISTINCT set_id, government_count, member_count FROM mart.set_figure"
        f" WHERE quarter_id = '{QUARTER}' ORDER BY 1"
    ) == [(SEOUL_CITY, 2, 3), (JEONBUK, 1, 1), ("all", 3, 4)]


@pytest.mark.parametrize("set_id", [SEOUL_CITY, JEONBUK, "all"])
def test_the_shell_says_what_the_view_says(country: Path, set_id: str) -> None:
    told = run("figures", QUARTER, "--set", set_id, "--as-of", "2022-01-05", "--json")
    assert told.code == 0, told.err
    names = ("figure_code", "scope_type", "scope_id", "numerator", "denominator", "shown",
             "no_value_reason", "pledge_count", "owing_count")  # fmt: skip
    shell = {tuple(str(row[name]) for name in names) for row in json.loads(told.out)}
    view = sql(
        f"SELECT {', '.join(names)} FROM mart.set_figure"
        f" WHERE quarter_id = '{QUARTER}' AND set_id = '{set_id}'"
    )
    assert shell == {tuple(str(value) for value in row) for row in view}
    assert len(shell) > 50


def test_a_set_of_one_is_that_government(country: Path) -> None:
    rows = pipeline.figures(QUARTER, GOVERNMENT, AT)
    own = ("field", "department", "department_current")
    kept = [row for row in rows if row.scope_type not in own]
    summed = of_set(GOVERNMENT, rows)
    ignored = {"no_value_reason", "value_pct", "coverage_pct"}
    names = [field.name for field in fields(FigureRow) if field.name not in ignored]
    assert [[getattr(row, n) for n in names] for row in summed] == [
        [getattr(row, n) for n in names] for row in kept
    ]


def test_an_unknown_set_is_refused_and_the_known_are_told(country: Path) -> None:
    told = run("figures", QUARTER, "--set", "99")
    assert told.code == 2
    assert "11, 52, all" in told.err
    both = run("figures", QUARTER, "--set", "all", "--compare")
    assert both.code == 2

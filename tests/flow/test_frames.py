"""The marts as DataFrames say what SQL says, with types that an analyst can work with."""

from decimal import Decimal
from pathlib import Path

import pandas
import pytest

from etl import frames, pipeline
from etl.form import code_names
from etl.problems import UsageError
from etl.warehouse import analyst_query, dictionary
from tests.factories import GOVERNMENT, return_workbook

MARTS = sorted(name.removeprefix("mart.") for name in dictionary()["tables"] if "mart." in name)


@pytest.fixture
def reported(world: Path) -> Path:
    line = {"2021 확보액": "0.5", "2021 집행액": 0.25}
    pipeline.collect([str(return_workbook(world / "a.xlsx", budget=[line]))])
    return world


@pytest.mark.slow
def test_a_frame_of_one_quarter(reported: Path) -> None:
    frame = frames.read("pledge_status", quarter="2021Q4", government=GOVERNMENT)
    _, rows = analyst_query(
        "SELECT pledge_id, status_code, declared_rate_pct::text, pledge_plan_krw, as_of_date, is_counted"
        " FROM mart.pledge_status WHERE quarter_id = '2021Q4' ORDER BY pledge_id"
    )
    assert len(rows) > 2
    frame = frame.sort_values("pledge_id")
    assert list(frame.pledge_id) == [row[0] for row in rows]
    assert list(frame.status_code) == [row[1] for row in rows]
    assert [None if pandas.isna(v) else v for v in frame.declared_rate_pct_exact] == [
        row[2] for row in rows
    ]
    assert [None if pandas.isna(v) else v for v in frame.pledge_plan_krw] == [
        row[3] and int(row[3]) for row in rows
    ]
    assert frame.pledge_plan_krw.sum() == sum(row[3] or 0 for row in rows) == 500_000
    assert [day.date() for day in frame.as_of_date] == [row[4] for row in rows]
    assert list(frame.is_counted) == [row[5] for row in rows]
    assert {name: str(frame[name].dtype) for name in ("pledge_plan_krw", "as_of_date", "is_counted")} == {
        "pledge_plan_krw": "Int64", "as_of_date": "datetime64[s]", "is_counted": "boolean",
    }  # fmt: skip


@pytest.mark.slow
def test_codes_stand_in_the_order_of_their_list(reported: Path) -> None:
    frame = frames.read("pledge_status")
    assert frame.status_code.cat.ordered
    assert list(frame.status_code.cat.categories) == list(code_names("status"))
    assert list(frame.status_name.cat.categories)[:2] == ["완료", "이행후계속추진"]
    figures = frames.read("implementation_rate")
    assert list(figures.figure_code.cat.categories)[:4] == ["R1", "R1_IN", "R2", "R2_ONLY"]
    assert list(figures.scope_type.cat.categories)[:2] == ["all", "field"]


@pytest.mark.slow
def test_a_rate_stands_beside_its_exact_text(reported: Path) -> None:
    frame = frames.read("budget_execution", quarter="2021Q4")
    (row,) = frame[(frame.figure_code == "B4") & (frame.scope_type == "all")].to_dict("records")
    assert row["value_pct"] == 50.0  # 0.25 of 0.5 백만원
    assert (row["numerator_exact"], row["denominator_exact"]) == ("250000", "500000")
    _, rows = analyst_query(
        "SELECT figure_code, scope_id, value_pct::text FROM mart.budget_execution"
        " WHERE quarter_id = '2021Q4' AND value_pct IS NOT NULL"
    )
    valued = frame[frame.value_pct.notna()]
    told = zip(valued.figure_code, valued.scope_id, valued.value_pct_exact, strict=True)
    assert sorted(told) == sorted(rows)
    for number, exact in zip(valued.value_pct, valued.value_pct_exact, strict=True):
        assert number == float(Decimal(exact))


@pytest.mark.slow
@pytest.mark.parametrize("table", MARTS)
def test_every_mart_is_a_frame_that_tells_what_it_holds(home: Path, table: str) -> None:
    frame = frames.read(table)
    columns = [name for name in frame.columns if not name.endswith("_exact")]
    assert columns == list(frame.attrs["names"]) == list(frame.attrs["definitions"])
    assert frame.attrs["grain"] == dictionary()["tables"][f"mart.{table}"]["comment"]
    assert all(frame.attrs["names"].values())
    for name, unit in frame.attrs["units"].items():
        assert unit == {"krw": "원", "pct": "%", "pp": "%p", "count": "건"}[name.split("_")[-1]]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"table": "pledge"}, r"데이터마트에 pledge 표가 없습니다.*pledge_status"),
        ({"table": "pledge_status; DROP TABLE x"}, "표가 없습니다"),
        ({"table": "code", "quarter": "2021Q4"}, "code 표에는 quarter_id 열이 없습니다"),
    ],
)
def test_what_is_not_there_is_told(home: Path, asked: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        frames.read(**asked)
    with pytest.raises(ValueError, match="2021-4"):
        frames.read("pledge_status", quarter="2021-4")


def test_a_government_is_a_value_and_never_a_statement(home: Path) -> None:
    assert frames.read("pledge_status", government="' OR TRUE --").empty


def test_what_no_list_knows_is_kept_behind_all_that_it_does() -> None:
    found = frames._category(["X", "B", None], ["A", "B"])
    assert list(found.categories) == ["A", "B", "X"]
    assert list(found.codes) == [2, 1, -1]

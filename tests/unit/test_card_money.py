"""The money table of a card: each way of printing it, amounts worked out by hand, in won."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from etl.documents.blocks import Block, Paragraph
from etl.problems import CellProblem
from etl.read_card import read_card
from etl.staged import StagedFile, stage_columns
from tests.card_factory import (
    LINES,
    BudgetLine,
    CardModel,
    Cell,
    card_blocks,
    cell_at,
    changed,
    with_rows,
)

BUDGET = "staging.quarterly_return__budget"
ANNEX = "restricted.pledge_card__annex"
MILLION = 1_000_000
ONE_LINE = BudgetLine("쉼터", "구비", {"2019년": ("10", "4"), "2020년": ("20", "-")})


def read(**said: Any) -> StagedFile:
    return read_card(card_blocks(CardModel(**said)), "카드.hwpx")


def read_rows(*table: Sequence[Cell], unit: str = "(단위 : 백만원)") -> StagedFile:
    """Read a card whose money table, the third of the document, has these rows."""
    blocks = card_blocks(CardModel(unit_line=unit))
    return read_card(with_rows(blocks, 3, table), "카드.hwpx")


def budget(staged: StagedFile) -> list[dict[str, Any]]:
    return [dict(zip(stage_columns(BUDGET), r, strict=True)) for r in staged.rows.get(BUDGET, [])]


def lines(staged: StagedFile) -> dict[tuple[Any, Any], dict[str, Any]]:
    """Return (sub-project, source) → field → amount in 백만원 of the lines that are no totals."""
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for row in budget(staged):
        if not row["is_total"]:
            line = found.setdefault((row["subproject_name"], row["source"]), {})
            assert row["field"] not in line
            line[row["field"]] = None if row["amount"] is None else row["amount"] / MILLION
    return found


def loaded(staged: StagedFile) -> dict[tuple[Any, ...], Any]:
    """Return what would be loaded: line and fiscal year and measure → won, without totals."""
    return {
        (r["subproject_name"], r["source"], r["fiscal_year"], r["measure"]): r["amount"]
        for r in budget(staged)
        if not r["is_total"] and r["fiscal_year"] != "total"
    }


def placed(blocks: Iterable[Block], staged: StagedFile) -> None:
    """Demand that every amount's place is the cell that prints it, and its source's too."""
    for row in budget(staged):
        cell = cell_at(blocks, row["_column"].replace("{row}", f"{row['_row']}"))
        assert cell.text.replace("\n", "") == row["amount_raw"]
        columns = next(t.columns for t in staged.tables if t.table_no == row["_table"])
        where = columns.get(f"source@{row['_row']}", columns["source"])
        source = cell_at(blocks, where.replace("{row}", f"{row['_row']}")).text
        assert source.replace("\n", "") == row["source_raw"].replace("\n", "")


def only(staged: StagedFile, code: str) -> CellProblem:
    (problem,) = [p for p in staged.problems if p.code == code]
    return problem


# The form's own table


def test_a_line_is_a_row_and_an_amount_a_cell() -> None:
    staged = read()
    assert lines(staged)["쉼터 짓기", "국비"] == {
        "total.plan": 100, "total.executed": 45,
        "2018.secured": 0, "2018.executed": 0, "2019.secured": 20, "2019.executed": 15,
        "2020.secured": 30, "2020.executed": 30, "2021.demand": 40, "2021.executed": 0,
        "2022.demand": 10, "2022.executed": 0,
    }  # fmt: skip
    assert lines(staged)["쉼터 짓기", "구비"]["2019.executed"] == 7.5
    assert lines(staged)["쉼터 짓기", "구비"]["2022.demand"] is None  # "-": not applicable
    assert lines(staged)["쉼터 꾸미기", "구비"]["2020.secured"] == 1000
    # header rows 1-3, then 계, 소계, 국비, 구비, 구비; 2019 is columns 7 and 8
    row = next(r for r in budget(staged) if r["_row"] == 6 and r["field"] == "2019.secured")
    assert (row["_column"], row["source_raw"], row["amount_raw"]) == (
        "표3 {row}행7열",
        "국비",
        "20",
    )
    assert (row["fiscal_year"], row["measure"], row["amount_kind"]) == ("2019", "secured", "value")
    assert row["pledge_id"] == "나눔-3"
    table = staged.tables[4]
    assert (table.header_row, table.money_unit) == (3, "백만원")
    assert table.columns["subproject_name"] == "표3 {row}행1열"
    assert table.columns["2022.executed"] == "표3 {row}행14열"


def test_printed_totals_are_staged_as_totals() -> None:
    totals = [r for r in budget(read()) if r["is_total"]]
    assert {(r["subproject_name"], r["source"]) for r in totals} == {
        (None, "계"), ("쉼터 짓기", "소계"),
    }  # fmt: skip
    grand = {r["field"]: r["amount"] for r in totals if r["source"] == "계"}
    # 0+5+0, 20+10+0, 30+12+1,000; 40+8+2, 10+0+3; together 5+30+1,042+50+13 = 1,140
    assert [grand[f"{y}.secured"] for y in (2018, 2019, 2020)] == [
        5 * MILLION, 30 * MILLION, 1_042 * MILLION,
    ]  # fmt: skip
    assert [grand["2021.demand"], grand["2022.demand"]] == [50 * MILLION, 13 * MILLION]
    assert grand["total.plan"] == 1_140 * MILLION
    assert {r["fiscal_year"] for r in budget(read()) if r["field"] == "total.plan"} == {"total"}


def test_every_amount_is_at_its_place() -> None:
    for said in (
        {}, {"cut_after": 2}, {"cut_after": 2, "repeats_header": False}, {"merges": "blank"},
        {"sources": "columns", "lines": LINES[:2]}, {"is_wrapped": True},
        {"pre_term": "기투자", "post_term": "임기후", "subtotal": "임기내 소계"},
    ):  # fmt: skip
        blocks = card_blocks(CardModel(**said))
        placed(blocks, read_card(blocks, "x"))


@pytest.mark.parametrize(
    "said",
    [
        {"merges": "blank"},
        {"merges": "dropped"},
        {"is_wrapped": True},
        {"is_one_paragraph": True},
        {"is_boxed": True},
        {"bullet": ""},
        *({"cut_after": n, "repeats_header": again, "merges": merges}
          for n in (1, 2, 3, 4) for again in (True, False) for merges in ("told", "blank")),
    ],
)  # fmt: skip
def test_the_same_amounts_however_the_table_is_told(said: dict[str, Any]) -> None:
    keys = ("subproject_name", "source", "is_total", "field", "fiscal_year", "measure", "amount")
    plain = [[row[key] for key in keys] for row in budget(read())]
    staged = read(**said)
    assert [[row[key] for key in keys] for row in budget(staged)] == plain
    assert staged.problems == []


def test_a_table_cut_by_a_page_break_is_one_table() -> None:
    staged = read(cut_after=2)
    assert [t.table_code for t in staged.tables].count("budget") == 1
    # Two rows in the first piece, below three of header; in the second, row 4 is the first.
    numbers = sorted({row["_row"] for row in budget(staged)})
    assert numbers == [4, 5, 6, 7, 8]
    first = next(r for r in budget(staged) if r["_row"] == 6 and r["field"] == "2019.secured")
    assert (first["_column"], first["subproject_name"]) == ("표4 4행7열", "쉼터 짓기")
    assert staged.tables[4].columns["source@6"] == "표4 4행2열"


def test_two_tables_with_totals_of_their_own_stay_two() -> None:
    blocks = card_blocks(CardModel())
    place = next(n for n, b in enumerate(blocks) if getattr(b, "number", 0) == 3 and n > 6)
    other = card_blocks(CardModel(lines=(BudgetLine("다른 쉼터", "국비", LINES[0].amounts),)))
    staged = read_card([*blocks[: place + 1], other[place], *blocks[place + 1 :]], "x")
    assert [t.table_code for t in staged.tables].count("budget") == 2


# Columns around and in place of the years


def test_money_before_and_after_the_term_and_its_subtotal() -> None:
    amounts = {"기투자": ("3",), "2019년": ("20", "15"), "2021년": ("40", "0"), "임기후": ("9",)}
    staged = read(
        pre_term="기투자", post_term="임기후", subtotal="임기내 소계",
        lines=(BudgetLine("쉼터", "국비", amounts),),
    )  # fmt: skip
    # in the term 20 + 40 = 60; all together 3 + 60 + 9 = 72
    assert lines(staged)["쉼터", "국비"] == {
        "total.plan": 72, "total.executed": 15, "pre_term.secured": 3,
        "2019.secured": 20, "2019.executed": 15, "2021.demand": 40, "2021.executed": 0,
        "in_term.plan": 60, "in_term.executed": 15, "post_term.demand": 9,
    }  # fmt: skip
    years = {r["field"]: r["fiscal_year"] for r in budget(staged)}
    assert (years["in_term.plan"], years["pre_term.secured"]) == ("total", "pre_term")
    assert years["post_term.demand"] == "post_term"
    assert ("쉼터", "국비", "in_term", "plan") not in loaded(staged)


def test_a_word_over_the_years_of_the_term_is_no_total_of_them() -> None:
    staged = read_rows(
        [("구분", 1, 2), ("재원", 1, 2), ("합계", 1, 2), ("임기내", 3, 1), ("임기후", 1, 2)],
        ["소계", "2019년", "2020년"],
        ["쉼터", "구비", "60", "50", "20", "30", "10"],
    )
    assert lines(staged)["쉼터", "구비"] == {
        "total.plan": 60, "in_term.plan": 50, "2019.demand": 20, "2020.demand": 30,
        "post_term.demand": 10,
    }  # fmt: skip


@pytest.mark.parametrize("before", ["기투자", "임기 전", "기투자액", "임기전투자"])
@pytest.mark.parametrize("merges", ["told", "blank", "dropped"])
def test_names_of_money_before_the_term(before: str, merges: str) -> None:
    line = BudgetLine("쉼터", "구비", {before: ("3",), "2019년": ("20", "15")})
    staged = read(pre_term=before, lines=(line,), merges=merges)
    assert loaded(staged)["쉼터", "구비", "pre_term", "secured"] == 3 * MILLION


def test_joined_years_and_a_year_that_ends_in_june() -> None:
    line = BudgetLine("쉼터", "구비", {"2020~2021": ("10", "8"), "2022. 6월": ("10.5", "0")})
    staged = read(years=("2020~2021", "2022. 6월"), voted=1, lines=(line,))
    assert loaded(staged) == {
        ("쉼터", "구비", "2020~2021", "secured"): 10 * MILLION,
        ("쉼터", "구비", "2020~2021", "executed"): 8 * MILLION,
        ("쉼터", "구비", "2022", "demand"): 10_500_000,
        ("쉼터", "구비", "2022", "executed"): 0,
    }


def test_year_and_measure_in_one_header() -> None:
    staged = read_rows(
        ["세부사업", "재원", "2019년\n확보액", "2019 집행액", "합계 확보액", "임기 후"],
        ["쉼터", "구비", "10", "4", "10", "5"],
    )
    assert lines(staged) == {
        ("쉼터", "구비"): {
            "2019.secured": 10, "2019.executed": 4, "total.secured": 10, "post_term.demand": 5,
        }
    }  # fmt: skip


def test_a_header_whose_merges_were_lost_reaches_over_its_blanks() -> None:
    """As where a table was pasted: every cell is one place, though the format tells merges."""
    staged = read_rows(
        ["구분", "재원", "2019", "", "2020", ""],
        ["", "", "확보액", "집행액", "투자수요", "집행액"],
        ["쉼터", "구비", "18", "19", "20", "3"],
    )
    assert lines(staged)["쉼터", "구비"] == {
        "2019.secured": 18, "2019.executed": 19, "2020.demand": 20, "2020.executed": 3,
    }  # fmt: skip


def test_years_may_be_plain_numbers_and_amounts_look_like_years() -> None:
    staged = read_rows(
        ["구분", "재원", ("2019", 2, 1), ("2020", 2, 1)],
        ["", "", "확보액", "집행액", "투자수요", "집행액"],
        ["쉼터", "구비", "2018", "2,019", "2020", ""],
    )
    assert lines(staged)["쉼터", "구비"] == {
        "2019.secured": 2018, "2019.executed": 2019, "2020.demand": 2020,
    }  # fmt: skip


# 계획, 확보현황, 집행실적


@pytest.mark.parametrize("layout", ["groups", "measures"])
def test_a_plan_is_what_is_secured_and_what_is_still_asked_for(layout: str) -> None:
    line = BudgetLine("쉼터", "구비", {"2019년": ("10", "8", "5"), "2020년": ("20", "", "-")})
    staged = read(years=("2019년", "2020년"), layout=layout, lines=(line,))
    # 2019: plan 10 = secured 8 + demand 2. 2020: nothing secured, so the whole plan is demand.
    found = loaded(staged)
    assert found["쉼터", "구비", "2019", "secured"] == 8 * MILLION
    assert found["쉼터", "구비", "2019", "demand"] == 2 * MILLION
    assert found["쉼터", "구비", "2019", "executed"] == 5 * MILLION
    assert found["쉼터", "구비", "2020", "demand"] == 20 * MILLION
    assert ("쉼터", "구비", "2019", "plan") not in found
    demand = next(r for r in budget(staged) if r["field"] == "2019.demand" and not r["is_total"])
    assert demand["amount_raw"] == "10"  # as printed, at the place of 계획
    assert staged.problems == []


def test_totals_of_plans_stay_plans_and_add_up() -> None:
    line = BudgetLine("쉼터", "구비", {"2019년": ("10", "8", "5"), "2020년": ("20", "6", "-")})
    staged = read(years=("2019년", "2020년"), layout="groups", lines=(line,))
    found = lines(staged)["쉼터", "구비"]
    assert (found["total.plan"], found["total.secured"], found["total.executed"]) == (30, 14, 5)
    assert sum(found[f"{y}.{m}"] for y in (2019, 2020) for m in ("secured", "demand")) == 30


def test_more_secured_than_planned_is_told() -> None:
    line = BudgetLine("쉼터", "구비", {"2019년": ("10", "12", "5")})
    staged = read(years=("2019년",), layout="groups", lines=(line,))
    assert lines(staged)["쉼터", "구비"]["2019.demand"] == -2
    problem = only(staged, "secured_above_plan")
    assert (problem.seen, problem.expected, problem.field) == ("12", "10", "2019.demand")
    assert problem.column == "표3 5행6열"  # 계획 of 2019, below the row 계


def test_a_plan_beside_an_unreadable_amount_is_unreadable() -> None:
    line = BudgetLine("쉼터", "구비", {"2019년": ("10", "8?", "5")})
    staged = read(years=("2019년",), layout="groups", lines=(line,))
    kinds = {r["field"]: r["amount_kind"] for r in budget(staged) if not r["is_total"]}
    assert kinds["2019.demand"] == kinds["2019.secured"] == "unreadable"
    assert only(staged, "unreadable_number").seen == "8?"


def test_a_plan_before_the_term_is_secured() -> None:
    staged = read_rows(
        ["구분", "재원", ("기투자", 2, 1), ("2019년", 2, 1)],
        ["", "", "계획", "집행실적", "계획", "집행실적"],
        ["쉼터", "구비", "3", "3", "10", "5"],
    )
    assert lines(staged)["쉼터", "구비"] == {
        "pre_term.secured": 3, "pre_term.executed": 3, "2019.demand": 10, "2019.executed": 5,
    }  # fmt: skip


# Sources above


def test_sources_as_columns_make_a_column_a_line() -> None:
    staged = read(sources="columns", lines=LINES[:2])
    # rows: 2018 확보액 2, 집행액 3, 2019 4 and 5, ...; columns: 구 분 1-2, 합 계 3, 국비 4, 구비 5
    found = loaded(staged)
    name = "동네 쉼터 열 곳 만들기"  # no sub-project is named: the money is the pledge's
    assert found[name, "국비", "2019", "secured"] == 20 * MILLION
    assert found[name, "구비", "2019", "executed"] == 7_500_000
    assert found[name, "국비", "2021", "demand"] == 40 * MILLION
    row = next(r for r in budget(staged) if r["source"] == "국비" and r["field"] == "2019.secured")
    assert (row["_row"], row["_column"]) == (4, "표3 4행{row}열")
    total = [r for r in budget(staged) if r["is_total"] and r["field"] == "2019.secured"]
    assert [(r["source"], r["amount"], r["_row"]) for r in total] == [("합계", 30 * MILLION, 3)]


def test_sources_above_years_beside_without_measures() -> None:
    staged = read_rows(
        ["연도별", "계", "국비", "구비"],
        ["계", "45", "30", "15"],
        ["기투자", "5", "5", ""],
        ["2019년", "30", "20", "10"],
        ["임기후", "10", "5", "5"],
    )
    name = "동네 쉼터 열 곳 만들기"
    assert lines(staged) == {
        (name, "국비"): {
            "total.plan": 30, "pre_term.secured": 5, "2019.demand": 20, "post_term.demand": 5,
        },
        (name, "구비"): {"total.plan": 15, "2019.demand": 10, "post_term.demand": 5},
    }  # fmt: skip


def test_sub_projects_and_years_beside_sources_above() -> None:
    staged = read_rows(
        ["세부사업", "연도", "국비", "구비"],
        [("짓기", 1, 2), "2019년", "20", "10"],
        ["2020년", "30", "12"],
        [("꾸미기", 1, 2), "2019년", "1", "2"],
        ["2020년", "-", "3"],
    )
    assert lines(staged) == {
        ("짓기", "국비"): {"2019.demand": 20, "2020.demand": 30},
        ("짓기", "구비"): {"2019.demand": 10, "2020.demand": 12},
        ("꾸미기", "국비"): {"2019.demand": 1, "2020.demand": None},
        ("꾸미기", "구비"): {"2019.demand": 2, "2020.demand": 3},
    }
    places = {
        r["_column"].replace("{row}", f"{r['_row']}"): r["amount_raw"] for r in budget(staged)
    }
    assert places["표3 3행3열"] == "30"
    assert places["표3 4행4열"] == "2"


def test_sources_above_under_each_year() -> None:
    staged = read_rows(
        [("세부사업", 1, 2), ("2019년", 3, 1), ("2020년", 3, 1)],
        ["소계", "국비", "구비", "소계", "국비", "구비"],
        ["짓기", "30", "20", "10", "7", "5", "2"],
    )
    assert lines(staged) == {
        ("짓기", "국비"): {"2019.demand": 20, "2020.demand": 5},
        ("짓기", "구비"): {"2019.demand": 10, "2020.demand": 2},
    }
    totals = {(r["source"], r["field"]): r["amount"] for r in budget(staged) if r["is_total"]}
    assert totals == {("소계", "2019.demand"): 30 * MILLION, ("소계", "2020.demand"): 7 * MILLION}


def test_measures_as_rows() -> None:
    staged = read_rows(
        ["세부사업", "재원", "구분", "2019년", "2020년"],
        [("짓기", 1, 2), ("구비", 1, 2), "확보액", "10", "20"],
        ["집행액", "4", "-"],
    )
    assert lines(staged) == {
        ("짓기", "구비"): {
            "2019.secured": 10, "2020.secured": 20, "2019.executed": 4, "2020.executed": None,
        }
    }  # fmt: skip


# Units


@pytest.mark.parametrize(
    ("unit", "won"),
    [("원", 1_234), ("천원", 1_234_000), ("백만원", 1_234_000_000), ("억원", 123_400_000_000)],
)
def test_the_unit_is_the_one_printed(unit: str, won: int) -> None:
    staged = read_rows(
        ["구분", "재원", "2019 확보액"], ["쉼터", "구비", "1,234"], unit=f"( 단위 : {unit} )"
    )
    assert [r["amount"] for r in budget(staged)] == [won]
    assert next(t for t in staged.tables if t.table_code == "budget").money_unit == unit


def test_the_unit_may_be_printed_in_the_table_or_in_a_header() -> None:
    inside = read_rows(
        [("단위: 천원", 3, 1)], ["구분", "재원", "2019 확보액"], ["쉼터", "구비", "5"], unit=""
    )
    assert [r["amount"] for r in budget(inside)] == [5_000]
    own = read_rows(
        ["구분", "재원", "2019 확보액(천원)", "2020 확보액"], ["쉼터", "구비", "5", "5"]
    )
    assert [r["amount"] for r in budget(own)] == [5_000, 5 * MILLION]


def test_decimals_and_a_unit_in_the_cell() -> None:
    staged = read_rows(
        ["구분", "재원", "2019 확보액", "2020 확보액", "2021 투자수요"],
        ["쉼터", "구비", "0.25", "3억원", "비예산"],
    )
    assert [(r["amount"], r["amount_kind"]) for r in budget(staged)] == [
        (250_000, "value"), (300 * MILLION, "value"), (None, "not_applicable"),
    ]  # fmt: skip


@pytest.mark.parametrize("unit", ["", "(단위 : 천 달러)"])
def test_without_a_known_unit_no_amount_is_read(unit: str) -> None:
    staged = read_rows(["구분", "재원", "2019 확보액"], ["쉼터", "구비", "5"], unit=unit)
    assert [(r["amount"], r["amount_kind"]) for r in budget(staged)] == [(None, "unreadable")]
    problem = only(staged, "unknown_unit")
    assert problem.expected == "원, 천원, 백만원, 억원"
    assert problem.seen == ("천달러" if unit else "")


# What is wrong in a cell


@pytest.mark.parametrize(
    ("written", "code", "expected"),
    [
        ("1O", "unreadable_number", "1?"),
        ("미정", "unreadable_number", "숫자만 (예: 1,234)"),
        ("9,327-", "unreadable_number", "9,327 또는 -9,327?"),
        ("0.0000001", "below_one_won", "원 단위까지의 금액"),
        ("99,999,999,999", "too_large", "1,000조 원 이하의 금액"),
        ("24.394", "shape_three_decimals", ""),
    ],
)
def test_a_fault_is_named_with_its_cell(written: str, code: str, expected: str) -> None:
    blocks = changed(card_blocks(CardModel()), {"표3 6행7열": written})
    problem = only(read_card(blocks, "x"), code)
    assert (problem.seen, problem.expected) == (written, expected)
    assert (problem.row, problem.column, problem.field) == (6, "표3 6행7열", "2019.secured")
    assert (problem.table_no, problem.sheet_name) == (5, "연차별 투자수요 및 집행액")


def test_two_amounts_in_a_cell_are_never_one() -> None:
    blocks = changed(card_blocks(CardModel()), {"표3 6행7열": "10\n20"})
    staged = read_card(blocks, "x")
    assert only(staged, "unreadable_number").column == "표3 6행7열"
    assert lines(staged)["쉼터 짓기", "국비"]["2019.secured"] is None


def test_an_amount_over_two_lines_is_that_of_the_first() -> None:
    staged = read_rows(
        ["구분", "재원", "2019 확보액", "2019 집행액"],
        [("쉼터", 1, 2), "국비", ("10", 1, 2), "4"],
        ["구비", "2"],
    )
    assert lines(staged) == {
        ("쉼터", "국비"): {"2019.secured": 10, "2019.executed": 4},
        ("쉼터", "구비"): {"2019.executed": 2},
    }
    problem = only(staged, "covered_by_merge")
    assert (problem.row, problem.column, problem.field) == (3, "표3 3행3열", "2019.secured")


def test_a_dash_over_many_columns_hides_nothing() -> None:
    staged = read_rows(
        ["구분", "재원", "2019 확보액", "2019 집행액", "2020 확보액"],
        ["쉼터", "국비", ("-", 2, 1), "4"],
    )
    assert staged.problems == []


def test_a_line_without_an_amount_is_no_line() -> None:
    staged = read_rows(
        ["구분", "재원", "2019 확보액"], ["쉼터", "국비", "-"], ["쉼터", "구비", ""],
        ["꾸미기", "구비", "3"],
    )  # fmt: skip
    assert list(lines(staged)) == [("꾸미기", "구비")]


def test_a_year_printed_twice_is_taken_once() -> None:
    staged = read_rows(["구분", "재원", "2019 확보액", "2019년 확보액"], ["쉼터", "구비", "5", "7"])
    assert lines(staged)["쉼터", "구비"] == {"2019.secured": 5}
    problem = only(staged, "duplicate_column")
    assert (problem.seen, problem.column) == ("2019년 확보액", "표3 1행4열")
    assert staged.rows[ANNEX][0][-1] == "2019년 확보액\n7"


def test_a_plan_beside_a_demand_of_the_same_year_is_not_added() -> None:
    staged = read_rows(["구분", "재원", "2019 계획", "2019 투자수요"], ["쉼터", "구비", "5", "7"])
    assert lines(staged)["쉼터", "구비"] == {"2019.demand": 5}
    problem = only(staged, "duplicate_column")
    assert (problem.seen, problem.column) == ("2019 투자수요", "표3 2행4열")


def test_years_without_their_row_of_measures_are_read_once() -> None:
    table = [
        ["구분", "재원", ("2019년", 2, 1)],
        ["쉼터", "구비", "5", "4"],
        ["꾸미기", "구비", "3", "2"],
    ]
    staged = read_rows(*table)
    assert [p.code for p in staged.problems] == ["duplicate_column"]


def test_an_unknown_measure_is_not_guessed() -> None:
    staged = read_rows(
        [("구분", 1, 2), ("재원", 1, 2), ("2019년", 2, 1), ("2020년", 2, 1)],
        ["확보액", "집행액", "편성액", "집행액"],
        ["쉼터", "구비", "5", "4", "7", "0"],
    )
    assert lines(staged)["쉼터", "구비"] == {
        "2019.secured": 5, "2019.executed": 4, "2020.executed": 0,
    }  # fmt: skip
    assert only(staged, "unread_amounts").seen == "2020년 편성액"
    assert staged.rows[ANNEX][0][-1] == "2020년 편성액\n7"


def test_a_blank_header_beside_measures_is_not_guessed() -> None:
    blocks = changed(card_blocks(CardModel()), {"표3 3행7열": ""})
    staged = read_card(blocks, "x")
    assert "2019.secured" not in lines(staged)["쉼터 짓기", "국비"]
    assert "2019.demand" not in lines(staged)["쉼터 짓기", "국비"]
    assert only(staged, "unread_amounts").seen == "연차별 투자수요 및 집행액 2019년"


def test_an_unknown_word_below_a_total_is_not_guessed() -> None:
    blocks = changed(card_blocks(CardModel()), {"표3 3행4열": "이월액"})
    staged = read_card(blocks, "x")
    assert only(staged, "unread_amounts").seen == "합 계 이월액"
    assert "total.executed" not in lines(staged)["쉼터 짓기", "국비"]


def test_texts_by_year_under_the_heading_of_money_are_a_plan() -> None:
    staged = read_rows(["구분", "2019년", "2020년"], ["쉼터", "설계", "짓기"])
    assert (budget(staged), staged.problems) == ([], [])
    assert len(staged.rows["staging.pledge_card__yearly_plan"]) == 5 + 2


def test_remarks_are_kept_and_named() -> None:
    staged = read(remark_column=("비 고", "추경 반영", ""))
    assert only(staged, "extra_column").seen == "비 고"
    assert any("추경 반영" in row[-1] for row in staged.rows[ANNEX])
    below = read_rows(
        ["구분", "재원", "2019 확보액"], ["쉼터", "구비", "5"], [("※ 추경 예산", 3, 1)]
    )
    assert only(below, "outside_table").seen == "※ 추경 예산"
    assert len(lines(below)) == 1


def test_an_unknown_year_is_kept_and_named() -> None:
    staged = read_rows(["연도", "국비", "구비"], ["2019년", "5", "6"], ["당초", "7", "8"])
    assert len(loaded(staged)) == 2
    assert only(staged, "unread_amounts").seen == "당초"
    assert staged.rows[ANNEX][0][-1] == "당초\t7\t8"


def test_a_sub_project_column_under_another_name_is_missed() -> None:
    # No name for the line, rather than the pledge's name for every line.
    staged = read_rows(["무엇을", "재원", "2019 확보액"], ["쉼터", "구비", "5"])
    assert list(lines(staged)) == [(None, "구비")]
    assert only(staged, "extra_column").seen == "무엇을"


def test_an_unknown_source_is_staged_as_written() -> None:
    staged = read_rows(["구분", "재원별", "2019 확보액"], ["쉼터", "마을 돈", "5"])
    (row,) = budget(staged)
    assert (row["source"], row["source_raw"]) == ("마을돈", "마을 돈")


def test_a_money_table_is_known_without_its_heading() -> None:
    staged = read(headings={"budget": "돈"})
    assert len(budget(staged)) == len(budget(read()))
    assert sorted(p.code for p in staged.problems) == ["optional_table_missing", "unknown_section"]


def test_a_table_of_another_kind_under_the_heading_is_kept() -> None:
    staged = read_rows(["무엇", "얼마"], ["쉼터", "많이"])
    assert budget(staged) == []
    assert only(staged, "unknown_table").seen == "연차별 투자수요 및 집행액"


def test_words_in_place_of_a_table_are_kept() -> None:
    blocks = [b for b in card_blocks(CardModel()) if getattr(b, "number", 0) != 3 or
              isinstance(b, Paragraph)]  # fmt: skip
    blocks = [Paragraph(b.number, "비예산 사업") if isinstance(b, Paragraph)
              and b.text.startswith("(단위") else b for b in blocks]  # fmt: skip
    staged = read_card(blocks, "x")
    assert (budget(staged), staged.problems) == ([], [])
    assert staged.rows[ANNEX][0][-1] == "연차별 투자수요 및 집행액\n비예산 사업"

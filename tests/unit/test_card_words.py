"""Words of office documents in the money table and the sections of a card, beyond the form's own."""

from dataclasses import replace
from typing import Any

import pytest

from etl.cells import label_key
from etl.documents.blocks import TableBlock
from etl.form import labels_for
from etl.read_card import read_card
from tests.card_factory import CardModel, card_blocks, changed, table_block
from tests.unit.test_card_money import MILLION, budget, lines, only, read_rows
from tests.unit.test_read_card import ACHIEVEMENT, HEADER, PROGRESS, annexes, codes, read, rows

# Words of office documents

HEAD = ("구분", "재원")


@pytest.mark.parametrize("word", ["예산액", "최종예산", "최종 예산액", "본예산", "당초예산"])
def test_what_a_budget_is_called_is_secured(word: str) -> None:
    staged = read_rows([*HEAD, f"2019 {word}", "2019 지출액"], ["쉼터", "구비", "10", "4"])
    assert lines(staged)["쉼터", "구비"] == {"2019.secured": 10, "2019.executed": 4}
    assert staged.problems == []


def test_a_first_budget_beside_the_last_is_only_compared() -> None:
    staged = read_rows(
        [*HEAD, "2019 본예산", "2019 최종예산", "2020 본예산", "2020 최종예산"],
        ["쉼터", "구비", "10", "12", "7", "7"],
    )
    assert lines(staged)["쉼터", "구비"] == {"2019.secured": 12, "2020.secured": 7}
    problem = only(staged, "other_budget_differs")
    assert (problem.seen, problem.expected) == ("2019 본예산 10", "12")
    assert (problem.column, problem.field) == ("표3 2행3열", "2019.secured")


def test_a_budget_with_money_carried_over_asks_for_a_reason() -> None:
    staged = read_rows(
        [*HEAD, "2019 예산현액", "2019 집행액", "2020 예산현액"], ["쉼터", "구비", "10", "4", "-"]
    )
    found = lines(staged)["쉼터", "구비"]
    assert found == {"2019.secured": 10, "2019.executed": 4, "2020.secured": None}
    problem = only(staged, "carried_over_budget")
    assert (problem.seen, problem.column, problem.field) == ("10", "표3 2행3열", "2019.secured")


def test_a_budget_beside_one_with_money_carried_over_is_the_one_that_counts() -> None:
    # 예산현액 12 = 예산액 10 + 2 carried over: 10 are secured, and nobody needs to explain 12.
    staged = read_rows([*HEAD, "2019 예산현액", "2019 예산액"], ["쉼터", "구비", "12", "10"])
    assert lines(staged)["쉼터", "구비"] == {"2019.secured": 10}
    assert [p.code for p in staged.problems] == ["other_budget_differs"]


@pytest.mark.parametrize("word", ["집행률", "집행률(%)", "집행율", "증감", "증감액(천원)", "잔액"])
def test_a_rate_or_a_difference_is_no_amount(word: str) -> None:
    """Under each year, behind the years, and as a row."""
    below = read_rows(
        [("구분", 1, 2), ("재원", 1, 2), ("2019년", 3, 1)],
        ["예산액", word, "지출액"],
        ["쉼터", "구비", "10", "40.5", "4"],
    )
    row = ["쉼터", "구비", "10", "4", "40%"]
    words = (word, f"2019년 {word}", f"합계 {word}")
    behind = [read_rows([*HEAD, "2019 예산액", "2019 지출액", one], row) for one in words]
    for staged in (below, *behind):
        assert lines(staged)["쉼터", "구비"] == {"2019.secured": 10, "2019.executed": 4}
        assert staged.problems == []
    beside = read_rows(["항목", "2019", "2020"], ["예산액", "10", "5"], [word, "40", "0"])
    assert list(lines(beside).values()) == [{"2019.secured": 10, "2020.secured": 5}]
    assert [p.code for p in beside.problems] == ["source_column_missing"]


def test_a_rate_where_covered_places_were_dropped() -> None:
    """As a text export leaves it: the measures begin in the first column."""
    table = table_block([
        ["구분", "재원", "2019", "2020", "집행률", "", ""],
        ["예산액", "지출액", "예산액", "지출액", "", "", ""],
        ["쉼터", "구비", "10", "4", "5", "1", "33"],
    ])  # fmt: skip
    blocks = [
        replace(table, number=3, spans_known=False)
        if isinstance(block, TableBlock) and block.number == 3 else block
        for block in card_blocks(CardModel())
    ]  # fmt: skip
    assert lines(read_card(blocks, "x"))["쉼터", "구비"] == {
        "2019.secured": 10, "2019.executed": 4, "2020.secured": 5, "2020.executed": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        [[*HEAD, "23", "24", "25"]],
        [[*HEAD, "'23", "’24", "25년"]],
        [["연차별 투자계획", "", "", "", ""], [*HEAD, "23", "24", "25"]],
        [[("구분", 1, 2), ("재원", 1, 2), ("연도별", 3, 1)], ["23", "24", "25"]],
        [[*HEAD, "23", "24", "25", "계"]],
    ],
)
def test_bare_years_under_or_beside_words_of_a_header(header: list[list[Any]]) -> None:
    values = ["10", "24", "25", "59"][: sum(1 for c in header[-1] if c not in HEAD)]
    staged = read_rows(*header, ["쉼터", "구비", *values])
    found = lines(staged)["쉼터", "구비"]
    assert {k: v for k, v in found.items() if k != "total.plan"} == {
        "2023.demand": 10, "2024.demand": 24, "2025.demand": 25,
    }  # fmt: skip
    assert staged.problems == []


def test_bare_years_beside_sources_above() -> None:
    staged = read_rows(["연도", "국비", "구비"], ["23", "5", "6"], ["24", "7", "8"])
    assert sorted(key for found in lines(staged).values() for key in found) == [
        "2023.demand", "2023.demand", "2024.demand", "2024.demand",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row", [["쉼터", "구비", "10", "11"], ["쉼터", "구비", "23", "24"], ["계", "", "23", "24"]]
)
def test_amounts_that_look_like_years_stay_amounts(row: list[str]) -> None:
    staged = read_rows([*HEAD, "2019 확보액", "2019 집행액"], row)
    found = {r["field"]: r["amount"] for r in budget(staged)}
    assert found == {
        "2019.secured": int(row[2]) * MILLION, "2019.executed": int(row[3]) * MILLION,
    }  # fmt: skip


def test_years_that_are_open_are_named_with_their_year() -> None:
    staged = read_rows(
        [*HEAD, "2017 이전", "2018", "2019", "2020 이후", "'23 이후 확보액"],
        ["쉼터", "구비", "3", "10", "20", "5", ""],
    )
    assert lines(staged)["쉼터", "구비"] == {
        "pre_term.secured": 3, "2018.demand": 10, "2019.demand": 20, "post_term.demand": 5,
    }  # fmt: skip
    opened = [(p.seen, p.expected, p.field, p.column) for p in staged.problems]
    assert opened == [
        ("2017 이전", "2017", "pre_term.secured", "표3 1행3열"),
        ("2020 이후", "2020", "post_term.demand", "표3 1행6열"),
    ]  # the column without an amount says nothing


def test_an_open_year_may_stand_beside() -> None:
    staged = read_rows(["연도", "국비"], ["2017 이전", "3"], ["2018", "10"], ["2020 이후", "5"])
    assert list(lines(staged).values()) == [
        {"pre_term.secured": 3, "2018.demand": 10, "post_term.demand": 5}
    ]
    assert [(p.code, p.column) for p in staged.problems] == [
        ("open_years", "표3 2행1열"), ("open_years", "표3 4행1열"),
    ]  # fmt: skip


def test_a_total_of_the_term_in_one_word() -> None:
    staged = read_rows([*HEAD, "2019", "2020", "임기내소계"], ["쉼터", "구비", "10", "20", "30"])
    assert lines(staged)["쉼터", "구비"] == {
        "2019.demand": 10, "2020.demand": 20, "in_term.plan": 30,
    }  # fmt: skip


def test_amounts_under_the_heading_of_money_are_not_let_go() -> None:
    staged = read_rows(["무엇", "얼마"], ["쉼터", "40"])
    assert only(staged, "unread_amounts").seen == "연차별 투자수요 및 집행액"


# Sources

EVERYWHERE = {
    "국고": "NATIONAL", "국고보조금": "NATIONAL", "균특회계": "NATIONAL", "지특": "NATIONAL",
    "특교세": "GRANT_TAX", "특교금": "ADJUSTMENT_GRANT", "자체재원": "OWN",
    "민간자본": "PRIVATE", "민자등": "PRIVATE", "지방소멸대응기금": "FUND",
}  # fmt: skip
KINDS = ("METROPOLITAN", "PROVINCE", "CITY", "COUNTY", "COUNTY_IN_PROVINCE", "DISTRICT")


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_means_the_same_everywhere_or_what_the_kind_of_government_says(kind: str) -> None:
    known = labels_for("funding_source", kind)
    assert {label: known.get(label) for label in EVERYWHERE} == EVERYWHERE
    is_upper = kind in ("METROPOLITAN", "PROVINCE")
    assert known.get("시군구비") == ("LOWER" if is_upper else None)
    assert known.get("시도비") == ("OWN" if is_upper else "UPPER")
    assert "지방비" not in known


def test_a_source_that_mixes_tiers_heads_a_column_with_its_word() -> None:
    staged = read_rows(["구분", "국고보조금", "지방비"], ["2019", "5", "6"])
    assert {row["source"] for row in budget(staged)} == {"국고보조금", "지방비"}


# Money without a source


YEARS_ALONE = (["연도", "확보액", "집행액"], ["2019", "10", "4"], ["2020", "20", "-"])


def test_years_alone_state_no_source_and_are_the_pledges_own() -> None:
    staged = read_rows(*YEARS_ALONE, ["계", "30", "4"])
    assert list(lines(staged)) == [("동네 쉼터 열 곳 만들기", "재원미기재")]
    assert lines(staged)["동네 쉼터 열 곳 만들기", "재원미기재"] == {
        "2019.secured": 10, "2019.executed": 4, "2020.secured": 20, "2020.executed": None,
        "total.secured": 30, "total.executed": 4,
    }  # fmt: skip
    problem = only(staged, "source_column_missing")
    assert (problem.expected, problem.column) == ("재원", "표3 1행1열")


def test_sub_projects_alone_state_no_source_and_their_total_is_one() -> None:
    staged = read_rows(["세부사업", "2019 확보액"], ["쉼터", "10"], ["길", "5"], ["계", "15"])
    assert lines(staged) == {
        ("쉼터", "재원미기재"): {"2019.secured": 10}, ("길", "재원미기재"): {"2019.secured": 5},
    }  # fmt: skip
    assert [row["source"] for row in budget(staged) if row["is_total"]] == [None]


@pytest.mark.parametrize(
    "table",
    [
        (["구분", "재원", "2019 확보액"], ["쉼터", "", "10"]),
        (["구분", "2019 확보액"], ["국비", "10"], ["마을돈", "5"]),  # one of them is a source
        (["구분", "재원의 종류", "2019 확보액"], ["쉼터", "마을돈", "10"]),
    ],
    ids=["blank", "some", "header"],
)
def test_where_a_table_speaks_of_sources_a_line_owes_one(table: Any) -> None:
    staged = read_rows(*table)
    assert "재원미기재" not in {row["source"] for row in budget(staged)}
    assert "source_column_missing" not in codes(staged)


# Headings and labels


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("budget", "소요예산"), ("budget", "재원조달계획"), ("budget", "투자계획 및 재원조달"),
        ("budget", "사업비"), ("achievement", "추진경과"), ("achievement", "추진사항"),
        ("achievement", "그동안 추진실적"), ("yearly_plan", "분기별 추진계획"),
    ],
)  # fmt: skip
def test_headings_of_offices(code: str, heading: str) -> None:
    plain, staged = read(), read(headings={code: heading})
    assert staged.problems == []
    assert {k: len(v) for k, v in staged.rows.items()} == {k: len(v) for k, v in plain.rows.items()}


def test_a_plan_by_quarters_is_kept_as_text() -> None:
    staged = read(
        headings={"yearly_plan": "분기별 추진계획"},
        plan_years=("1분기", "2분기", "3분기", "4분기"),
        plans=(("쉼터 짓기", ("터 찾기", "설계", "짓기", "열기")),),
    )
    assert staged.problems == []
    assert "쉼터 짓기\t터 찾기\t설계\t짓기\t열기" in annexes(staged)[0]


@pytest.mark.parametrize("heading", ["기대효과", "성과지표", "사업기간", "이행기간", "공정률"])
def test_what_the_form_has_no_field_for_is_kept_without_a_word(heading: str) -> None:
    staged = read(more_sections=((heading, ("- 쉼",)),), extra_labels=((heading, "2019~2022"),))
    assert staged.problems == []
    assert f"{heading}\n- 쉼" in annexes(staged)
    assert f"{heading}: 2019~2022" in annexes(staged)


def test_labels_of_offices() -> None:
    blocks = changed(card_blocks(CardModel()), {"표1 2행3열": "이행도(%)", "표1 3행1열": "사업비"})
    staged = read_card(blocks, "x")
    assert staged.problems == []
    assert rows(staged, PROGRESS)[0]["rate"] == 60
    assert rows(staged, HEADER)[0]["declared_total"] == 1_140 * MILLION


def test_how_much_of_a_building_stands_is_no_rate() -> None:
    staged = read_card(changed(card_blocks(CardModel()), {"표1 2행3열": "공정률(%)"}), "x")
    assert rows(staged, PROGRESS)[0]["rate"] is None
    assert [(p.code, p.expected) for p in staged.problems] == [("missing_column", "이행률(%)")]


def test_a_list_of_sub_projects_with_their_money_begins_no_card() -> None:
    table = (("사업명", "사업비", "추진상황", "이행률"), ("쉼터 짓기", "3억", "정상추진", "60"),
             ("쉼터 꾸미기", "1억", "완료", "100"))  # fmt: skip
    staged = read(overview_table=table)
    assert len(rows(staged, PROGRESS)) == 1
    assert codes(staged) == ["unknown_table"]


@pytest.mark.parametrize("label", ["완료 후 계속 추진", "완료후 계속추진", "완료후계속추진"])
def test_every_spacing_of_a_status_is_known(label: str) -> None:
    assert labels_for("status", "*")[label_key(label)] == "COMPLETED_ONGOING"


# A card of headings that nobody knows


def test_a_card_without_money_and_achievements_is_stopped() -> None:
    staged = read(left_out=frozenset({"budget", "achievement"}))
    assert [(p.code, p.pledge_id, p.expected) for p in staged.problems] == [
        ("sections_missing", "나눔-3", "연차별 투자수요 및 집행액, 추진실적")
    ]
    assert ACHIEVEMENT not in staged.rows


@pytest.mark.parametrize("left_out", ["budget", "achievement"])
def test_one_of_the_two_is_enough(left_out: str) -> None:
    staged = read(left_out=frozenset({left_out}))
    assert codes(staged) == ["optional_table_missing"]


def test_money_that_was_read_without_its_heading_is_enough() -> None:
    staged = read(headings={"budget": "돈"}, left_out=frozenset({"achievement"}))
    missing = ["optional_table_missing"] * 2  # both headings, but the card is not stopped
    assert sorted(codes(staged)) == [*missing, "unknown_section"]

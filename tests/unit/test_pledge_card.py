"""The card that goes out: what it prints, worked out by hand, and that it comes back as it went."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dochan import Dochan
from hypothesis import given, settings, strategies as st

from etl.cells import clean
from etl.documents.blocks import Paragraph, TableBlock
from etl.documents.hwpx import read_hwpx
from etl.invite.invitation import Frame, InvitedLine
from etl.invite.pledge_card import OutgoingAchievement, OutgoingCard, PlannedText, card_blocks
from etl.office.hwpx import hwpx_bytes, write_hwpx
from etl.quarter import Quarter
from etl.read_card import read_card
from etl.staged import StagedFile, stage_columns

WRITTEN_AT = datetime(2021, 10, 1, tzinfo=UTC)
# The budget of 2021 is voted, that of 2022 is not.
FRAME = Frame(
    quarter=Quarter(2021, 3),
    government_id="3990000",
    government_name="가람구",
    government_class="DISTRICT",
    term_number=7,
    term_start=date(2018, 7, 1),
    term_end=date(2022, 6, 30),
    reference_date=date(2021, 9, 30),
    voted_year=2021,
    due_date=None,
    grace_date=None,
    register_version=None,
)
SHELTER = {
    "pre_term.secured": 30,
    "2018.secured": 0,
    "2018.executed": 0,
    "2019.secured": Decimal("1200.5"),
    "2019.executed": Decimal("24.394"),
    "2021.secured": 700,
    "2022.demand": Decimal("0.000001"),
    "post_term.demand": 90,
}


def line(
    name: str | None, source: str | None, amounts: dict[str, Any] | None = None
) -> InvitedLine:
    return InvitedLine("나눔-3", name, source, dict(amounts or {}))


CARD = OutgoingCard(
    FRAME,
    "나눔-3",
    "동네 쉼터 열 곳 만들기",
    "가온과",
    status_name="정상추진",
    rate_pct=Decimal("62.5"),
    target_name="달성",
    due_name="임기내",
    due_year=2022,
    declared_total=Decimal("2020.5"),
    project_type="신규/자체/시설",
    goal="가까운 곳에서 쉬게 한다",
    overview="- 터 : 열 곳\n- 때 : 2018. 7. ~ 2022. 6.",
    problem="터가 모자람",
    plan="2022. 3월 : 두 곳 열기\n2022. 6월 : 모두 열기",
    planned=(
        PlannedText("쉼터 짓기", "2018", "2019", "터 찾기"),
        PlannedText("쉼터 짓기", "2020", "2022", "짓기"),
        PlannedText("쉼터 짓기", "post_term", "post_term", "넓히기"),
        PlannedText("살림", "2021", "post_term", "청소"),
    ),
    budget=(
        line("쉼터 짓기", "국비", SHELTER),
        line("쉼터 짓기", "구비", {"2019.secured": 100, "2019.executed": Decimal("0.606")}),
        line("살림", "구비", {"2021.secured": 1_234_567, "2021.executed": 0}),
    ),
    achievements=(
        OutgoingAchievement("2021Q1", date(2021, 1, 15), "터 찾기를 마침"),
        OutgoingAchievement("2021Q2", None, "설계 공모"),
        OutgoingAchievement("2021Q2", date(2021, 6, 16), "설계를 마침\n열 곳 가운데 여섯 곳"),
    ),
    cooperation=(
        ("협업부서", "나래과", "터 찾기"),
        ("중앙정부", "쉼터부", None),
        ("새솔시", "쉼터과", None),
        ("협력", "주민 모임", "살림"),
    ),
    contacts=(
        ("가온과장", "김가온", "02-000-0001"),
        ("담당", None, "02-000-0002"),
        ("쉼터 지킴이", None, None),
    ),
)
NEVER_REPORTED = OutgoingCard(
    FRAME,
    "나눔-4",
    "새 쉼터",
    "가온과",
    due_name="임기후",
    budget=(line("터 찾기", None), line("짓기", None)),
    cooperation=(("협업부서", "나래과", None),),
)


def texts(card: OutgoingCard) -> list[str]:
    return [block.text for block in card_blocks(card) if isinstance(block, Paragraph)]


def tables(card: OutgoingCard) -> list[TableBlock]:
    return [block for block in card_blocks(card) if isinstance(block, TableBlock)]


def grid(table: TableBlock) -> list[list[str]]:
    """Return a table as its rows of texts; a covered place is `<` or, below its cell, `^`."""
    return [
        [
            cell.text
            if (cell.row, cell.column) == (row, column)
            else "^"
            if cell.row < row
            else "<"
            for column in range(1, table.column_count + 1)
            if (cell := table.at(row, column))
        ]
        for row in range(1, table.row_count + 1)
    ]


def section(card: OutgoingCard, heading: str) -> list[str]:
    """Return the lines below a heading, up to the next one."""
    lines = texts(card)
    below = lines[lines.index(f"□ {heading}") + 1 :]
    end = next((n for n, text in enumerate(below) if text.startswith("□")), len(below))
    return below[:end]


def came_back(card: OutgoingCard) -> StagedFile:
    content = hwpx_bytes(card_blocks(card), written_at=WRITTEN_AT)
    blocks = read_hwpx(content)
    assert blocks == card_blocks(card)
    return read_card(blocks, "카드.hwpx")


def rows(staged: StagedFile, stage: str) -> list[dict[str, Any]]:
    return [dict(zip(stage_columns(stage), row, strict=True)) for row in staged.rows.get(stage, [])]


def picked(found: Iterable[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found]


# What is printed


def test_the_caption_says_whose_card_of_which_quarter_it_is() -> None:
    assert card_blocks(CARD)[0] == Paragraph(1, "2021년 3분기 공약관리카드 · 가람구(3990000)")


def test_the_header_pairs_labels_with_values() -> None:
    assert grid(tables(CARD)[0]) == [
        ["나눔-3", "동네 쉼터 열 곳 만들기", "<", "<", "<", "<"],
        ["추진상황", "정상추진", "이행률(%)", "62.5%", "완료시기 (완료연도)", "임기내 (2022)"],
        ["총사업비", "2,020.5백만원", "사업유형", "신규/자체/시설", "추진부서", "가온과"],
        ["목표달성", "달성", "정정사유", "", "<", "<"],
    ]


def test_the_sections_stand_in_their_order() -> None:
    assert [text for text in texts(CARD) if text.startswith("□")] == [
        "□ 정책목표", "□ 사업개요", "□ 연차별 추진계획", "□ 연차별 투자수요 및 집행액",
        "□ 추진실적", "□ 문제점", "□ 향후계획", "□ 협업사항",
    ]  # fmt: skip
    assert section(CARD, "문제점") == ["터가 모자람"]
    assert section(CARD, "향후계획") == ["2022. 3월 : 두 곳 열기", "2022. 6월 : 모두 열기"]
    assert section(CARD, "협업사항") == ["- 주민 모임 : 살림"]


def test_a_planned_text_spans_its_years() -> None:
    assert grid(tables(CARD)[1]) == [
        ["구 분", "2018년", "2019년", "2020년", "2021년", "2022년", "임기후"],
        ["쉼터 짓기", "터 찾기", "<", "짓기", "<", "<", "넓히기"],
        ["살림", "", "", "", "청소", "<", "<"],
    ]


def test_texts_for_the_same_year_stand_in_two_rows() -> None:
    planned = (
        PlannedText("가", "pre_term", "2019", "찾기"),
        PlannedText("가", "2019", "2019", "사기"),
        PlannedText("나", "2017", "2017", "임기 밖"),
    )
    assert grid(tables(replace(CARD, planned=planned, budget=()))[1]) == [
        ["구 분", "임기전", "2018년", "2019년", "2020년", "2021년", "2022년", "임기후"],
        ["가", "찾기", "<", "<", "", "", "", ""],
        ["^", "", "", "사기", "", "", "", ""],
        ["나", "임기 밖", "", "", "", "", "", ""],
    ]


def test_the_money_table_is_the_one_of_the_form() -> None:
    # 국비 plan: 30 + 0 + 1,200.5 + 700 + 0.000001 + 90 = 2,020.500001; executed 0 + 24.394.
    # All plan: 2,020.500001 + 100 + 1,234,567 = 1,236,687.500001; executed 24.394 + 0.606 + 0 = 25.
    # 24.394 would be asked about as 24,394, so it has a fourth decimal; 0.606 as well.
    assert grid(tables(CARD)[2]) == [
        ["구 분", "재원별", "합 계", "<", "기투자", "연차별 투자수요 및 집행액", *["<"] * 9, "임기후"],
        ["^", "^", "^", "^", "^", "2018년", "<", "2019년", "<", "2020년", "<", "2021년", "<",
         "2022년", "<", "^"],
        ["^", "^", "확보액 및 투자수요", "집행액", "^", *["확보액", "집행액"] * 4,
         "투자수요", "집행액", "^"],
        ["", "계", "1,236,687.500001", "25", "30", "0", "0", "1,300.5", "25", "", "",
         "1,235,267", "0", "0.000001", "", "90"],
        ["쉼터 짓기", "국비", "2,020.500001", "24.3940", "30", "0", "0", "1,200.5", "24.3940", "", "",
         "700", "", "0.000001", "", "90"],
        ["^", "구비", "100", "0.6060", "", "", "", "100", "0.6060", *[""] * 7],
        ["살림", "구비", "1,234,567", "0", *[""] * 7, "1,234,567", "0", "", "", ""],
    ]  # fmt: skip
    assert section(CARD, "연차별 투자수요 및 집행액") == ["(단위 : 백만원)"]


def test_what_an_amount_was_before_stands_below_the_table() -> None:
    lines = [line("쉼터 짓기", "국비"), line("쉼터 짓기", "구비"), line("살림", "구비")]
    for one in lines[:2]:
        one.notes["2021.secured"].append("지난 보고의 투자수요입니다.")
    lines[2].notes["2018.secured"].append(
        "지난 보고에는 2018~2019년으로 확보액 40백만원이었습니다."
    )
    card = replace(CARD, budget=lines)
    assert section(card, "연차별 투자수요 및 집행액")[1:] == [
        "※ 2021년 확보액(쉼터 짓기 국비, 쉼터 짓기 구비): 지난 보고의 투자수요입니다.",
        "※ 2018년 확보액(살림 구비): 지난 보고에는 2018~2019년으로 확보액 40백만원이었습니다.",
    ]
    assert came_back(card).problems == []


def test_achievements_stand_under_their_quarter_and_this_one_is_to_be_filled() -> None:
    assert section(CARD, "추진실적") == [
        "【21년 1분기】",
        "- 2021. 1. 15. : 터 찾기를 마침",
        "【21년 2분기】",
        "- 설계 공모",
        "- 2021. 6. 16. : 설계를 마침",
        "  열 곳 가운데 여섯 곳",
        "【21년 3분기】",
    ]
    # An empty line to write on stands below 【21년 3분기】: paragraph 19 is none.
    numbers = {b.text: b.number for b in card_blocks(CARD) if isinstance(b, Paragraph)}
    assert numbers["□ 문제점"] - numbers["【21년 3분기】"] == 2


def test_authors_and_partners_stand_in_the_last_table() -> None:
    assert grid(tables(CARD)[3]) == [
        ["작성자", "가온과장 : 김가온(02-000-0001)", "<", "<"],
        ["^", "담당(02-000-0002)", "<", "<"],
        ["^", "쉼터 지킴이", "<", "<"],
        ["협업부서", "나래과", "협업내용", "터 찾기"],
        ["중앙정부", "쉼터부", "협업내용", ""],
        ["새솔시", "쉼터과", "협업내용", ""],
    ]
    assert grid(tables(OutgoingCard(FRAME, "1", "가", "나"))[-1]) == [
        ["작성자", "", "<", "<"],
        ["협업부서", "", "협업내용", ""],
    ]


def test_a_pledge_that_never_reported_has_an_empty_grid() -> None:
    header, plan, budget, people = map(grid, tables(NEVER_REPORTED))
    assert header[1] == ["추진상황", "", "이행률(%)", "", "완료시기 (완료연도)", "임기후"]
    assert header[2] == ["총사업비", "", "사업유형", "", "추진부서", "가온과"]
    assert plan[1:] == [["터 찾기", *[""] * 6], ["짓기", *[""] * 6]]
    # Two rows a sub-project, for two sources; nothing to add up, so no totals.
    assert budget[3:] == [
        ["", "계", *[""] * 14],
        ["터 찾기", *[""] * 15],
        ["^", *[""] * 15],
        ["짓기", *[""] * 15],
        ["^", *[""] * 15],
    ]
    assert people[1] == ["협업부서", "나래과", "협업내용", ""]
    assert section(NEVER_REPORTED, "추진실적") == ["【21년 3분기】"]


def test_a_pledge_without_budget_says_so() -> None:
    card = replace(CARD, budget=(), declared_total=None, planned=(), subproject_names=["살림"])
    assert section(card, "연차별 투자수요 및 집행액") == ["- 비예산 사업"]
    assert grid(tables(card)[0])[2][:2] == ["총사업비", "비예산"]
    assert grid(tables(card)[1])[1] == ["살림", *[""] * 6]
    assert came_back(card).problems == []


# What comes back


def test_a_card_comes_back_as_it_went_out() -> None:
    staged = came_back(CARD)
    assert staged.problems == []
    (progress,) = rows(staged, "staging.quarterly_return__progress")
    assert picked([progress], "pledge_id", "pledge_name", "status", "rate", "target", "due",
                  "due_year", "content", "problem", "plan", "correction_reason") == [
        ("나눔-3", CARD.pledge_name, "정상추진", Decimal("62.5"), "달성", "임기내", 2022, None,
         CARD.problem, CARD.plan, None)
    ]  # fmt: skip
    (header,) = rows(staged, "staging.pledge_card__header")
    assert picked([header], "department_name", "declared_total", "project_type",
                  "newest_quarter_id", "goal", "overview") == [
        ("가온과", 2_020_500_000, "신규/자체/시설", "2021Q3", CARD.goal, CARD.overview)
    ]  # fmt: skip


def test_money_comes_back_to_the_won() -> None:
    found = rows(came_back(CARD), "staging.quarterly_return__budget")
    parts = [row for row in found if not row["is_total"] and row["fiscal_year"] != "total"]
    assert picked(parts, "subproject_name", "source_raw", "field", "amount") == [
        ("쉼터 짓기", "국비", "pre_term.secured", 30_000_000),
        ("쉼터 짓기", "국비", "2018.secured", 0),
        ("쉼터 짓기", "국비", "2018.executed", 0),
        ("쉼터 짓기", "국비", "2019.secured", 1_200_500_000),
        ("쉼터 짓기", "국비", "2019.executed", 24_394_000),
        ("쉼터 짓기", "국비", "2021.secured", 700_000_000),
        ("쉼터 짓기", "국비", "2022.demand", 1),
        ("쉼터 짓기", "국비", "post_term.demand", 90_000_000),
        ("쉼터 짓기", "구비", "2019.secured", 100_000_000),
        ("쉼터 짓기", "구비", "2019.executed", 606_000),
        ("살림", "구비", "2021.secured", 1_234_567_000_000),
        ("살림", "구비", "2021.executed", 0),
    ]
    totals = [row for row in found if row["is_total"] and row["fiscal_year"] == "total"]
    assert picked(totals, "field", "amount") == [
        ("total.plan", 1_236_687_500_001),
        ("total.executed", 25_000_000),
    ]


def test_plans_entries_partners_and_people_come_back() -> None:
    staged = came_back(CARD)
    assert picked(rows(staged, "staging.pledge_card__yearly_plan"), "subproject_name",
                  "first_year", "last_year", "is_post_term", "content") == [
        ("쉼터 짓기", 2018, 2019, False, "터 찾기"),
        ("쉼터 짓기", 2020, 2022, False, "짓기"),
        ("쉼터 짓기", None, None, True, "넓히기"),
        ("살림", 2021, 2022, True, "청소"),
    ]  # fmt: skip
    entries = rows(staged, "staging.quarterly_return__achievement")
    assert picked(entries, "achieved_on", "content")[:2] == [
        (date(2021, 1, 15), "터 찾기를 마침"),
        (None, "설계 공모"),
    ]
    assert entries[2]["achieved_on"] == date(2021, 6, 16)
    assert [text.strip() for text in entries[2]["content"].split("\n")] == [
        "설계를 마침", "열 곳 가운데 여섯 곳",
    ]  # fmt: skip
    assert [row["quarter_id"] for row in rows(staged, "staging.pledge_card__achievement_quarter")
            ] == ["2021Q1", "2021Q2", "2021Q2"]  # fmt: skip
    assert picked(rows(staged, "staging.quarterly_return__cooperation"), "role_name", "body_name",
                  "content") == [
        ("협업사항", "주민 모임", "살림"),
        ("협업부서", "나래과", "터 찾기"),
        ("중앙정부", "쉼터부", None),
        ("새솔시", "쉼터과", None),
    ]  # fmt: skip
    assert picked(rows(staged, "restricted.quarterly_return__contact"), "position_name",
                  "person_name", "phone") == [
        ("가온과장", "김가온", "02-000-0001"),
        ("담당", None, "02-000-0002"),
        ("쉼터 지킴이", None, None),
    ]  # fmt: skip


def test_an_untouched_empty_card_reports_nothing() -> None:
    staged = came_back(NEVER_REPORTED)
    assert staged.problems == []
    (progress,) = rows(staged, "staging.quarterly_return__progress")
    assert {progress[name] for name in ("status", "rate", "content", "problem", "plan")} == {None}
    assert rows(staged, "staging.quarterly_return__budget") == []
    assert rows(staged, "staging.quarterly_return__achievement") == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("□ 향후계획", "- □ 향후계획"),
        ("■ 붙임", "- ■ 붙임"),
        ("□ 터", "- □ 터"),
        ("추진실적:", "- 추진실적:"),
        ("향후계획(안)", "- 향후계획(안)"),
        ("1. 사업개요", "1. 사업개요"),
        ("- 문제점", "- 문제점"),
        ("향후계획 : 착공", "향후계획 : 착공"),
    ],
)
def test_a_line_like_a_heading_stays_text(text: str, written: str) -> None:
    staged = came_back(replace(CARD, problem=f"터가 모자람\n{text}\n사람도 모자람", goal=text))
    assert staged.problems == []
    (progress,) = rows(staged, "staging.quarterly_return__progress")
    assert progress["problem"] == f"터가 모자람\n{written}\n사람도 모자람"
    assert progress["plan"] == CARD.plan


@pytest.mark.parametrize(
    "name",
    [
        "<b>&amp; \"쉼터\" 'ㄱ' ]]>",
        "쉼터 \U0001f3e0 \U0001f468‍\U0001f469‍\U0001f467",
        "가" * 3_000,
        "NoBreakAtAll" * 500,
        "../../쉼터",
        "=SUM(A1:A2)",
        "{row}행 {0} %s",
    ],
)
def test_hostile_names_come_back(name: str) -> None:
    written, name = name, clean(name)  # joiners are not seen
    budget = (line(name, "구비", {"2019.secured": 1}), line("살림", "구비", {"2019.secured": 2}))
    contacts = [(name, None, None)]
    card = replace(CARD, pledge_id=name[:40], pledge_name=written, department_name=written,
                   budget=budget, planned=[PlannedText(written, "2018", "2022", written)],
                   contacts=contacts)  # fmt: skip
    staged = came_back(card)
    assert staged.problems == []
    (progress,) = rows(staged, "staging.quarterly_return__progress")
    assert (progress["pledge_id"], progress["pledge_name"]) == (name[:40], name)
    names = {row["subproject_name"] for row in rows(staged, "staging.quarterly_return__budget")}
    assert names == {None, name, "살림"}
    planned = picked(rows(staged, "staging.pledge_card__yearly_plan"), "subproject_name", "content")
    assert [tuple(map(clean, said)) for said in planned] == [(name, name)]


def _in_unit(won: int) -> Decimal | int:
    amount = Decimal(won).scaleb(-6)
    return int(amount) if amount == int(amount) else amount.normalize()


# No word of the form can be made of these letters: a sub-project 계 is a total for any reader.
_LETTERS = st.sampled_from("쉼터살림 0123456789.,-:()[]<>&\"'·※□【】/%\U0001f3e0Ab")
_WORDS = st.tuples(
    st.text(_LETTERS, max_size=15), st.sampled_from("쉼터살림"), st.text(_LETTERS, max_size=14)
).map(lambda parts: " ".join("".join(parts).split()))
_FIELDS = ("pre_term.secured", "2018.secured", "2018.executed", "2021.secured", "2022.demand")
_MONEY = st.dictionaries(st.sampled_from(_FIELDS), st.integers(0, 10**13), min_size=1)
_LINES = st.lists(st.tuples(_WORDS, st.sampled_from(["국비", "시비", "구비"]), _MONEY), max_size=4)
_ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["2020Q4", "2021Q1", "2021Q3"]),
        st.dates(date(2018, 7, 1), date(2022, 6, 30)),
        _WORDS,
    ),
    max_size=4,
)


@pytest.mark.slow
@settings(max_examples=60)
@given(_WORDS, _WORDS, st.integers(0, 10_000), _LINES, _ENTRIES)
def test_any_card_comes_back(
    pledge_id: str,
    name: str,
    rate: int,
    lines: list[tuple[str, str, dict[str, int]]],
    entries: list[tuple[str, date, str]],
) -> None:
    budget = [
        line(subproject, source, {field: _in_unit(won) for field, won in amounts.items()})
        for subproject, source, amounts in lines
    ]
    card = replace(
        CARD,
        pledge_id=pledge_id,
        pledge_name=name,
        rate_pct=Decimal(rate) / 100,
        budget=budget,
        achievements=[OutgoingAchievement(*entry) for entry in sorted(entries)],
    )
    staged = came_back(card)
    assert staged.problems == []
    progress = rows(staged, "staging.quarterly_return__progress")
    assert picked(progress, "pledge_id", "pledge_name", "rate") == [
        (pledge_id, name, Decimal(rate) / 100)
    ]
    money = (row for row in rows(staged, "staging.quarterly_return__budget")
             if not row["is_total"] and row["fiscal_year"] != "total")  # fmt: skip
    assert sorted(picked(money, "subproject_name", "source_raw", "field", "amount")) == sorted(
        (subproject, source, field, won)
        for subproject, source, amounts in lines
        for field, won in amounts.items()
    )
    found = rows(staged, "staging.quarterly_return__achievement")
    quarters = rows(staged, "staging.pledge_card__achievement_quarter")
    assert [
        (quarter["quarter_id"], entry["achieved_on"], entry["content"])
        for entry, quarter in zip(found, quarters, strict=True)
    ] == sorted(entries)


def test_the_same_card_gives_the_same_bytes_and_another_reader_opens_it(tmp_path: Path) -> None:
    path = write_hwpx(card_blocks(CARD), tmp_path / "새 폴더" / "카드.hwpx", written_at=WRITTEN_AT)
    assert path.read_bytes() == hwpx_bytes(card_blocks(CARD), written_at=WRITTEN_AT)
    assert [one.name for one in path.parent.iterdir()] == ["카드.hwpx"]
    document = Dochan(str(path)).doc
    assert not document.errors
    assert [(t.row_count, t.col_count) for t in document.find_all("table")] == [
        (4, 6), (3, 7), (7, 16), (6, 4),
    ]  # fmt: skip

"""A card laid out with tables, in frames, strips and rows, says what the plain card says."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from etl.documents.blocks import Block, Paragraph, TableBlock, numbered
from etl.pipeline.reading import read_submission
from etl.read_card import read_card
from etl.staged import StagedFile
from tests.card_factory import CardModel, card_blocks, table_block
from tests.card_frames import framed, hwp_framed, hwpx_framed, in_rows, in_strips
from tests.documents_hwp import documents
from tests.unit.test_card_formats import rows
from tests.unit.test_read_card import ANNEX, codes, place

BULLET = "□ "
PLAIN = card_blocks(CardModel())
BUDGET = "staging.quarterly_return__budget"
ACHIEVEMENT = "staging.quarterly_return__achievement"


def read(blocks: Sequence[Block]) -> StagedFile:
    return read_card(blocks, "카드.hwpx")


def says_the_same(staged: StagedFile) -> None:
    assert staged.problems == []
    assert rows(staged) == rows(read(PLAIN))


# Frames


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("kind", "write"), [("hwpx", hwpx_framed), ("hwp", hwp_framed)])
def test_a_card_in_a_frame_of_one_cell_is_read_whole(
    kind: str, write: Callable[..., bytes], times: int
) -> None:
    says_the_same(read_submission(write(PLAIN, times), f"카드.{kind}"))


def test_a_frame_in_a_frame_with_other_cells_beside_it() -> None:
    says_the_same(read(framed(framed(PLAIN))))
    for blocks in (framed(PLAIN, ["공약관리카드"]), framed(framed(PLAIN), ["관\n리"], across=True)):
        staged = read(blocks)
        assert staged.problems == []
        told, plain = rows(staged), rows(read(PLAIN))
        assert len(told.pop(ANNEX)) == len(plain.pop(ANNEX)) + 1  # the title, kept as text
        assert told == plain


def test_what_stands_in_a_frame_keeps_its_places() -> None:
    staged = read(framed(PLAIN))  # the frame is table 1, the card's header table 2
    assert place(staged, 1, 1, "pledge_id") == "표2 1행1열"
    assert place(staged, 2, 1, "goal") == "표1 1행1열"


@given(documents())
def test_a_frame_changes_neither_order_nor_text(blocks: list[Block]) -> None:
    (frame, *inner) = framed(blocks)
    assert isinstance(frame, TableBlock)
    held = frame.cells[0].held
    if inner:
        assert [b for b in held if isinstance(b, TableBlock)] == inner
        assert held == tuple(replace(b, number=h.number) for b, h in zip(blocks, held, strict=True))
    else:
        assert [b.text for b in blocks if isinstance(b, Paragraph)] == [
            b.text for b in held if isinstance(b, Paragraph)
        ]


# Strips


@pytest.mark.parametrize(
    "cells",
    [
        ("{n}", "", "{}"), ("Ⅱ", "", "{}"), ("Ⅱ", "{}"), ("{n}.", "", "{}"), ("□", "{}"),
        ("{}", "Ⅱ"), ("{}", ""), ("", "{}"), ("", "", "{}"), ("\U000f02b1", "", "{}"),
    ],
)  # fmt: skip
def test_headings_in_strips(cells: tuple[str, ...]) -> None:
    says_the_same(read(in_strips(PLAIN, BULLET, cells)))
    says_the_same(read(framed(in_strips(PLAIN, BULLET, cells))))


def test_a_strip_may_name_the_unit_beside_the_heading() -> None:
    blocks = [b for b in PLAIN if not (isinstance(b, Paragraph) and "단위" in b.text)]
    strips = in_strips(blocks, BULLET, ("{}",))
    heading = "연차별 투자수요 및 집행액"
    strips = [
        table_block([[heading, "(단위 : 백만원)"]])
        if isinstance(b, TableBlock) and b.cells[0].text == heading
        else b
        for b in strips
    ]
    says_the_same(read(numbered(strips)))


def test_an_unknown_heading_in_a_strip_like_the_others_is_named() -> None:
    blocks = card_blocks(CardModel(more_sections=(("추진 체계", ("- 과장", "- 팀장")),)))
    staged = read(in_strips(blocks, BULLET, ("{n}", "", "{}")))
    (problem,) = staged.problems
    assert (problem.code, problem.seen) == ("unknown_section", "9 추진 체계")


@pytest.mark.parametrize(
    "row", [["3", "40"], ["계", "40"], ["-", "향후 일정 없음"], ["가", "나"], ["△3", "쉼터"]]
)
def test_a_row_of_values_is_no_strip(row: list[str]) -> None:
    blocks = card_blocks(CardModel(overview_table=(tuple(row),)))
    assert codes(read(blocks)) == ["unknown_table"]


# Private-use signs, which Hangul draws as numbers in boxes and as its own bullets


@pytest.mark.parametrize("bullet", ["\U000f02b1", "\U000f03c5 ", "\U000f080f ", "\uf06e "])
def test_headings_behind_the_signs_of_hangul(bullet: str) -> None:
    says_the_same(read(card_blocks(CardModel(bullet=bullet))))


def test_a_number_in_a_box_before_an_unknown_heading_counts_on() -> None:
    blocks = card_blocks(
        CardModel(bullet="\U000f02b1", more_sections=(("추진 체계", ("- 팀장",)),))
    )
    changed = [
        replace(b, text=b.text.replace("\U000f02b1", "\U000f02b7"))
        if isinstance(b, Paragraph) and "추진 체계" in b.text
        else b
        for b in blocks
    ]
    assert [(p.code, p.seen) for p in read(changed).problems] == [("unknown_section", "추진 체계")]


def test_a_day_stands_behind_a_sign_of_hangul() -> None:
    lines = (("【21년 4분기】", ("\U000f080f '21. 10. 12. : 설계 마침",)),)
    told = rows(read(card_blocks(CardModel(achievements=lines))))
    plain = rows(
        read(
            card_blocks(
                CardModel(achievements=(("【21년 4분기】", ("- '21. 10. 12. : 설계 마침",)),))
            )
        )
    )
    assert told[ACHIEVEMENT] == plain[ACHIEVEMENT]


# Rows of a heading and its text


def test_sections_as_rows() -> None:
    says_the_same(read(in_rows(PLAIN, BULLET)))
    says_the_same(read(in_rows(PLAIN, BULLET, rows_at_once=False)))
    says_the_same(read(framed(in_rows(PLAIN, BULLET))))


TEXTS = {
    "정책목표": "- 걸어서 5분 안에 쉴 곳이 있도록 함",
    "추진실적": "【21년 4분기】\n- '21. 10. 12. : 설계 마침\n- 주민 설명회 두 번",
    "향후계획": "- '22. 3월 : 두 곳 열기",
}
HEAD: list[list[Any]] = [
    ["나눔-3", ("동네 쉼터 열 곳 만들기", 5, 1)],
    ["추진상황", "정상추진", "이행률(%)", "60%", "완료시기", "임기내 (2022)"],
    ["총사업비", "1,140백만원", "사업유형", "신규/자체/시설", "추진부서", "가온과"],
]


@pytest.mark.parametrize("is_full", [True, False])
def test_a_card_in_a_single_table(is_full: bool) -> None:
    table = [*HEAD]
    for heading, text in TEXTS.items():
        table += [[(heading, 6, 1)], [(text, 6, 1)]] if is_full else [[heading, (text, 5, 1)]]
    staged = read([replace(table_block(table), number=1)])
    told = rows(staged)
    (progress,) = told["staging.quarterly_return__progress"]
    assert progress[0] == "나눔-3"
    assert "-'22.3월:두곳열기" in progress
    assert len(told[ACHIEVEMENT]) == 1  # one day; the line below belongs to it
    assert "설계마침-주민설명회두번" in told[ACHIEVEMENT][0]
    assert "-걸어서5분안에쉴곳이있도록함" in told["staging.pledge_card__header"][0]


def test_a_money_table_beside_a_tall_heading_keeps_its_places() -> None:
    table = [
        *HEAD,
        [("연차별 투자계획 (단위: 천원)", 1, 2), "구분", "재원", "2019 확보액", "2019 집행액", "비고"],
        ["쉼터", "구비", "10", "4", ""],
        ["추진실적", (TEXTS["추진실적"], 5, 1)],
    ]  # fmt: skip
    staged = read([replace(table_block(table), number=1)])
    # rows 4 and 5 of the table: the header of the money, and its line; column 1 is the heading
    told = [(row[2].replace("{row}", f"{row[1]}"), row[11]) for row in staged.rows[BUDGET]]
    assert told == [("표1 5행4열", 10_000), ("표1 5행5열", 4_000)]


def test_money_below_a_heading_over_the_whole_table() -> None:
    table = [
        *HEAD,
        [("연차별 투자계획 (단위: 천원)", 6, 1)],
        ["구분", "재원", "2019 확보액", "2019 집행액", "2020 확보액", "2020 집행액"],
        ["쉼터", "구비", "10", "4", "", ""],
        ["추진실적", (TEXTS["추진실적"], 5, 1)],
    ]  # fmt: skip
    staged = read([replace(table_block(table), number=1)])
    told = [(row[2].replace("{row}", f"{row[1]}"), row[11]) for row in staged.rows[BUDGET]]
    assert told == [("표1 6행3열", 10_000), ("표1 6행4열", 4_000)]


def test_rows_in_the_middle_of_a_card_and_one_that_is_not_known() -> None:
    texts = [block.text if isinstance(block, Paragraph) else "" for block in PLAIN]
    begin, end = texts.index("□ 추진실적"), texts.index("□ 협업사항")
    plan = texts.index("□ 향후계획")
    parts = [("Ⅳ", "추진실적", "\n".join(texts[begin + 1 : plan])),
             ("Ⅴ", "향후계획", "\n".join(texts[plan + 1 : end])),
             ("Ⅵ", "홍보 계획", "현수막")]  # fmt: skip
    blocks = numbered([*PLAIN[:begin], table_block(parts), *PLAIN[end:]])
    staged = read(blocks)
    told, plain = rows(staged), rows(read(PLAIN))
    del told[ANNEX], plain[ANNEX]
    assert told == plain
    assert [(p.code, p.seen) for p in staged.problems] == [("unknown_section", "홍보 계획")]


@pytest.mark.parametrize(
    "table",
    [
        (("사업목표", "100명"), ("추진실적", "50명")),  # these sections have headings of their own
        (("추진계획", "추진실적"), ("설계", "마침")),
        (("구분", "추진실적"), ("쉼터", "2곳")),
    ],
)
def test_a_table_of_results_is_no_list_of_sections(table: tuple[tuple[str, str], ...]) -> None:
    staged = read(card_blocks(CardModel(overview_table=table)))
    assert codes(staged) == ["unknown_table"]
    assert rows(staged)[ACHIEVEMENT] == rows(read(PLAIN))[ACHIEVEMENT]

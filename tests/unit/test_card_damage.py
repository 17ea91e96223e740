"""Cards that are damaged at random: no crash, no amount that is not printed where it is said to be.

And whole ones: no word of a card is lost.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from etl.cells import UNITS
from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock
from etl.read_card import read_card
from etl.staged import StagedFile, stage_columns
from tests.card_factory import LINES, BudgetLine, CardModel, card_blocks

BUDGET = "staging.quarterly_return__budget"
GROUPS = (BudgetLine("쉼터", "구비", {"2019년": ("10", "8", "5"), "2020년": ("10", "12", "-")}),)
MODELS = (
    CardModel(),
    CardModel(merges="blank"),
    CardModel(merges="dropped"),
    CardModel(is_wrapped=True),
    CardModel(is_one_paragraph=True),
    CardModel(is_boxed=True),
    CardModel(cut_after=2),
    CardModel(sources="columns", lines=LINES[:2]),
    CardModel(years=("2019년", "2020년"), layout="groups", lines=GROUPS),
    CardModel(years=("2019년", "2020년"), layout="measures", lines=GROUPS),
    CardModel(pre_term="기투자", post_term="임기후", subtotal="임기내 소계"),
    CardModel(status_columns=("완료", "정상추진", "일부추진", "보류")),
    CardModel(
        remark_column=("비 고", "추경 반영"), overview_table=(("곳", "넓이"), ("새솔동", "40"))
    ),
)
TEXTS = (
    "", "-", "계", "합계", "소계", "2019년", "2020", "2022~2023", "확보액", "집행액", "투자수요", "계획",
    "구비", "국비", "1,234", "40", "-5", "3억원", "24.394", "12,34", "10\n20", "비예산", "추진상황",
    "이행률", "공약번호", "작성자", "협업부서", "구 분", "재원별", "(단위 : 천원)", "(단위 : 명)", "기투자",
    "임기후", "임기내 소계", "○", "□ 추진실적", "□ 딴 것", "【21년 4분기】", "'21. 13. 1. : 모임", "\n\n", "가" * 3000,
)  # fmt: skip


def damaged(dice: random.Random, blocks: Sequence[Block]) -> list[Block]:
    """Drop, double, move and change blocks and cells, one to eight times."""
    found = list(blocks)
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(found))
        block = found[place]
        match dice.randrange(6):
            case 0 if len(found) > 1:
                del found[place]
            case 1:
                found.insert(dice.randrange(len(found)), block)
            case 2:
                other = dice.randrange(len(found))
                found[place], found[other] = found[other], found[place]
            case _:
                found[place] = _changed(dice, block)
    return found


def _changed(dice: random.Random, block: Block) -> Block:
    if isinstance(block, Paragraph):
        return replace(
            block, text=dice.choice((dice.choice(TEXTS), f"{block.text}\n{dice.choice(TEXTS)}"))
        )
    cells = list(block.cells)
    if not cells:
        return block
    cell = dice.choice(cells)
    change = dice.randrange(6)
    if change < 2:
        cells[cells.index(cell)] = replace(cell, text=dice.choice(TEXTS))
    elif change == 2:
        cells.remove(cell)
    elif change == 3:
        spans = {"column_span": dice.randint(1, 4), "row_span": dice.randint(1, 3)}
        cells[cells.index(cell)] = replace(cell, **spans)
    elif change == 4:
        cells = [c for c in cells if c.row != cell.row]
    else:
        cells = [c for c in cells if c.column != cell.column]
    return replace(block, cells=tuple(cells), spans_known=block.spans_known ^ (dice.random() < 0.1))


def budget(staged: StagedFile) -> list[dict[str, Any]]:
    return [dict(zip(stage_columns(BUDGET), r, strict=True)) for r in staged.rows.get(BUDGET, [])]


def cells_at(blocks: Sequence[Block]) -> dict[str, list[GridCell]]:
    """Every cell by its locator: of blocks that are there twice, each."""
    found: dict[str, list[GridCell]] = {}
    for block in blocks:
        for cell in block.cells if isinstance(block, TableBlock) else ():
            found.setdefault(block.locator(cell.row, cell.column), []).append(cell)
    return found


def printed(text: str, unit: str | None) -> Iterator[Decimal]:
    """The amounts that a text prints, in won: each number in the table's unit and in one beside it."""
    units = {UNITS[unit]} if unit else set()
    units |= {UNITS["억원"]} if "억" in text else set()
    units |= set(UNITS.values()) if "천원" in text else set()
    for number in re.findall(r"-?\d[\d,]*\.?\d*", text.replace(",\n", ",")):
        yield from (Decimal(number.replace(",", "")) * unit for unit in units)


def check_amounts(blocks: Sequence[Block], staged: StagedFile) -> int:
    """Demand that each amount is printed at its place; 투자수요 may be 계획 less what is secured."""
    cells = cells_at(blocks)
    unit_of = {table.table_no: table.money_unit for table in staged.tables}
    rows = budget(staged)
    line = ("_table", "_row", "fiscal_year")
    secured = {
        tuple(row[key] for key in line): row["amount"] or 0
        for row in rows
        if row["measure"] == "secured"
    }
    count = 0
    for row in (row for row in rows if row["amount"] is not None):
        where = row["_column"].replace("{row}", f"{row['_row']}")
        amounts = {row["amount"]}
        if row["measure"] == "demand":
            amounts.add(row["amount"] + secured.get(tuple(row[key] for key in line), 0))
        unit = unit_of[row["_table"]]
        said = [n for cell in cells[where] for n in printed(cell.text, unit)]
        assert amounts & set(said), (where, row)
        count += 1
    return count


def check_keys(staged: StagedFile) -> None:
    """Demand that every row fits its stage and can be its key there."""
    for stage, lines in staged.rows.items():
        keys = [line[: 3 if stage == BUDGET else 2] for line in lines]
        assert len(set(keys)) == len(keys), stage
        assert {len(line) for line in lines} == {len(stage_columns(stage))}
    numbers = [table.table_no for table in staged.tables]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_a_whole_card_has_its_amounts_where_they_are_printed(model: CardModel) -> None:
    blocks = card_blocks(model)
    staged = read_card(blocks, "카드")
    check_keys(staged)
    assert check_amounts(blocks, staged) >= 10


@pytest.mark.slow
@settings(max_examples=300)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(MODELS), min_size=1, max_size=2))
def test_damage_makes_no_amount_up(seed: int, models: list[CardModel]) -> None:
    dice = random.Random(seed)  # noqa: S311 - damage, not secrets
    blocks = damaged(dice, card_blocks(*models))
    staged = read_card(blocks, "카드")
    check_keys(staged)
    check_amounts(blocks, staged)


@pytest.mark.torture
@pytest.mark.slow
def test_much_damage_makes_no_amount_up() -> None:
    count = 0
    for seed in range(3_000):
        dice = random.Random(seed)  # noqa: S311 - damage, not secrets
        blocks = damaged(dice, card_blocks(dice.choice(MODELS)))
        staged = read_card(blocks, "카드")
        check_keys(staged)
        count += check_amounts(blocks, staged)
    assert count > 50_000  # it was not all rubble


# Nothing is lost

FORM = {
    *("추진상황", "이행률", "완료시기", "완료연도", "총사업비", "사업유형", "추진부서", "정책목표", "사업개요"),
    *("향후계획", "구", "분", "재원별", "합", "계", "연차별", "연도", "투자수요", "및", "집행액", "투자", "수요"),
    *("확보액", "확보현황", "집행실적", "계획", "단위", "기투자", "임기후", "임기내", "소계", "협업내용"),
    *("완료", "일부추진", "보류", "3분기", "4분기", "21년"),
}  # fmt: skip
"""Words of labels and headers: what they say is the meaning of other words."""


def _words(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        parts = [(block.locator, block.text)] if isinstance(block, Paragraph) else [
            (block.locator(cell.row, cell.column), cell.text.replace("\n", ""))
            for cell in block.cells]  # fmt: skip
        for where, text in parts:
            yield from ((where, word) for word in re.findall(r"\w+", text))


@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_no_word_of_a_card_is_lost(model: CardModel) -> None:
    """Every word is staged, names a table, or is a label or header of the form."""
    blocks = card_blocks(model)
    staged = read_card(blocks, "카드")
    values = [value for lines in staged.rows.values() for line in lines for value in line]
    kept = "".join(f"{value}\0" for value in (*values, *(t.sheet_name for t in staged.tables)))
    kept = "".join(kept.split())
    years = {f"{year}년" for year in range(2018, 2023)}
    lost = [
        (where, word)
        for where, word in _words(blocks)
        if word.replace(",", "") not in kept.replace(",", "") and word not in FORM | years
    ]
    assert lost == []

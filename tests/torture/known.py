"""Values typed over known cells, and what reading them may give: that value, or a word about it.

The judge is written apart from the product's reader of what people type, and knows less: it says
which numbers a text can mean at all. A number that is none of these was made up.
"""

import random
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from xml.sax.saxutils import escape

from etl.documents.blocks import Block, GridCell, TableBlock
from etl.staged import StagedFile, stage_columns
from tests.torture.samples import Sample, packed

BUDGET, PROGRESS = "staging.quarterly_return__budget", "staging.quarterly_return__progress"
UNIT = 1_000_000  # of the money of the sample
_PROGRESS_PART, _BUDGET_PART = "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"
_MONEY = (("K", 3), ("L", 3), ("K", 4))
_RATES = (("D", 3), ("D", 4))
_LABELS = (("C", 3), ("C", 4))

_NUMBERS = (
    "0", "1", "7", "60", "99.5", "100", "105", "-5", "0.1", "0.30000000000000004", "1e2", "1E-7",
    "12345678901234567", "1e308", "1e400", "-0", "007", "NaN", "INF", "", " ", "6 0", "1_000",
    "0x10", "--5", "60.", ".5", "1,000",
)  # fmt: skip
_TEXTS = (
    *_NUMBERS, "60%", " 60 ", "６０", "1,234.5", "1.234,5", "1,23", "육십", "약 60", "60점", "△5", "▲5", "(5)",
    "-", "해당없음", "없음", "12백만원", "3억", "1억 2천만", "5천원", "7원", "60 (전년 50)", "60/70", "60~70",
    "6\u200b0", "٦٠", "⑥", "½", "10^3", "=60", "60\n70", "1-11", "2021-12-01", "60%p", "0.6", "TRUE",
    "계", "#REF!", "60백만", "$60", "60,", ",60", "1 234", "1'234", "6O", "l0", "㎡", "\u00a060",
)  # fmt: skip
_WORDS = (
    "정상추진", "완료", "완 료", "정상", "추진중", "폐기", "일부추진", "보류", "?", "60", "정상추진(완료)", "미추진",
    "이행후계속추진", "정 상 추 진", "완료\n", "", "-", "COMPLETED", "정상추진중",
)  # fmt: skip
_NOTHING = ("-", "해당없음")  # words that officers leave where there is no amount
_MAGNITUDES = {"천": 10**3, "만": 10**4, "백만": 10**6, "억": 10**8, "조": 10**12, "원": 1}
_NUMBER = re.compile(r"\d[\d,]*\.?\d*(?:[eE][+-]?\d+)?|\.\d+")


class Typed(NamedTuple):
    """What was typed over one cell of the return: a text, or a number as a workbook holds it."""

    column: str
    row: int
    text: str
    is_number: bool


def retyped(dice: random.Random, sample: Sample) -> tuple[bytes, Typed]:
    """Return a return with another value in one known cell."""
    column, row = dice.choice((*_MONEY, *_RATES, *_LABELS))
    part = _BUDGET_PART if (column, row) in _MONEY else _PROGRESS_PART
    is_number = (column, row) not in _LABELS and dice.random() < 0.4
    text = _any_number(dice) if is_number else dice.choice(_WORDS if column == "C" else _TEXTS)
    if not is_number and column != "C" and dice.random() < 0.3:
        text = _any_number(dice)
    address = f"{column}{row}"
    cell = (
        f'<c r="{address}"><v>{escape(text)}</v></c>'
        if is_number
        else f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
    )
    parts = dict(sample.members)
    before = parts[part].decode()
    after = re.sub(rf'<c r="{address}"[^>]*?(/>|>.*?</c>)', lambda _: cell, before, count=1)
    assert after != before or text in before, address
    parts[part] = after.encode()
    return packed(list(parts.items())), Typed(column, row, text, is_number)


def _any_number(dice: random.Random) -> str:
    return dice.choice(
        (
            dice.choice(_NUMBERS),
            str(dice.randrange(10 ** dice.randrange(1, 12))),
            f"{dice.randrange(10_000)}.{dice.randrange(1000)}",
            repr(dice.uniform(-1e6, 1e6)),
        )
    )


def judged(typed: Typed, staged: StagedFile) -> str | None:
    """Return what is wrong with how a typed value was taken; None where nothing is."""
    told = [
        one for one in staged.problems
        if one.column in (typed.column, None) and one.row in (typed.row, None)
    ]  # fmt: skip
    if typed.column == "C":
        return _label_judged(typed, staged, bool(told))
    value, kind = _taken(typed, staged)
    unit = UNIT if (typed.column, typed.row) in _MONEY else 1
    if value is not None:
        can_be = meanings(typed.text, unit)
        fine = any(abs(one - value) <= abs(one) * Decimal("1e-14") for one in can_be)
        return None if fine or told else f"{typed.text!r} became {value}"
    plain = _visible(typed.text)
    is_blank = not plain or plain in _NOTHING or kind in ("not_applicable", "unreadable")
    return None if is_blank or told else f"{typed.text!r} is lost without a word ({kind})"


def _taken(typed: Typed, staged: StagedFile) -> tuple[Decimal | None, str | None]:
    """Return the staged value of the cell, and its kind; nothing where no row holds it."""
    if typed.column == "D":
        for row in _rows(staged, PROGRESS):
            if row["_row"] == typed.row:
                return _number(row["rate"]), str(row["rate_kind"])
    for row in _rows(staged, BUDGET):
        if (row["_row"], row["_column"]) == (typed.row, typed.column):
            return _number(row["amount"]), str(row["amount_kind"])
    return None, None


def _label_judged(typed: Typed, staged: StagedFile, is_told: bool) -> str | None:
    for row in _rows(staged, PROGRESS):
        if row["_row"] == typed.row:
            same = _squeezed(str(row["status_raw"] or "")) == _squeezed(typed.text)
            return None if same or is_told else f"{typed.text!r} became {row['status_raw']!r}"
    return None if is_told else f"the row of {typed.text!r} is lost without a word"


def _rows(staged: StagedFile, stage: str) -> list[dict[str, object]]:
    names = stage_columns(stage)
    return [dict(zip(names, row, strict=True)) for row in staged.rows.get(stage, [])]


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def meanings(text: str, unit: int) -> set[Decimal]:
    """Return every number that a text can mean, in won where `unit` is that of its table."""
    plain = _visible(text)
    numbers = []
    for one in _NUMBER.findall(plain):
        try:
            numbers.append(Decimal(one.replace(",", "").rstrip(".")))
        except InvalidOperation:
            continue
    units = {unit} | {many for name, many in _MAGNITUDES.items() if name in plain}
    units |= {one * other for one in units for other in units if name_count(plain) > 1}
    found = {number * one for number in numbers for one in units}
    if len(numbers) > 1 and name_count(plain) > 1:  # 1억 2천만
        found |= {one + other for one in found for other in found}
    return found | {-one for one in found if re.search(r"[-△▲(−]", plain)}


def name_count(plain: str) -> int:
    """Return how many names of powers of ten a text has."""
    return sum(plain.count(name) for name in "천만억조백십")


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(one for one in plain if unicodedata.category(one) not in ("Cf", "Zs", "Cc"))


def _squeezed(text: str) -> str:
    return _visible(text).replace(" ", "")


def blocks_changed(dice: random.Random, blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a card with other texts in one to three cells of a table of money."""
    found = list(blocks)
    places = [
        number for number, one in enumerate(found)
        if isinstance(one, TableBlock) and one.row_count >= 6
    ]  # fmt: skip
    for _n in range(dice.choice((1, 1, 2, 3))):
        at = dice.choice(places)
        table = found[at]
        assert isinstance(table, TableBlock)
        cells = list(table.cells)
        place = dice.choice([n for n, cell in enumerate(cells) if cell.row > 3])
        old = cells[place]
        text = dice.choice((dice.choice(_TEXTS), _any_number(dice)))
        text = "".join(one for one in text if one.isprintable())
        cells[place] = GridCell(old.row, old.column, text, old.row_span, old.column_span)
        found[at] = TableBlock(table.number, tuple(cells))
    return found

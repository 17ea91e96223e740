"""Twenty thousand cells of any format, value and sheet unit: none is read as what it does not show."""

import random
from decimal import Decimal

import pytest

from etl import cells
from etl.cells import UNITS, RawCell
from etl.cells.formats import number_format
from tests.format_oracle import Told, shown_unrounded, told_of

CELLS = 20_000
BEFORE = ["", "", "", '"₩"', "[$₩-412]", '_-"₩"* ', "_-* ", '"약 "', "[Red]", '"KRW "', "\\₩", "[DBNum1]",
          '"제"', '"$"', "0", "x", "[$-412]"]  # fmt: skip
DIGITS = ["0", "#,##0", "0.0", "#,##0.00", "000", "#,##0.###", "General", "#", "0\\.0", "#,##0\\.0", "0!.00",
          '0".000"', "0\\,000", "0\\.0000", "?,??0", ".00", "#\\.##", "0-00", "0.00E+00", "# ?/?", "yyyy-mm",
          "h:mm", '0"억"0000']  # fmt: skip
BEHIND = ["", "", "", '"천원"', '"백만원"', '"만원"', '"억"', "원", '"원"', "_-", "%", '"%"', '"명"', "_ ", '",000"',
          '"000"', '"千원"', '"M"', '"K"', '" 백만원"', '"천원/월"', "\\-", '"만"', '"달러"']  # fmt: skip
SECTIONS = ["{}", "{}", "{}", "{};-{}", "{};[Red]-{};0", "[>=1000]{};{}", "[<1000]{};[<1000000]{};{}",
            "{};{}", "{};({})", "[=0]\"-\";{}", "{};-{};\"-\"", "[>1]{}"]  # fmt: skip
VALUES = [0.0, 1.0, 5.0, 40.0, 66.67, 0.85, 0.153, 200.0, 1234.0, 1234.5678, 24_394.0, 2e8, 1_234_567.0, -40.0, -0.05, 43558.0]  # fmt: skip


def _code(draw: random.Random) -> str:
    template = draw.choice(SECTIONS)
    parts = (
        draw.choice(BEFORE) + draw.choice(DIGITS) + draw.choice(["", "", "", ",", ",,"]) + draw.choice(BEHIND)
        for _ in range(template.count("{}"))
    )  # fmt: skip
    return template.format(*parts)


def _told(code: str, value: Decimal) -> Told | None:
    """What a person reads on the screen; None where the text is no plain number."""
    sections = code.split(";")  # no literal of this test holds a semicolon
    chosen, is_positive = _chosen(sections, value)
    if chosen is None:
        return None
    try:
        return told_of(shown_unrounded(chosen, abs(value) if is_positive else value))
    except (ValueError, IndexError):
        return None


def _chosen(sections: list[str], value: Decimal) -> tuple[str | None, bool]:
    conditions = [_condition(section) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _holds(condition, value):
                return section, False
        return None, False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    return sections[2 if value == 0 and len(sections) > 2 else 0], False


def _condition(section: str) -> str | None:
    inside = section[1 : section.index("]")] if section.startswith("[") else ""
    return inside if inside[:1] in ("<", ">", "=") and inside else None


def _holds(condition: str, value: Decimal) -> bool:
    sign = condition.rstrip("0123456789")
    bound = Decimal(condition[len(sign) :])
    return {"<": value < bound, ">": value > bound, ">=": value >= bound, "=": value == bound}[sign]


@pytest.mark.slow
def test_no_amount_and_no_rate_is_silently_wrong() -> None:
    draw = random.Random(2018)  # noqa: S311 - the same cells every time
    read = 0
    for _ in range(CELLS):
        code, held, unit = _code(draw), draw.choice(VALUES), draw.choice(list(UNITS.values()))
        raw, value = RawCell(held, number_format(code)), Decimal(repr(held))
        told = _told(code, value)
        money, rate = cells.money(raw, unit), cells.rate(raw)
        where = (code, held, unit, told, money, rate)
        if money.kind == "value" and money.problem != "unit_in_format":
            read += 1
            assert told is not None or value == 0, where
            assert not told or not told.is_percent, where
            assert not told or (told.unit in (None, unit) or value == 0), where
            shown = told.number * unit if told else 0
            assert abs(money.value) == shown, where
            assert (money.value < 0) == (value < 0), where
        if rate.kind == "value":
            read += 1
            assert told is not None or value == 0, where
            assert not told or told.unit is None, where
            assert abs(rate.value) == (told.number if told else 0), where
    assert read > CELLS / 4

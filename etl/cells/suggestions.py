"""What a number that cannot be read was perhaps meant to be: told to its writer, never loaded."""

import re
import unicodedata
from decimal import Decimal

from etl.cells import Cell, number_text
from etl.cells.units import MAGNITUDES

_LONGEST = 40
_NUMBER = re.compile(r"[0-9][0-9,.]*")
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_GREAT = re.compile(r"([0-9,.천백십]+)(조|억|만)")
_SMALL = re.compile(r"([0-9,.]+)(천|백|십|)")
_SMALL_SIZES = {"천": 1_000, "백": 100, "십": 10, "": 1}
_MILLION = Decimal(10**6)
_EXPECTED = {
    "unreadable_number": "숫자만 (예: 1,234)",
    "unreadable_date": "날짜 (예: 2021-03-01)",
    "id_became_date": "텍스트 서식의 번호 (예: 1-11)",
    "below_one_won": "원 단위까지의 금액",
    "too_large": "1,000조 원 이하의 금액",
    "formula_without_value": "엑셀에서 열어 저장한 값",
}


def expected_of(cell: Cell, is_money: bool) -> str:
    """Return what a problem's finding says would have been right; "" where its rule says it."""
    guess = suggestion(cell.raw, is_money) if cell.problem == "unreadable_number" else ""
    return guess or _EXPECTED.get(cell.problem or "", "")


def suggestion(shown: str, is_money: bool) -> str:
    """Return a guess as a question such as `9,327 또는 -9,327?`, or "" when there is none."""
    if len(shown) > _LONGEST:
        return ""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", shown))
    return (_mixed_units(text) if is_money else "") or _bare_number(text, is_money)


def _bare_number(text: str, is_money: bool) -> str:
    """Take the only number of a text, with its commas put right."""
    found = _NUMBER.findall(text)
    if len(found) != 1 or (is_money and re.search("[%조억만천백십]", text)):
        return ""
    number = found[0].replace(".", "") if _POINTS.fullmatch(found[0]) else found[0]
    whole, _, part = number.replace(",", "").partition(".")
    if len(whole) > 15 or "." in part:
        return ""
    shown = f"{int(whole):,}" + (f".{part}" if part else "")
    if re.fullmatch(r"[0-9,.]+-", text):
        return f"{shown} 또는 -{shown}?"
    return f"{shown}?"


def _mixed_units(text: str) -> str:
    """Add up an amount whose units are nested, `2조4천3246억`, as 백만원."""
    body = text.removesuffix("원")
    parts = _GREAT.findall(body)
    if not parts or "".join(map("".join, parts)) != body:
        return ""
    amounts = [(_small_sum(written), MAGNITUDES[name]) for written, name in parts]
    if any(number is None for number, _ in amounts):
        return ""
    millions = sum((number or 0) * size for number, size in amounts) / _MILLION
    return f"{millions.normalize():,f}백만원?"


def _small_sum(written: str) -> Decimal | None:
    parts = _SMALL.findall(written)
    numbers = [(number_text(number), _SMALL_SIZES[name]) for number, name in parts]
    if "".join(map("".join, parts)) != written or any(number is None for number, _ in numbers):
        return None
    return sum(((number or Decimal(0)) * size for number, size in numbers), Decimal(0))

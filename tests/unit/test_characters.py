"""What nobody sees does not count, and every dash is one."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from etl import cells
from etl.cells import RawCell, clean, header_key, label_key, plain_dashes

UNSEEN = (
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u200b", "\u200c", "\u200d", "\u200e"),
    *("\u200f", "\u2060", "\u2061", "\u2062", "\u2063", "\u2064", "\u2066", "\u2067", "\u2068"),
    *("\u2069", "\u00ad", "\ufeff", "\ufe0e", "\ufe0f", "\U000e0100", "\u034f", "\u180e", "\u3164"),
    *("\u115f", "\u1160", "\uffa0", "\u061c", "\ufff9", "\x00", "\x1f", "_x0000_", "_x001F_"),
)
SEEN = st.text(st.sampled_from("가나다 1-2.3공약ⅢA①㎡"), max_size=8)
DASHES = "-–—‐‑‒―−－﹣﹘ㅡ⁃─━➖ー⸺"


@pytest.mark.parametrize("sign", UNSEEN)
def test_what_nobody_sees_is_dropped_everywhere(sign: str) -> None:
    assert clean(f"{sign}공{sign}약{sign}") == "공약"
    assert cells.identifier(RawCell(f"1{sign}-{sign}1{sign}")).value == "1-1"
    assert cells.rate(RawCell(f"{sign}60{sign}")).value == Decimal(60)
    assert cells.money(RawCell(f"1{sign},234{sign}"), 1_000_000).value == 1_234_000_000
    assert cells.text(RawCell(sign)).kind == "blank"
    assert cells.code(RawCell(f"완{sign}료")).value == "완료"
    if len(sign) == 1 and sign.isprintable() is False and ord(sign) > 0x1F:
        assert header_key(f"공{sign}약") == label_key(f"공{sign}약") == "공약"


@given(st.lists(SEEN, min_size=1, max_size=5), st.lists(st.sampled_from(UNSEEN), max_size=5))
def test_signs_that_nobody_sees_change_no_text(parts: list[str], signs: list[str]) -> None:
    written = "".join(a + b for a, b in zip(parts, [*signs, *[""] * len(parts)], strict=False))
    assert clean(written) == clean("".join(parts))


@given(st.text(max_size=30))
def test_cleaning_twice_is_cleaning_once_and_a_database_takes_it(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\x00" not in once
    once.encode()


@pytest.mark.parametrize("dash", DASHES)
def test_every_dash_is_one(dash: str) -> None:
    assert plain_dashes(f"1{dash}1") == "1-1"


@given(st.text(max_size=30))
def test_dashes_are_all_that_changes(text: str) -> None:
    plain = plain_dashes(text)
    assert len(plain) == len(text)
    assert plain_dashes(plain) == plain
    assert all(new in (old, "-") for old, new in zip(text, plain, strict=True))


def test_what_is_no_dash_stays() -> None:
    assert plain_dashes("가_나~다·라/마一") == "가_나~다·라/마一"

"""What a screen shows under a number format, drawn digit by digit and read like a person reads it.

A slow oracle: nothing of the product is used. It draws the whole text, with every digit that the
cell holds, and then looks for one number and its unit in that text.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

UNITS = {
    "조원": 10**12, "십억": 10**9, "억원": 10**8, "억": 10**8, "백만원": 10**6, "백만": 10**6, "만원": 10**4,
    "만": 10**4, "천원": 10**3, "천": 10**3, "원": 1, "₩": 1, "￦": 1, "KRW": 1, "M": 10**6, "K": 10**3,
    "千원": 10**3,
}  # fmt: skip
_PIECES = re.compile(
    r'"([^"]*)"|[\\!](.)|_(.)|\*(.)|\[\$([^-\]]*)[^\]]*\]|\[[^\]]*\]|(General)|(.)', re.DOTALL
)
_MINUS = "-−△▲"


@dataclass(frozen=True)
class Told:
    """A number as a text shows it: without its sign, its decimals, its unit in won."""

    number: Decimal
    decimals: int
    unit: int | None
    is_percent: bool
    is_negative: bool


def told_of(shown: str) -> Told | None:
    """Return the one number that a text shows, or None where it shows none."""
    text = shown.strip()
    plain = re.sub(r"(?<=\d) \(\d+\)$|\d+년 ", "", text)
    if several := re.findall(r"([\d,.]+)\s*(억|천)\s*(?=\d)", plain):
        return _several(plain, several[0][1])
    power = re.search(r"([\d.]+)E([+-]\d+)", plain)
    if power:
        digits = power[1].partition(".")[2]
        number = Decimal(power[1]).scaleb(int(power[2]))
        return Told(number, len(digits) - int(power[2]), None, False, text[0] in _MINUS)
    if "/" in plain and (parts := re.fullmatch(r"(\d*)\s*(\d+)\s*/\s*(\d+)", plain)):
        number = Decimal(parts[1] or 0) + Decimal(parts[2]) / Decimal(parts[3])
        return Told(number, 0, None, False, False)
    found = re.search(r"\d[\d,. ]*|\.\d+", plain)
    if not found:
        return None
    written = found[0].replace(",", "").replace(" ", "").rstrip(".")
    whole, _, parts_written = written.partition(".")
    if "." in parts_written:
        return None
    rest = plain[: found.start()] + plain[found.end() :]
    return Told(
        Decimal(f"{whole or 0}.{parts_written or 0}"), len(parts_written), _unit(rest),
        "%" in rest, _is_negative(plain, found.start(), found.end()),
    )  # fmt: skip


def _is_negative(text: str, start: int, end: int) -> bool:
    before, behind = text[:start].rstrip("₩￦ "), text[end:]
    return (
        before[-1:] in ("-", "−", "△", "▲")
        or text[0] == "-"
        or (before[-1:] == "(" and ")" in behind)
    )


def _several(text: str, upper: str) -> Told:
    first, second = re.findall(r"[\d,.]+", text)
    low = {"억": 10_000, "천": 1_000}[upper]
    number = Decimal(first.replace(",", "")) * low + Decimal(second.replace(",", ""))
    return Told(number, 0, 10_000 if upper == "억" else 1, False, text[0] in _MINUS)


def _unit(words: str) -> int | None:
    key = re.sub(r"[\s()\-△▲%_금약]", "", words)
    held = [UNITS[name] for name in (key, key.replace("₩", "")) if name in UNITS]
    return held[-1] if held else None


def shown_unrounded(code: str, value: Decimal) -> str:
    """Return what one section shows of a value if it showed every digit; sections are chosen before."""
    code = re.sub(r"0\.00E\+00|# \?/\?", "General", code)  # these show the number itself
    if re.search("yyyy|h:mm", code):
        return ""
    pieces = [(g[0] or g[1] or g[4], g[5], g[6], bool(g[2] or g[3])) for g in _PIECES.findall(code)]
    if any(general for _, general, _, _ in pieces):
        return "".join(
            f"{value.normalize():f}" if general else text for text, general, _, _ in pieces
        )
    marks = [mark for _, _, mark, _ in pieces]
    last = max(n for n, mark in enumerate(marks) if mark and mark in "0#?.")
    point = marks.index(".") if "." in marks else None
    commas = _run_of_commas(marks, last + 1, 1)
    commas += _run_of_commas(marks, point - 1, -1) if point is not None else 0
    number = abs(value) * Decimal(100) ** marks.count("%") / Decimal(1000) ** commas
    printed = "".join(pieces[n][0] for n in range(_first_place(marks), last))
    behind = "".join(text for text, _, _, _ in pieces[last + 1 :])
    if point is None and (zeros := re.match(r"(?:,?0)+(?!,)|\.0+", behind)):
        number *= 1 if "." in zeros[0] + printed else 10 ** zeros[0].count("0")
        behind = behind[zeros.end() :]
        pieces[last + 1 :] = [piece for piece in pieces[last + 1 :] if not piece[0]]
        pieces.append((behind, "", "", False))
        marks = [mark for _, _, mark, _ in pieces]
    whole, _, parts = f"{number:f}".partition(".")
    left = [n for n, m in enumerate(marks) if m and m in "0#?" and (point is None or n < point)]
    right = [n for n, m in enumerate(marks) if m and m in "0#?" and point is not None and n > point]
    drawn = _drawn(marks, left, right, (whole.lstrip("0"), parts.rstrip("0"), printed), point)
    return ("-" if value < 0 else "") + "".join(
        drawn.get(n, "%" if mark == "%" else mark if mark and mark not in "0#?.," else text)
        for n, (text, _, mark, _) in enumerate(pieces)
    )


def _first_place(marks: list[str]) -> int:
    return next(n for n, mark in enumerate(marks) if mark and mark in "0#?.")


def _run_of_commas(marks: list[str], start: int, step: int) -> int:
    count = 0
    while 0 <= start < len(marks) and marks[start] == ",":
        count, start = count + 1, start + step
    return count


def _drawn(
    marks: list[str],
    left: list[int],
    right: list[int],
    digits: tuple[str, str, str],
    point: int | None,
) -> dict[int, str]:
    whole, parts, printed = digits
    drawn: dict[int, str] = {}
    for n in reversed(left[1:]):
        outer = any(marks[m] == "0" for m in left if m <= n)
        drawn[n], whole = (whole[-1], whole[:-1]) if whole else ("0" if outer else "", "")
    if left:
        drawn[left[0]] = whole or ("0" if marks[left[0]] == "0" else "")
    for n in right:
        drawn[n], parts = (parts[0], parts[1:]) if parts else ("0" if marks[n] == "0" else "", "")
    # Every digit that is left is drawn behind the last place for one.
    if parts and right:
        drawn[right[-1]] += parts
    elif parts and point is None:
        drawn[left[-1]] += ("" if "." in printed else ".") + parts
    elif parts:
        drawn[point or 0] = parts
    if point is not None:
        drawn[point] = ("" if left else whole) + "." + drawn.get(point, "")
    return drawn

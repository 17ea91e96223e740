"""The digits of one section of a number format: where they go, and what that makes of a number.

Placeholders take the digits from the right, whatever stands between them: `0\\.0` shows 25 as 2.5.
Zeros that are printed behind them make the number larger: `0",000"` shows 40 as 40,000.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from etl.cells.format_code import Token
from etl.cells.units import magnitude, unit_of

# A section letter by letter: a placeholder, point, comma and % stand for themselves; of what is
# printed as it is, z is 0, n another digit, p a point, b what only parts digits, w anything else.
_LETTERS = {"0": "z", ".": "p", ",": "b", " ": "b", "\u00a0": "b", "'": "b", "’": "b"}
_SHAPE = re.compile(
    r"(?P<before>[^0#?.,]*)"
    r"(?P<whole>[0#?](?:[^.]*[0#?])?)?(?P<thousands>,*)(?P<point>\.(?P<parts>[0#?]*))?"
    r"(?P<more>,*)(?P<behind>[^0#?.,]*)"
)
_WHOLE = re.compile(r"[0#?](?:(?:,*|[bwp%]+)[0#?])*")
_ZEROS_BEHIND = re.compile(r"(?P<zeros>[bz]*+)(?P<decimals>pz*+b*+)?+(?![npz])")
_MOST_DIGITS = 25


class Digits(NamedTuple):
    """What a section does: the power of ten, the words around the number, its per cent signs.

    `unit` is set where the number is shown in several units (`0"억"0000"만"`), else None.
    """

    exponent: int
    before: str
    behind: str
    percents: int
    unit: str | None = None


def meaning_of_digits(tokens: Sequence[Token]) -> Digits | None:
    """Return what a section with digits or General does to a number; None where none can tell."""
    kinds = {token.kind for token in tokens}
    if any(token.kind == "fill" and token.text in "0123456789.,-−▲△" for token in tokens):
        return None
    if "general" in kinds:
        return _around(tokens, "general") if "digit" not in kinds else None
    if "exponent" in kinds or "number" in kinds or Token("mark", "/") in tokens:
        return _whole_value(tokens)
    return _placeholders(tokens)


def _around(tokens: Sequence[Token], kind: str) -> Digits | None:
    """Return the words around a number that is shown whole."""
    places = [place for place, token in enumerate(tokens) if token.kind == kind]
    if len(places) != 1 or any(token.kind == "mark" for token in tokens):
        return None
    before, behind = tokens[: places[0]], tokens[places[0] + 1 :]
    if re.search(r"[0-9]\s*$", _words(before)) or re.match(r"\s*[0-9.,]", _words(behind)):
        return None
    return Digits(0, _words(before), _words(behind), 0)


def _words(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens if token.kind == "literal")


def _whole_value(tokens: Sequence[Token]) -> Digits | None:
    """Return the words around a fraction or a scientific number: they show the value itself."""
    numeric = ("digit", "exponent", "number")
    places = [place for place, token in enumerate(tokens)
              if token.kind in numeric or token == Token("mark", "/")]  # fmt: skip
    inside = tokens[places[0] : places[-1] + 1]
    marks = [token.text for token in tokens if token.kind == "mark"]
    is_clear = marks.count("/") + sum(t.kind == "exponent" for t in tokens) == 1
    if not is_clear or {",", "%"} & set(marks) or _words(inside).strip():
        return None
    before, behind = _words(tokens[: places[0]]), _words(tokens[places[-1] + 1 :])
    if re.search(r"[0-9.]\s*$", before) or re.match(r"\s*[0-9.,]", behind):
        return None
    return Digits(0, before, behind, 0)


def _placeholders(tokens: Sequence[Token]) -> Digits | None:
    letters, texts = _spelled(tokens)
    shape = _SHAPE.fullmatch(letters)
    if shape is None or (shape["whole"] is None and not shape["parts"]):
        return None
    whole = shape["whole"] or ""
    before, behind = (texts[slice(*shape.span(name))] for name in ("before", "behind"))
    zeros = _zeros_behind(shape)
    if (
        (whole and not _WHOLE.fullmatch(whole))
        or not _is_clear_before(shape["before"])
        or zeros is None
    ):
        return None
    behind = behind[zeros[1] :]
    inside = _inside(whole, texts[slice(*shape.span("whole"))] if whole else "", behind)
    if inside is None or (shape["point"] and inside[0]):
        return None
    percents = letters.count("%")
    scaled = len(shape["thousands"]) + len(shape["more"])
    exponent = 2 * percents - 3 * scaled - inside[0] + zeros[0]
    return Digits(exponent, before, behind, percents, inside[1])


def _spelled(tokens: Sequence[Token]) -> tuple[str, str]:
    """Return a section letter by letter, and what each letter shows."""
    letters, texts = [], []
    for token in tokens:
        if token.kind in ("digit", "mark"):
            letters.append(token.text)
            texts.append(token.text)
        elif token.kind == "literal":
            for sign in token.text:
                letters.append(_LETTERS.get(sign) or ("n" if sign.isdecimal() else "w"))
                texts.append(sign)
    return "".join(letters), "".join(texts)


def _is_clear_before(letters: str) -> bool:
    """Tell whether what is printed before the first digit is no part of the number."""
    touching = re.search(r"[bznp]*$", letters)
    run = touching[0] if touching else ""
    return not ("n" in run or run.endswith("p") or ("p" in run and "z" in run))


def _zeros_behind(shape: re.Match[str]) -> tuple[int, int] | None:
    """Return (zeros that make the number larger, letters they take) of what is printed behind."""
    found = _ZEROS_BEHIND.match(shape["behind"])
    if found is None:
        return None
    zeros, decimals = found["zeros"], found["decimals"] or ""
    length = len(zeros) + len(decimals) if "z" in zeros + decimals else 0
    if shape["point"] or "p" in (shape["whole"] or ""):  # further decimals
        is_clear = "z" not in decimals and not ("z" in zeros and "b" in zeros.rstrip("b"))
        return (0, length) if is_clear else None
    return zeros.count("z"), length


def _inside(whole: str, text: str, behind: str) -> tuple[int, str | None] | None:
    """Return (digits behind a printed point, unit of several) of the placeholders of the whole."""
    points, words = whole.count("p"), re.findall(r"[w%][bw%]*", whole)
    if not points and not words:
        return 0, None
    if words:
        unit = None if points else _unit_of_several(whole, text, behind)
        return None if unit is None else (0, unit)
    left, _, right = whole.partition("p")
    fixed = re.sub("[^0#?]", "", right)
    if points > 1 or ("0" not in left and set(fixed) != {"0"}):
        return None
    return len(fixed), None


def _unit_of_several(whole: str, text: str, behind: str) -> str | None:
    """Return the last unit of `0"억"0000"만"` where each is as large as its digits say."""
    groups = [(m[0], text[slice(*m.span())]) for m in re.finditer(r"[0#?,b]+|[w%][bw%]*", whole)]
    counts = [len(re.sub("[^0#?]", "", g)) for g, _ in groups if re.search("[0#?]", g)]
    names = [unit_of(words) for group, words in groups if group[0] in "w%"]
    last = unit_of(behind)
    sizes = [magnitude(name) if name else None for name in (*names, last)]
    if last is None or any(size is None for size in sizes) or len(counts) != len(sizes):
        return None
    pairs = zip(sizes, sizes[1:], counts[1:], strict=False)
    if "0" not in whole[: whole.index(re.findall(r"[w%]", whole)[0])]:
        return None  # nothing stands before the first unit of a small number
    is_even = all(a == (b or 0) * 10**count for a, b, count in pairs)
    return last if is_even else None


def placed(tokens: Sequence[Token], value: Decimal) -> str | None:
    """Return the characters shown of a value; None where digits of it are not shown."""
    marks = [token.text for token in tokens if token.kind in ("digit", "mark")]
    point = marks.index(".") if "." in marks else len(marks)
    decimals = sum(mark in "0#?" for mark in marks[point:])
    last = max(place for place, mark in enumerate(marks) if mark in "0#?.")
    scaled = sum(mark == "," for mark in marks[last + 1 :]) + _commas_at(marks, point)
    number = abs(value).scaleb(2 * marks.count("%") - 3 * scaled)
    if number.adjusted() + decimals >= _MOST_DIGITS:
        return None
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if rounded != number:
        return None
    whole, _, parts = f"{rounded:f}".partition(".")
    return _filled(tokens, list(whole.lstrip("0")), list(parts.rstrip("0")))


def _commas_at(marks: Sequence[str], point: int) -> int:
    count = 0
    while point < len(marks) and count < point and marks[point - 1 - count] == ",":
        count += 1
    return count


def _filled(tokens: Sequence[Token], whole: list[str], parts: list[str]) -> str:
    places = [place for place, token in enumerate(tokens) if token.kind == "digit"]
    point = next((n for n, t in enumerate(tokens) if t == Token("mark", ".")), len(tokens))
    left, right = [p for p in places if p < point], [p for p in places if p > point]
    shown = {}
    for place in reversed(left[1:]):
        shown[place] = whole.pop() if whole else _blank(tokens, left, place)
    if left:
        shown[left[0]] = "".join(whole) or _blank(tokens, left, left[0])
    elif whole:
        shown[point] = "".join(whole)
    for place in right:
        shown[place] = parts.pop(0) if parts else _blank(tokens, right[::-1], place)
    if point < len(tokens) and any(shown[place] for place in right):
        shown[point] = shown.get(point, "") + "."
    texts = (
        shown.get(n, token.text if token.kind == "literal" or token.text == "%" else "")
        for n, token in enumerate(tokens)
    )
    return "".join(texts).strip()


def _blank(tokens: Sequence[Token], places: Sequence[int], place: int) -> str:
    """Return what a placeholder shows without a digit: 0 from the outermost 0 on, else nothing."""
    outer = places[: places.index(place) + 1]
    return "0" if any(tokens[one].text == "0" for one in outer) else ""

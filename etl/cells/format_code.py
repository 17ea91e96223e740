"""An Excel number format code as tokens: its sections, what each shows, and what is not known.

After ECMA-376 Part 1, 18.8.31, and what Excel and LibreOffice write beyond it: `!x` as an escape,
`G/표준`, `[DBNum1]`, colours in Korean.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | [\\!](?P<escaped>.) | _(?P<wide>.) | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/표준) | (?P<exponent>E[+-])
    | (?P<date>AM/PM|A/P|오전/오후|[ymdhsgeb]+|a{3,4}) | (?P<digit>[0#?]) | (?P<mark>[.,%@/])
    | (?P<bare>[-$+():^&'~{}<>=\ ]|[^\x00-\x7f]) | (?P<number>[1-9]) | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SECTION_END = re.compile(r"((?:\"[^\"]*\"|[\\!_*].|\[[^\]]*\]|[^;])*)(;|$)", re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|=|<|>)\s*(-?[0-9]+(?:\.[0-9]*)?(?:E[+-]?[0-9]+)?)", re.I)
_CURRENCY = re.compile(r"\$([^-\]]*)(?:-(.*))?", re.DOTALL)
_COLOR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color\s*[0-9]{1,2}"
    r"|검정|파랑|녹청|녹색|자홍|빨강|흰색|노랑|색\s*[0-9]{1,2}",
    re.IGNORECASE,
)
_NUMERALS = re.compile(r"(?:DBNum|NatNum)[0-9]{1,2}", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_SYSTEM_DATES = ("F800", "F400")
_LITERALS = ("quoted", "escaped", "bare")
_COMPARED = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, "<>": ne}


class Condition(NamedTuple):
    """A condition such as `[>=1000]` on the value that a cell holds."""

    sign: str
    bound: Decimal

    def holds(self, value: Decimal) -> bool:
        """Tell whether a value meets the condition."""
        return bool(_COMPARED[self.sign](value, self.bound))


class Token(NamedTuple):
    """One thing that a section shows or does.

    `kind` is digit, mark (`.` `,` `%` `@` `/`), literal, fill, general, exponent, date, elapsed,
    number (a digit of a denominator) or unknown; `text` is what it shows, or the code itself.
    """

    kind: str
    text: str


class CodeSection(NamedTuple):
    """One section of a code: its tokens, its condition, and whether it changes the colour."""

    tokens: tuple[Token, ...]
    condition: Condition | None
    has_color: bool


def code_sections(code: str) -> list[CodeSection]:
    """Return the sections of a number format code, in order; an empty code is one empty section."""
    written: list[str] = []
    for found in _SECTION_END.finditer(code):
        written.append(found[1])
        if not found[2]:
            break
    return [_section(text) for text in written]


def _section(text: str) -> CodeSection:
    tokens: list[Token] = []
    condition, has_color = None, False
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "unknown"
        shown = found[kind]
        if kind != "bracket":
            tokens.append(_token(kind, shown, found[0]))
        elif met := _CONDITION.fullmatch(shown):
            condition = Condition(met[1], Decimal(met[2]))
        elif _COLOR.fullmatch(shown):
            has_color = True
        else:
            tokens += _bracket(shown)
    return CodeSection(tuple(tokens), condition, has_color)


def _token(kind: str, shown: str, code: str) -> Token:
    if kind in _LITERALS:
        return Token("literal", shown)
    if kind == "wide":  # a blank as wide as this character
        return Token("literal", " ")
    return Token(kind, shown if kind == "fill" else code)


def _bracket(inside: str) -> Iterator[Token]:
    """Yield what brackets other than conditions and colours show: a currency, elapsed time."""
    if found := _CURRENCY.fullmatch(inside):
        yield Token("literal", found[1])
        if found[2] in _SYSTEM_DATES:
            yield Token("date", inside)
    elif _ELAPSED.fullmatch(inside):
        yield Token("elapsed", inside)
    elif not _NUMERALS.fullmatch(inside):
        yield Token("unknown", f"[{inside}]")

"""What an Excel number format does to a number: the shown value is not always the one held.

A format is evaluated for each value: the section that applies says by which power of ten the shown
number differs from the held one, and which unit it prints. Nothing is ever rounded to the decimals
that are shown. What cannot be told for certain is `unknown`.
"""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import yaml

from etl.cells.format_code import CodeSection, Condition, Token, code_sections
from etl.cells.format_digits import meaning_of_digits, placed
from etl.cells.units import unit_around

FormatKind = Literal["general", "percent", "date", "duration", "text", "words", "unknown"]

_DASHES_OF_NOTHING = frozenset({"", "-", "–", "—", "ㅡ", "0"})
_PARTS = "‰‱"
_MINUS = frozenset("-−–—▲△▼▽")
_WON_SIGNS = str.maketrans("", "", "₩￦\\ ")


class Section(NamedTuple):
    """What one section of a format does to a number.

    The number shown is the held one × 10**`exponent`; `unit` is the money unit that is printed
    beside it, "" for none and None for words about money that are not known exactly. `is_signed`
    tells that it prints a sign of its own, `is_colored` that it changes the colour.
    """

    kind: FormatKind = "general"
    exponent: int = 0
    unit: str | None = ""
    tokens: tuple[Token, ...] = ()
    is_signed: bool = False
    is_colored: bool = False

    @property
    def shows_minus(self) -> bool:
        """Whether a negative number is told from a positive one."""
        return self.is_signed or self.is_colored

    @property
    def changes_nothing(self) -> bool:
        """Whether a number reads as if the format were General."""
        return self.kind in ("general", "text") and self.exponent == 0 and self.unit == ""


UNKNOWN = Section("unknown")
_PLAIN = Section()


class NumberFormat(NamedTuple):
    """A number format: its code and its sections for numbers, with the condition of each."""

    code: str = "General"
    sections: tuple[Section, ...] = (_PLAIN,)
    conditions: tuple[Condition | None, ...] = (None,)

    @property
    def kind(self) -> FormatKind:
        """The kind of the first section, which is that of the whole for dates."""
        return self.sections[0].kind

    @property
    def changes_nothing(self) -> bool:
        """Whether every number reads as if the format were General."""
        first, *others = self.sections
        if any(self.conditions) or first.is_signed or not first.changes_nothing:
            return False
        negative, zero = others[:1], others[1:]
        return all(one.changes_nothing and one.shows_minus for one in negative) and all(
            one.changes_nothing or one.kind == "words" for one in zero
        )

    def applying(self, value: Decimal) -> Section:
        """Return the section that applies to a value, whatever can be told of it."""
        if any(self.conditions):
            return self._by_condition(value)
        if len(self.sections) == 1 or value > 0:
            return self.sections[0]
        if value < 0:
            return self.sections[1]
        return self.sections[2 if len(self.sections) > 2 else 0]

    def section(self, value: Decimal) -> Section:
        """Return what applies to a value; `unknown` where the screen does not tell the number."""
        section = self.applying(value)
        if section.kind == "words":
            return _PLAIN if value == 0 else UNKNOWN
        if value > 0:
            return UNKNOWN if section.is_signed else section
        is_alone = len(self.sections) == 1 and not any(self.conditions)
        if value == 0 or is_alone or section.shows_minus:
            return section
        # Whether a minus is shown of itself beside a condition differs from program to program; in
        # the second section it is not.
        return UNKNOWN if section.kind in ("general", "percent") else section

    def _by_condition(self, value: Decimal) -> Section:
        first, second, *_ = (*self.conditions, None)
        if first is None:  # which values fall to it differs from program to program
            return self.sections[0] if len(set(self.sections)) == 1 else UNKNOWN
        if first.holds(value):
            return self.sections[0]
        if len(self.sections) == 1:
            return UNKNOWN  # shown as ####
        if len(self.sections) == 2:
            return self.sections[1] if second is None or second.holds(value) else UNKNOWN
        second = second or Condition("<", Decimal(0))
        return self.sections[1 if second.holds(value) else 2]


GENERAL = NumberFormat()
_BUILT_IN: dict[int, str] = yaml.safe_load(
    (Path(__file__).parents[1] / "forms" / "number_formats.yml").read_text(encoding="utf-8")
)


def built_in_format(number: str) -> str:
    """Return the code of a format that a workbook names by its number alone."""
    return _BUILT_IN.get(int(number), "") if number.isdecimal() else ""


@lru_cache(maxsize=512)
def number_format(code: str) -> NumberFormat:
    """Return what an Excel number format code does to numbers."""
    if code in ("", "General", "G/표준"):
        return GENERAL
    written = code_sections(code)
    if len(written) > 4:
        return NumberFormat(code, (UNKNOWN,))  # no program writes one
    numeric = _numeric(written)
    sections = tuple(_section(one) for one in numeric)
    return NumberFormat(code, sections, tuple(one.condition for one in numeric))


def _numeric(written: list[CodeSection]) -> list[CodeSection]:
    """Return the sections for numbers: without the fourth, and without a last one for text."""
    sections = written[:3]
    is_text = any(token.text == "@" and token.kind == "mark" for token in sections[-1].tokens)
    return sections[:-1] if is_text and len(sections) > 1 else sections


def _section(written: CodeSection) -> Section:
    """Return what one section of a code means."""
    kinds = {token.kind for token in written.tokens}
    texts = [token.text for token in written.tokens if token.kind == "mark"]
    if "unknown" in kinds:
        return UNKNOWN._replace(tokens=written.tokens)
    if "elapsed" in kinds:
        return Section("duration", tokens=written.tokens)
    if "date" in kinds:
        return Section("date", tokens=written.tokens)
    if "@" in texts:
        return Section("text", tokens=written.tokens)
    if not kinds & {"digit", "general"}:
        return _words(written)
    return _number(written)


def _words(written: CodeSection) -> Section:
    shown = "".join(token.text for token in written.tokens if token.kind == "literal")
    is_nothing = shown.translate(_WON_SIGNS) in _DASHES_OF_NOTHING
    return Section("words" if is_nothing else "unknown", tokens=written.tokens)


def _number(written: CodeSection) -> Section:
    meaning = meaning_of_digits(written.tokens)
    if meaning is None:
        return UNKNOWN._replace(tokens=written.tokens)
    before, behind = meaning.before, meaning.behind
    is_percent = meaning.percents > 0 or any(sign in before + behind for sign in "%％")
    if any(sign in before + behind for sign in _PARTS):
        return UNKNOWN._replace(tokens=written.tokens)
    unit = meaning.unit if meaning.unit is not None else unit_around(before, behind)
    return Section(
        "percent" if is_percent else "general",
        meaning.exponent,
        unit,
        written.tokens,
        _is_signed(before, behind),
        written.has_color,
    )


def _is_signed(before: str, behind: str) -> bool:
    edge = behind.strip()
    return (
        not _MINUS.isdisjoint(before)
        or bool(edge and not _MINUS.isdisjoint(edge[0] + edge[-1]))
        or (before.count("(") > before.count(")") and behind.count(")") > behind.count("("))
    )


def shown_text(section: Section, value: Decimal, plain: str) -> str | None:
    """Return the characters that a section shows of a value, without separators of thousands.

    None where the screen shows fewer digits than the cell holds; `plain` is the value as General
    shows it.
    """
    kinds = {token.kind for token in section.tokens}
    if section.kind == "text" or section == _PLAIN:
        return plain
    if not kinds & {"digit", "general"}:
        return None
    if "general" in kinds:
        drawn = {"general": plain}
        seen = [token for token in section.tokens if token.kind in ("general", "literal")]
        return "".join(drawn.get(token.kind, token.text) for token in seen).strip()
    if kinds & {"exponent", "number", "unknown"} or Token("mark", "/") in section.tokens:
        return plain
    shown = placed(section.tokens, value)
    return f"-{shown}" if shown and value < 0 and not section.is_signed else shown

"""What a card may say and what it means, from its form's edition: nothing here reads a block.

Every text is compared as a label: blanks, line breaks, brackets and middle dots do not count.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from etl.cells import UNITS, label_key
from etl.cells.phrases import UNIT_NAMES, leading_years, printed_unit
from etl.form import CardForm, CardMoneyText, Table, code_keys, form
from etl.staged import RETURN

_LONGEST = 60
_BRACKETED = re.compile(r"(.+?)\s*[(\[]([^()\[\]]*)[)\]]\s*", re.DOTALL)


class Sign(NamedTuple):
    """What one header says about money: `2019` on the axis `year`, `secured` on `measure`.

    The axis `total` is a total of whatever its neighbours are: years, sources or sub-projects.
    """

    axis: str
    value: str


@dataclass(frozen=True, eq=False)
class MoneyWords:
    """The words of the money table; keys are compared labels."""

    fields: Mapping[str, str]
    headings: frozenset[str]
    ignored: frozenset[str]
    before_year: frozenset[str]
    after_year: frozenset[str]
    years: Mapping[str, str]
    measures: Mapping[str, str]
    sources: frozenset[str]
    totals: frozenset[str]
    grand_totals: frozenset[str]
    form: CardMoneyText

    def name(self, year: str, measure: str) -> str:
        """Return an amount's column as people call it: 2019 확보액."""
        return f"{self.form.years.get(year, (year,))[0]} {self.form.measures[measure][0]}"

    def field(self, text: str) -> str | None:
        """Return which labels a column (or row) of labels holds, by its header."""
        return _named(self, "fields", text) if len(text) <= _LONGEST else None

    def signs(self, text: str) -> tuple[Sign, ...]:
        """Return what a header says; () for words that say nothing of money."""
        return _signs(self, text) if len(text) <= _LONGEST else ()

    def says_source(self, text: str) -> bool:
        """Tell whether a text names a source, or is a header over them."""
        if any(sign.axis == "source" for sign in self.signs(text)):
            return True
        key = label_key(text)
        return key not in self.headings and any(
            name in key for name, field in self.fields.items() if field == "source"
        )

    def is_ignored(self, text: str) -> bool:
        """Tell whether a header is known to head no amounts of ours: 연번, 2019 집행률(%)."""
        return len(text) <= _LONGEST and _is_ignored(self, text)

    def open_year(self, text: str) -> str | None:
        """Return the year of a header that takes all before or after it: `2019 이전`."""
        year, rest = leading_years(bracketed(text)[0])
        return year if year and self._opened(rest) else None

    def is_known(self, text: str) -> bool:
        """Tell whether a header is one of the form's, even where it says nothing of money."""
        key = label_key(text)
        is_unit = key in UNIT_NAMES or printed_unit(text) is not None
        is_word = key in self.headings or self.is_ignored(text)
        return is_unit or is_word or bool(self.signs(text) or self.field(text))

    def _of(self, key: str) -> tuple[Sign, ...]:
        if key in self.sources:
            return (Sign("source", key),)
        if key in self.measures:
            return (Sign("measure", self.measures[key]),)
        if key in self.totals or self.years.get(key) in ("total", "in_term"):
            return (Sign("total", self.years.get(key, "total")),)
        if key in self.years:
            return (Sign("year", self.years[key]),)
        return self._of_both(key)

    def _of_both(self, key: str) -> tuple[Sign, ...]:
        """Read a year with the measure behind it: `2019 확보액`, `합계 집행액`."""
        year, rest = leading_years(key)
        if year and not rest:
            return (Sign("year", year),)
        if year and rest in self.measures:
            return (Sign("year", year), Sign("measure", self.measures[rest]))
        if year and (opened := self._opened(rest)):
            name, rest = opened
            if not rest:
                return (Sign("year", name),)
            if rest in self.measures:
                return (Sign("year", name), Sign("measure", self.measures[rest]))
        for name in sorted(self.years, key=len, reverse=True):
            rest = key.removeprefix(name)
            if rest != key and rest in self.measures:
                return (*self._of(name), Sign("measure", self.measures[rest]))
        return ()

    def _opened(self, rest: str) -> tuple[str, str] | None:
        """Return (pre_term or post_term, rest) where a word behind a year opens it."""
        for name, words in (("pre_term", self.before_year), ("post_term", self.after_year)):
            for word in words:
                if rest.startswith(word):
                    return name, rest.removeprefix(word)
        return None


@lru_cache(maxsize=4096)
def _is_ignored(words: MoneyWords, text: str) -> bool:
    keys = {label_key(text), label_key(bracketed(text)[0])}
    behind = {leading_years(key)[1] for key in keys}
    totals = {key.removeprefix(name) for key in keys for name in words.years}
    return not words.ignored.isdisjoint(keys | behind | totals)


@lru_cache(maxsize=4096)
def _signs(words: MoneyWords, text: str) -> tuple[Sign, ...]:
    base, _ = bracketed(text)
    return words._of(label_key(text)) or words._of(label_key(base))


@dataclass(frozen=True, eq=False)
class CardWords:
    """One edition of the card: headings of sections, labels of fields, words of the money table."""

    form: CardForm
    tables: Mapping[str, Table]
    sections: Mapping[str, str]
    labels: Mapping[str, str]
    starts_card: frozenset[str]
    code_labels: Mapping[str, frozenset[str]]
    no_money: frozenset[str]
    counting_signs: tuple[str, ...]
    money: MoneyWords

    def section(self, text: str) -> str | None:
        """Return the section that a text is the heading of; its unit in brackets does not count."""
        return _named(self, "sections", text) if len(text) <= _LONGEST else None

    def label(self, text: str) -> str | None:
        """Return the field whose label a text is."""
        return _named(self, "labels", text) if len(text) <= _LONGEST else None


def bracketed(text: str) -> tuple[str, str]:
    """Split a label into its words and what stands in brackets behind them: `이행률`, `%`."""
    found = _BRACKETED.fullmatch(text)
    return (found[1], found[2].strip()) if found else (text, "")


def own_unit(text: str) -> int | None:
    """Return the unit, in won, that a label names in brackets: 총사업비(천원)."""
    name = UNIT_NAMES.get(label_key(bracketed(text)[1]))
    return UNITS[name] if name else None


# Asked of every cell and every line, and the same few words come again on each card.
@lru_cache(maxsize=8192)
def _named(words: CardWords | MoneyWords, kind: str, text: str) -> str | None:
    names: Mapping[str, str] = getattr(words, kind)
    return names.get(label_key(text)) or names.get(label_key(bracketed(text)[0]))


def _keys(described: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {label_key(text): name for name, texts in described.items() for text in texts}


def _run(ends: str) -> str:
    """Return the signs from the first to the last of two."""
    return "".join(map(chr, range(ord(ends[0]), ord(ends[-1]) + 1)))


def _money(described: CardMoneyText) -> MoneyWords:
    words: dict[str, Any] = {
        name: _keys(texts) if isinstance(texts, Mapping) else frozenset(map(label_key, texts))
        for name, texts in described
    }
    sources = code_keys("funding_source") | code_keys("mixed_source")
    return MoneyWords(form=described, sources=sources, **words)


@cache
def card_words(described: CardForm) -> CardWords:
    """Return an edition of the card; the tables that it does not have are the newest return's."""
    return CardWords(
        form=described,
        tables={**form(RETURN).by_code, **described.by_code},
        sections=_keys(described.sections),
        labels=_keys(described.labels),
        starts_card=frozenset(described.starts_card),
        code_labels={name: code_keys(name) for name in ("status", "target", "grade", "due")},
        no_money=code_keys("budget_class", "NO_BUDGET"),
        counting_signs=tuple(map(_run, described.counting_signs)),
        money=_money(described.money),
    )

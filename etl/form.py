"""Form editions and code lists as data: what a table is called, what its columns mean.

The YAML files in `forms/` describe; this module gives them types. Nothing here reads a cell.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pydantic

from etl.cells import header_key, label_key
from etl.described import Described, read_described

FORMS = Path(__file__).parent / "forms"


@dataclass(frozen=True)
class Field:
    """One column of a table: its header as printed and the parser that reads it."""

    name: str
    header: str
    type: str
    code_list: str | None = None
    required: bool = False
    shown_only: bool = False
    """Printed for the person who fills the form: nothing is missing without it."""

    @property
    def is_typed(self) -> bool:
        """Tell whether staging keeps value, text and kind (else only the value)."""
        return self.type not in ("text", "plain")

    @property
    def stage_columns(self) -> tuple[str, ...]:
        if self.is_typed:
            return (self.name, f"{self.name}_raw", f"{self.name}_kind")
        return (self.name,)


@dataclass(frozen=True)
class MoneyColumn:
    """What a money header means: `2019 확보액` is measure `secured` of fiscal year `2019`."""

    measure: str
    fiscal_year: str

    @property
    def field(self) -> str:
        return f"{self.fiscal_year}.{self.measure}"


class MoneyPattern(Described):
    """What headers of one shape mean; `year` and `last` in the pattern name the fiscal year."""

    pattern: re.Pattern[str]
    measure: str
    fiscal_year: str | None = None
    header: str | None = None
    is_synonym: bool = pydantic.Field(default=False, alias="synonym")

    def match(self, key: str) -> MoneyColumn | None:
        found = self.pattern.fullmatch(key)
        if found is None:
            return None
        parts = found.groupdict()
        year = self.fiscal_year or "~".join(p for p in (parts["year"], parts.get("last")) if p)
        return MoneyColumn(self.measure, year)


@dataclass(frozen=True)
class Table:
    """One table of a form: the sheet it stands on and the staging table its rows go to.

    A table with `money` patterns is staged one row per money cell, any other one row per line.
    """

    code: str
    sheet: str
    stage: str
    fields: tuple[Field, ...]
    required: bool = False
    money_unit: str | None = None
    money: tuple[MoneyPattern, ...] = ()
    not_money: re.Pattern[str] | None = None
    total_labels: frozenset[str] = frozenset()
    total_behind: re.Pattern[str] | None = None
    total_ends: frozenset[str] = frozenset()
    answer: bool = False
    also_stage: str | None = None
    also_fields: tuple[Field, ...] = ()

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def total_of(self, text: str) -> str | None:
        """Return what a text is the total of: "" for the whole table, None where it is no total."""
        if self.total_ends.isdisjoint(text[-2:]):  # nearly every text
            return None
        if label_key(text) in self.total_labels:
            return ""
        found = self.total_behind.fullmatch(text.strip()) if self.total_behind else None
        return found["of"] if found else None

    def money_column(self, header: str) -> MoneyColumn | None:
        """Return what a header says about money, or None when it is no money column."""
        key = header_key(header)
        matches = (pattern.match(key) for pattern in self.money)
        return next((match for match in matches if match), None)

    def is_synonym(self, header: str) -> bool:
        """Tell whether a money header is another word for the form's own."""
        key = header_key(header)
        found = next((pattern for pattern in self.money if pattern.match(key)), None)
        return found is not None and found.is_synonym

    def is_no_money(self, header: str) -> bool:
        """Tell whether a header is known to stand above no amount of its own."""
        return self.not_money is not None and bool(self.not_money.fullmatch(header_key(header)))

    def money_header(self, measure: str, fiscal_year: str) -> str:
        """Return the header that an invited return prints for a measure of a fiscal year."""
        for pattern in self.money:
            if pattern.measure == measure and pattern.header:
                if pattern.fiscal_year == fiscal_year:
                    return pattern.header
                if pattern.fiscal_year is None and fiscal_year.isdigit():
                    return pattern.header.format(year=fiscal_year)
        raise KeyError((measure, fiscal_year))


@dataclass(frozen=True)
class Form:
    """One edition of one form."""

    code: str
    edition: str
    title: str
    tables: tuple[Table, ...]
    identity_sheet: str | None = None

    def table(self, code: str) -> Table:
        return next(table for table in self.tables if table.code == code)


@dataclass(frozen=True)
class CodeLabel:
    """One label of a code list; `government_class` is `*` where it means the same everywhere."""

    list_code: str
    code: str
    name: str
    label: str
    government_class: str


class FieldText(Described):
    """One column as its file describes it, with what a template says about it."""

    header: str
    type: str
    code_list: str | None = pydantic.Field(default=None, alias="list")
    required: bool = False
    shown_only: bool = False
    about: str = ""
    example: str = ""


class _AlsoText(Described):
    stage: str | None = None
    fields: Mapping[str, FieldText] = pydantic.Field(default_factory=dict)


class _TableText(Described):
    sheet: str
    stage: str
    fields: Mapping[str, FieldText]
    about: str = ""
    required: bool = False
    answer: bool = False
    money_unit: str | None = None
    money: tuple[MoneyPattern, ...] = ()
    not_money: re.Pattern[str] | None = None
    also: _AlsoText = _AlsoText()


class FormText(Described):
    """One edition of a form as its file describes it."""

    code: str
    edition: str
    title: str
    tables: Mapping[str, _TableText]
    identity_sheet: str | None = None
    total_labels: tuple[str, ...] = ()
    total_behind: re.Pattern[str] | None = None
    guide: tuple[tuple[str, str], ...] = ()


Texts = Mapping[str, tuple[str, ...]]


class CardMoneyText(Described):
    """The words of a card's money table: what is written → what it is."""

    fields: Texts
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    before_year: tuple[str, ...]
    after_year: tuple[str, ...]
    years: Texts
    measures: Texts
    totals: tuple[str, ...]
    grand_totals: tuple[str, ...]


class CardText(FormText):
    """One edition of the card: its headings, labels and signs beside what every form has."""

    sections: Texts
    expected_sections: tuple[str, ...]
    annex_marks: tuple[str, ...]
    heading_boxes: str
    heading_bullet: re.Pattern[str]
    counting_signs: tuple[str, ...]
    strip_sign: re.Pattern[str]
    line_bullet: re.Pattern[str]
    page_number: re.Pattern[str]
    labels: Texts
    starts_card: tuple[str, ...]
    role_pattern: re.Pattern[str]
    marks: tuple[str, ...]
    money: CardMoneyText


def _fields(described: Mapping[str, FieldText]) -> tuple[Field, ...]:
    return tuple(
        Field(name, one.header, one.type, one.code_list, one.required, one.shown_only)
        for name, one in described.items()
    )


def _table(code: str, described: _TableText, of: FormText) -> Table:
    return Table(
        code=code,
        sheet=described.sheet,
        stage=described.stage,
        fields=_fields(described.fields),
        required=described.required,
        money_unit=described.money_unit,
        money=described.money,
        not_money=described.not_money,
        total_labels=frozenset(map(label_key, of.total_labels)),
        total_ends=frozenset(text[-1] for text in of.total_labels),
        total_behind=of.total_behind,
        answer=described.answer,
        also_stage=described.also.stage,
        also_fields=_fields(described.also.fields),
    )


CARD = "pledge_card"


@cache
def card_text() -> CardText:
    """Return the current edition of the card as its file describes it."""
    return read_described(FORMS / f"{CARD}.yml", CardText)


@cache
def form_text(code: str) -> FormText:
    """Return the current edition of a form as its file describes it."""
    return card_text() if code == CARD else read_described(FORMS / f"{code}.yml", FormText)


@cache
def form(code: str) -> Form:
    """Return the current edition of a form: `quarterly_return`, `register` or `pledge_card`."""
    described = form_text(code)
    tables = tuple(_table(name, table, described) for name, table in described.tables.items())
    return Form(
        described.code, described.edition, described.title, tables, described.identity_sheet
    )


FORM_CODES = ("quarterly_return", "register", CARD)


@cache
def sheet_names() -> dict[str, str]:
    """Return table → sheet, as workbooks of every form call them."""
    tables = [t for code in ("register", "quarterly_return") for t in form(code).tables]
    return {table.code: table.sheet for table in tables}


@cache
def field_names() -> dict[str, str]:
    """Return field → what its column is called, without a unit in brackets, by every form."""
    fields = [f for code in reversed(FORM_CODES) for t in form(code).tables for f in t.fields]
    return {one.name: one.header.partition("(")[0] for one in fields}


@cache
def stages() -> tuple[str, ...]:
    """Return every staging table that some form stages into."""
    tables = [table for code in FORM_CODES for table in form(code).tables]
    named = (stage for table in tables for stage in (table.stage, table.also_stage))
    return tuple(stage for stage in named if stage)


def code_labels() -> Iterator[CodeLabel]:
    """Yield every label of every code list, in the order of `codes.csv`."""
    with (FORMS / "codes.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield CodeLabel(
                row["list"], row["code"], row["name"], row["label"], row["government_class"]
            )


@cache
def code_names(list_code: str) -> dict[str, str]:
    """Return code → Korean name of one list, in its order."""
    return {c.code: c.name for c in code_labels() if c.list_code == list_code}


def written_names(list_code: str) -> list[str]:
    """Return the names of a list's codes that a reader takes as labels too, in its order."""
    written = {label_key(c.label) for c in code_labels() if c.list_code == list_code}
    return [name for name in code_names(list_code).values() if label_key(name) in written]


def offered_labels(list_code: str) -> list[str]:
    """Return what to pick a code by: its name where that is a label, else each of its labels."""
    names = written_names(list_code)
    labels = [c for c in code_labels() if c.list_code == list_code]
    return list(dict.fromkeys(c.name if c.name in names else c.label for c in labels))


def usual_labels(list_code: str) -> dict[str, list[str]]:
    """Return class of government → one label of each code that it writes, its own before any's."""
    listed = [c for c in code_labels() if c.list_code == list_code and c.label]
    classes = dict.fromkeys(c.government_class for c in listed if c.government_class != "*")
    return {kind: _usual([c for c in listed if c.government_class in ("*", kind)])
            for kind in classes}  # fmt: skip


def _usual(labels: Sequence[CodeLabel]) -> list[str]:
    own_first = sorted(labels, key=lambda c: c.government_class == "*")
    first = {c.code: c.label for c in reversed(own_first)}
    return [first[code] for code in dict.fromkeys(c.code for c in labels)]


def labels_for(list_code: str, government_class: str) -> dict[str, str]:
    """Return normalised label → code as one class of government writes them."""
    return {
        label_key(c.label): c.code
        for c in code_labels()
        if c.list_code == list_code and c.government_class in ("*", government_class)
    }


@cache
def form_version() -> str:
    """Return the hash of every form edition and code list, as recorded on results."""
    digest = hashlib.sha256()
    for path in sorted(FORMS.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]

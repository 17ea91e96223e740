"""Form editions and code lists as data: what a table is called, what its columns mean.

The YAML files in `forms/` describe, `forms/FORM/EDITION.yml` one edition each; this module gives
them types. Nothing here reads a cell.
"""

import csv
import hashlib
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import pydantic

from etl.cells import header_key, label_key
from etl.described import Described, read_described
from etl.measures import FILE as MEASURES
from etl.period import Quarter, parse_period

FORMS = Path(__file__).parent / "forms"
CARD = "pledge_card"
PUBLISHED = "published"
"""One sheet of the register, which may come as a file of its own."""
ATTACHMENT = "attachment"
"""A picture that a return names."""
FORM_CODES = ("quarterly_return", "register", CARD, PUBLISHED, ATTACHMENT)


def _named(said: Any) -> Any:
    """Tell each record of a mapping the name that it has there."""
    if not isinstance(said, dict):
        return said
    return {k: {**one, "name": k} if isinstance(one, dict) else one for k, one in said.items()}


Record = TypeVar("Record")
Named = Annotated[Mapping[str, Record], pydantic.BeforeValidator(_named)]


class Field(Described):
    """One column of a table: its header as printed and the parser that reads it.

    The other keys tell the reader and those who print the form how its cells are to be taken.
    """

    name: str
    header: str
    type: str
    code_list: str | None = pydantic.Field(default=None, alias="list")
    required: bool = False
    shown_only: bool = False
    """Printed for the person who fills the form: nothing is missing without it."""
    given: bool = False
    """Says only what a row is about: a row of a return with no more has not been filled in."""
    filled_down: bool = False
    """A merged cell stands for every row that it covers."""
    if_used: bool = False
    """Only some offices have it: printed where one has reported it, and never missed."""
    also_called: tuple[str, ...] = ()
    """Other headers that mean it, where the form's own is missing."""
    never_guessed: bool = False
    """Cannot be guessed from the cell that a merge leaves over; an amount never can."""
    locked: bool = False
    """Not to be typed over in a row that an invitation brings."""
    absent: str | None = None
    """What every row says where the table has no such column, though it is required."""
    width: float | None = None
    """Of the column as printed, in characters; without one, as wide as is usual in the form."""
    about: str = ""
    example: str = ""

    @property
    def is_needed(self) -> bool:
        """Tell whether nothing of the table can be read without this column."""
        return self.required and self.absent is None

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

    @property
    def secured_field(self) -> str:
        return f"{self.fiscal_year}.secured"


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


class _Unique(Described):
    """A record of which there is one: what is worked out from it is kept by it."""

    def __hash__(self) -> int:
        return id(self)


class Part(_Unique):
    """Columns of a table, and the staging table that they go to."""

    stage: str
    by_name: Named[Field] = pydantic.Field(alias="fields")

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(self.by_name.values())


class Table(Part):
    """One table of a form: the sheet it stands on and the staging table its rows go to.

    A table with `money` patterns is staged one row per money cell, any other one row per line.
    What `also` holds is staged apart. The first `frozen_columns` stay in sight of who fills it.
    """

    code: str = pydantic.Field(alias="name")
    sheet: str
    about: str = ""
    required: bool = False
    may_lack: bool = False
    """Nothing is told where a form that was sent out comes back without it."""
    if_used: bool = False
    """Only some offices have it: printed where one has reported it, and never missed."""
    answer: bool = False
    frozen_columns: int = 0
    money_unit: str | None = None
    money: tuple[MoneyPattern, ...] = ()
    not_money: re.Pattern[str] | None = None
    also: Part | None = None

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        """Every column of the table, those that are staged apart last."""
        return self.fields + (self.also.fields if self.also else ())

    def as_used(self, used: Container[str]) -> "Table":
        """Return the table without the columns that an office has never had."""
        kept = {n: one for n, one in self.by_name.items() if not one.if_used or n in used}
        if len(kept) == len(self.by_name):
            return self
        named = {"code", "by_name"}
        rest = {key: getattr(self, key) for key in Table.model_fields if key not in named}
        return Table(name=self.code, fields=kept, **rest)

    def money_column(self, header: str) -> MoneyColumn | None:
        """Return what a header says about money, or None when it is no money column."""
        key = header_key(header)
        matches = (pattern.match(key) for pattern in self.money)
        return next((match for match in matches if match), None)

    def is_synonym(self, header: str) -> bool:
        """Tell whether a header is another word for the form's own."""
        key = header_key(header)
        if key in self._also_called:
            return True
        found = next((pattern for pattern in self.money if pattern.match(key)), None)
        return found is not None and found.is_synonym

    @cached_property
    def _also_called(self) -> frozenset[str]:
        return frozenset(header_key(text) for one in self.fields for text in one.also_called)

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


class Form(_Unique):
    """One edition of one form."""

    code: str
    edition: str
    title: str
    from_quarter: str = pydantic.Field(default="", pattern=r"^(\d{4}Q[1-4])?$")
    """The first quarter that it is sent out for; "" for ever since."""
    by_code: Named[Table] = pydantic.Field(alias="tables")
    identity_sheet: str | None = None
    total_labels: tuple[str, ...] = ()
    total_behind: re.Pattern[str] | None = None
    guide: tuple[tuple[str, str], ...] = ()

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        return tuple(self.by_code.values())

    def table(self, code: str) -> Table:
        return self.by_code[code]

    def printed_tables(self, used: Container[str]) -> list[Table]:
        """Return what is sent out to an office that has used these columns and tables."""
        return [
            table.as_used(used)
            for table in self.tables
            if not table.answer and (not table.if_used or table.code in used)
        ]

    def is_total_label(self, text: str) -> bool:
        return label_key(text) in self._total_keys

    def total_of(self, text: str) -> str | None:
        """Return what a text is the total of: "" for the whole table, None where it is no total."""
        if self._total_ends.isdisjoint(text[-2:]):  # nearly every text
            return None
        if self.is_total_label(text):
            return ""
        found = self.total_behind.fullmatch(text.strip()) if self.total_behind else None
        return found["of"] if found else None

    @cached_property
    def _total_keys(self) -> frozenset[str]:
        return frozenset(map(label_key, self.total_labels))

    @cached_property
    def _total_ends(self) -> frozenset[str]:
        return frozenset(text[-1] for text in self.total_labels)


@dataclass(frozen=True)
class CodeLabel:
    """One label of a code list; `government_class` is `*` where it means the same everywhere."""

    list_code: str
    code: str
    name: str
    label: str
    government_class: str


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


class CardForm(Form):
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


@cache
def editions(code: str) -> tuple[Form, ...]:
    """Return every edition of a form, in the order of the quarters from which they are in use."""
    if code == PUBLISHED:
        registers = [one for one in editions("register") if code in one.by_code]
        return tuple(_sheet_alone(one, code) for one in registers)
    paths = sorted((FORMS / code).glob("*.yml"))
    found = [read_described(path, CardForm if code == CARD else Form) for path in paths]
    return tuple(sorted(found, key=lambda one: one.from_quarter))


def _sheet_alone(one: Form, code: str) -> Form:
    table = one.table(code)
    return Form(code=code, edition=one.edition, title=table.sheet, tables={code: table},
                from_quarter=one.from_quarter)  # fmt: skip


def form(code: str, edition: str | None = None, quarter_id: str | None = None) -> Form:
    """Return one edition of a form: one of `FORM_CODES`.

    The edition of that name; where there is none, the one in use in the quarter; else the newest.
    """
    known = editions(code)
    named = [one for one in known if one.edition == edition]
    in_use = [one for one in known if quarter_id and _is_in_use(one, quarter_id)]
    return (named or in_use or known)[-1]


def card_form(edition: str | None = None, quarter_id: str | None = None) -> CardForm:
    """Return one edition of the card, as `form` chooses it."""
    return cast(CardForm, form(CARD, edition, quarter_id))


def _is_in_use(one: Form, quarter_id: str) -> bool:
    """Tell whether an edition is in use in a period: a quarter from its first on, or any in it."""
    if not one.from_quarter:
        return True
    return Quarter.parse(one.from_quarter).first_day <= parse_period(quarter_id).last_day


@cache
def sheet_names() -> dict[str, dict[str, str]]:
    """Return `FORM/EDITION` → table → its sheet, and form → its title."""
    return _by_edition(
        lambda one: [(one.code, one.title), *((t.code, t.sheet) for t in one.tables)]
    )


@cache
def field_names() -> dict[str, dict[str, str]]:
    """Return `FORM/EDITION` → field → what its column is called, without a unit in brackets."""
    return _by_edition(
        lambda one: [(f.name, f.header.partition("(")[0]) for t in one.tables for f in t.fields]
    )


def _by_edition(names: Callable[[Form], list[tuple[str, str]]]) -> dict[str, dict[str, str]]:
    """Return what each edition calls things, other forms' as their newest does; "": all newest."""
    newest = {code: form(code) for code in reversed(FORM_CODES)}
    asked = {f"{code}/{one.edition}": newest | {code: one}
             for code in FORM_CODES for one in editions(code)}  # fmt: skip
    return {
        key: dict(pair for one in forms.values() for pair in names(one))
        for key, forms in ({"": newest} | asked).items()
    }


@cache
def stages() -> dict[str, tuple[Field, ...]]:
    """Return staging table → the fields that any edition of any form stages into it.

    Those of an earlier edition come first. A field keeps its type through all editions.
    """
    found: dict[str, dict[str, Field]] = {}
    tables = (t for code in FORM_CODES for one in editions(code) for t in one.tables)
    for part in (part for table in tables for part in (table, table.also) if part):
        found.setdefault(part.stage, {}).update(part.by_name)
    return {stage: tuple(fields.values()) for stage, fields in found.items()}


@cache
def code_labels() -> tuple[CodeLabel, ...]:
    """Return every label of every code list, in the order of `codes.csv`."""
    with (FORMS / "codes.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(CodeLabel(list_code=row.pop("list"), **row) for row in csv.DictReader(lines))


@cache
def code_names(list_code: str) -> dict[str, str]:
    """Return code → Korean name of one list, in its order."""
    return {c.code: c.name for c in code_labels() if c.list_code == list_code}


@cache
def code_keys(list_code: str, code: str | None = None) -> frozenset[str]:
    """Return the labels, as compared, of a list or of one of its codes."""
    found = (c for c in code_labels() if c.list_code == list_code and code in (None, c.code))
    return frozenset(label_key(c.label) for c in found if c.label)


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
    """Return class of government → one label of each code that it writes, its own before any's.

    What a form says for a column that is not there is read, and offered to nobody.
    """
    unsaid = _absent_labels(list_code)
    listed = [c for c in code_labels() if c.list_code == list_code and c.label not in unsaid | {""}]
    classes = dict.fromkeys(c.government_class for c in listed if c.government_class != "*")
    return {kind: _usual([c for c in listed if c.government_class in ("*", kind)])
            for kind in classes}  # fmt: skip


@cache
def _absent_labels(list_code: str) -> frozenset[str]:
    fields = (f for one in stages().values() for f in one if f.code_list == list_code)
    return frozenset(f.absent for f in fields if f.absent)


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
    """Return the hash of every form edition, code list and figure, as recorded on results."""
    digest = hashlib.sha256(MEASURES.read_bytes())
    for path in sorted(path for path in FORMS.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(FORMS)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]

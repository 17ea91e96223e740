"""The catalogue: rules are data, and each one is a query whose rows are the offenders.

A rule names a relation that `sql/check/relations/` builds from staging (`checked__TABLE`),
and says what is wrong in one of three ways: a row-wise expectation of Great Expectations, a
condition (`where`), or the codes a reader noted down (`problems`). A relation of nothing but
offenders needs none. Its message holds `{seen}`, `{expected}`, `{pledge}` and `{told}`, what the
rule's own `told` says of the offender in words.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from etl.check.messages import shown_template
from etl.check.row_wise import ROW_WISE, row_wise, text_literal, unexpected
from etl.described import Described, read_described
from etl.form import usual_labels, written_names
from etl.warehouse import sql_text

EXPECTATIONS = Path(__file__).parents[2] / "expectations"
LEVELS = {
    "reject_file": "반려",
    "block_pledge": "보류",
    "acknowledge": "사유 필요",
    "inform": "참고",
}
# The order matters: later relations read earlier ones.
RETURN_RELATIONS = (
    "progress",
    "name_clash",
    "budget_cell",
    "budget_line",
    "budget_year",
    "budget_total",
    "past_amount",
    "pledge",
    "amount_before",
    "unit_factor",
    "subproject",
    "pledge_subproject",
    "accepted_change",
    "entry",
    "absence",
    "card",
    "narrative",
    "attachment",
    "government",
)
GATE_RELATIONS = ("submission", "problem", "lost_id", "register_form")
REGISTER_RELATIONS = (
    "register_institution",
    "register_term",
    "register_department",
    "register_pledge",
    "register_subproject",
    "register_change",
    "register_window",
    "register_waiver",
    "register_published",
    "register_status_word",
)
PICTURE_RELATIONS = ("picture",)
RELATIONS = (*GATE_RELATIONS, *RETURN_RELATIONS, *REGISTER_RELATIONS, *PICTURE_RELATIONS)
# What these find makes everything else that a file says meaningless.
FORM_GATE = GATE_RELATIONS
# Relations that others join: their statistics pay for themselves.
JOINED = (
    "submission",
    "problem",
    "progress",
    "budget_line",
    "budget_year",
    "pledge",
    "amount_before",
)
# Relations whose rows carry their own column letter, or a sheet without a known table.
_WITH_COLUMN = ("problem", "budget_cell", "budget_total")
_WITH_SHEET = ("problem",)


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue, as its YAML describes it."""

    id: str
    title: str
    level: str
    table: str
    message: str
    basis: str
    category: str
    owner: str
    since: str
    condition: str | None
    expectation: Mapping[str, Any] | None
    row_sql: str
    field_sql: str
    related_sql: str
    seen_sql: str
    expected_sql: str
    told_sql: str
    pledge_sql: str
    tolerance: str | None = None
    shadow: bool = False
    waivable: bool = False
    for_office: bool = False

    @property
    def decides(self) -> bool:
        """Whether its findings can stop something."""
        return self.level != "inform" and not self.shadow

    @property
    def shown_message(self) -> str:
        """The message as people read it who have no finding before them."""
        return shown_template(self.message)

    @property
    def relation(self) -> str:
        return f"checked__{self.table}"

    @property
    def own_query(self) -> str:
        """The query whose rows are the offenders, as Great Expectations counts them too."""
        return self.offenders(self.relation)

    def offenders(self, source: str) -> str:
        """Return the query whose rows are the offenders among the rows of `source`."""
        column = "_column" if self.table in _WITH_COLUMN else "NULL::text"
        sheet = "sheet_name" if self.table in _WITH_SHEET else "NULL::text"
        condition = self.condition
        if self.expectation is not None:
            condition = unexpected(self.expectation, source)
        where = f" WHERE {condition}" if condition else ""
        return (
            f"SELECT submission_id, _table, {self.row_sql} AS _row, {column} AS _column,"
            f" {sheet} AS sheet_name, {self.field_sql} AS field, {self.pledge_sql} AS pledge_id,"
            f" row_key,"
            f" {self.related_sql} AS related, {self.seen_sql} AS seen,"
            f" {self.expected_sql} AS expected, {self.told_sql} AS told FROM {source}{where}"
        )


class _RuleText(Described):
    """One rule as a suite describes it; what is not said has the suite's or the usual value."""

    id: str
    title: str
    level: Literal["reject_file", "block_pledge", "acknowledge", "inform"]
    table: str
    message: str
    basis: str
    owner: str | None = None
    since: str | None = None
    where: str | None = None
    problems: list[str] | None = None
    expectation: Annotated[dict[str, Any], AfterValidator(row_wise)] | None = None
    parameters: Mapping[str, str | int | float] = Field(default_factory=dict)
    pledge: str = "pledge_id"
    row_sql: str = "_row"
    field: str | None = None
    field_sql: str | None = None
    related: tuple[str, ...] = ()
    related_row: str | None = None
    related_sql: str | None = None
    seen: str | None = None
    expected: str | None = None
    expected_codes: str | None = None
    expected_labels: str | None = None
    told: str = "NULL"
    tolerance: str | None = None
    shadow: bool = False
    waivable: bool | None = None

    @model_validator(mode="after")
    def _says_what_is_wrong(self) -> Self:
        ways = (self.where, self.problems, self.expectation)
        if sum(way is not None for way in ways) > 1:
            raise ValueError(f"{self.id}: where, problems, expectation 가운데 하나만 적습니다")
        if self.table not in RELATIONS:
            raise ValueError(f"{self.id}: 모르는 table: {self.table}")
        return self


class _Suite(Described):
    """One file of rules, and what they have in common."""

    suite: str
    category: str
    owner: str
    since: str
    for_office: bool = False
    bounds: Mapping[str, str | int | float] = Field(default_factory=dict)
    rules: list[_RuleText]


def _expected(told: _RuleText) -> str:
    """Return the query of what would be right; `expected_codes` names a list that has all of it."""
    if told.expected_codes is not None:
        return text_literal(", ".join(written_names(told.expected_codes)))
    if told.expected_labels is not None:
        return _labels_by_class(told.expected_labels)
    return told.expected or ("expected" if told.problems else "NULL")


def _labels_by_class(list_code: str) -> str:
    """Return the query of the usual labels of a list as the kind of government writes them."""
    cases = " ".join(
        f"WHEN {text_literal(kind)} THEN {text_literal(', '.join(labels))}"
        for kind, labels in usual_labels(list_code).items()
    )
    return f"CASE government_class {cases} END"


def _place(told: _RuleText) -> str:
    if told.field_sql is not None:
        return told.field_sql
    return "field" if told.field is None else text_literal(told.field)


def _related(told: _RuleText) -> str:
    if told.related_sql is not None:
        return told.related_sql
    if told.related_row is not None:
        return f"ARRAY[{text_literal(f'{told.field}@')} || {told.related_row}]"
    return f"ARRAY[{', '.join(map(text_literal, told.related))}]::text[]"


def _condition(told: _RuleText) -> str | None:
    if told.problems is not None:
        return f"code IN ({', '.join(map(text_literal, told.problems))})"
    return told.where and _with_parameters(told.where, told.parameters)


def _with_parameters(template: str, parameters: Mapping[str, Any]) -> str:
    for name, value in parameters.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def _rule(suite: _Suite, told: _RuleText) -> Rule:
    seen = told.seen or ("seen" if told.problems else "NULL")
    return Rule(
        id=told.id,
        title=told.title,
        level=told.level,
        table=told.table,
        message=_with_parameters(told.message, told.parameters),
        basis=told.basis,
        category=suite.category,
        owner=told.owner or suite.owner,
        since=told.since or suite.since,
        condition=_condition(told),
        expectation=told.expectation,
        row_sql=told.row_sql,
        field_sql=_place(told),
        related_sql=_related(told),
        seen_sql=f"({seen})::text",
        expected_sql=f"({_expected(told)})::text",
        told_sql=f"({told.told})::text",
        pledge_sql=told.pledge,
        tolerance=told.tolerance,
        shadow=told.shadow,
        waivable=told.level == "acknowledge" if told.waivable is None else told.waivable,
        for_office=suite.for_office,
    )


@cache
def _suites() -> tuple[_Suite, ...]:
    return tuple(read_described(path, _Suite) for path in sorted(EXPECTATIONS.iterdir()))


@cache
def rules() -> tuple[Rule, ...]:
    """Return the whole catalogue, in the order of its files and rules."""
    return tuple(_rule(suite, told) for suite in _suites() for told in suite.rules)


@cache
def bounds() -> Mapping[str, str]:
    """Return the bounds that relations read, by name: they are data of the suites."""
    return {name: str(one) for suite in _suites() for name, one in suite.bounds.items()}


@cache
def office_rules() -> frozenset[str]:
    """Return the rules that speak to the general office: no answer to a department tells them."""
    return frozenset(rule.id for rule in rules() if rule.for_office)


@cache
def rule_version() -> str:
    """Return the hash of the catalogue and its relations, as recorded on results."""
    digest = hashlib.sha256()
    for path in sorted(EXPECTATIONS.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    for name in RELATIONS:
        digest.update(sql_text(f"check/relations/{name}.sql").encode())
    digest.update(ROW_WISE.read_bytes())
    return digest.hexdigest()[:12]

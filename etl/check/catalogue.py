"""The catalogue: rules are data, and each one is a query whose rows are the offenders.

A rule names a relation that `sql/check/relations/` builds from staging (`staging.checked__TABLE`),
and says what is wrong in one of three ways: an expectation of Great Expectations, a condition
(`where`), or the codes a reader noted down (`problems`). Its message holds `{seen}`, `{expected}`,
`{pledge}` and `{told}`, what the rule's own `told` says of the offender in words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from etl.check.messages import shown_template
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
    "accepted_change",
    "entry",
    "absence",
    "card",
    "government",
)
GATE_RELATIONS = ("submission", "problem", "register_form")
REGISTER_RELATIONS = (
    "register_institution",
    "register_term",
    "register_department",
    "register_pledge",
    "register_subproject",
    "register_change",
    "register_window",
    "register_waiver",
)
RELATIONS = (*GATE_RELATIONS, *RETURN_RELATIONS, *REGISTER_RELATIONS)
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
        return f"staging.checked__{self.table}"

    @property
    def own_query(self) -> str:
        """The query whose rows are the offenders, as Great Expectations finds them too.

        Raises KeyError for an expectation that is no range of a column's values.
        """
        if self.expectation is None:
            return self.offenders(self.relation)
        column = self.expectation["column"]
        limits = {"min_value": "<", "max_value": ">"}
        told = self.expectation.keys() - {"type", "column"}
        outside = [f"{column} {limits[name]} {self.expectation[name]}" for name in sorted(told)]
        return self.offenders(f"{self.relation} WHERE {' OR '.join(outside)}")

    def offenders(self, source: str) -> str:
        """Return the query whose rows are the offenders among the rows of `source`."""
        column = "_column" if self.table in _WITH_COLUMN else "NULL::text"
        sheet = "sheet_name" if self.table in _WITH_SHEET else "NULL::text"
        where = f" WHERE {self.condition}" if self.condition else ""
        return (
            f"SELECT submission_id, _table, {self.row_sql} AS _row, {column} AS _column,"
            f" {sheet} AS sheet_name, {self.field_sql} AS field, {self.pledge_sql} AS pledge_id,"
            f" row_key,"
            f" {self.related_sql} AS related, {self.seen_sql} AS seen,"
            f" {self.expected_sql} AS expected, {self.told_sql} AS told FROM {source}{where}"
        )


def _text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _expected(described: Mapping[str, Any]) -> str:
    """Return the query of what would be right; `expected_codes` names a list that has all of it."""
    if "expected_codes" in described:
        return _text_literal(", ".join(written_names(described["expected_codes"])))
    if "expected_labels" in described:
        return _labels_by_class(described["expected_labels"])
    return str(described.get("expected", "expected" if "problems" in described else "NULL"))


def _labels_by_class(list_code: str) -> str:
    """Return the query of the usual labels of a list as the kind of government writes them."""
    cases = " ".join(
        f"WHEN {_text_literal(kind)} THEN {_text_literal(', '.join(labels))}"
        for kind, labels in usual_labels(list_code).items()
    )
    return f"CASE government_class {cases} END"


def _place(described: Mapping[str, Any]) -> str:
    if "field_sql" in described:
        return str(described["field_sql"])
    return _text_literal(described["field"]) if "field" in described else "field"


def _related(described: Mapping[str, Any]) -> str:
    if "related_sql" in described:
        return str(described["related_sql"])
    if "related_row" in described:
        return f"ARRAY[{_text_literal(described['field'] + '@')} || {described['related_row']}]"
    names = ", ".join(_text_literal(name) for name in described.get("related", []))
    return f"ARRAY[{names}]::text[]"


def _condition(described: Mapping[str, Any], parameters: Mapping[str, Any]) -> str | None:
    if "problems" in described:
        return f"code IN ({', '.join(_text_literal(code) for code in described['problems'])})"
    if "where" in described:
        return _with_parameters(str(described["where"]), parameters)
    return None


def _with_parameters(template: str, parameters: Mapping[str, Any]) -> str:
    for name, value in parameters.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def _rule(suite: Mapping[str, Any], described: Mapping[str, Any]) -> Rule:
    parameters = described.get("parameters", {})
    is_problem = "problems" in described
    return Rule(
        id=described["id"],
        title=described["title"],
        level=described["level"],
        table=described["table"],
        message=_with_parameters(described["message"], parameters),
        basis=described["basis"],
        category=suite["category"],
        owner=described.get("owner", suite["owner"]),
        since=described.get("since", suite["since"]),
        condition=_condition(described, parameters),
        expectation=described.get("expectation"),
        row_sql=described.get("row_sql", "_row"),
        field_sql=_place(described),
        related_sql=_related(described),
        seen_sql=f"({described.get('seen', 'seen' if is_problem else 'NULL')})::text",
        expected_sql=f"({_expected(described)})::text",
        told_sql=f"({described.get('told', 'NULL')})::text",
        pledge_sql=described.get("pledge", "pledge_id"),
        tolerance=described.get("tolerance"),
        shadow=described.get("shadow", False),
        waivable=described.get("waivable", described["level"] == "acknowledge"),
        for_office=suite.get("for_office", False),
    )


@cache
def _suites() -> tuple[Mapping[str, Any], ...]:
    paths = sorted(EXPECTATIONS.iterdir())
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the whole catalogue, in the order of its files and rules."""
    return tuple(_rule(suite, described) for suite in _suites() for described in suite["rules"])


@cache
def bounds() -> Mapping[str, str]:
    """Return the bounds that relations read, by name: they are data of the suites."""
    return {name: str(one) for suite in _suites() for name, one in suite.get("bounds", {}).items()}


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
    return digest.hexdigest()[:12]

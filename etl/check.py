"""Check a batch: rules are data, Great Expectations decides, SQL records every offender.

A rule names a relation that `sql/check/` builds from staging (`staging.checked__<table>`), and says
what is wrong in one of three ways: an expectation of Great Expectations, a condition (`where`), or
the codes a reader noted down (`problems`). All three end in one query whose rows are the offenders.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml
from sqlalchemy import Connection, text

from etl.problems import SystemFault
from etl.warehouse import database_url, run_file, sql_text, transaction

EXPECTATIONS = Path(__file__).parent.parent / "expectations"
LEVELS = ("reject_file", "block_pledge", "acknowledge", "inform")
_SEVERITY = {
    "reject_file": "critical",
    "block_pledge": "critical",
    "acknowledge": "warning",
    "inform": "info",
}
# The order matters: later relations read earlier ones.
_RETURN_RELATIONS = (
    "progress",
    "budget_cell",
    "budget_line",
    "budget_year",
    "budget_total",
    "pledge",
    "entry",
    "absence",
)
_REGISTER_RELATIONS = (
    "register_institution",
    "register_term",
    "register_department",
    "register_pledge",
    "register_subproject",
    "register_change",
    "register_window",
)
RELATIONS = ("submission", "problem", *_RETURN_RELATIONS, *_REGISTER_RELATIONS)
# What these find makes everything else that a file says meaningless.
_FORM_GATE = ("submission", "problem")
# Relations that others join: their statistics pay for themselves.
_JOINED = ("submission", "problem", "progress")
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
    tolerance: str | None = None
    shadow: bool = False

    @property
    def relation(self) -> str:
        return f"staging.checked__{self.table}"

    def offenders(self, source: str) -> str:
        """Return the query whose rows are the offenders among the rows of `source`."""
        column = "_column" if self.table in _WITH_COLUMN else "NULL::text"
        sheet = "sheet_name" if self.table in _WITH_SHEET else "NULL::text"
        where = f" WHERE {self.condition}" if self.condition else ""
        return (
            f"SELECT submission_id, _table, {self.row_sql} AS _row, {column} AS _column,"
            f" {sheet} AS sheet_name, {self.field_sql} AS field, pledge_id, row_key,"
            f" {self.related_sql} AS related, {self.seen_sql} AS seen,"
            f" {self.expected_sql} AS expected FROM {source}{where}"
        )


@dataclass
class RuleResult:
    """What one rule did on one batch."""

    rule_id: str
    findings: int
    seconds: float


@dataclass
class CheckRecord:
    """What checking one batch did; `results` has one entry per rule that ran."""

    results: list[RuleResult] = field(default_factory=list)
    findings: int = 0
    import_seconds: float = 0.0


def _text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


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
        expected_sql=f"({described.get('expected', 'expected' if is_problem else 'NULL')})::text",
        tolerance=described.get("tolerance"),
        shadow=described.get("shadow", False),
    )


@cache
def rules() -> tuple[Rule, ...]:
    """Return the whole catalogue, in the order of its files and rules."""
    suites = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(EXPECTATIONS.iterdir())
    ]
    return tuple(_rule(suite, described) for suite in suites for described in suite["rules"])


@cache
def rule_version() -> str:
    """Return the hash of the catalogue and its relations, as recorded on results."""
    digest = hashlib.sha256()
    for path in sorted(EXPECTATIONS.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    for name in RELATIONS:
        digest.update(sql_text(f"check/{name}.sql").encode())
    return digest.hexdigest()[:12]


@contextmanager
def checked_relations(batch_id: int, purpose_forms: Sequence[str]) -> Iterator[Sequence[str]]:
    """Build the relations that rules read, for the forms of one batch; drop them at the end.

    They are real tables, so that Great Expectations sees them from its own connection. The
    caller holds the collector lock: there is one set of them.
    """
    names = ["submission", "problem"]
    if "quarterly_return" in purpose_forms:
        names += _RETURN_RELATIONS
    if "register" in purpose_forms:
        names += _REGISTER_RELATIONS
    try:
        with transaction() as connection:
            _drop_relations(connection)
            connection.execute(
                text("SELECT set_config('gongyak.batch_id', :id, TRUE)"), {"id": str(batch_id)}
            )
            for name in names:
                _build_relation(connection, name)
        yield names
    finally:
        with transaction() as connection:
            _drop_relations(connection)


def _build_relation(connection: Connection, name: str) -> None:
    query = sql_text(f"check/{name}.sql")
    table = f"staging.checked__{name}"
    connection.exec_driver_sql(f"CREATE UNLOGGED TABLE {table} AS {query}".replace("%", "%%"))
    if name in _JOINED:
        connection.exec_driver_sql(f"ANALYZE {table}")


def _drop_relations(connection: Connection) -> None:
    for name in reversed(RELATIONS):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS staging.checked__{name}")


def check_batch(batch_id: int) -> CheckRecord:
    """Check every file of a batch that was read: findings, verdicts and states are written.

    Runs Great Expectations on the batch's relations; `audit.finding` then holds every offender.
    Raises SystemFault when a rule itself is broken: nothing of the batch is judged then.
    """
    with transaction() as connection:
        forms = connection.execute(
            text(
                "SELECT DISTINCT form_code FROM audit.submission"
                " WHERE batch_id = :b AND form_code IS NOT NULL"
            ),
            {"b": batch_id},
        ).scalars().all()  # fmt: skip
    with checked_relations(batch_id, forms) as built:
        relevant = [rule for rule in rules() if rule.table in built]
        record = CheckRecord()
        with transaction() as connection:
            _clear_judgement(connection)
            filled = _filled(connection, built)
            asked = [rule for rule in relevant if rule.table in filled]
            failed = _validate(asked, record)
            for rule, offenders, result in failed:
                _record_offenders(connection, rule, offenders, result)
            form_rules = [rule.id for rule in relevant if rule.table in _FORM_GATE]
            run_file(connection, "check/silence.sql", form_rules=form_rules)
            run_file(connection, "check/acknowledge.sql")
            if "progress" in built:
                run_file(connection, "check/verdicts.sql")
            run_file(connection, "check/settle.sql")
    record.findings = sum(result.findings for result in record.results)
    return record


def _clear_judgement(connection: Connection) -> None:
    for table in ("audit.finding", "audit.pledge_verdict"):
        connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE submission_id IN"
            " (SELECT submission_id FROM staging.checked__submission)"
        )


def _filled(connection: Connection, names: Sequence[str]) -> set[str]:
    found = set()
    for name in names:
        query = f"SELECT EXISTS (SELECT 1 FROM staging.checked__{name})"
        if connection.exec_driver_sql(query).scalar():
            found.add(name)
    return found


def _record_offenders(
    connection: Connection, rule: Rule, offenders: str, result: RuleResult
) -> None:
    started = perf_counter()
    statement = sql_text("check/record_findings.sql").format(offenders=_bindable(offenders))
    written = connection.execute(
        text(statement),
        {"rule_id": rule.id, "level": rule.level, "is_shadow": rule.shadow,
         "message": rule.message},
    )  # fmt: skip
    result.findings = written.rowcount
    result.seconds += perf_counter() - started
    if not written.rowcount:
        raise SystemFault(
            f"규칙 {rule.id}이(가) 위반을 알렸지만 위반한 행이 없습니다.",
            "이 묶음의 점검 결과는 하나도 저장되지 않았습니다.",
            "expectations/의 규칙을 고친 뒤 다시 실행하십시오.",
        )


def _bindable(query: str) -> str:
    # SQLAlchemy reads :name as a parameter; a cast (::) is left alone by it.
    import re

    return re.sub(r"(?<!:):(?=[A-Za-z_])", r"\\:", query)


def _quiet_libraries() -> None:
    # The level must be set before the import: afterwards Great Expectations overrides it.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="great_expectations")


Failed = tuple[Rule, str, RuleResult]


def _validate(asked: Sequence[Rule], record: CheckRecord) -> list[Failed]:
    """Run the rules in Great Expectations; return those that found something, with their query."""
    if not asked:
        return []
    started = perf_counter()
    _quiet_libraries()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    record.import_seconds = perf_counter() - started
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    url = database_url(driver="psycopg2").render_as_string(hide_password=False)
    source = context.data_sources.add_postgres(
        "warehouse", connection_string=url.replace("$", "\\$")
    )
    failed: list[Failed] = []
    try:
        for table in dict.fromkeys(rule.table for rule in asked):
            failed += _validate_table(source, [r for r in asked if r.table == table], record)
    finally:
        source.get_execution_engine().engine.dispose()
    return failed


def _validate_table(source: Any, asked: Sequence[Rule], record: CheckRecord) -> list[Failed]:
    import great_expectations as gx

    table = f"checked__{asked[0].table}"
    asset = source.add_table_asset(table, table_name=table, schema_name="staging")
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    suite = gx.ExpectationSuite(
        name=table, expectations=[_expectation(gx.expectations, rule) for rule in asked]
    )
    started = perf_counter()
    outcome = batch.validate(
        suite,
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["submission_id"],
            "partial_unexpected_count": 0,
        },
    )
    seconds = (perf_counter() - started) / len(asked)
    by_id = {rule.id: rule for rule in asked}
    failed: list[Failed] = []
    for answer in outcome.results:
        rule = by_id[answer.expectation_config.meta["rule_id"]]
        result = RuleResult(rule.id, 0, seconds)
        record.results.append(result)
        _raise_if_broken(rule, answer)
        if not answer.success:
            failed.append((rule, _offenders_of(rule, answer), result))
    return failed


def _expectation(catalogue: Any, rule: Rule) -> Any:
    meta = {"rule_id": rule.id, "message": rule.message, "basis": rule.basis}
    severity = _SEVERITY[rule.level]
    if rule.expectation is None:
        return catalogue.UnexpectedRowsExpectation(
            unexpected_rows_query=rule.offenders("{batch}"),
            description=rule.title,
            meta=meta,
            severity=severity,
        )
    arguments = {k: v for k, v in rule.expectation.items() if k != "type"}
    return getattr(catalogue, rule.expectation["type"])(meta=meta, severity=severity, **arguments)


def _offenders_of(rule: Rule, answer: Any) -> str:
    if rule.expectation is None:
        return rule.offenders(rule.relation)
    # The rows are those that Great Expectations itself says broke the expectation.
    found = str(answer.result["unexpected_index_query"]).strip().rstrip(";")
    where = found.split(" WHERE ", 1)[1] if " WHERE " in found else found.split("\nWHERE ", 1)[1]
    return rule.offenders(f"{rule.relation} WHERE {where}")


def _raise_if_broken(rule: Rule, answer: Any) -> None:
    trouble = answer.exception_info or {}
    raised = trouble.get("raised_exception")
    if not raised:
        for detail in trouble.values():
            if isinstance(detail, dict) and detail.get("raised_exception"):
                raised, trouble = True, detail
    if raised:
        raise SystemFault(
            f"규칙 {rule.id}을(를) 실행하지 못했습니다({trouble.get('exception_message')}).",
            "이 묶음의 점검 결과는 하나도 저장되지 않았습니다.",
            "expectations/의 규칙을 고친 뒤 다시 실행하십시오.",
        )

"""Judge a batch: every offender is recorded, and files and pledges get their verdict."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from time import perf_counter
from typing import Literal

from sqlalchemy import Connection, text

from etl import __version__
from etl.check.catalogue import FORM_GATE, Rule, rule_version, rules
from etl.check.messages import message_sql
from etl.check.relations import (
    Built,
    checked_relations,
    filled,
    look_at,
    refilled_relations,
)
from etl.check.validation import CheckRecord, RuleResult, validate
from etl.form import form_version
from etl.problems import OutageError, SystemFault
from etl.warehouse import run_as_it_is, run_file, sql_text, transaction, values_of

Judge = Literal["great_expectations", "own_queries", "decisions"]
"""Who finds what breaks a rule.

Great Expectations; or the rules' own queries, which find the same, for what is only tried and need
not wait until Great Expectations is loaded; or those of the rules alone that can stop something,
for doing again what was done in a warehouse that nobody shares.
"""


def check_batch(
    batch_id: int,
    at: datetime,
    *,
    by: Judge = "great_expectations",
    noting: Callable[[Connection], None] | None = None,
) -> CheckRecord:
    """Check every file of a batch that was read: findings, verdicts and states are written.

    Runs Great Expectations on the batch's relations; `audit.finding` then holds every offender, and
    each file the versions of rules, forms and code it was judged with. All of it holds from the
    moment `at`.
    Raises SystemFault when a rule itself is broken: nothing of the batch is judged then.

    `noting` is called in the transaction that judges.
    """
    record = CheckRecord()
    relations = refilled_relations if by == "decisions" else checked_relations
    with relations(batch_id, _forms_of(batch_id)) as built, transaction() as connection:
        _judge(connection, built, at, record, by)
        _record_run(connection, batch_id, record)
        if noting:
            noting(connection)
    record.findings = sum(result.findings for result in record.results)
    return record


class _TakenBackError(Exception):
    """Rolls a trial back."""


def fault_in(batch_id: int, at: datetime, submission_ids: Sequence[int]) -> Exception | None:
    """Try to judge some files of a batch; return what that raised. Nothing of it stays.

    Raises OutageError where the database is away.
    """
    forms = _forms_of(batch_id)
    try:
        with (
            checked_relations(batch_id, forms, submission_ids) as built,
            transaction() as connection,
        ):
            _judge(connection, built, at, CheckRecord(), "own_queries")
            raise _TakenBackError
    except _TakenBackError:
        return None
    except OutageError:
        raise
    except Exception as error:
        return error


def _forms_of(batch_id: int) -> Sequence[str]:
    return values_of(
        "SELECT DISTINCT form_code FROM audit.submission"
        " WHERE batch_id = :b AND form_code IS NOT NULL",
        b=batch_id,
    )


def _judge(
    connection: Connection,
    built: Built,
    at: datetime,
    record: CheckRecord,
    by: Judge,
) -> None:
    """Write findings, verdicts and states of the files in the relations that were built."""
    relevant = [rule for rule in rules() if rule.table in built.names]
    look_at(connection, built.schema)
    _clear_judgement(connection)
    if by == "decisions":
        broken = _broken(connection, [rule for rule in relevant if rule.decides])
        _ask(connection, broken, at, record)
    elif by == "own_queries":
        # Every rule whole: one that is broken itself fails whatever it reads.
        _ask(connection, relevant, at, record)
    else:
        with_rows = filled(connection, built.names)
        asked = [rule for rule in relevant if rule.table in with_rows]
        _validate(connection, built.schema, asked, at, record)
    form_rules = [rule.id for rule in relevant if rule.table in FORM_GATE]
    run_file(connection, "check/steps/silence.sql", form_rules=form_rules)
    run_file(connection, "check/steps/acknowledge.sql")
    holding = [rule.id for rule in rules() if rule.waivable and rule.level != "inform"]
    run_file(connection, "check/steps/waive.sql", waivable=holding)
    if "progress" in built.names:
        run_file(connection, "check/steps/verdicts.sql", recorded_at=at)
    run_file(
        connection,
        "check/steps/settle.sql",
        checked_at=at,
        rule_version=rule_version(),
        form_version=form_version(),
        code_version=__version__,
    )


def _record_run(connection: Connection, batch_id: int, record: CheckRecord) -> None:
    connection.execute(text("DELETE FROM audit.rule_run WHERE batch_id = :b"), {"b": batch_id})
    if record.results:
        connection.execute(
            text("INSERT INTO audit.rule_run (batch_id, rule_id, finding_count, seconds)"
                 " VALUES (:b, :rule, :findings, :seconds)"),
            [{"b": batch_id, "rule": result.rule_id, "findings": result.findings,
              "seconds": round(result.seconds, 6)} for result in record.results],
        )  # fmt: skip


def _clear_judgement(connection: Connection) -> None:
    """Forget what an earlier run of this batch found: it broke off, and nobody relied on it."""
    own = "WHERE submission_id IN (SELECT submission_id FROM checked__submission)"
    connection.exec_driver_sql(
        f"WITH finding AS (DELETE FROM audit.finding {own}),"
        f" verdict AS (DELETE FROM audit.pledge_verdict {own})"
        f" DELETE FROM audit.former_judgement {own}"
    )


def _broken(connection: Connection, asked: Sequence[Rule]) -> Sequence[Rule]:
    """Return the rules whose own queries find an offender, all asked for at once."""
    query = _asking_all(tuple(rule.id for rule in asked))
    found = set(run_as_it_is(connection, query).scalars())
    return [rule for rule in asked if rule.id in found]


@cache
def _asking_all(rule_ids: tuple[str, ...]) -> str:
    return " UNION ALL ".join(
        f"SELECT '{rule.id}' WHERE EXISTS ({rule.own_query})"
        for rule in rules()
        if rule.id in rule_ids
    )


def _record_offenders(connection: Connection, rule: Rule, result: RuleResult, at: datetime) -> None:
    started = perf_counter()
    message, parameters = message_sql(rule.message)
    statement = sql_text("check/steps/record_findings.sql").format(
        offenders=_bindable(rule.own_query), message=message
    )
    written = connection.execute(
        text(statement),
        {
            "rule_id": rule.id,
            "level": rule.level,
            "is_shadow": rule.shadow,
            "recorded_at": at,
            **parameters,
        },
    )
    result.findings = written.rowcount
    result.seconds += perf_counter() - started


def _ask(connection: Connection, asked: Sequence[Rule], at: datetime, record: CheckRecord) -> None:
    for rule in asked:
        result = RuleResult(rule.id, 0, 0.0)
        _record_offenders(connection, rule, result, at)
        record.results.append(result)


def _validate(
    connection: Connection, schema: str, asked: Sequence[Rule], at: datetime, record: CheckRecord
) -> None:
    for rule, counted, result in validate(asked, schema, record):
        _record_offenders(connection, rule, result, at)
        if result.findings != counted:
            raise SystemFault(
                f"규칙 {rule.id}의 위반이 {counted}행인데 찾은 행은 {result.findings}행입니다.",
                "이 묶음의 점검 결과는 하나도 저장되지 않았습니다.",
                "expectations/의 규칙을 고친 뒤 다시 실행하십시오.",
            )


def _bindable(query: str) -> str:
    # SQLAlchemy reads :name as a parameter; a cast (::) is left alone by it.
    return re.sub(r"(?<!:):(?=[A-Za-z_])", r"\\:", query)

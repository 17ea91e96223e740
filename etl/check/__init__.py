"""Check a batch: rules are data, Great Expectations decides, SQL records every offender.

`catalogue.py` reads the rules, `validation.py` runs them; here the relations they read are built,
every offender is recorded, and files and pledges get their verdict.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, text

from etl import __version__
from etl.check.catalogue import (
    FORM_GATE,
    GATE_RELATIONS,
    JOINED,
    LEVELS,
    REGISTER_RELATIONS,
    RELATIONS,
    RETURN_RELATIONS,
    Rule,
    bounds,
    office_rules,
    rule_version,
    rules,
)
from etl.check.data_docs import data_docs
from etl.check.messages import message_sql
from etl.check.page import rules_page
from etl.check.validation import CheckRecord, RuleResult, validate
from etl.form import field_names, form, form_version
from etl.problems import OutageError, SystemFault
from etl.warehouse import at_work, left_alone, run_file, sql_text, transaction, values_of


@contextmanager
def checked_relations(
    batch_id: int, purpose_forms: Sequence[str], only: Sequence[int] | None = None
) -> Iterator[tuple[str, Sequence[str]]]:
    """Build the relations that rules read, for the forms of one batch; drop them at the end.

    Yields the schema of the batch's own where they lie, and their names. `only` leaves all but
    these files of the batch out. They are real tables, so that Great Expectations sees them from
    its own connection.
    """
    names = [*GATE_RELATIONS]
    if not {"quarterly_return", "pledge_card"}.isdisjoint(purpose_forms):
        names += RETURN_RELATIONS
    if "register" in purpose_forms:
        names += REGISTER_RELATIONS
    schema = f"{_SCHEMA}{batch_id}"
    with at_work(batch_id):
        try:
            with transaction() as connection:
                _sweep(connection)
                _drop(connection, schema)
                connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
                look_at(connection, schema)
                _tell_relations(connection, batch_id, only)
                for name in names:
                    _build_relation(connection, name)
            yield schema, names
        finally:
            with transaction() as connection:
                _drop(connection, schema)


_SCHEMA = "checking_"


def look_at(connection: Connection, schema: str) -> None:
    """Let a transaction find the relations of a batch by their names alone."""
    connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")


def _sweep(connection: Connection) -> None:
    """Drop the relations of batches whose run was killed."""
    query = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE :like")
    found = connection.execute(query, {"like": f"{_SCHEMA}%"}).scalars()
    batches = [int(name.removeprefix(_SCHEMA)) for name in found]
    for batch_id in left_alone(connection, batches):
        _drop(connection, f"{_SCHEMA}{batch_id}")


def _drop(connection: Connection, schema: str) -> None:
    connection.exec_driver_sql("SET LOCAL client_min_messages = warning")  # of what goes with it
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def _tell_relations(connection: Connection, batch_id: int, only: Sequence[int] | None) -> None:
    """Give the relations what they cannot read from a table: the batch, and the known rules."""
    told = {
        "batch_id": str(batch_id),
        "submission_ids": "all" if only is None else ",".join(map(str, only)),
        "rule_ids": ",".join(rule.id for rule in rules()),
        "waivable_rule_ids": ",".join(rule.id for rule in rules() if rule.waivable),
        **bounds(),
        "field_names": json.dumps(field_names(), ensure_ascii=False),
        "register_sheets": json.dumps(_register_sheets(), ensure_ascii=False),
    }
    for name, value in told.items():
        connection.execute(
            text("SELECT set_config(:name, :value, TRUE)"),
            {"name": f"gongyak.{name}", "value": value},
        )


def _register_sheets() -> list[dict[str, Any]]:
    """Return the sheets that a register must have, and the columns that each must have."""
    needed = [table for table in form("register").tables if table.required]
    return [
        {
            "number": number,
            "code": table.code,
            "sheet": table.sheet,
            "columns": ", ".join(field.header for field in table.fields if field.required),
        }
        for number, table in enumerate(needed)
    ]


def _build_relation(connection: Connection, name: str) -> None:
    query = sql_text(f"check/relations/{name}.sql")
    table = f"checked__{name}"
    connection.exec_driver_sql(f"CREATE UNLOGGED TABLE {table} AS {query}".replace("%", "%%"))
    if name in JOINED:
        connection.exec_driver_sql(f"ANALYZE {table}")


def check_batch(
    batch_id: int,
    at: datetime,
    *,
    only_verdicts: bool = False,
    noting: Callable[[Connection], None] | None = None,
) -> CheckRecord:
    """Check every file of a batch that was read: findings, verdicts and states are written.

    Runs Great Expectations on the batch's relations; `audit.finding` then holds every offender, and
    each file the versions of rules, forms and code it was judged with. All of it holds from the
    moment `at`.
    Raises SystemFault when a rule itself is broken: nothing of the batch is judged then.

    `only_verdicts` is for doing again what was done: rules that can stop nothing are left out, and
    the others run their own queries, which find what Great Expectations finds. `noting` is called
    in the transaction that judges.
    """
    record = CheckRecord()
    with checked_relations(batch_id, _forms_of(batch_id)) as built, transaction() as connection:
        _judge(connection, *built, at, record, only_verdicts=only_verdicts)
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
            _judge(connection, *built, at, CheckRecord(), only_verdicts=False, own_queries=True)
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
    schema: str,
    built: Sequence[str],
    at: datetime,
    record: CheckRecord,
    *,
    only_verdicts: bool,
    own_queries: bool = False,
) -> None:
    """Write findings, verdicts and states of the files in the relations that were built."""
    relevant = [
        rule for rule in rules() if rule.table in built and (rule.decides or not only_verdicts)
    ]
    look_at(connection, schema)
    _clear_judgement(connection)
    filled = _filled(connection, built)
    # A trial runs every rule: one that is broken fails whatever it reads.
    asked = [rule for rule in relevant if own_queries or rule.table in filled]
    if only_verdicts or own_queries:
        for rule in asked:
            _record_offenders(connection, rule, RuleResult(rule.id, 0, 0.0), at)
    else:
        _validate(connection, schema, asked, at, record)
    form_rules = [rule.id for rule in relevant if rule.table in FORM_GATE]
    run_file(connection, "check/steps/silence.sql", form_rules=form_rules)
    run_file(connection, "check/steps/acknowledge.sql")
    holding = [rule.id for rule in rules() if rule.waivable and rule.level != "inform"]
    run_file(connection, "check/steps/waive.sql", waivable=holding)
    if "progress" in built:
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
    for table in ("audit.finding", "audit.pledge_verdict", "audit.former_judgement"):
        connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE submission_id IN"
            " (SELECT submission_id FROM checked__submission)"
        )


def _filled(connection: Connection, names: Sequence[str]) -> set[str]:
    query = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM checked__{name})" for name in names
    )
    return set(connection.exec_driver_sql(query).scalars())


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

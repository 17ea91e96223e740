"""Great Expectations decides: the rules of a batch run on its relations in PostgreSQL."""

import logging
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from time import perf_counter
from typing import Any

from sqlalchemy import event

from etl.check.catalogue import Rule
from etl.problems import SystemFault
from etl.warehouse import database_url, outage_of

_RULE_MARK = re.compile(r"/\* rule (\S+) \*/")
_SEVERITY = {
    "reject_file": "critical",
    "block_pledge": "critical",
    "acknowledge": "warning",
    "inform": "info",
}


@dataclass
class RuleResult:
    """What one rule did on one batch."""

    rule_id: str
    findings: int
    seconds: float


@dataclass
class CheckRecord:
    """What checking one batch did; `results` has one entry per rule that ran.

    `outcomes` holds what Great Expectations said, one validation result per relation.
    """

    results: list[RuleResult] = field(default_factory=list)
    findings: int = 0
    import_seconds: float = 0.0
    outcomes: list[Any] = field(default_factory=list)


Failed = tuple[Rule, int, RuleResult]


def validate(asked: Sequence[Rule], schema: str, record: CheckRecord) -> list[Failed]:
    """Run the rules in Great Expectations; return those that are broken, with how often.

    Their relations lie in `schema`.
    """
    if not asked:
        return []
    started = perf_counter()
    source = _source(database_url(driver="psycopg2").render_as_string(hide_password=False))
    record.import_seconds = perf_counter() - started
    engine = source.get_execution_engine().engine
    failed: list[Failed] = []
    # The second engine looks for the tables.
    with (
        _seeing(schema, engine, source.get_engine()),
        _timed(engine) as seconds,
        _overheard(engine) as errors,
    ):
        for table in dict.fromkeys(rule.table for rule in asked):
            of_table = [rule for rule in asked if rule.table == table]
            failed += _validate_table(source, of_table, record, seconds, errors)
    return failed


@cache
def load_expectations() -> Any:
    """Return Great Expectations, which takes seconds to load, with its log kept to warnings."""
    # The level must be set before the import: afterwards Great Expectations overrides it.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="great_expectations")
    import great_expectations as gx

    return gx


@lru_cache(maxsize=1)  # of two contexts Great Expectations only knows the later one
def _source(url: str) -> Any:
    """Return the database of a URL as Great Expectations knows it, in a context of its own."""
    gx = load_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_postgres("warehouse", connection_string=url.replace("$", "\\$"))


@contextmanager
def _seeing(schema: str, *engines: Any) -> Iterator[None]:
    """Let new connections of engines find the tables of a schema by their names alone.

    What Great Expectations knows of a table in one batch then holds for every other.
    """

    def connected(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {schema}")
        connection.commit()

    for engine in engines:
        event.listen(engine, "connect", connected)
        engine.dispose()  # of what was connected before
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "connect", connected)
            engine.dispose()


@contextmanager
def _timed(engine: Any) -> Iterator[Mapping[str, float]]:
    """Add up the seconds of every statement of `engine` under the id of the rule it names."""
    seconds: dict[str, float] = defaultdict(float)
    started: list[float] = []

    def before(*_: Any) -> None:
        started.append(perf_counter())

    def after(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        took = perf_counter() - started.pop()
        named = _RULE_MARK.search(statement)
        seconds[named[1] if named else ""] += took

    heard = {"before_cursor_execute": before, "after_cursor_execute": after}
    for name, told in heard.items():
        event.listen(engine, name, told)
    try:
        yield seconds
    finally:
        for name, told in heard.items():
            event.remove(engine, name, told)


@contextmanager
def _overheard(engine: Any) -> Iterator[Sequence[Exception]]:
    """Gather the database's errors, of which Great Expectations only tells in its own words."""
    errors: list[Exception] = []

    def heard(context: Any) -> None:
        errors.append(context.sqlalchemy_exception or context.original_exception)

    event.listen(engine, "handle_error", heard)
    try:
        yield errors
    finally:
        event.remove(engine, "handle_error", heard)


def _whole(source: Any, table: str) -> Any:
    """Return a relation as one batch; a process that checked before knows it already."""
    known = next((asset for asset in source.assets if asset.name == table), None)
    if known is not None:
        return known.get_batch_definition("whole").get_batch()
    asset = source.add_table_asset(table, table_name=table)
    return asset.add_batch_definition_whole_table("whole").get_batch()


def _validate_table(
    source: Any,
    asked: Sequence[Rule],
    record: CheckRecord,
    seconds: Mapping[str, float],
    errors: Sequence[Exception],
) -> list[Failed]:
    gx = load_expectations()
    table = f"checked__{asked[0].table}"
    batch = _whole(source, table)
    suite = gx.ExpectationSuite(name=table, expectations=[_expectation(rule) for rule in asked])
    unnamed_before = seconds.get("", 0.0)
    outcome = batch.validate(
        suite,
        result_format={"result_format": "COMPLETE", "partial_unexpected_count": 0},
    )
    record.outcomes.append(outcome)
    # Native expectations share statements that name no rule.
    native = [rule for rule in asked if rule.expectation]
    share = (seconds.get("", 0.0) - unnamed_before) / max(len(native), 1)
    by_id = {rule.id: rule for rule in asked}
    failed: list[Failed] = []
    for answer in outcome.results:
        rule = by_id[answer.expectation_config.meta["rule_id"]]
        result = RuleResult(rule.id, 0, share if rule.expectation else seconds.get(rule.id, 0.0))
        record.results.append(result)
        _raise_if_broken(rule, answer, errors)
        if not answer.success:
            counted = answer.result["unexpected_count" if rule.expectation else "observed_value"]
            failed.append((rule, counted, result))
    return failed


@cache
def _no_offenders() -> Any:
    """Return the expectation of a rule that is a query: Great Expectations' own, but counting only.

    Its own asks every query a second time for rows that no page shows, and works out thirty times
    a run what it is itself told.
    """
    its_own: Any = load_expectations().expectations.UnexpectedRowsExpectation
    from great_expectations.compatibility import pydantic

    class NoOffenders(its_own):  # type: ignore[misc]
        metric_dependencies = ("unexpected_rows_query.row_count",)
        _told: Any = pydantic.PrivateAttr(default=None)

        @property
        def configuration(self) -> Any:
            if self._told is None:
                self._told = super().configuration
            return self._told

        def _validate(self, metrics: Mapping[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
            counted = metrics["unexpected_rows_query.row_count"]
            return {"success": counted == 0, "result": {"observed_value": counted}}

    return NoOffenders


def _expectation(rule: Rule) -> Any:
    meta = {
        "rule_id": rule.id,
        "message": rule.shown_message,
        "basis": rule.basis,
        "page": f"rules.html#{rule.id}",
    }
    severity = _SEVERITY[rule.level]
    if rule.expectation is None:
        return _no_offenders()(
            unexpected_rows_query=f"{rule.offenders('{batch}')} /* rule {rule.id} */",
            description=f"{rule.id} {rule.title}",
            meta=meta,
            severity=severity,
        )
    arguments = {k: v for k, v in rule.expectation.items() if k != "type"}
    catalogue = load_expectations().expectations
    return getattr(catalogue, rule.expectation["type"])(meta=meta, severity=severity, **arguments)


def _raise_if_broken(rule: Rule, answer: Any, errors: Sequence[Exception]) -> None:
    trouble = answer.exception_info or {}
    raised = trouble.get("raised_exception")
    if not raised:
        for detail in trouble.values():
            if isinstance(detail, dict) and detail.get("raised_exception"):
                raised, trouble = True, detail
    if raised:
        for error in errors:
            if outage := outage_of(error):
                raise outage from error
        said = getattr(errors[-1], "orig", errors[-1]) if errors else trouble["exception_message"]
        raise SystemFault(
            f"규칙 {rule.id}을(를) 실행하지 못했습니다({str(said).strip()}).",
            "이 묶음의 점검 결과는 하나도 저장되지 않았습니다.",
            "expectations/의 규칙을 고친 뒤 다시 실행하십시오.",
        )

"""A warehouse as an earlier release left it: what undoes each migration, newest first."""

from collections.abc import Iterator

from etl.warehouse.migrations import known

_DROP_VIEWS = (
    "DROP VIEW mart.finding_trend, mart.release, mart.released_narrative, mart.released_subproject,"
    " mart.released_attachment, core.report_attachment, mart.release_change,"
    " mart.release_pledge_change, mart.figure_comparison, mart.figure_evidence, mart.set_figure,"
    " mart.report_change, mart.code"
)
_JUDGED = ("audit.finding", "audit.pledge_verdict")


def back_to(version: str) -> Iterator[str]:
    """Yield the statements that leave the schema as `version` had it; the next run migrates it."""
    yield _DROP_VIEWS
    yield "DROP FUNCTION core.waiver_covering"
    for migration in known()[: known().index(version)]:
        yield from _UNDONE[migration]
    yield f"UPDATE alembic_version SET version_num = '{version}'"
    yield "UPDATE audit.schema_content SET content_hash = 'old'"


def _without_names() -> Iterator[str]:
    added = {
        "computed_quarter": [], "status_count": [], "implementation_rate": [],
        "budget_execution": [], "released_figure": [], "released_pledge": ["due_name"],
        "pledge_status": ["due_name", "novelty_name", "actor_name", "delivery_name",
                          "budget_class_name", "decision_name"],
        "pledge_budget": ["pledge_name", "field_name", "funding_source_name"],
        "missing_report": ["field_name"], "denominator_history": ["field_name"],
        "waived_finding": ["department_name", "pledge_name", "field_name"],
        "published_figure": [],
    }  # fmt: skip
    for table, names in added.items():
        yield f"ALTER TABLE mart.{table} " + ", ".join(
            f"DROP COLUMN {name}" for name in ("government_name", *names)
        )
    for table in ("pledge_status", "released_pledge"):
        for kind in ("plan", "secured", "executed"):
            yield f"ALTER TABLE mart.{table} RENAME pledge_{kind}_krw TO {kind}_krw"


_UNDONE = {
    "0029": [
        "DROP TABLE staging.quarterly_return__attachment, staging.attachment__picture,"
        " core.attachment, core.attachment_file, mart.pledge_attachment",
    ],
    "0028": [
        "DROP TABLE staging.quarterly_return__subproject, core.fct_quarterly_subproject,"
        " mart.subproject_status CASCADE",
        "ALTER TABLE staging.quarterly_return__progress"
        " DROP COLUMN grade, DROP COLUMN grade_raw, DROP COLUMN grade_kind",
        "ALTER TABLE core.fct_quarterly_progress DROP COLUMN grade_code",
        *(
            f"ALTER TABLE mart.{t} DROP COLUMN grade_code, DROP COLUMN grade_name"
            for t in ("pledge_status", "released_pledge")
        ),
        "ALTER TABLE core.measure DROP COLUMN is_silent_when_empty",
    ],
    "0027": ["DROP TABLE staging.register__status_word, core.status_word"],
    "0026": [],
    "0025": [*_without_names()],
    "0024": [
        "DROP TABLE mart.pledge_narrative",
        "ALTER TABLE audit.release DROP COLUMN says_words",
    ],
    "0023": [
        "DROP TABLE staging.register__published, core.published_figure, mart.published_figure"
    ],
    "0022": ["DROP TABLE audit.erasure"],
    "0021": ["DROP TABLE audit.recognised_file"],
    "0020": ["DROP TABLE audit.retraction"],
    "0019": ["DROP TABLE audit.mail"],
    "0018": [
        "DROP TABLE restricted.department_officer, restricted.upload",
        "DROP INDEX audit.submission_source_uri",
    ],
    "0017": [],
    "0016": [
        "DROP TABLE audit.former_judgement",
        *(f"ALTER TABLE {t} DROP COLUMN recorded_at, DROP COLUMN superseded_at" for t in _JUDGED),
        "ALTER TABLE audit.pledge_verdict ADD PRIMARY KEY (submission_id, pledge_id)",
    ],
}

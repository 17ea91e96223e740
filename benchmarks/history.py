"""What sixteen quarters of history cost: refreshing one quarter, and asking the marts.

    .venv/bin/python -m benchmarks.history [GOVERNMENTS]       # default 20, of 88 pledges each

Two warehouses hold the same governments, one with the reports of the last quarter only, one with
those of all 16 quarters of a term. Reports are made up and inserted set-based straight into core,
as the loader leaves them: files, staging and findings play no part in what is timed. In both the
last quarter of one government is refreshed. In the second the marts of one government's 16 quarters
are computed and copied to the others under their own codes; then queries of docs/analysts.md run
warm, as the analyst role. Times are of one run: compare them with each other.
"""

import sys
import time
from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.quarter import home
from etl.figures import refresh
from etl.figures.pledges import QuarterAsOf
from etl.pipeline import trace
from etl.quarter import SEOUL, Quarter
from etl.warehouse import analyst_query, dictionary, transaction

PLEDGES = 88
LAST = Quarter(2022, 2)
QUARTERS = 16
AS_OF = datetime(2030, 1, 1, tzinfo=SEOUL)
# Government 1 is the one that is refreshed; the others only make the tables as long as they are.
_HISTORY = (
    """
    INSERT INTO audit.batch (purpose, started_at, code_version, rule_version, form_version)
    VALUES ('register', '2018-07-02', '0', '0', '0')
    """,
    """
    INSERT INTO audit.submission (
        batch_id, file_name, source_uri, sha256, byte_count, received_at, form_code, state
    )
    SELECT MAX(batch_id), 'a.xlsx', 'a.xlsx', '0', 1, '2018-07-02', 'register', 'loaded'
    FROM audit.batch
    """,
    """
    INSERT INTO core.dim_government (
        government_id, government_name, government_kind, government_class, recorded_at,
        _submission_id, _row
    )
    SELECT 'G' || g, '기관 ' || g, '자치구', 'DISTRICT', '2018-07-02', 1, 2
    FROM GENERATE_SERIES(1, :governments) AS g
    """,
    """
    INSERT INTO core.dim_term (
        government_id, term_number, start_date, end_date, recorded_at, _submission_id, _row
    )
    SELECT 'G' || g, 7, '2018-07-01', '2022-06-30', '2018-07-02', 1, 2
    FROM GENERATE_SERIES(1, :governments) AS g
    """,
    """
    INSERT INTO core.dim_department (
        government_id, department_code, department_name, valid_from, recorded_at,
        _submission_id, _row
    )
    SELECT 'G' || g, 'D' || d, '부서 ' || d, '2018-07-01', '2018-07-02', 1, 2
    FROM GENERATE_SERIES(1, :governments) AS g, GENERATE_SERIES(0, 24) AS d
    """,
    """
    INSERT INTO core.dim_pledge (
        government_id, term_number, pledge_id, valid_from, pledge_name, field_name,
        department_codes, due_code, confirmed_date, recorded_at, _submission_id, _row
    )
    SELECT
        'G' || g, 7, 'P' || p, '2018-07-01', '공약 ' || p, '분야' || p % 7,
        ARRAY['D' || p % 25], 'IN_TERM', '2018-07-01', '2018-07-02', 1, p
    FROM GENERATE_SERIES(1, :governments) AS g, GENERATE_SERIES(1, :pledges) AS p
    """,
    # From the third year on one pledge a quarter is merged into the first.
    """
    INSERT INTO core.pledge_change (
        government_id, term_number, pledge_id, change_date, change_code, after_text, reason,
        approver, recorded_at, _submission_id, _row
    )
    SELECT
        'G' || g, 7, 'P' || (n + 80), MAKE_DATE(2020, 7, 15) + n * 91, 'MERGED', 'P1', '중복',
        '공약이행평가단', '2018-07-02', 1, n
    FROM GENERATE_SERIES(1, :governments) AS g, GENERATE_SERIES(1, 7) AS n
    """,
    """
    INSERT INTO core.pledge_report (
        government_id, term_number, pledge_id, quarter_id, version, submission_id, received_at,
        accepted_at, is_late
    )
    SELECT
        'G' || g, 7, 'P' || p, core.quarter_before('2022Q2', q), 1, 1,
        core.quarter_last_day(core.quarter_before('2022Q2', q)) + 8,
        core.quarter_last_day(core.quarter_before('2022Q2', q)) + 8, FALSE
    FROM
        GENERATE_SERIES(0, :history - 1) AS q,
        GENERATE_SERIES(1, :governments) AS g,
        GENERATE_SERIES(1, :pledges) AS p
    """,
    """
    INSERT INTO core.fct_quarterly_progress (
        report_id, status_code, declared_rate_pct, is_target_met, _table, _row
    )
    SELECT report_id, 'ON_TRACK', report_id % 101, report_id % 2 = 0, 1, report_id
    FROM core.pledge_report
    """,
    """
    INSERT INTO core.fct_quarterly_budget (
        report_id, subproject_name, funding_source_label, funding_source_code, fiscal_year,
        first_year, last_year, plan_krw, secured_krw, executed_krw, is_secured_label, _table, _row
    )
    SELECT
        report.report_id, '본사업', source.code, source.code, CAST(y AS text), y, y,
        1000000 * (report.report_id % 900 + 100), 1000000 * (report.report_id % 900 + 100),
        1000000 * (report.report_id % 100), TRUE, 2, 3 * report.report_id + source.number
    FROM
        core.pledge_report AS report,
        (VALUES (0, 'OWN'), (1, 'NATIONAL'), (2, 'UPPER')) AS source (number, code),
        GENERATE_SERIES(2018, 2022) AS y
    """,
    # The cells of government 1, for what stands behind its figures.
    """
    INSERT INTO audit.submission_table (
        submission_id, table_no, table_code, sheet_name, header_row, columns, row_count
    )
    VALUES
    (1, 1, 'progress', '공약현황', 1, '{"status": "C", "rate": "D", "target": "E"}', 0),
    (1, 2, 'budget', '예산', 1, '{}', 0)
    """,
    """
    INSERT INTO staging.quarterly_return__progress (
        submission_id, _table, _row, pledge_id, status, status_raw, status_kind, rate, rate_raw,
        rate_kind, target, target_raw, target_kind, due_kind, due_year_kind
    )
    SELECT
        1, 1, progress._row, report.pledge_id, '정상추진', '정상추진', 'value',
        progress.declared_rate_pct, CAST(progress.declared_rate_pct AS text), 'value',
        '달성', '달성', 'value', 'blank', 'blank'
    FROM core.pledge_report AS report
    INNER JOIN core.fct_quarterly_progress AS progress USING (report_id)
    WHERE report.government_id = 'G1'
    """,
    """
    INSERT INTO staging.quarterly_return__budget (
        submission_id, _table, _row, _column, field, pledge_id, subproject_name, source, is_total,
        fiscal_year, measure, amount, amount_raw, amount_kind
    )
    SELECT
        1, 2, budget._row, CHR(65 + 2 * (budget.first_year - 2018) + amount.number),
        budget.fiscal_year || '.' || amount.measure, report.pledge_id, budget.subproject_name,
        budget.funding_source_label, FALSE, budget.fiscal_year, amount.measure, amount.won,
        CAST(amount.won / 1000000 AS text), 'value'
    FROM core.pledge_report AS report
    INNER JOIN core.fct_quarterly_budget AS budget USING (report_id)
    CROSS JOIN
        LATERAL (
            VALUES (0, 'secured', budget.secured_krw), (1, 'executed', budget.executed_krw)
        ) AS amount (number, measure, won)
    WHERE report.government_id = 'G1'
    """,
)
_QUERIES = {
    "R1 by field": "SELECT scope_name, shown, numerator, denominator, coverage_pct"
    " FROM mart.implementation_rate WHERE government_id = 'G1' AND quarter_id = '2022Q2'"
    " AND figure_code = 'R1' AND scope_type = 'field' ORDER BY numerator / denominator",
    "money by source": "SELECT funding_source_code, SUM(plan_krw), SUM(secured_krw),"
    " SUM(executed_krw) FROM mart.pledge_budget WHERE government_id = 'G1'"
    " AND quarter_id = '2022Q2' GROUP BY 1 ORDER BY 2 DESC",
    "missing reports": "SELECT department_name, pledge_id, pledge_name, state"
    " FROM mart.missing_report WHERE quarter_id = '2022Q2' ORDER BY 1, 2",
    "why the denominator changed": "SELECT pledge_id, change_kind, reason_name, decided_on,"
    " count_before, count_after FROM mart.denominator_history"
    " WHERE quarter_id = '2022Q2' AND government_id = 'G1'",
    "one figure of every government": "SELECT government_id, shown, change_pp,"
    " year_ago_change_pp FROM mart.figure_comparison WHERE quarter_id = '2022Q2'"
    " AND figure_code = 'R2' AND scope_type = 'all'",
    "every comparison of one government": "SELECT * FROM mart.figure_comparison"
    " WHERE quarter_id = '2022Q2' AND government_id = 'G1'",
    "cells behind one figure": "SELECT pledge_id, sheet_name, cell, as_written, value"
    " FROM mart.figure_evidence WHERE quarter_id = '2022Q2' AND government_id = 'G1'"
    " AND figure_code = 'B1' AND scope_type = 'all'",
    "cells behind one field's rate": "SELECT part, SUM(value) FROM mart.figure_evidence"
    " WHERE quarter_id = '2022Q2' AND government_id = 'G1' AND figure_code = 'R1'"
    " AND scope_type = 'field' AND scope_id = '분야1' GROUP BY 1",
    "one figure through the term": "SELECT quarter_id, shown, change_pp"
    " FROM mart.figure_comparison WHERE government_id = 'G1' AND figure_code = 'R1'"
    " AND scope_type = 'all' ORDER BY 1",
}


def fill(governments: int, history: int, pledges: int = PLEDGES) -> None:
    """Insert the governments with that many quarters of reports, the last one first."""
    sizes = {"governments": governments, "pledges": pledges, "history": history}
    with transaction() as connection:
        for statement in _HISTORY:
            connection.execute(text(statement), sizes)
    with transaction() as connection:
        connection.execute(text("ANALYZE"))


def refreshed(quarter: Quarter = LAST) -> None:
    with transaction() as connection:
        refresh(connection, QuarterAsOf("G1", quarter, AS_OF))


def copy_marts(governments: int) -> None:
    """Give every other government the mart rows of the first, under its own code."""
    with transaction() as connection:
        for name, table in dictionary()["tables"].items():
            if name.startswith("mart.") and table.get("kind") != "view":
                columns = ", ".join(c for c in table["columns"] if c != "government_id")
                connection.execute(
                    text(
                        f"INSERT INTO {name} (government_id, {columns}) SELECT 'G' || g, {columns}"
                        f" FROM {name}, GENERATE_SERIES(2, :governments) AS g"
                    ),
                    {"governments": governments},
                )
    with transaction() as connection:
        connection.execute(text("ANALYZE"))


def milliseconds(run: Callable[[], object], times: int = 15) -> float:
    """Return the quickest of several warm runs; the rest is other work on the machine."""
    run(), run()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - started))
    return min(taken)


def ratios(governments: int) -> dict[str, float]:
    """Return what refreshing a quarter costs with a term's history beside without."""
    seconds = {}
    for history in (1, QUARTERS):
        with home():
            fill(governments, history)
            seconds[history] = milliseconds(refreshed)
    return {f"a refresh: {QUARTERS} quarters / 1": seconds[QUARTERS] / seconds[1]}


def main(governments: int) -> None:
    table = Table(title=f"{governments} governments × {PLEDGES} pledges", title_justify="left")
    table.add_column("what")
    table.add_column("ms", justify="right")
    table.add_column("rows", justify="right")
    seconds = {}
    for history in (1, QUARTERS):
        with home():
            fill(governments, history)
            seconds[history] = milliseconds(refreshed)
            table.add_row(f"refresh, {history} quarters of reports", f"{seconds[history]:.0f}", "")
            if history == QUARTERS:
                quarter = LAST
                for _ in range(QUARTERS):
                    refreshed(quarter)
                    quarter = quarter.previous()
                copy_marts(governments)
                for name, query in _QUERIES.items():
                    taken = milliseconds(lambda query=query: analyst_query(query))
                    table.add_row(name, f"{taken:.1f}", f"{len(analyst_query(query)[1]):,}")
                for asked in (("R1", "field:분야1"), ("B1", "all")):
                    taken = milliseconds(lambda asked=asked: trace(str(LAST), "G1", AS_OF, *asked))
                    table.add_row(f"trace {' '.join(asked)}", f"{taken:.1f}", "")
                (_, [(rows,)]) = analyst_query("SELECT count(*) FROM mart.budget_execution")
                table.caption = f"mart.budget_execution holds {rows:,} rows"
    table.add_row("ratio of the refreshes", f"{seconds[QUARTERS] / seconds[1]:.2f}", "")
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)

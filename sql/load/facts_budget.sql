-- Writes plan, secured and executed of each new report of a batch: one row per sub-project × source
-- as written × fiscal year, in won. Printed totals are never loaded. Blank beside an amount is 0.
-- 임기후 is plan only, and 기투자 is never executed, whatever their columns are called.
-- Reads staging.quarterly_return__budget.

WITH line_year AS (
    SELECT
        report.report_id,
        report.government_id,
        cell._table,
        cell._row,
        cell.fiscal_year,
        MIN(cell.subproject_name) AS subproject_name,
        MIN(cell.source) AS source_label,
        COALESCE(SUM(cell.amount) FILTER (WHERE cell.measure <> 'executed'), 0) AS plan_krw,
        COALESCE(SUM(cell.amount) FILTER (
            WHERE cell.measure = 'secured' AND cell.fiscal_year <> 'post_term'
        ), 0) AS secured_krw,
        COALESCE(SUM(cell.amount) FILTER (
            WHERE cell.measure = 'executed' AND cell.fiscal_year ~ '^\d'
        ), 0) AS executed_krw,
        BOOL_OR(cell.measure = 'secured') AS is_secured_label,
        MAX(cell._column) FILTER (WHERE cell.measure <> 'executed') AS plan_column,
        MAX(cell._column) FILTER (WHERE cell.measure = 'executed') AS executed_column
    FROM core.reports_of_batch(:batch_id) AS report
    INNER JOIN staging.quarterly_return__budget AS cell USING (submission_id, pledge_id)
    WHERE NOT cell.is_total AND cell.fiscal_year <> 'total'
    GROUP BY
        report.report_id, report.government_id, cell._table, cell._row, cell.fiscal_year
)

INSERT INTO core.fct_quarterly_budget (
    report_id, subproject_name, funding_source_label, funding_source_code, fiscal_year,
    first_year, last_year, plan_krw, secured_krw, executed_krw, is_secured_label,
    _table, _row, _plan_column, _executed_column
)
SELECT
    line_year.report_id,
    line_year.subproject_name,
    line_year.source_label,
    source_label.code,
    line_year.fiscal_year,
    CASE WHEN line_year.fiscal_year ~ '^\d' THEN LEFT(line_year.fiscal_year, 4)::integer END,
    CASE WHEN line_year.fiscal_year ~ '^\d' THEN RIGHT(line_year.fiscal_year, 4)::integer END,
    line_year.plan_krw,
    line_year.secured_krw,
    line_year.executed_krw,
    line_year.is_secured_label,
    line_year._table,
    line_year._row,
    line_year.plan_column,
    line_year.executed_column
FROM line_year
INNER JOIN core.dim_government AS government
    ON line_year.government_id = government.government_id AND government.superseded_at = 'infinity'
INNER JOIN core.code_label AS source_label
    ON
        source_label.list_code = 'funding_source'
        AND line_year.source_label = source_label.label_key
        AND source_label.government_class IN ('*', government.government_class)

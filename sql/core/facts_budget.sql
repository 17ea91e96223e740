-- Writes plan, secured and executed of each new report of a batch: one row per sub-project × source
-- as written × fiscal year, in won. Printed totals are never loaded. Blank beside an amount is 0.
-- Reads staging.quarterly_return__budget.

INSERT INTO core.fct_quarterly_budget (
    report_id, subproject_name, funding_source_label, funding_source_code, fiscal_year,
    first_year, last_year, plan_krw, secured_krw, executed_krw, is_secured_label,
    _table, _row, _plan_column, _executed_column
)
SELECT
    report.report_id,
    cell.subproject_name,
    cell.source,
    source_label.code,
    cell.fiscal_year,
    CASE WHEN cell.fiscal_year ~ '^\d' THEN LEFT(cell.fiscal_year, 4)::integer END,
    CASE WHEN cell.fiscal_year ~ '^\d' THEN RIGHT(cell.fiscal_year, 4)::integer END,
    COALESCE(SUM(cell.amount) FILTER (WHERE cell.measure IN ('secured', 'demand')), 0),
    COALESCE(SUM(cell.amount) FILTER (WHERE cell.measure = 'secured'), 0),
    COALESCE(SUM(cell.amount) FILTER (WHERE cell.measure = 'executed'), 0),
    BOOL_OR(cell.measure = 'secured'),
    cell._table,
    cell._row,
    MAX(cell._column) FILTER (WHERE cell.measure IN ('secured', 'demand')),
    MAX(cell._column) FILTER (WHERE cell.measure = 'executed')
FROM core.pledge_report AS report
INNER JOIN audit.submission
    ON report.submission_id = submission.submission_id AND submission.batch_id = :batch_id
INNER JOIN core.dim_government AS government
    ON report.government_id = government.government_id AND government.superseded_at = 'infinity'
INNER JOIN staging.quarterly_return__budget AS cell
    ON
        report.submission_id = cell.submission_id
        AND report.pledge_id = cell.pledge_id
        AND NOT cell.is_total
        AND cell.fiscal_year <> 'total'
INNER JOIN core.code_label AS source_label
    ON
        source_label.list_code = 'funding_source'
        AND cell.source = source_label.label_key
        AND source_label.government_class IN ('*', government.government_class)
GROUP BY
    report.report_id, cell.subproject_name, cell.source, source_label.code, cell.fiscal_year,
    cell._table, cell._row

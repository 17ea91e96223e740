-- Each row is: the money of one line of the last report (sub-project × source as written) in one
--     fiscal year.
-- Reads: core.fct_quarterly_budget, core.pledge_report.
-- Formula: whole won as accepted; the order is that of the workbook it came from.
-- Basis: an invited return starts from the last accepted values.
-- When blank or zero: an amount whose cell was blank is NULL, so that it is blank again.
SELECT
    report.pledge_id,
    budget.subproject_name,
    budget.funding_source_label,
    budget.fiscal_year,
    budget.is_secured_label,
    CASE
        WHEN budget._plan_column IS NOT NULL OR budget.plan_krw <> 0 THEN budget.plan_krw
    END AS plan_krw,
    CASE
        WHEN
            budget._executed_column IS NOT NULL OR budget.executed_krw <> 0
            THEN budget.executed_krw
    END AS executed_krw
FROM core.fct_quarterly_budget AS budget
INNER JOIN core.pledge_report AS report ON budget.report_id = report.report_id
WHERE budget.report_id = ANY(CAST(:report_ids AS bigint[]))
ORDER BY
    budget.report_id,
    MIN(budget._row) OVER (
        PARTITION BY budget.report_id, budget.subproject_name, budget.funding_source_label
    ),
    budget.subproject_name,
    budget.funding_source_label,
    budget.fiscal_year;

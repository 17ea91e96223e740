-- Each row is: one pledge × sub-project × funding source × fiscal year of the report in force.
-- Reads: temp table pledge_status, core.fct_quarterly_budget, core.code_value.
-- Formula: won summed over the labels that mean the same source (국비 and 균특 are NATIONAL).
-- Basis: design §7, money.
-- Won are whole and summed as bigint: far cheaper than numeric, and too much is an error.
-- When blank or zero: a pledge without a budget line has no row.
WITH line AS (
    SELECT
        budget.report_id,
        budget.subproject_name,
        budget.funding_source_code,
        budget.fiscal_year,
        SUM(CAST(budget.plan_krw AS bigint)) AS plan_krw,
        SUM(CAST(budget.secured_krw AS bigint)) AS secured_krw,
        SUM(CAST(budget.executed_krw AS bigint)) AS executed_krw,
        MIN(budget.first_year) AS _first_year,
        MAX(budget.last_year) AS _last_year
    FROM core.fct_quarterly_budget AS budget
    WHERE budget.report_id IN (SELECT status._report_id FROM pledge_status AS status)
    GROUP BY
        budget.report_id,
        budget.subproject_name,
        budget.funding_source_code,
        budget.fiscal_year
)

SELECT
    status.quarter_id,
    status.government_id,
    status.term_number,
    status.pledge_id,
    line.subproject_name,
    line.funding_source_code,
    line.fiscal_year,
    CAST(line.plan_krw AS bigint) AS plan_krw,
    CAST(line.secured_krw AS bigint) AS secured_krw,
    CAST(line.executed_krw AS bigint) AS executed_krw,
    status.pledge_name,
    status.field_name,
    COALESCE(source.name, line.funding_source_code) AS funding_source_name,
    line._first_year,
    line._last_year
FROM pledge_status AS status
INNER JOIN line ON status._report_id = line.report_id
LEFT JOIN core.code_value AS source
    ON source.list_code = 'funding_source' AND line.funding_source_code = source.code

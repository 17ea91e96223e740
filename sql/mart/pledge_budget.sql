-- Each row is: one pledge × sub-project × funding source × fiscal year of the report in force.
-- Reads: temp table pledge_status, core.fct_quarterly_budget.
-- Formula: won summed over the labels that mean the same source (국비 and 균특 are NATIONAL).
-- Basis: design §7, money.
-- When blank or zero: a pledge without a budget line has no row.
SELECT
    status.quarter_id,
    status.government_id,
    status.term_number,
    status.pledge_id,
    budget.subproject_name,
    budget.funding_source_code,
    budget.fiscal_year,
    SUM(budget.plan_krw) AS plan_krw,
    SUM(budget.secured_krw) AS secured_krw,
    SUM(budget.executed_krw) AS executed_krw,
    MIN(budget.first_year) AS _first_year,
    MAX(budget.last_year) AS _last_year
FROM pledge_status AS status
INNER JOIN core.fct_quarterly_budget AS budget ON status._report_id = budget.report_id
GROUP BY
    status.quarter_id,
    status.government_id,
    status.term_number,
    status.pledge_id,
    budget.subproject_name,
    budget.funding_source_code,
    budget.fiscal_year

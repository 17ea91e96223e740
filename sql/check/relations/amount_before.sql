-- Each row is what a report in force planned for one fiscal year of a line of 예산, or for the whole
-- line (fiscal_year null), beside the return that speaks of the same pledge now. In won.
-- basis: accepted (the report of this quarter in force), previous (the last one before it).
-- A line that states no source now is beside all sources of its sub-project then, where the report
-- stated them.
-- Reads checked__progress, __budget_line, core.fct_quarterly_budget.
-- It is a relation of its own for its statistics: of a subquery with so many keys the planner
-- expects a single row, and compares every amount with every other.

SELECT
    line.submission_id,
    line.pledge_id,
    reference.basis,
    before.subproject_name,
    before.funding_source_label,
    before.fiscal_year,
    SUM(before.plan_krw) AS plan_krw
FROM checked__progress AS line
CROSS JOIN
    LATERAL (
        VALUES ('previous', line.previous_report_id), ('accepted', line.accepted_report_id)
    ) AS reference (basis, report_id)
INNER JOIN core.fct_quarterly_budget AS before ON reference.report_id = before.report_id
WHERE line.occurrence = 1
GROUP BY
    line.submission_id, line.pledge_id, reference.basis,
    before.subproject_name, before.funding_source_label,
    GROUPING SETS ((before.fiscal_year), ())
HAVING SUM(before.plan_krw) > 0
UNION ALL
SELECT
    line.submission_id,
    line.pledge_id,
    reference.basis,
    before.subproject_name,
    line.source AS funding_source_label,
    before.fiscal_year,
    SUM(before.plan_krw) AS plan_krw
FROM checked__budget_line AS line
INNER JOIN checked__progress AS progress USING (submission_id, pledge_id)
CROSS JOIN
    LATERAL (
        VALUES ('previous', progress.previous_report_id), ('accepted', progress.accepted_report_id)
    ) AS reference (basis, report_id)
INNER JOIN core.fct_quarterly_budget AS before
    ON reference.report_id = before.report_id AND line.subproject_name = before.subproject_name
WHERE
    line.funding_source_code = 'NOT_STATED'
    AND line.occurrence = 1
    AND progress.occurrence = 1
GROUP BY
    line.submission_id, line.pledge_id, reference.basis, before.subproject_name, line.source,
    GROUPING SETS ((before.fiscal_year), ())
HAVING SUM(before.plan_krw) > 0 AND BOOL_AND(before.funding_source_code <> 'NOT_STATED')

-- Each row is what a report in force planned for one fiscal year of a line of 예산, or for the whole
-- line (fiscal_year null), beside the return that speaks of the same pledge now. In won.
-- basis: accepted (the report of this quarter in force), previous (the last one before it).
-- Reads staging.checked__progress, __submission, core.pledge_report, core.fct_quarterly_budget.
-- It is a relation of its own for its statistics: of a subquery with so many keys the planner
-- expects a single row, and compares every amount with every other.

WITH reference AS MATERIALIZED (
    SELECT
        submission_id,
        pledge_id,
        previous_report_id AS report_id,
        'previous' AS basis
    FROM staging.checked__progress
    WHERE occurrence = 1 AND previous_report_id IS NOT NULL
    UNION ALL
    SELECT
        line.submission_id,
        line.pledge_id,
        report.report_id,
        'accepted' AS basis
    FROM staging.checked__progress AS line
    INNER JOIN staging.checked__submission AS scope USING (submission_id)
    INNER JOIN core.pledge_report AS report
        ON
            scope.government_id = report.government_id
            AND scope.term_number = report.term_number
            AND scope.quarter_id = report.quarter_id
            AND line.pledge_id = report.pledge_id
            AND scope.known_at > report.accepted_at
            AND scope.known_at <= report.superseded_at
    WHERE line.occurrence = 1
)

SELECT
    reference.submission_id,
    reference.pledge_id,
    reference.basis,
    before.subproject_name,
    before.funding_source_label,
    before.fiscal_year,
    SUM(before.plan_krw) AS plan_krw
FROM reference
INNER JOIN core.fct_quarterly_budget AS before USING (report_id)
GROUP BY
    reference.submission_id, reference.pledge_id, reference.basis,
    before.subproject_name, before.funding_source_label,
    GROUPING SETS ((before.fiscal_year), ())
HAVING SUM(before.plan_krw) > 0

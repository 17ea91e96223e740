-- Each row is one line of 예산 beside the same line of the last report: its plan in won.
-- Reads staging.checked__budget_line, __progress, __pledge, core.fct_quarterly_budget.
-- pledge_factor is how many times its pledge's plan grew: a unit mistaken for the whole pledge is
-- told once, there.

WITH before AS (
    SELECT
        report_id,
        subproject_name,
        funding_source_label,
        SUM(plan_krw) AS plan_krw
    FROM core.fct_quarterly_budget
    WHERE report_id IN (SELECT previous_report_id FROM staging.checked__progress)
    GROUP BY report_id, subproject_name, funding_source_label
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.row_key,
    line.largest_field AS field,
    line.plan_krw,
    before.plan_krw AS previous_plan_krw,
    pledge.plan_krw / NULLIF(pledge.previous_plan_krw, 0) AS pledge_factor
FROM staging.checked__budget_line AS line
INNER JOIN staging.checked__pledge AS pledge
    ON
        line.submission_id = pledge.submission_id
        AND line.pledge_id = pledge.pledge_id
        AND pledge.has_progress
        AND NOT pledge.has_unreadable
INNER JOIN staging.checked__progress AS progress
    ON
        line.submission_id = progress.submission_id
        AND line.pledge_id = progress.pledge_id
        AND progress.occurrence = 1
INNER JOIN before
    ON
        progress.previous_report_id = before.report_id
        AND line.subproject_name = before.subproject_name
        AND line.source = before.funding_source_label
WHERE line.occurrence = 1

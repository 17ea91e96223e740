-- Each row is one line of 예산 beside the same line of the last report: how many times its plan grew
-- or shrank. Reads staging.checked__budget_line, __progress, __budget_year, core.
-- change_rank 1 is the line of its pledge that changed most: a unit mistaken in all of them is told
-- once.

WITH before AS MATERIALIZED (
    SELECT
        report_id,
        subproject_name,
        funding_source_label,
        SUM(plan_krw) AS plan_krw
    FROM core.fct_quarterly_budget
    WHERE report_id IN (SELECT previous_report_id FROM staging.checked__progress)
    GROUP BY report_id, subproject_name, funding_source_label
),

unreadable AS (
    SELECT DISTINCT
        submission_id,
        _table,
        _row
    FROM staging.checked__budget_year
    WHERE has_unreadable
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
    line.plan_krw / before.plan_krw AS growth,
    before.plan_krw / line.plan_krw AS shrinkage,
    ROW_NUMBER() OVER (
        PARTITION BY line.submission_id, line.pledge_id
        ORDER BY ABS(LN(line.plan_krw / before.plan_krw)) DESC, line._row ASC
    ) AS change_rank
FROM staging.checked__budget_line AS line
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
LEFT JOIN unreadable
    ON
        line.submission_id = unreadable.submission_id
        AND line._table = unreadable._table
        AND line._row = unreadable._row
WHERE
    line.occurrence = 1
    AND line.plan_krw > 0
    AND before.plan_krw > 0
    AND unreadable._row IS NULL

-- Each row is one amount of a fiscal year that is over, as the last report had it, beside what the
-- return says now for the same sub-project and source. In won; what is blank now is 0.
-- Reads checked__budget_line, __budget_year, __progress, core.fct_quarterly_budget.
-- Only lines that still stand in the return, and years whose column kept its label; a negative
-- amount is told by B-01. A line that states no source now stands for all sources that its
-- sub-project had then.

WITH past AS (
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        line.subproject_name,
        line.source,
        before.fiscal_year,
        before.secured_krw,
        before.executed_krw,
        before.is_secured_label
    FROM checked__budget_line AS line
    INNER JOIN checked__progress AS progress
        ON
            line.submission_id = progress.submission_id
            AND line.pledge_id = progress.pledge_id
            AND progress.occurrence = 1
    INNER JOIN core.fct_quarterly_budget AS before
        ON
            progress.previous_report_id = before.report_id
            AND line.subproject_name = before.subproject_name
            AND line.source = before.funding_source_label
            AND progress.reporting_year > before.last_year
    WHERE line.occurrence = 1
    UNION ALL
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        line.subproject_name,
        line.source,
        before.fiscal_year,
        SUM(before.secured_krw) AS secured_krw,
        SUM(before.executed_krw) AS executed_krw,
        BOOL_AND(before.is_secured_label) AS is_secured_label
    FROM checked__budget_line AS line
    INNER JOIN checked__progress AS progress
        ON
            line.submission_id = progress.submission_id
            AND line.pledge_id = progress.pledge_id
            AND progress.occurrence = 1
    INNER JOIN core.fct_quarterly_budget AS before
        ON
            progress.previous_report_id = before.report_id
            AND line.subproject_name = before.subproject_name
            AND progress.reporting_year > before.last_year
    WHERE line.occurrence = 1 AND line.funding_source_code = 'NOT_STATED'
    GROUP BY
        line.submission_id, line._table, line._row, line.pledge_id, line.subproject_name,
        line.source, before.fiscal_year
    HAVING BOOL_AND(before.funding_source_code <> 'NOT_STATED')
)

SELECT
    past.submission_id,
    past._table,
    past._row,
    past.pledge_id,
    past.fiscal_year || '.' || amount.measure AS field,
    CONCAT_WS('|', past.subproject_name, past.source, past.fiscal_year, amount.measure)
        AS row_key,
    past.fiscal_year,
    amount.measure,
    amount.now_krw,
    amount.before_krw
FROM past
LEFT JOIN checked__budget_year AS present
    ON
        past.submission_id = present.submission_id
        AND past._table = present._table
        AND past._row = present._row
        AND past.fiscal_year = present.fiscal_year
CROSS JOIN
    LATERAL (
        VALUES
        (
            'secured', COALESCE(present.secured_krw, 0), past.secured_krw,
            past.is_secured_label AND COALESCE(present.is_secured_label, TRUE)
        ),
        ('executed', COALESCE(present.executed_krw, 0), past.executed_krw, TRUE)
    ) AS amount (measure, now_krw, before_krw, is_comparable)
WHERE
    amount.is_comparable
    AND amount.now_krw >= 0
    AND NOT COALESCE(present.has_unreadable, FALSE)

-- Each row is one value that differs between a version of a report and the version before it.
-- Worked out per report, so that asking for one costs that one, however many there are.
CREATE VIEW core.report_difference AS
SELECT
    report.government_id,
    report.term_number,
    report.quarter_id,
    report.pledge_id,
    report.version,
    report.submission_id,
    report.accepted_at,
    pair.sort_number,
    pair.item_name,
    pair.subproject_name,
    pair.funding_source_label,
    pair.fiscal_year,
    pair.kind,
    CASE
        WHEN pair.before_value IS NULL THEN 'added'
        WHEN pair.after_value IS NULL THEN 'removed'
        ELSE 'changed'
    END AS difference_kind,
    pair.before_value,
    pair.after_value,
    progress.correction_reason,
    pair._table,
    pair._row,
    pair.field,
    pair._column
FROM core.pledge_report AS report
INNER JOIN core.pledge_report AS earlier
    ON
        report.government_id = earlier.government_id
        AND report.term_number = earlier.term_number
        AND report.pledge_id = earlier.pledge_id
        AND report.quarter_id = earlier.quarter_id
        AND report.version - 1 = earlier.version
INNER JOIN core.fct_quarterly_progress AS progress ON report.report_id = progress.report_id
CROSS JOIN
    LATERAL (
        SELECT
            told.item_name,
            told.subproject_name,
            told.funding_source_label,
            told.fiscal_year,
            MIN(told.sort_number) AS sort_number,
            MIN(told.kind) AS kind,
            MIN(told.value) FILTER (WHERE NOT side.is_after) AS before_value,
            MIN(told.value) FILTER (WHERE side.is_after) AS after_value,
            MIN(told._table) FILTER (WHERE side.is_after) AS _table,
            MIN(told._row) FILTER (WHERE side.is_after) AS _row,
            MIN(told.field) FILTER (WHERE side.is_after) AS field,
            MIN(told._column) FILTER (WHERE side.is_after) AS _column
        FROM (
            VALUES (earlier.report_id, FALSE), (report.report_id, TRUE)
        ) AS side (report_id, is_after)
        INNER JOIN core.report_value AS told ON side.report_id = told.report_id
        GROUP BY
            told.item_name, told.subproject_name, told.funding_source_label, told.fiscal_year
    ) AS pair
WHERE pair.before_value IS DISTINCT FROM pair.after_value;

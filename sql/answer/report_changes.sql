-- Each row is one value that a version of a report changed against the version before it, as people
-- read it and as stored, with the cell of the new value.
-- Reads core.report_difference, audit.submission, audit.submission_table.
-- :department_code, :pledge_id and :submission_id narrow it down where they are given.

SELECT
    difference.pledge_id,
    difference.version,
    difference.item_name,
    CONCAT_WS(
        ' · ', NULLIF(difference.subproject_name, ''), NULLIF(difference.funding_source_label, ''),
        CASE difference.fiscal_year
            WHEN 'pre_term' THEN '기투자'
            WHEN 'post_term' THEN '임기후'
            ELSE NULLIF(difference.fiscal_year, '')
        END
    ) AS place,
    difference.difference_kind,
    difference.before_value,
    difference.after_value,
    before_text.shown AS before_shown,
    after_text.shown AS after_shown,
    difference.correction_reason,
    difference.accepted_at,
    difference.submission_id,
    submission.file_name,
    submission.department_code,
    sheet.sheet_name,
    core.cell_locator(sheet.columns, difference._column, difference.field, difference._row) AS cell
FROM core.report_difference AS difference
INNER JOIN audit.submission USING (submission_id)
LEFT JOIN audit.submission_table AS sheet
    ON
        difference.submission_id = sheet.submission_id
        AND difference._table = sheet.table_no
        AND difference.after_value IS NOT NULL
CROSS JOIN LATERAL core.shown_value(difference.kind, difference.before_value) AS before_text (shown)
CROSS JOIN LATERAL core.shown_value(difference.kind, difference.after_value) AS after_text (shown)
WHERE
    difference.government_id = :government_id
    AND difference.quarter_id = :quarter_id
    AND COALESCE(difference.pledge_id = CAST(:pledge_id AS text), TRUE)
    AND COALESCE(difference.submission_id = CAST(:submission_id AS bigint), TRUE)
    AND COALESCE(submission.department_code = CAST(:department_code AS text), TRUE)
ORDER BY
    difference.pledge_id,
    difference.version,
    difference.sort_number,
    difference.subproject_name,
    difference.funding_source_label,
    difference.fiscal_year,
    difference.item_name

-- Each row is one pledge that the sender owes for the quarter and did not put into the file.
-- Reads core.dim_pledge, core.pledge_change, staging.checked__progress.

SELECT
    scope.submission_id,
    sheet.table_no AS _table,
    NULL::integer AS _row,
    NULL::text AS field,
    pledge.pledge_id,
    pledge.pledge_name,
    ''::text AS row_key
FROM staging.checked__submission AS scope
INNER JOIN audit.submission_table AS sheet
    ON scope.submission_id = sheet.submission_id AND sheet.table_code = 'progress'
INNER JOIN core.dim_pledge AS pledge
    ON scope.government_id = pledge.government_id
    AND scope.term_number = pledge.term_number
    AND pledge.superseded_at = 'infinity'
    AND scope.reference_date >= pledge.valid_from
    AND scope.reference_date < pledge.valid_to
    AND scope.reference_date >= pledge.confirmed_date
LEFT JOIN core.pledge_report AS report
    ON scope.government_id = report.government_id
    AND scope.term_number = report.term_number
    AND scope.quarter_id = report.quarter_id
    AND pledge.pledge_id = report.pledge_id
    AND report.superseded_at = 'infinity'
WHERE report.report_id IS NULL
    AND scope.department_code = core.department_on(
        scope.government_id, pledge.department_codes[1], scope.reference_date
    )
    AND NOT EXISTS (
        SELECT 1
        FROM core.pledge_change AS change
        WHERE change.government_id = pledge.government_id
            AND change.term_number = pledge.term_number
            AND change.pledge_id = pledge.pledge_id
            AND change.superseded_at = 'infinity'
            AND change.change_code IN ('DROPPED', 'MERGED', 'COMPLETED', 'SPLIT')
            AND change.change_date <= scope.reference_date
    )
    AND NOT EXISTS (
        SELECT 1
        FROM staging.checked__progress AS line
        WHERE line.submission_id = scope.submission_id AND line.pledge_id = pledge.pledge_id
    )
    AND sheet.table_no = (
        SELECT min(first_sheet.table_no)
        FROM audit.submission_table AS first_sheet
        WHERE first_sheet.submission_id = scope.submission_id
            AND first_sheet.table_code = 'progress'
    )

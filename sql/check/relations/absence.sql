-- Each row is one pledge that the sender owes for the quarter and did not put into the return. A
-- card speaks of its own pledge only.
-- Reads core.pledges_in_force, core.reports_until, checked__progress.

WITH asked AS (
    SELECT DISTINCT
        government_id,
        term_number,
        quarter_id,
        reference_date
    FROM checked__submission
),

-- Who owes is asked once per pledge, not once per pledge and file.
owed AS MATERIALIZED (
    SELECT
        asked.government_id,
        asked.term_number,
        asked.quarter_id,
        (known.pledge).pledge_id,
        (known.pledge).pledge_name,
        core.department_on(
            asked.government_id, (known.pledge).department_codes[1], asked.reference_date
        ) AS department_code
    FROM asked
    INNER JOIN LATERAL core.pledges_in_force(
        asked.government_id, asked.term_number, asked.reference_date
    ) AS known ON TRUE
    WHERE NOT known.is_closed
)

SELECT
    scope.submission_id,
    sheet.table_no AS _table,
    NULL::integer AS _row,
    NULL::text AS field,
    owed.pledge_id,
    owed.pledge_name,
    ''::text AS row_key
FROM checked__submission AS scope
INNER JOIN audit.submission_table AS sheet
    ON scope.submission_id = sheet.submission_id AND sheet.table_code = 'progress'
INNER JOIN owed
    ON
        scope.government_id = owed.government_id
        AND scope.term_number = owed.term_number
        AND scope.quarter_id = owed.quarter_id
        AND scope.department_code = owed.department_code
LEFT JOIN LATERAL core.reports_until(
    scope.government_id, scope.term_number, owed.pledge_id, scope.quarter_id,
    scope.reference_date, scope.known_until
) AS report ON report.place = 1 AND report.is_of_day
WHERE
    scope.form_code = 'quarterly_return'
    AND report.report_id IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM checked__progress AS line
        WHERE line.submission_id = scope.submission_id AND line.pledge_id = owed.pledge_id
    )
    AND NOT EXISTS (
        SELECT 1
        FROM checked__budget_line AS line
        WHERE line.submission_id = scope.submission_id AND line.pledge_id = owed.pledge_id
    )
    AND NOT EXISTS (
        SELECT 1
        FROM checked__problem AS problem
        WHERE problem.submission_id = scope.submission_id AND problem.code = 'id_became_date'
    )
    AND sheet.table_no = (
        SELECT MIN(first_sheet.table_no)
        FROM audit.submission_table AS first_sheet
        WHERE
            first_sheet.submission_id = scope.submission_id
            AND first_sheet.table_code = 'progress'
    )

-- Each row is one line of the sheet 제출일정 of a register.
-- Reads staging.register__window.

SELECT
    line.submission_id,
    line._table,
    line._row,
    NULL::text AS pledge_id,
    line.quarter_id,
    line.start_date,
    line.due_date,
    line.grace_date,
    line.quarter_id AS row_key,
    COALESCE(line.quarter_id, '') ~ '^\d{4}Q[1-4]$' AS is_quarter,
    ROW_NUMBER() OVER (
        PARTITION BY line.submission_id, line.quarter_id ORDER BY line._row
    ) AS occurrence
FROM staging.register__window AS line
INNER JOIN staging.checked__submission USING (submission_id)

-- Each row is one line of 추진실적, 협업 or 담당자: only what keys it.
-- Reads the staging tables of those sheets.

WITH line AS (
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        'achievement' AS entry_kind
    FROM staging.quarterly_return__achievement
    UNION ALL
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        'cooperation' AS entry_kind
    FROM staging.quarterly_return__cooperation
    UNION ALL
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        'contact' AS entry_kind
    FROM restricted.quarterly_return__contact
),

progress AS (
    SELECT DISTINCT
        submission_id,
        pledge_id
    FROM staging.checked__progress
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.entry_kind,
    line.entry_kind AS row_key,
    progress.pledge_id IS NOT NULL AS has_progress
FROM line
INNER JOIN staging.checked__submission USING (submission_id)
LEFT JOIN progress
    ON line.submission_id = progress.submission_id AND line.pledge_id = progress.pledge_id

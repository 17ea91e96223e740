-- Each row is one line of 추진실적, 협업, 담당자 or 첨부: what keys it, and the day of an achievement.
-- Reads the staging tables of those sheets.

WITH line AS (
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        achieved_on,
        achieved_on_raw,
        'achievement' AS entry_kind
    FROM staging.quarterly_return__achievement
    UNION ALL
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        NULL::date AS achieved_on,
        NULL::text AS achieved_on_raw,
        'cooperation' AS entry_kind
    FROM staging.quarterly_return__cooperation
    UNION ALL
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        NULL::date AS achieved_on,
        NULL::text AS achieved_on_raw,
        'contact' AS entry_kind
    FROM restricted.quarterly_return__contact
    UNION ALL
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        NULL::date AS achieved_on,
        NULL::text AS achieved_on_raw,
        'attachment' AS entry_kind
    FROM staging.quarterly_return__attachment
),

progress AS (
    SELECT DISTINCT
        submission_id,
        pledge_id
    FROM checked__progress
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.entry_kind,
    line.entry_kind AS row_key,
    line.achieved_on,
    line.achieved_on_raw,
    scope.reference_date,
    scope.term_start_date,
    progress.pledge_id IS NOT NULL AS has_progress
FROM line
INNER JOIN checked__submission AS scope USING (submission_id)
LEFT JOIN progress
    ON line.submission_id = progress.submission_id AND line.pledge_id = progress.pledge_id

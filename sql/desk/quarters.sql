-- Each row is one quarter of a government that a page can show: one of its calendar that has begun
-- by :today, or one that a file was received for. Newest first.
-- Reads core.submission_window, audit.submission, audit.batch.

WITH shown AS (
    SELECT quarter_id
    FROM core.submission_window
    WHERE
        government_id = :government_id
        AND superseded_at = 'infinity'
        AND start_date <= :today
    UNION
    SELECT submission.quarter_id
    FROM audit.submission
    INNER JOIN audit.batch USING (batch_id)
    WHERE
        batch.purpose = 'collect'
        AND submission.government_id = :government_id
        AND submission.quarter_id IS NOT NULL
)

SELECT quarter_id
FROM shown
ORDER BY core.quarter_last_day(quarter_id) DESC, quarter_id DESC

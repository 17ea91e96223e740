-- Each row is one government and quarter whose marts some batches may have changed: the quarters of
-- their accepted reports, and those computed before that carry them forward; a register touches
-- all. Reads audit.submission, mart.pledge_status.

WITH file AS (
    SELECT
        submission.government_id,
        submission.form_code,
        submission.quarter_id
    FROM audit.submission
    WHERE
        submission.batch_id = ANY(:batch_ids)
        AND submission.state IN ('loaded', 'withdrawn')
)

SELECT DISTINCT
    file.government_id,
    file.quarter_id
FROM file
WHERE file.form_code <> 'register'
UNION
SELECT DISTINCT
    file.government_id,
    pledge_status.quarter_id
FROM file
INNER JOIN mart.pledge_status
    ON
        file.government_id = pledge_status.government_id
        AND (file.form_code = 'register' OR file.quarter_id <= pledge_status.quarter_id)
ORDER BY 1, 2

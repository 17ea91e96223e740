-- Each row is the number of one file that came by an upload; where none did, because its bytes are
-- in force already, of the newest one with the same bytes.
-- Reads audit.submission, audit.batch.

WITH received AS (
    SELECT
        submission.submission_id,
        submission.source_uri,
        submission.sha256
    FROM audit.submission
    INNER JOIN audit.batch USING (batch_id)
    WHERE batch.purpose = 'collect'
),

own AS (
    SELECT submission_id
    FROM received
    WHERE source_uri = :source_uri
)

SELECT submission_id
FROM own
UNION ALL
SELECT MAX(received.submission_id) AS submission_id
FROM received
WHERE received.sha256 = :sha256 AND NOT EXISTS (SELECT 1 FROM own)
HAVING MAX(received.submission_id) IS NOT NULL
ORDER BY submission_id

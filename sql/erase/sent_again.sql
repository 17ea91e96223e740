-- Each row is the sha256 of an erased file of which another receipt counts still: it came again.
-- Reads audit.erasure, audit.submission, audit.batch.

SELECT DISTINCT erasure.sha256
FROM audit.erasure
INNER JOIN audit.submission USING (sha256)
INNER JOIN audit.batch ON submission.batch_id = batch.batch_id
WHERE
    batch.purpose <> 'check'
    AND NOT EXISTS (
        SELECT 1
        FROM audit.erasure AS own
        WHERE own.submission_id = submission.submission_id
    )

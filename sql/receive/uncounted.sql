-- Each row is one batch that changed what is in force and whose marts are not written since: its
-- run, or that of a withdrawal, broke off. Reads audit.batch, audit.submission.

SELECT batch.batch_id
FROM audit.batch
WHERE
    batch.counted_at IS NULL
    AND batch.purpose <> 'check'
    AND EXISTS (
        SELECT 1
        FROM audit.submission
        WHERE
            submission.batch_id = batch.batch_id
            AND submission.state IN ('loaded', 'withdrawn')
    )
ORDER BY batch.batch_id

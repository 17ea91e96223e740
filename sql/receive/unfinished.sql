-- Each row is one receipt of a :purpose that an earlier run left before its end, oldest first: the
-- run broke off, or a fault of ours set it aside fewer than :most_tries times in this version of
-- the code. Reads audit.submission, audit.batch, audit.fault.

SELECT
    submission.submission_id,
    submission.batch_id,
    submission.sha256,
    submission.source_uri
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
WHERE
    batch.purpose = :purpose
    AND (
        submission.state IN ('received', 'read', 'checked')
        OR (
            submission.state = 'set_aside'
            AND (
                SELECT COUNT(*)
                FROM audit.fault
                WHERE
                    fault.submission_id = submission.submission_id
                    AND fault.stage <> 'answer'
                    AND fault.code_version = :code_version
            ) < :most_tries
        )
    )
ORDER BY submission.received_at, submission.submission_id

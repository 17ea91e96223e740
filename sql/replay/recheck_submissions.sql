-- Each row is one file that counts for a quarter: a report of it is in force, or nothing newer came
-- in its place. Withdrawn and repeated files do not count.
-- Reads audit.submission, audit.batch, core.current_submission, core.pledge_report.

SELECT
    submission.submission_id,
    submission.file_name,
    COALESCE(submission.rule_version <> :rule_version, TRUE)
    OR COALESCE(submission.form_version <> :form_version, TRUE)
    OR COALESCE(submission.code_version <> :code_version, TRUE) AS is_stale
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
WHERE
    batch.purpose = 'collect'
    AND submission.government_id = :government_id
    AND submission.quarter_id = :quarter_id
    AND submission.state IN ('loaded', 'rejected')
    AND (
        EXISTS (
            SELECT 1
            FROM core.current_submission AS present
            WHERE present.submission_id = submission.submission_id
        )
        OR EXISTS (
            SELECT 1
            FROM core.pledge_report AS report
            WHERE
                report.submission_id = submission.submission_id
                AND report.superseded_at = 'infinity'
        )
    )
ORDER BY submission.received_at, submission.submission_id

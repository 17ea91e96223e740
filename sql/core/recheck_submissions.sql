-- Each row is one file that counts for a quarter: a report of it is in force, or its department has
-- sent nothing newer. Withdrawn and repeated files do not count.
-- Reads audit.submission, audit.batch, core.pledge_report.

WITH sent AS (
    SELECT
        submission.submission_id,
        submission.file_name,
        submission.received_at,
        submission.rule_version,
        submission.form_version,
        submission.code_version,
        ROW_NUMBER() OVER (
            PARTITION BY submission.department_code
            ORDER BY submission.received_at DESC, submission.sha256 DESC
        ) = 1 AS is_newest
    FROM audit.submission
    INNER JOIN audit.batch USING (batch_id)
    WHERE
        batch.purpose = 'collect'
        AND submission.government_id = :government_id
        AND submission.quarter_id = :quarter_id
        AND submission.state IN ('loaded', 'rejected')
)

SELECT
    sent.submission_id,
    sent.file_name,
    COALESCE(sent.rule_version <> :rule_version, TRUE)
    OR COALESCE(sent.form_version <> :form_version, TRUE)
    OR COALESCE(sent.code_version <> :code_version, TRUE) AS is_stale
FROM sent
WHERE
    sent.is_newest
    OR EXISTS (
        SELECT 1
        FROM core.pledge_report AS report
        WHERE
            report.submission_id = sent.submission_id
            AND report.superseded_at = 'infinity'
    )
ORDER BY sent.received_at, sent.submission_id

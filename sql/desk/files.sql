-- Each row is one file that was received of a department, newest first, at most :most of them.
-- Reads audit.submission, audit.batch, audit.finding.

SELECT
    submission.submission_id,
    submission.file_name,
    submission.quarter_id,
    submission.received_at,
    submission.state,
    submission.is_late,
    submission.accepted_count,
    submission.blocked_count,
    submission.answer_path,
    submission.batch_id,
    COUNT(finding.finding_id) AS finding_count
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
LEFT JOIN audit.finding
    ON
        submission.submission_id = finding.submission_id
        AND NOT finding.is_shadow
        AND finding.superseded_at = 'infinity'
WHERE
    batch.purpose = 'collect'
    AND submission.government_id = :government_id
    AND submission.department_code = :department_code
GROUP BY submission.submission_id
ORDER BY submission.received_at DESC, submission.submission_id DESC
LIMIT :most

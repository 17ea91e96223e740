-- One row: what the answer to a file says about it as a whole.
-- Reads audit.submission, audit.batch, audit.pledge_verdict, core.department_name.

SELECT
    submission.submission_id,
    submission.file_name,
    submission.sha256,
    submission.government_id,
    submission.quarter_id,
    submission.form_edition,
    submission.received_at,
    submission.is_late,
    submission.rule_version,
    submission.repeats_submission_id,
    COALESCE(
        submission.form_code = 'pledge_card'
        OR (submission.document_format <> 'xlsx' AND submission.form_code <> 'published'),
        FALSE
    ) AS is_document,
    batch.purpose IN ('register', 'published')
    OR COALESCE(submission.form_code IN ('register', 'published'), FALSE) AS is_office_own,
    batch.purpose = 'check' AS is_dry_run,
    core.department_name(submission.government_id, submission.department_code)
        AS department_name,
    COUNT(*) FILTER (WHERE pledge_verdict.verdict = 'accepted') AS accepted_count,
    COUNT(*) FILTER (WHERE pledge_verdict.verdict = 'blocked') AS blocked_count,
    COUNT(*) FILTER (WHERE pledge_verdict.verdict = 'needs_reason') AS needs_reason_count
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
LEFT JOIN audit.pledge_verdict
    ON
        submission.submission_id = pledge_verdict.submission_id
        AND pledge_verdict.superseded_at = 'infinity'
WHERE submission.submission_id = :submission_id
GROUP BY submission.submission_id, batch.purpose

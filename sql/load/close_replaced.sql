-- Takes out of force every report that a checked file of the batch replaces.
-- The newest receipt wins: a file received before the report in force replaces nothing.

UPDATE core.pledge_report AS report
SET superseded_at = :at
FROM audit.submission
INNER JOIN audit.pledge_verdict USING (submission_id)
CROSS JOIN audit.submission AS earlier
WHERE
    submission.batch_id = :batch_id
    AND submission.state = 'checked'
    AND pledge_verdict.verdict = 'accepted'
    AND pledge_verdict.superseded_at = 'infinity'
    AND report.superseded_at = 'infinity'
    AND report.submission_id = earlier.submission_id
    AND report.government_id = submission.government_id
    AND report.term_number = submission.term_number
    AND report.quarter_id = submission.quarter_id
    AND report.pledge_id = pledge_verdict.pledge_id
    AND (report.received_at, earlier.sha256) <= (submission.received_at, submission.sha256)

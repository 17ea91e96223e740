-- Takes one loaded return, card or file of published values back; returns its scope, no row for any
-- other file.

UPDATE audit.submission
SET
    state = 'withdrawn',
    withdrawn_at = :at,
    withdrawn_by = :by,
    withdrawn_reason = :reason
WHERE
    submission.submission_id = :submission_id
    AND submission.state = 'loaded'
    AND submission.form_code <> 'register'
RETURNING submission.government_id, submission.quarter_id, submission.form_code

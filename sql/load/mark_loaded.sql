-- Marks the checked files of a batch as loaded; returns what each brought.

UPDATE audit.submission
SET state = 'loaded', loaded_at = :at
WHERE submission.batch_id = :batch_id AND submission.state = 'checked'
RETURNING
    submission.submission_id,
    submission.government_id,
    submission.sha256,
    submission.accepted_count,
    submission.blocked_count

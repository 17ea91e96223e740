-- Takes files that are staged into the batch that read them, as they were when they were read.

UPDATE audit.submission
SET
    batch_id = :batch_id,
    state = 'read'
WHERE submission.submission_id = ANY(:submission_ids)

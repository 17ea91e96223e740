-- Writes a receipt for each file that is replayed: the same bytes, sender, moment and form.

INSERT INTO audit.submission (
    batch_id, file_name, source_uri, sha256, byte_count, sender, received_at, state,
    replays_submission_id, asked_government_id, asked_quarter_id, form_edition
)
SELECT
    :batch_id,
    submission.file_name,
    submission.source_uri,
    submission.sha256,
    submission.byte_count,
    submission.sender,
    submission.received_at,
    'received',
    submission.submission_id,
    submission.asked_government_id,
    submission.asked_quarter_id,
    submission.form_edition
FROM audit.submission
WHERE submission.submission_id = ANY(:submission_ids)
ORDER BY submission.received_at, submission.submission_id

-- Writes a receipt as the journal tells it, under its number; one that a later batch took up again
-- moves there. Its size, which nothing depends on, is not told.

INSERT INTO audit.submission (
    submission_id, batch_id, file_name, source_uri, sha256, byte_count, received_at, state,
    asked_government_id, asked_quarter_id
)
OVERRIDING SYSTEM VALUE
VALUES (
    :submission_id, :batch_id, :file_name, :source_uri, :sha256, 0,
    CAST(:received_at AS timestamptz), 'received', :asked_government_id, :asked_quarter_id
)
ON CONFLICT (submission_id) DO UPDATE
    SET batch_id = excluded.batch_id, state = 'received'

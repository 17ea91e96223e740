-- Writes that a release is taken back. Returns the row, or none where it was before.

INSERT INTO audit.retraction (
    government_id, quarter_id, revision, retracted_at, retracted_by, reason
)
VALUES (:government_id, :quarter_id, :revision, :retracted_at, :retracted_by, :reason)
ON CONFLICT (government_id, quarter_id, revision) DO NOTHING
RETURNING *

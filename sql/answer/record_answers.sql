-- Writes on receipts where their answers lie.

UPDATE audit.submission
SET answer_path = told.path
FROM
    UNNEST(CAST(:submission_ids AS bigint[]), CAST(:paths AS text[])) AS told (submission_id, path)
WHERE submission.submission_id = told.submission_id

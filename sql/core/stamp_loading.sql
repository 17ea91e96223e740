-- Notes on the checked files of each of :batch_ids when, of :moments, they are loaded.

UPDATE audit.submission
SET loaded_at = told.loaded_at
FROM
    UNNEST(CAST(:batch_ids AS bigint[]), CAST(:moments AS timestamptz[]))
        AS told (batch_id, loaded_at)
WHERE submission.batch_id = told.batch_id AND submission.state = 'checked'

-- Marks the files of a batch that say what a file in force says already, whatever their bytes: a
-- workbook saved again, say. They are not checked and change nothing. Returns each with its twin.

UPDATE audit.submission AS file
SET state = 'repeated', repeats_submission_id = twin.submission_id
FROM audit.batch, audit.submission AS twin
WHERE
    file.batch_id = :batch_id
    AND batch.batch_id = file.batch_id
    AND batch.purpose = 'collect'
    AND file.state = 'read'
    AND file.content_key = twin.content_key
    AND file.government_id = twin.government_id
    AND file.quarter_id = twin.quarter_id
    AND file.submission_id <> twin.submission_id
    AND core.is_wholly_in_force(twin.submission_id)
RETURNING file.file_name, twin.submission_id AS twin_id

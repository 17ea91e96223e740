-- Marks the files of a batch that say what a file in force says already, whatever their bytes: a
-- workbook saved again, say. They are not checked and change nothing. Returns each with its twin.
-- Twins are found by their content alone first, never through all the files of a quarter.

WITH twin AS MATERIALIZED (
    SELECT
        file.submission_id,
        same.submission_id AS twin_id,
        file.government_id = same.government_id AND file.quarter_id = same.quarter_id
            AS is_of_its_quarter
    FROM audit.submission AS file
    INNER JOIN audit.batch USING (batch_id)
    INNER JOIN audit.submission AS same USING (content_key)
    WHERE
        file.batch_id = :batch_id
        AND batch.purpose = 'collect'
        AND file.state = 'read'
        AND file.submission_id <> same.submission_id
)

UPDATE audit.submission AS file
SET state = 'repeated', repeats_submission_id = twin.twin_id
FROM twin
WHERE
    file.submission_id = twin.submission_id
    AND twin.is_of_its_quarter
    AND core.is_wholly_in_force(twin.twin_id)
RETURNING file.file_name, twin.twin_id

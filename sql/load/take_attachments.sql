-- Writes which file each picture is that returns name, once for good, and on each such file whose
-- it is. Reads core.attachments_found.

WITH found AS (
    SELECT known.*
    FROM core.attachments_found(:batch_id) AS known
    INNER JOIN audit.submission AS sent ON known.return_submission_id = sent.submission_id
    INNER JOIN audit.submission AS file ON known.submission_id = file.submission_id
    WHERE sent.state IN ('checked', 'loaded') AND file.state IN ('checked', 'loaded')
),

taken AS (
    INSERT INTO core.attachment_file (
        return_submission_id, attachment_key, submission_id, taken_at
    )
    SELECT
        return_submission_id,
        attachment_key,
        submission_id,
        :at
    FROM found
    ON CONFLICT (return_submission_id, attachment_key) DO NOTHING
    RETURNING return_submission_id, submission_id
)

UPDATE audit.submission AS file
SET
    term_number = sent.term_number,
    quarter_id = sent.quarter_id,
    department_code = sent.department_code
FROM (
    SELECT
        submission_id,
        MIN(return_submission_id) AS return_submission_id
    FROM taken
    GROUP BY submission_id
) AS first
INNER JOIN audit.submission AS sent ON first.return_submission_id = sent.submission_id
WHERE file.submission_id = first.submission_id AND file.quarter_id IS NULL

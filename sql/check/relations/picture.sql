-- Each row is one picture of the batch, and whether a return takes it.
-- Reads audit.submission, core.attachments_found.

SELECT
    scope.submission_id,
    NULL::integer AS _table,
    NULL::integer AS _row,
    NULL::text AS pledge_id,
    NULL::text AS field,
    file.file_name,
    scope.submission_id IN (
        SELECT found.submission_id
        FROM core.attachments_found(CURRENT_SETTING('gongyak.batch_id')::bigint) AS found
    ) AS is_taken,
    'picture' AS row_key
FROM checked__submission AS scope
INNER JOIN audit.submission AS file USING (submission_id)
INNER JOIN staging.attachment__picture USING (submission_id)

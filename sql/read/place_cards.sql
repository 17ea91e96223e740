-- Writes on each card, picture or file of published values of a batch whose it is, since none says:
-- the government as asked, else a folder's name, else the only one loaded, else that of all returns
-- which lie beside the picture.
-- Reads staging.pledge_card__header, core.dim_government.

WITH loaded AS (
    SELECT
        government_id,
        COUNT(*) OVER () AS government_count
    FROM core.dim_government
    WHERE superseded_at = 'infinity'
)

UPDATE audit.submission AS file
SET
    government_id = COALESCE(
        file.asked_government_id,
        (
            SELECT MIN(loaded.government_id) FROM loaded
            WHERE
                loaded.government_id
                = ANY(STRING_TO_ARRAY(file.source_uri || '/' || file.file_name, '/'))
        ),
        (
            SELECT MIN(loaded.government_id) FROM loaded
            WHERE loaded.government_count = 1
        ),
        (
            SELECT MIN(beside.government_id)
            FROM audit.submission AS beside
            WHERE
                file.form_code = 'attachment'
                AND beside.batch_id = file.batch_id
                AND beside.form_code = 'quarterly_return'
                AND core.attachment_key(beside.source_uri, '')
                = core.attachment_key(file.source_uri, '')
            HAVING COUNT(DISTINCT beside.government_id) = 1
        )
    )
WHERE
    file.batch_id = :batch_id
    AND file.state = 'read'
    AND (
        file.form_code IN ('published', 'attachment')
        OR file.form_code = 'pledge_card' AND EXISTS (
            SELECT 1 FROM staging.pledge_card__header AS header
            WHERE header.submission_id = file.submission_id
        )
    )

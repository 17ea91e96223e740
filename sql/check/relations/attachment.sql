-- Each row is one line of 첨부 of a return of the batch: its place among those of the pledge that
-- can be shown, and whether the picture that it names has come.
-- Reads staging.quarterly_return__attachment, core.attachments_found, core.attachment_file.

WITH found AS MATERIALIZED (
    SELECT
        known.return_submission_id,
        known.attachment_key
    FROM core.attachments_found(CURRENT_SETTING('gongyak.batch_id')::bigint) AS known
    UNION
    SELECT
        file.replays_submission_id AS return_submission_id,
        taken.attachment_key
    FROM checked__submission
    INNER JOIN audit.submission AS file USING (submission_id)
    INNER JOIN core.attachment_file AS taken
        ON file.replays_submission_id = taken.return_submission_id
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.file_name,
    line.description,
    COALESCE(line.file_name, '') ~ '[[:alnum:]]' AS has_name,
    COALESCE(line.description, '') ~ '[[:alnum:]]' AS has_words,
    found.attachment_key IS NOT NULL AS has_come,
    COUNT(*) FILTER (
        WHERE line.file_name ~ '[[:alnum:]]' AND line.description ~ '[[:alnum:]]'
    ) OVER (
        PARTITION BY line.submission_id, line.pledge_id ORDER BY line._table, line._row
    ) AS place,
    MD5(CONCAT_WS('|', line.file_name, line.description)) AS row_key
FROM staging.quarterly_return__attachment AS line
INNER JOIN checked__submission USING (submission_id)
INNER JOIN audit.submission AS sent USING (submission_id)
LEFT JOIN found
    ON
        found.return_submission_id IN (sent.submission_id, sent.replays_submission_id)
        AND core.attachment_named(sent.source_uri, sent.file_name, line.file_name)
        = found.attachment_key

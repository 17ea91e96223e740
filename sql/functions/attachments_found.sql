-- The pictures that a batch brings together with the returns that name them, each once. A return of
-- the batch takes the newest of that name, which no report of another quarter has taken; a picture
-- that no return of the batch names goes to the newest return in force that still lacks it, until
-- that return's last day of grace. What was taken stays.
CREATE FUNCTION core.attachments_found(asked_batch bigint)
RETURNS TABLE (return_submission_id bigint, attachment_key text, submission_id bigint)
LANGUAGE sql STABLE
AS $$
WITH picture AS MATERIALIZED (
    SELECT
        file.submission_id,
        file.government_id,
        file.received_at,
        file.batch_id = asked_batch AS is_new,
        core.attachment_key(file.source_uri, file.file_name) AS attachment_key
    FROM staging.attachment__picture
    INNER JOIN audit.submission AS file USING (submission_id)
    WHERE (file.batch_id = asked_batch AND file.state IN ('read', 'checked'))
        OR (
            file.state = 'loaded'
            AND file.government_id IN (
                SELECT own.government_id FROM audit.submission AS own
                WHERE own.batch_id = asked_batch
            )
        )
),

named AS MATERIALIZED (
    SELECT DISTINCT
        sent.submission_id,
        sent.government_id,
        sent.quarter_id,
        sent.department_code,
        sent.received_at,
        sent.batch_id = asked_batch AS is_new,
        core.attachment_named(sent.source_uri, sent.file_name, line.file_name) AS attachment_key
    FROM staging.quarterly_return__attachment AS line
    INNER JOIN audit.submission AS sent USING (submission_id)
    WHERE (sent.batch_id = asked_batch AND sent.state IN ('read', 'checked'))
        OR (
            sent.state = 'loaded'
            AND EXISTS (
                SELECT 1 FROM picture
                WHERE picture.is_new AND picture.government_id = sent.government_id
            )
            AND EXISTS (
                SELECT 1
                FROM core.pledge_report AS report
                WHERE report.submission_id = sent.submission_id
                    AND report.superseded_at = 'infinity'
            )
        )
),

of_new AS (
    SELECT DISTINCT ON (named.submission_id, named.attachment_key)
        named.submission_id AS return_submission_id,
        named.attachment_key,
        picture.submission_id
    FROM named
    INNER JOIN picture USING (government_id, attachment_key)
    WHERE named.is_new
        AND NOT EXISTS (
            SELECT 1
            FROM core.attachment_file AS taken
            INNER JOIN audit.submission AS other
                ON taken.return_submission_id = other.submission_id
            WHERE taken.submission_id = picture.submission_id
                AND other.quarter_id <> named.quarter_id
        )
    ORDER BY
        named.submission_id, named.attachment_key, picture.received_at DESC,
        picture.submission_id DESC
),

newest AS (
    SELECT DISTINCT ON (named.government_id, named.attachment_key) named.*
    FROM named
    WHERE NOT EXISTS (
        SELECT 1
        FROM named AS sent_along
        WHERE sent_along.is_new
            AND sent_along.government_id = named.government_id
            AND sent_along.attachment_key = named.attachment_key
    )
    ORDER BY
        named.government_id, named.attachment_key, named.received_at DESC, named.submission_id DESC
),

of_earlier AS (
    SELECT DISTINCT ON (newest.submission_id, newest.attachment_key)
        newest.submission_id AS return_submission_id,
        newest.attachment_key,
        picture.submission_id
    FROM newest
    INNER JOIN picture USING (government_id, attachment_key)
    LEFT JOIN core.submission_window
        ON
            newest.government_id = submission_window.government_id
            AND newest.quarter_id = submission_window.quarter_id
            AND submission_window.superseded_at = 'infinity'
    LEFT JOIN core.department_window
        ON
            newest.government_id = department_window.government_id
            AND newest.quarter_id = department_window.quarter_id
            AND newest.department_code = department_window.department_code
            AND department_window.superseded_at = 'infinity'
    WHERE picture.is_new
        AND COALESCE(
            (picture.received_at AT TIME ZONE 'Asia/Seoul')::date
            <= COALESCE(department_window.grace_date, submission_window.grace_date),
            TRUE
        )
        AND NOT EXISTS (
            SELECT 1
            FROM core.attachment_file AS taken
            WHERE taken.return_submission_id = newest.submission_id
                AND taken.attachment_key = newest.attachment_key
        )
    ORDER BY
        newest.submission_id, newest.attachment_key, picture.received_at DESC,
        picture.submission_id DESC
)

SELECT * FROM of_new
UNION ALL
SELECT * FROM of_earlier
$$;

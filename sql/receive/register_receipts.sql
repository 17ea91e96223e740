-- Writes the receipts of a batch in the order of arrival, a microsecond apart so that they keep it.
-- They come after those of an earlier run of the same moment, as runs of a day long past may be.

WITH began AS (
    SELECT
        GREATEST(
            CAST(:at AS timestamptz), MAX(received_at) + interval '1 microsecond'
        ) AS moment
    FROM audit.submission
    WHERE
        received_at >= CAST(:at AS timestamptz)
        AND received_at < CAST(:at AS timestamptz) + interval '1 second'
)

INSERT INTO audit.submission (
    batch_id, file_name, source_uri, source_stamp, sha256, byte_count, received_at, state,
    asked_government_id, asked_quarter_id
)
SELECT
    :batch_id,
    arrival.file_name,
    arrival.source_uri,
    arrival.source_stamp,
    arrival.sha256,
    arrival.byte_count,
    began.moment + (arrival.place - 1) * interval '1 microsecond',
    'received',
    CAST(:asked_government_id AS text),
    CAST(:asked_quarter_id AS text)
FROM
    UNNEST(
        CAST(:names AS text[]), CAST(:uris AS text[]), CAST(:stamps AS text[]),
        CAST(:hashes AS text[]), CAST(:sizes AS bigint[])
    ) WITH ORDINALITY
        AS arrival (file_name, source_uri, source_stamp, sha256, byte_count, place)
CROSS JOIN began
ORDER BY arrival.place
RETURNING
    submission.submission_id,
    submission.file_name,
    submission.sha256,
    submission.source_uri,
    submission.received_at

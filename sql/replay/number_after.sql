-- Lets batches and submissions that the journal does not tell of take numbers after those it does.

SELECT
    SETVAL(PG_GET_SERIAL_SEQUENCE('audit.batch', 'batch_id'), CAST(:batch_id AS bigint)),
    SETVAL(
        PG_GET_SERIAL_SEQUENCE('audit.submission', 'submission_id'),
        CAST(:submission_id AS bigint)
    )

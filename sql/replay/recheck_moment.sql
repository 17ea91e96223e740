-- One row: the moment from which the judgement of a batch of replays holds, which is :at, or right
-- after a replayed file was judged last, where that is later.
-- Reads audit.submission.

SELECT
    GREATEST(
        CAST(:at AS timestamptz),
        MAX(COALESCE(original.checked_at, original.received_at)) + interval '1 microsecond'
    ) AS moment
FROM audit.submission AS replay
INNER JOIN audit.submission AS original ON replay.replays_submission_id = original.submission_id
WHERE replay.batch_id = :batch_id

-- The files that counted for a quarter at a moment, accepted or not: a department's newest return
-- and what came after it, and of several cards of one pledge the newest.
CREATE FUNCTION core.submission_counting(asked_at timestamptz)
RETURNS SETOF audit.submission
LANGUAGE sql STABLE
AS $$
SELECT submission.*
FROM audit.submission
INNER JOIN audit.batch ON submission.batch_id = batch.batch_id
WHERE
    batch.purpose = 'collect'
    AND submission.form_code NOT IN ('register', 'attachment')
    AND submission.state <> 'repeated'
    AND submission.received_at <= asked_at
    AND NOT EXISTS (
        SELECT 1
        FROM audit.submission AS newer
        INNER JOIN audit.batch AS newer_batch ON newer.batch_id = newer_batch.batch_id
        WHERE
            newer_batch.purpose = 'collect'
            AND newer.state <> 'repeated'
            AND newer.received_at <= asked_at
            AND newer.government_id = submission.government_id
            AND newer.quarter_id = submission.quarter_id
            AND newer.department_code = submission.department_code
            AND (newer.received_at, newer.submission_id)
            > (submission.received_at, submission.submission_id)
            AND (
                newer.form_code = 'quarterly_return'
                OR submission.card_pledge_ids <@ newer.card_pledge_ids
            )
    )
$$;

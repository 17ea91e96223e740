-- Whether everything a file says counts as it stands, so that the same again is no news: nothing in
-- it was blocked and each pledge it reports still counts from it; a register is the last loaded.
CREATE FUNCTION core.is_wholly_in_force(asked_submission bigint) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT
    submission.state = 'loaded'
    AND submission.blocked_count = 0
    AND CASE submission.form_code
        WHEN 'register' THEN NOT EXISTS (
            SELECT 1
            FROM audit.submission AS newer
            WHERE newer.form_code = 'register'
                AND newer.state = 'loaded'
                AND newer.government_id = submission.government_id
                AND newer.received_at > submission.received_at
        )
        ELSE submission.accepted_count > 0 AND submission.accepted_count = (
            SELECT count(*)
            FROM core.pledge_report
            WHERE pledge_report.submission_id = submission.submission_id
                AND pledge_report.superseded_at = 'infinity'
        )
    END
FROM audit.submission
WHERE submission.submission_id = asked_submission
$$;

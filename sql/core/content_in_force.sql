-- Each row is one of :hashes whose file is in force as it stands, so that its bytes are no news.
-- Reads audit.submission, core.pledge_report.
-- A return is in force when nothing in it was blocked and each pledge it reports still counts from
-- it; a register when it is the last one loaded for its government.

SELECT DISTINCT submission.sha256
FROM audit.submission
WHERE
    submission.sha256 = ANY(:hashes)
    AND submission.state = 'loaded'
    AND submission.blocked_count = 0
    AND CASE submission.form_code
        WHEN 'register'
            THEN
                NOT EXISTS (
                    SELECT 1
                    FROM audit.submission AS newer
                    WHERE
                        newer.form_code = 'register'
                        AND newer.state = 'loaded'
                        AND newer.government_id = submission.government_id
                        AND newer.received_at > submission.received_at
                )
        ELSE submission.accepted_count > 0 AND submission.accepted_count = (
            SELECT COUNT(*)
            FROM core.pledge_report
            WHERE
                pledge_report.submission_id = submission.submission_id
                AND pledge_report.superseded_at = 'infinity'
        )
    END

-- One row: mails of the last two weeks to departments that have not gone, by what is known of
-- them. One that is being sent for ten minutes belongs to nobody any more.
-- Reads audit.mail.

SELECT
    COUNT(*) FILTER (WHERE state = 'due') AS due_count,
    COUNT(*) FILTER (WHERE state = 'failed') AS failed_count,
    COUNT(*) FILTER (
        WHERE state = 'unknown'
        OR (state = 'sending' AND tried_at < CLOCK_TIMESTAMP() - interval '10 minutes')
    ) AS unknown_count,
    MAX(problem) FILTER (WHERE state = 'failed') AS problem
FROM audit.mail
WHERE state NOT IN ('sent', 'written') AND due_at > CLOCK_TIMESTAMP() - interval '14 days'

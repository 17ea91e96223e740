-- Takes the next mail that is owed, so that nobody else sends it: an answer, or one of
-- :reminder_ids.
-- One that failed is tried :most_tries times in all, :pause_minutes apart, and none after a week.

WITH next AS (
    SELECT mail_id
    FROM audit.mail
    WHERE
        state IN ('due', 'failed')
        AND (mail_kind = 'answer' OR mail_id = ANY(CAST(:reminder_ids AS bigint[])))
        AND tries < :most_tries
        AND due_at > CLOCK_TIMESTAMP() - interval '7 days'
        AND (
            tried_at IS NULL
            OR tried_at < CLOCK_TIMESTAMP() - :pause_minutes * interval '1 minute'
        )
    ORDER BY mail_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)

UPDATE audit.mail
SET
    state = 'sending',
    tries = mail.tries + 1,
    tried_at = CLOCK_TIMESTAMP()
FROM next
WHERE mail.mail_id = next.mail_id
RETURNING
    mail.mail_id,
    mail.mail_kind,
    mail.government_id,
    mail.quarter_id,
    mail.department_code,
    mail.occasion

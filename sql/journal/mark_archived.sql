-- Marks events as told in the archive, by journal and number. Those that somebody else is marking
-- now are left to them: who would wait for one while holding another could wait in a ring.

WITH told AS (
    SELECT
        event.journal_code,
        event.event_number
    FROM audit.event
    INNER JOIN
        UNNEST(CAST(:journals AS text[]), CAST(:numbers AS bigint[]))
            AS written (journal_code, event_number)
        USING (journal_code, event_number)
    WHERE NOT event.is_in_archive
    FOR UPDATE OF event SKIP LOCKED
)

UPDATE audit.event
SET is_in_archive = TRUE
FROM told
WHERE event.journal_code = told.journal_code AND event.event_number = told.event_number

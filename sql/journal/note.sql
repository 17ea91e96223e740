-- Writes down one event with the next number of its journal, in the transaction of what it tells.

WITH counted AS (
    INSERT INTO audit.journal AS known (journal_code, last_number, last_moment)
    VALUES (:journal, 1, CLOCK_TIMESTAMP())
    ON CONFLICT (journal_code) DO UPDATE
        SET
            last_number = known.last_number + 1,
            last_moment = GREATEST(
                CLOCK_TIMESTAMP(), known.last_moment + interval '1 microsecond'
            )
    RETURNING last_number
)

INSERT INTO audit.event (journal_code, event_number, event_kind, at, lines)
SELECT
    :journal,
    counted.last_number,
    :event_kind,
    :at,
    CAST(:lines AS jsonb)
FROM counted

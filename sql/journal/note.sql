-- Writes down one event with the next number, in the transaction of what it tells of.

WITH counted AS (
    UPDATE audit.event_counter
    SET
        last_number = last_number + 1,
        last_moment = GREATEST(CLOCK_TIMESTAMP(), last_moment + interval '1 microsecond')
    RETURNING last_number
)

INSERT INTO audit.event (event_number, event_kind, at, lines)
SELECT
    counted.last_number,
    :event_kind,
    :at,
    CAST(:lines AS jsonb)
FROM counted

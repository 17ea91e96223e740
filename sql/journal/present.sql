-- One row: the server's clock, and the moment that what happens now stands for: the clock's, or
-- right after the last event of anybody where the clock stands behind it. Reads audit.journal.

WITH clock AS MATERIALIZED ( -- looked at once
    SELECT CLOCK_TIMESTAMP() AS by_clock
)

SELECT
    clock.by_clock,
    GREATEST(clock.by_clock, MAX(journal.last_moment) + interval '1 microsecond') AS moment
FROM clock
CROSS JOIN audit.journal
GROUP BY clock.by_clock

-- One row: the server's clock, and the moment that what happens now stands for: the clock's, or
-- right after the last event of anybody where the clock stands behind it. Reads audit.journal.

SELECT
    CLOCK_TIMESTAMP() AS by_clock,
    GREATEST(CLOCK_TIMESTAMP(), MAX(last_moment) + interval '1 microsecond') AS moment
FROM audit.journal

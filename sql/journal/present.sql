-- One row: the server's clock, and the moment that what happens now stands for: the clock's, or
-- right after the last event where the clock stands behind it. Reads audit.event_counter.

WITH clock AS MATERIALIZED ( -- looked at once
    SELECT CLOCK_TIMESTAMP() AS by_clock
)

SELECT
    clock.by_clock,
    GREATEST(clock.by_clock, event_counter.last_moment + interval '1 microsecond') AS moment
FROM audit.event_counter
CROSS JOIN clock

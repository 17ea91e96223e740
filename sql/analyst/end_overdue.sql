-- Each row is one session of :login that this ended: its transaction had been open for more than
-- :seconds, whether a statement ran or not. Reads the sessions that our user may see and end.

SELECT
    pid,
    state,
    EXTRACT(EPOCH FROM CLOCK_TIMESTAMP() - xact_start) AS seconds,
    PG_TERMINATE_BACKEND(pid) AS is_ended
FROM pg_stat_activity
WHERE
    usename = :login
    AND (PG_HAS_ROLE(usename, 'USAGE') OR PG_HAS_ROLE('pg_signal_backend', 'USAGE'))
    AND CLOCK_TIMESTAMP() - xact_start > MAKE_INTERVAL(secs => :seconds)

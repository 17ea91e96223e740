-- Each row is one journal, with the number of the last event that the warehouse knows of.
-- Reads audit.event.

SELECT
    journal_code,
    MAX(event_number) AS last_number
FROM audit.event
GROUP BY journal_code

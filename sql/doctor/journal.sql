-- One row: how many events there are, and how many of them the archive's journal still lacks.
-- Reads audit.event.

SELECT
    COUNT(*) AS events,
    COUNT(*) FILTER (WHERE NOT is_in_archive) AS waiting
FROM audit.event

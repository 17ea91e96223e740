-- Each row is one approved release of a quarter, newest first.
-- Reads audit.release.

SELECT
    revision,
    decided_at
FROM audit.release
WHERE
    government_id = :government_id
    AND quarter_id = :quarter_id
    AND decision = 'approved'
ORDER BY revision DESC

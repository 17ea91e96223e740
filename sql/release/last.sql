-- The newest approved release of a quarter; no row where there is none.
-- Reads audit.release.

SELECT
    revision,
    decided_by,
    decided_at,
    as_of
FROM audit.release
WHERE
    government_id = :government_id
    AND quarter_id = :quarter_id
    AND decision = 'approved'
ORDER BY revision DESC
LIMIT 1

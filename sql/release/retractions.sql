-- Each row is one release of a quarter that was taken back, in the order of revisions.
-- Reads audit.retraction.

SELECT
    revision,
    retracted_at,
    retracted_by,
    reason
FROM audit.retraction
WHERE government_id = :government_id AND quarter_id = :quarter_id
ORDER BY revision

-- Each row is one approved release of a quarter, in the order of revisions.
-- Reads audit.release.

SELECT revision
FROM audit.release
WHERE government_id = :government_id AND quarter_id = :quarter_id AND decision = 'approved'
ORDER BY revision

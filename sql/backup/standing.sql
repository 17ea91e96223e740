-- Each row is one release that stands: the last approved revision of a government's quarter.
-- Reads audit.release.

SELECT
    government_id,
    quarter_id,
    MAX(revision) AS revision
FROM audit.release
WHERE decision = 'approved'
GROUP BY government_id, quarter_id
ORDER BY government_id, quarter_id

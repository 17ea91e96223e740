-- Each row is the last approved revision of a government's quarter: one that was taken back is
-- still on record.
-- Reads audit.release.

SELECT
    government_id,
    quarter_id,
    MAX(revision) AS revision
FROM audit.release
WHERE decision = 'approved'
GROUP BY government_id, quarter_id
ORDER BY government_id, quarter_id

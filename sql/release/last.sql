-- The newest approved release of a quarter that was not taken back; no row where there is none.
-- Reads audit.release, audit.retraction.

SELECT
    release.revision,
    release.decided_by,
    release.decided_at,
    release.as_of,
    release.says_words
FROM audit.release
LEFT JOIN audit.retraction USING (government_id, quarter_id, revision)
WHERE
    release.government_id = :government_id
    AND release.quarter_id = :quarter_id
    AND release.decision = 'approved'
    AND retraction.revision IS NULL
ORDER BY release.revision DESC
LIMIT 1

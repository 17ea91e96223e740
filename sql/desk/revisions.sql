-- Each row is one approved release of a quarter, newest first; retracted_at is empty where it
-- stands.
-- Reads mart.release.

SELECT
    revision,
    decided_at,
    retracted_at,
    retraction_reason
FROM mart.release
WHERE
    government_id = :government_id
    AND quarter_id = :quarter_id
ORDER BY revision DESC

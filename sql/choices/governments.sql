-- Each row is one registered government, with what a person calls it.
-- Reads core.dim_government.

SELECT
    government_id AS value,
    FORMAT('%s (%s)', government_name, government_id) AS label
FROM core.dim_government
WHERE superseded_at = 'infinity'
ORDER BY government_name, government_id

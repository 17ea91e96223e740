-- Each row is one government whose register is loaded, with its name.
-- Reads core.dim_government.

SELECT
    government_id,
    government_name
FROM core.dim_government
WHERE superseded_at = 'infinity'
ORDER BY government_id

-- The revision of a quarter's release that holds; no row where none does.
-- Reads mart.release.

SELECT revision
FROM mart.release
WHERE government_id = :government_id AND quarter_id = :quarter_id AND is_current

CREATE VIEW mart.government_set AS
WITH known AS (
    SELECT
        government_id,
        government_name,
        upper_government_id
    FROM core.dim_government
    WHERE superseded_at = 'infinity'
)

SELECT
    'all' AS set_id,
    '모든 기관' AS set_name,
    government_id,
    government_name
FROM known
UNION
-- A government below an upper one, and that itself where it is registered too.
SELECT
    COALESCE(label.code, known.upper_government_id) AS set_id,
    COALESCE(upper_one.name, known.upper_government_id) AS set_name,
    known.government_id,
    known.government_name
FROM known
LEFT JOIN core.code_label AS label
    ON
        label.list_code = 'upper_government'
        AND label.label_key = core.name_key(
            COALESCE(known.upper_government_id, known.government_name)
        )
LEFT JOIN core.code_value AS upper_one
    ON label.list_code = upper_one.list_code AND label.code = upper_one.code
WHERE known.upper_government_id IS NOT NULL OR label.code IS NOT NULL;

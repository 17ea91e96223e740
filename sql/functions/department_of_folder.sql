-- The department in whose folder a file lies, by its code or its name; null where none says so.
-- Folders count below that of a government or of a period: those above are the machine's.
CREATE FUNCTION core.department_of_folder(
    asked_government text, said_path text, asked_day date
)
RETURNS text
LANGUAGE sql STABLE
AS $$
WITH folder AS (
    SELECT said.name, said.place
    FROM UNNEST(STRING_TO_ARRAY(said_path, '/')) WITH ORDINALITY AS said (name, place)
),

below AS (
    SELECT
        folder.place,
        COALESCE(
            (
                SELECT known.department_code
                FROM core.dim_department AS known
                WHERE known.government_id = asked_government
                    AND known.superseded_at = 'infinity'
                    AND known.department_code = folder.name
                LIMIT 1
            ),
            core.department_named(asked_government, folder.name, asked_day)
        ) AS department_code
    FROM folder
    WHERE folder.place > (
            SELECT MAX(above.place)
            FROM folder AS above
            WHERE above.name = asked_government OR core.names_period(asked_government, above.name)
        )
)

SELECT below.department_code
FROM below
WHERE below.department_code IS NOT NULL
ORDER BY below.place DESC
LIMIT 1
$$;

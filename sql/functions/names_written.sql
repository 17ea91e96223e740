-- Each row is one person's name that a cell of a sheet of people holds, without spaces; what is the
-- name of an office or a filler is none.
-- Reads core.code_label, lists person_title and no_name.
CREATE FUNCTION core.names_written(cell text)
RETURNS SETOF text
LANGUAGE sql STABLE
AS $$
WITH part AS (
    SELECT regexp_replace(
        regexp_replace(written, '\(.*$|\s+', '', 'g'),
        (
            SELECT '(' || string_agg(label_key, '|' ORDER BY length(label_key) DESC) || ')$'
            FROM core.code_label
            WHERE list_code = 'person_title'
        ),
        ''
    ) AS name
    FROM regexp_split_to_table(normalize(cell, NFKC), '[,/·;\n]') AS written
)

SELECT name
FROM part
WHERE
    name ~ '^[가-힣]{2,4}$'
    AND name !~ '(과|팀|실|담당|센터|미정|공석|없음)$'
    AND NOT EXISTS (
        SELECT 1
        FROM core.code_label
        WHERE list_code = 'no_name' AND label_key = name
    )
$$;

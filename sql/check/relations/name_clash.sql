-- Each row is one line of 공약현황 that a name contradicts: it bears another pledge's registered name,
-- or its own name stands on another pledge's line. Reads checked__progress.

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    ''::text AS row_key,
    'pledge_name'::text AS field,
    line.pledge_name,
    line.named_pledge_id AS other_pledge_id,
    TRUE AS is_bearer,
    NULL::integer AS other_row
FROM checked__progress AS line
WHERE line.named_pledge_id IS NOT NULL
UNION ALL
SELECT DISTINCT ON (named.submission_id, named._table, named._row)
    named.submission_id,
    named._table,
    named._row,
    named.pledge_id,
    ''::text AS row_key,
    'pledge_name'::text AS field,
    named.pledge_name,
    bearer.pledge_id AS other_pledge_id,
    FALSE AS is_bearer,
    bearer._row AS other_row
FROM checked__progress AS named
INNER JOIN checked__progress AS bearer
    ON
        named.submission_id = bearer.submission_id
        AND named.pledge_id = bearer.named_pledge_id
WHERE named.named_pledge_id IS NULL

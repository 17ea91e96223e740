-- The quarter so many steps before another: ('2021Q1', 1) is 2020Q4.
CREATE FUNCTION core.quarter_before(quarter_id text, steps integer) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT place / 4 || 'Q' || place % 4 + 1
FROM (
    SELECT
        substr(quarter_id, 1, 4)::integer * 4 + substr(quarter_id, 6, 1)::integer - 1 - steps
            AS place
) AS counted
$$;

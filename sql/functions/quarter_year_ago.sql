-- The same period of the year before; a leap day's is 28 February.
CREATE FUNCTION core.quarter_year_ago(quarter_id text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT
    lpad((left(quarter_id, 4)::integer - 1)::text, 4, '0')
    || CASE WHEN substr(quarter_id, 5) = '-02-29' THEN '-02-28' ELSE substr(quarter_id, 5) END
$$;

CREATE FUNCTION core.quarter_last_day(quarter_id text) RETURNS date
LANGUAGE sql IMMUTABLE
AS $$
SELECT (
    make_date(substr(quarter_id, 1, 4)::integer, 3 * substr(quarter_id, 6, 1)::integer, 1)
    + INTERVAL '1 month - 1 day'
)::date
$$;

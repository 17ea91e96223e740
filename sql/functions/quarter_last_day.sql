-- The last day of a period, which is its 기준일 where the calendar says no other.
CREATE FUNCTION core.quarter_last_day(quarter_id text) RETURNS date
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN length(quarter_id) = 10
        THEN
            make_date(
                substr(quarter_id, 1, 4)::integer,
                substr(quarter_id, 6, 2)::integer,
                substr(quarter_id, 9, 2)::integer
            )
    ELSE
        (
            make_date(
                substr(quarter_id, 1, 4)::integer,
                core.quarter_months(quarter_id) * substr(quarter_id, 6, 2)::integer,
                1
            )
            + INTERVAL '1 month - 1 day'
        )::date
END
$$;

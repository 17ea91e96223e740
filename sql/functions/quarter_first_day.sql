CREATE FUNCTION core.quarter_first_day(quarter_id text) RETURNS date
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN length(quarter_id) = 10 THEN core.quarter_last_day(quarter_id)
    ELSE
        (
            core.quarter_last_day(quarter_id) + INTERVAL '1 day'
            - make_interval(months => core.quarter_months(quarter_id))
        )::date
END
$$;

-- The period of the same kind so many steps before another: ('2021Q1', 1) is 2020Q4, ('2021H1', 1)
-- 2020H2, ('2021-01-01', 1) the day before.
CREATE FUNCTION core.quarter_before(quarter_id text, steps integer) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN span.months = 0 THEN core.iso_day(core.quarter_last_day(quarter_id) - steps)
    WHEN span.months = 1
        THEN left(core.iso_day((core.quarter_first_day(quarter_id) - span.back)::date), 7)
    ELSE
        lpad(extract(YEAR FROM core.quarter_first_day(quarter_id) - span.back)::text, 4, '0')
        || substr(quarter_id, 5, 1)
        || (extract(MONTH FROM core.quarter_first_day(quarter_id) - span.back)::integer - 1)
        / span.months + 1
END
FROM (
    SELECT
        core.quarter_months(quarter_id) AS months,
        make_interval(months => core.quarter_months(quarter_id) * steps) AS back
) AS span
$$;

-- The period of the same kind so many steps before another: ('2021Q1', 1) is 2020Q4, ('2021H1', 1)
-- 2020H2, ('2021-01-01', 1) the day before.
CREATE FUNCTION core.quarter_before(quarter_id text, steps integer) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT
    CASE
        WHEN counted.of_year IS NULL
            THEN core.iso_day(core.quarter_last_day(quarter_id) - steps)
        ELSE
            lpad((counted.place / counted.of_year)::text, 4, '0') || CASE counted.of_year
                WHEN 12 THEN '-' || lpad((counted.place % counted.of_year + 1)::text, 2, '0')
                ELSE substr(quarter_id, 5, 1) || counted.place % counted.of_year + 1
            END
    END
FROM (
    SELECT
        kind.of_year,
        substr(quarter_id, 1, 4)::integer * kind.of_year
        + substr(quarter_id, 6, 2)::integer - 1 - steps AS place
    FROM (SELECT 12 / NULLIF(core.quarter_months(quarter_id), 0) AS of_year) AS kind
) AS counted
$$;

-- What kind of period a text names: 2021Q4 a quarter, 2021H1 a half, 2021-11 a month, 2021-12-06 a
-- day; null where it names none. etl/period.py says the same, of this and the functions beside it.
CREATE FUNCTION core.quarter_kind(quarter_id text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN quarter_id ~ '^[12]\d{3}Q[1-4]$' THEN 'quarter'
    WHEN quarter_id ~ '^[12]\d{3}H[12]$' THEN 'half'
    WHEN quarter_id ~ '^[12]\d{3}-(0[1-9]|1[0-2])$' THEN 'month'
    WHEN quarter_id ~ '^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
        THEN
            CASE
                WHEN substr(quarter_id, 9, 2)::integer
                    <= extract(DAY FROM core.quarter_last_day(left(quarter_id, 7)))
                    THEN 'day'
            END
END
$$;

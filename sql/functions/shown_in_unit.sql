-- An amount in won as it stands in a sheet of a unit, with commas.
CREATE FUNCTION core.shown_in_unit(amount_krw numeric, unit_name text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT RTRIM(
    TO_CHAR(amount_krw / core.unit_krw(unit_name), 'FM999,999,999,999,999,999,990.99999999'), '.'
)
$$;

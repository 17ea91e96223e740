-- The change of a rate against an earlier one in %p, to 20 decimals: values are quotients of 30, so
-- an exact half comes out as one. Null where there is a reason not to compare them.
CREATE FUNCTION core.change_pp(own_value numeric, base_value numeric, no_change_reason text)
RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE WHEN no_change_reason IS NULL THEN TRIM_SCALE(ROUND(own_value - base_value, 20)) END
$$;

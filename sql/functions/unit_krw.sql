-- What one printed unit is worth in won.
CREATE FUNCTION core.unit_krw(unit_name text) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE unit_name
    WHEN '억원' THEN 100000000
    WHEN '백만원' THEN 1000000
    WHEN '천원' THEN 1000
    ELSE 1
END::numeric
$$;

-- The unit that is worth so many won, where it has a name.
CREATE FUNCTION core.unit_named(worth_krw numeric) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE worth_krw
    WHEN 1 THEN '원'
    WHEN 1000 THEN '천원'
    WHEN 10000 THEN '만원'
    WHEN 1000000 THEN '백만원'
    WHEN 100000000 THEN '억원'
END
$$;

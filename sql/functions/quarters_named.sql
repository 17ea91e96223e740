-- The quarters that a text names (2021Q4, 2021년 4분기, 4분기), each as a pattern over quarter ids:
-- without a year any year is meant.
CREATE FUNCTION core.quarters_named(said text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE
AS $$
SELECT
    CASE
        WHEN found[1] IS NULL THEN '____'
        WHEN LENGTH(found[1]) = 2 THEN '20' || found[1]
        ELSE found[1]
    END || 'Q' || COALESCE(found[2], found[3])
FROM REGEXP_MATCHES(
    NORMALIZE(said, NFKC),
    '(?:(?<![0-9])(20[0-9]{2}|[0-9]{2})\s*(?:년도?|[._ -])?\s*)?'
    '(?:제?\s*([1-4])\s*(?:/\s*4\s*)?분기|(?<=[0-9년._ -])Q([1-4])(?![0-9]))', 'g'
) AS found
$$;

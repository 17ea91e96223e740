-- The periods that a text names (2021Q4, 2021년 4분기, 상반기, 2021-11, 12월 6일), each as a pattern over
-- quarter ids: without a year any year is meant. A month before a day is the day's.
CREATE FUNCTION core.periods_named(said text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE
AS $$
WITH spoken AS (
    SELECT REGEXP_MATCHES(
        NORMALIZE(said, NFKC),
        '(?:(?<![0-9])(20[0-9]{2}|[0-9]{2})\s*(?:년도?|[._ -])?\s*)?'
        '(?:제?\s*([1-4])\s*(?:/\s*4\s*)?분기|(?<=[0-9년._ -])Q([1-4])(?![0-9])'
        '|([상하])반기|(?<=[0-9년._ -])H([12])(?![0-9])'
        '|(?<![0-9])(0?[1-9]|1[0-2])\s*월(?:\s*(0?[1-9]|[12][0-9]|3[01])\s*일)?)', 'g'
    ) AS found
), counted AS (
    SELECT REGEXP_MATCHES(
        NORMALIZE(said, NFKC),
        '(?<![0-9])(20[0-9]{2})([-._])(0?[1-9]|1[0-2])'
        '(?:\2(0?[1-9]|[12][0-9]|3[01]))?(?![0-9])(?!\s*[월분])', 'g'
    ) AS found
)

SELECT
    CASE
        WHEN found[1] IS NULL THEN '____'
        WHEN LENGTH(found[1]) = 2 THEN '20' || found[1]
        ELSE found[1]
    END || COALESCE(
        'Q' || COALESCE(found[2], found[3]),
        'H' || COALESCE(CASE found[4] WHEN '상' THEN '1' WHEN '하' THEN '2' END, found[5]),
        CONCAT('-', LPAD(found[6], 2, '0'), '-' || LPAD(found[7], 2, '0'))
    )
FROM spoken
UNION ALL
SELECT CONCAT(found[1], '-', LPAD(found[3], 2, '0'), '-' || LPAD(found[4], 2, '0'))
FROM counted
$$;

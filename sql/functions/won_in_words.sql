-- An amount in won as a person says it: 60조 원, 2조 4,324억 원, 1만 2,000원.
CREATE FUNCTION core.won_in_words(amount_krw numeric) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT
    CASE WHEN amount_krw < 0 THEN '-' ELSE '' END || CONCAT_WS(
        ' ',
        STRING_AGG(TO_CHAR(part, 'FM999,999,999') || name, ' ' ORDER BY size DESC)
        FILTER (WHERE part > 0 AND size > 1),
        CASE
            WHEN ABS(amount_krw) >= 10000 AND MOD(ABS(amount_krw), 10000) = 0 THEN '원'
            ELSE TO_CHAR(MOD(ABS(amount_krw), 10000), 'FM9,990') || '원'
        END
    )
FROM (
    SELECT
        unit.name,
        unit.size,
        MOD(TRUNC(ABS(amount_krw) / unit.size), unit.most) AS part
    FROM (
        VALUES
        ('조', 1000000000000::numeric, 1000000000::numeric),
        ('억', 100000000, 10000),
        ('만', 10000, 10000)
    ) AS unit (name, size, most)
) AS said
$$;

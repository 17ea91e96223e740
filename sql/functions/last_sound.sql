-- What the reading of a text ends in: 'vowel', 'rieul' or 'consonant'; a text that cannot be read
-- ends in a consonant. `etl/particles.py` says the same in Python, with the reasons.
CREATE FUNCTION core.last_sound(word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
WITH shown AS (
    SELECT regexp_replace(
        normalize(right(word, 200), NFKC),
        '([0-9A-Za-z%가-힣\u1100-\u1112\u1161-\u1175])(?:\((?:[^()]|\([^()]*\))*\))+[^0-9A-Za-z%가-힣\u1100-\u1112\u1161-\u1175]*$',
        '\1'
    ) AS text
),

token AS (
    SELECT regexp_match(
        text,
        '(?:([0-9]{4}-[0-9]{2}-[0-9]{2})|([0-9][0-9,]*(?:\.[0-9]+)?)|([0-9A-Za-z%가-힣\u1100-\u1112\u1161-\u1175]))'
        '[^0-9A-Za-z%가-힣\u1100-\u1112\u1161-\u1175]*$'
    ) AS part
    FROM shown
),

number AS (
    SELECT
        part[1] AS day,
        part[3] AS letter,
        strpos(COALESCE(part[2], ''), '.') > 0 AS has_decimals,
        replace(part[2], ',', '') AS digits
    FROM token
),

counted AS (
    SELECT
        *,
        right(digits, 1) AS digit,
        -- 십, 백, 천, 만, 억 and 경 end in a consonant; 조 and 해, every second four of zeros, do not.
        CASE
            WHEN has_decimals OR btrim(digits, '0') = '' THEN 0
            ELSE length(digits) - length(rtrim(digits, '0'))
        END AS zeros
    FROM number
)

SELECT CASE
    WHEN day IS NOT NULL THEN 'rieul'
    WHEN zeros > 0 THEN CASE WHEN zeros / 4 IN (3, 5) THEN 'vowel' ELSE 'consonant' END
    WHEN digit IN ('1', '7', '8') THEN 'rieul'
    WHEN digit IN ('0', '3', '6') THEN 'consonant'
    WHEN digit IS NOT NULL THEN 'vowel'
    WHEN ascii(letter) BETWEEN 44032 AND 55203 THEN CASE (ascii(letter) - 44032) % 28
        WHEN 0 THEN 'vowel'
        WHEN 8 THEN 'rieul'
        ELSE 'consonant'
    END
    WHEN letter IN ('l', 'L', 'r', 'R', U&'\1105') THEN 'rieul'
    WHEN letter IN ('m', 'M', 'n', 'N') THEN 'consonant'
    WHEN ascii(letter) BETWEEN 4352 AND 4370 THEN 'consonant'
    WHEN letter IS NOT NULL THEN 'vowel'
    ELSE 'consonant'
END
FROM counted
$$;

-- Each row is one thing that a text tells of a person, masked: a name, or a number or address.
-- known is what core.people_known gives, names are the known ones and those that the file itself
-- wrote in 담당자.
-- A known name counts wherever it stands as a word (one of two syllables only beside what tells a
-- person); any other where a title, 담당자 or a telephone stands beside it. An office's telephone
-- alone is fine, and so is a department's own mail address.
CREATE FUNCTION core.people_in(said text, known jsonb, names text[])
RETURNS TABLE (is_name boolean, shown text)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    told text := translate(
        normalize(said, NFKC), E'‐‑‒–—−\u200b\u200c\u200d\ufeff', '------'
    );
    bare text := translate(told, E' \n\t\r', '');
BEGIN
-- Most texts have nothing that could be beside a person, and are not looked at any closer.
IF NOT (
    told ~ (known ->> 'worth_a_look')
    OR COALESCE(bare ~ NULLIF(array_to_string(names, '|'), ''), FALSE)
) THEN
    RETURN;
END IF;

RETURN QUERY
WITH plain AS MATERIALIZED (
    SELECT
        told AS text,
        bare
),

beside AS (
    SELECT
        COALESCE(part[2], part[3]) AS title,
        part[1] AS name,
        '○○○ ' || COALESCE(part[2], part[3]) AS shown,
        'title' AS kind
    FROM plain
    CROSS JOIN LATERAL regexp_matches(plain.text, known ->> 'before_title', 'g') AS part
    WHERE plain.text ~ (known ->> 'before_title')
    UNION ALL
    SELECT
        part[1],
        part[2],
        part[1] || ' ○○○',
        'title'
    FROM plain
    CROSS JOIN LATERAL regexp_matches(plain.text, known ->> 'after_title', 'g') AS part
    WHERE plain.text ~ (known ->> 'after_title')
    UNION ALL
    SELECT
        '',
        part[1],
        '○○○ ☎',
        'phone'
    FROM plain
    CROSS JOIN LATERAL regexp_matches(plain.text, known ->> 'before_phone', 'g') AS part
    WHERE plain.text ~ (known ->> 'before_phone')
    UNION ALL
    SELECT
        '',
        part[1],
        '○○○ ☎',
        'phone'
    FROM plain
    CROSS JOIN LATERAL regexp_matches(plain.text, known ->> 'after_phone', 'g') AS part
    WHERE plain.text ~ (known ->> 'after_phone')
),

likely AS (
    SELECT
        name,
        btrim(shown) AS shown
    FROM beside
    WHERE
        NOT (known -> 'no_name') ? name
        AND NOT (
            (known -> 'no_name') ? left(name, 2)
            AND right(name, 1) ~ '[을를은는의에로와과만도이가들자사별]'
        )
        AND right(name, 1) !~ '[과팀실회]'
        AND NOT (kind = 'phone' AND right(name, 1) ~ '[처소청단국관터점]')
        AND NOT (right(name, 1) ~ '[시군구도]' AND title ~ '(의원|군수|구청장|지사|시장)$')
        AND NOT (right(name, 1) ~ '[동읍면리]' AND title ~ '(통장|이장|반장|동장|면장|읍장)$')
),

candidate AS (
    SELECT DISTINCT told.name
    FROM plain
    CROSS JOIN LATERAL unnest(names) AS told (name)
    WHERE strpos(plain.bare, told.name) > 0
),

written AS (
    SELECT
        candidate.name,
        '○○○' AS shown
    FROM candidate CROSS JOIN plain
    WHERE
        length(candidate.name) > 2
        AND plain.text ~ (
            '(?:^|[^가-힣]|장|관|담당|담당자|사원|위원|대표)'
            || regexp_replace(candidate.name, '(?<=.)(?=.)', ' ?', 'g')
            || '(?: ?(?:주무관|사무관|서기관|팀장|과장|국장|실장|계장|담당|위원장?|의원|대표|씨|님))?'
            || '(?:[은는이가을를의와과도]|에게|께서|으로|로|외|등|및)?(?![가-힣])'
        )
    UNION ALL
    SELECT
        candidate.name,
        '○○○'
    FROM candidate CROSS JOIN plain
    WHERE
        length(candidate.name) = 2
        AND plain.text ~ (
            '(?:담당자|담당|성명|주무관|팀장|과장)[ :(]{1,3}' || candidate.name || '(?![가-힣])'
            || '|(?<![가-힣])' || candidate.name
            || ' ?\(?(?:주무관|사무관|서기관|팀장|과장|씨|님|0[0-9]{1,2}-)'
        )
)

SELECT DISTINCT
    TRUE,
    first_value(told.shown) OVER (PARTITION BY told.name ORDER BY length(told.shown) DESC, told.shown)
FROM (SELECT * FROM likely UNION ALL SELECT * FROM written) AS told
UNION ALL
SELECT DISTINCT
    FALSE,
    '주민등록번호 ○○○○○○-○○○○○○○'
FROM plain
WHERE plain.text ~ (
    '(?<![0-9-])[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]) ?- ?[1-8](?:[0-9]{6}|[*xX○●]{6})'
    '(?![0-9-])'
)
UNION ALL
SELECT DISTINCT
    FALSE,
    '휴대전화 01○-○○○○-○○○○'
FROM plain
WHERE plain.text ~ (
    '(?<![0-9.,-])(?:\+ ?82[- ]?\(?0?\)?|0)1[016789][-). ]{0,2}[0-9]{3,4}[-. ]?[0-9]{4}(?![0-9])'
)
UNION ALL
SELECT DISTINCT
    FALSE,
    '메일 ○○○@' || part[2]
FROM
    plain
    CROSS JOIN
        regexp_matches(
            plain.text, '([A-Za-z0-9._%+-]+)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)', 'g'
        ) AS part
WHERE NOT (known -> 'mails') ? lower(part[1] || '@' || part[2]);
END
$$;

-- What people are known by when texts of a government are looked at: what names are made of, what
-- stands beside them, and the mail addresses of its departments, which are no person's.
-- Reads core.dim_department, core.code_label.
CREATE FUNCTION core.people_known(asked_government text)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
WITH word AS (
    SELECT
        list_code,
        code,
        label_key,
        row_number() OVER (ORDER BY length(label_key) DESC, label_key) AS step
    FROM core.code_label
    WHERE list_code IN ('surname', 'person_title', 'no_name')
),

made AS (
    SELECT
        format(
            '(?:[%s][가-힣]{2}|(?:%s)[가-힣]{1,2})',
            string_agg(label_key, '') FILTER (
                WHERE list_code = 'surname' AND length(label_key) = 1
            ),
            string_agg(label_key, '|') FILTER (
                WHERE list_code = 'surname' AND length(label_key) = 2
            )
        ) AS name,
        string_agg(label_key, '|' ORDER BY step) FILTER (WHERE code = 'TITLE') AS title,
        string_agg(label_key, '|' ORDER BY step) FILTER (
            WHERE code IN ('TITLE', 'TITLE_AFTER')
        ) AS title_after,
        string_agg(label_key, '|' ORDER BY step) FILTER (WHERE code = 'TITLE_CLOSE') AS close,
        string_agg(label_key, '|' ORDER BY step) FILTER (WHERE code IN ('TITLE', 'LABEL')) AS ahead,
        jsonb_agg(label_key) FILTER (WHERE list_code = 'no_name') AS no_name
    FROM word
)

SELECT jsonb_build_object(
    'mails', COALESCE((
        SELECT jsonb_agg(DISTINCT lower(mail))
        FROM core.dim_department
        WHERE government_id = asked_government AND mail IS NOT NULL
    ), '[]'),
    'no_name', made.no_name,
    -- What one of all that is looked for cannot be without, but for a known name.
    'worth_a_look', format(
        '%s|%s|%s|@|0[0-9]{1,2}[-). ]|01[016789]|[1-9]1[016789]|[0-9]{3} ?- ?[0-9]',
        made.title_after, made.close, made.ahead
    ),
    -- 홍길동 주무관, 홍길동(주무관), 홍길동씨
    'before_title', format(
        '(?<![가-힣])(%1$s)(?:(?: |\(| \()(%2$s)|(주무관|사무관|서기관|%3$s))'
        '(?:님|들)?(?:[은는이가을를의와과도]|에게|께서|으로|로|외|등)?(?![가-힣])',
        made.name, made.title_after, made.close
    ),
    -- 담당자: 홍길동, 관광과장 홍길동
    'after_title', format(
        '(%1$s)[ :(]{1,3}(%2$s)[은는이가]?(?![가-힣])', made.ahead, made.name
    ),
    -- 홍길동 ☎041-000-0000, 041-000-0000(홍길동)
    'before_phone', format(
        '(?<![가-힣])(%1$s)(?:[ (/:·]{1,2}(?:%2$s))?[ (,/:·☎☏]{0,3}'
        '(?:(?:전화|연락처|[Tt][Ee][Ll])?[.: )☎☏]{0,3}0[0-9]{1,2}[-). ]{1,2}[0-9]{3,4}[-. ][0-9]{4}'
        '|(?:☎|☏|전화|연락처|내선|[Tt][Ee][Ll])[.: ]{0,3}[0-9]{3,4}-[0-9]{4}'
        '|(?!(?:19|20)[0-9]{2}-)[0-9]{3,4}-[0-9]{4}(?=\)))',
        made.name, made.title_after
    ),
    'after_phone', format(
        '(?<![0-9])0[0-9]{1,2}[-). ]{1,2}[0-9]{3,4}[-. ][0-9]{4}[ (,]{1,2}(%s)(?![가-힣])', made.name
    )
)
FROM made
$$;

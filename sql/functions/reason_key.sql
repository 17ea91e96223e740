-- What a reason is compared as: letters alike, without blanks, brackets, closing signs, and without
-- a letter repeated.
CREATE FUNCTION core.reason_key(reason text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT REGEXP_REPLACE(
    REGEXP_REPLACE(
        REGEXP_REPLACE(
            LOWER(NORMALIZE(reason, NFKC)), '[\s\u200b\ufeff·‧ㆍ・•∙⋅(){}<>《》「」【】〔〕\[\]]+', '', 'g'
        ),
        '(.)\1+', '\1', 'g'
    ),
    '(?<=.)[.!,~?]+$', ''
)
$$;

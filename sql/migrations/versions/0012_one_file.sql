-- A fault of ours on one file: what happened, and the state of a file that was set aside for it.

ALTER TABLE audit.submission
DROP CONSTRAINT submission_state_check,
ADD CONSTRAINT submission_state_check CHECK (
    state IN (
        'received', 'read', 'checked', 'loaded', 'rejected', 'withdrawn', 'repeated', 'set_aside'
    )
);

CREATE TABLE audit.fault (
    fault_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    batch_id bigint NOT NULL REFERENCES audit.batch,
    stage text NOT NULL CHECK (stage IN ('read', 'stage', 'check', 'answer')),
    happened_at timestamptz NOT NULL,
    code_version text NOT NULL,
    error_type text NOT NULL,
    place text NOT NULL,
    trace text NOT NULL
);
CREATE INDEX fault_submission ON audit.fault (submission_id);
CREATE INDEX fault_batch ON audit.fault (batch_id);

-- Which factor of units (100, 1,000, …) one amount is away from another, give or take a share: the
-- factor where it is larger, minus the factor where it is smaller, else null.
CREATE FUNCTION core.unit_factor(
    amount_krw numeric, reference_krw numeric, factors numeric[], nearness numeric
) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE WHEN amount_krw > reference_krw THEN factor ELSE -factor END
FROM UNNEST(factors) AS factor
WHERE
    amount_krw > 0 AND reference_krw > 0
    AND GREATEST(amount_krw, reference_krw) / LEAST(amount_krw, reference_krw)
    BETWEEN factor * (1 - nearness) AND factor * (1 + nearness)
LIMIT 1
$$;

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

-- An amount in won as it stands in a sheet of a unit, with commas.
CREATE FUNCTION core.shown_in_unit(amount_krw numeric, unit_name text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT RTRIM(
    TO_CHAR(amount_krw / core.unit_krw(unit_name), 'FM999,999,999,999,999,999,990.99999999'), '.'
)
$$;

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

-- Tells whether a text gives no reason: it is blank, or one of those that people fill cells with.
CREATE FUNCTION core.is_filler(reason text) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT
    core.reason_key(COALESCE(reason, '')) = ''
    OR EXISTS (
        SELECT 1
        FROM core.code_label
        WHERE
            list_code = 'filler'
            AND core.reason_key(label_key) = core.reason_key(reason)
    )
$$;

-- An id as people mean it: whatever dash was typed, no blanks.
CREATE FUNCTION core.id_key(id text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT UPPER(REGEXP_REPLACE(
    REGEXP_REPLACE(NORMALIZE(id, NFKC), '[\s\u00ad\u200b-\u200f\u2060\ufeff]+', '', 'g'),
    '[‐‑‒–—―−─ㅡ﹘﹣－ー~]', '-', 'g'
))
$$;

-- The registered pledge that an unknown id of a file most likely means, if there is just one.
CREATE FUNCTION core.likely_pledge_id(submission_number bigint, id text) RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT CASE WHEN COUNT(DISTINCT pledge.pledge_id) = 1 THEN MIN(pledge.pledge_id) END
FROM audit.submission AS file
INNER JOIN core.dim_pledge AS pledge
    ON
        file.government_id = pledge.government_id
        AND file.term_number = pledge.term_number
        AND pledge.superseded_at = 'infinity'
WHERE
    file.submission_id = submission_number
    AND pledge.pledge_id <> id
    AND core.id_key(pledge.pledge_id) = core.id_key(id)
$$;

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

-- A name as it is compared: without blanks and signs.
CREATE FUNCTION core.name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT REGEXP_REPLACE(NORMALIZE(name, NFKC), '[\s·‧ㆍ・•∙⋅,.()\[\]]+', '', 'g')
$$;

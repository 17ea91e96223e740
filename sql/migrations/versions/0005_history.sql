-- History: what moved a denominator between two quarters, and every rate beside earlier ones.

-- The quarter so many steps before another: ('2021Q1', 1) is 2020Q4.
CREATE FUNCTION core.quarter_before(quarter_id text, steps integer) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT place / 4 || 'Q' || place % 4 + 1
FROM (
    SELECT
        substr(quarter_id, 1, 4)::integer * 4 + substr(quarter_id, 6, 1)::integer - 1 - steps
            AS place
) AS counted
$$;

-- The ids that 변경후 of a 통합 or 분리 names.
CREATE FUNCTION core.named_ids(after_text text) RETURNS text[]
LANGUAGE sql IMMUTABLE
AS $$
SELECT regexp_split_to_array(
    btrim(COALESCE(after_text, ''), E' \t\r\n'), '\s*[,;、\r\n]\s*'
)
$$;

CREATE TABLE mart.denominator_history (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    pledge_name text NOT NULL,
    previous_quarter_id text NOT NULL,
    change_kind text NOT NULL CHECK (
        change_kind IN ('entered', 'left', 'held', 'closed', 'kept')
    ),
    reason_code text NOT NULL,
    reason_name text NOT NULL,
    decided_on date,
    related_pledge_ids text,
    reason text,
    approver text,
    count_before integer NOT NULL,
    count_after integer NOT NULL,
    PRIMARY KEY (quarter_id, government_id, term_number, pledge_id)
);

ALTER TABLE mart.implementation_rate
ADD COLUMN is_small_denominator boolean NOT NULL DEFAULT FALSE;
ALTER TABLE mart.budget_execution
ADD COLUMN is_small_denominator boolean NOT NULL DEFAULT FALSE;

-- Why two rates cannot be compared; null where they can. The base is the earlier one.
CREATE FUNCTION core.no_change_reason(
    own_value numeric, own_reason text, own_reports integer, own_term integer,
    base_value numeric, base_reason text, base_reports integer, base_term integer
)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN own_value IS NULL THEN own_reason
    WHEN own_reports = 0 THEN '효력 있는 보고가 없습니다'
    WHEN base_term IS NULL THEN '견줄 분기의 지표가 없습니다'
    WHEN base_term <> own_term THEN '견줄 분기는 다른 임기입니다'
    WHEN base_reports IS NULL THEN '견줄 분기에는 이 범위가 없습니다'
    WHEN base_reports = 0 THEN '견줄 분기에 효력 있는 보고가 없습니다'
    WHEN base_value IS NULL THEN '견줄 분기에 값이 없습니다: ' || base_reason
END
$$;

CREATE TABLE mart.computed_quarter (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    term_number integer NOT NULL,
    as_of_date date NOT NULL,
    PRIMARY KEY (quarter_id, government_id)
);
CREATE INDEX computed_quarter_term
ON mart.computed_quarter (government_id, term_number, quarter_id);

INSERT INTO mart.computed_quarter (quarter_id, government_id, term_number, as_of_date)
SELECT DISTINCT
    quarter_id,
    government_id,
    term_number,
    as_of_date
FROM mart.pledge_status;

-- LIMIT 1 looks an earlier row up by its key, whatever the planner thinks of whole quarters.
CREATE VIEW mart.figure_comparison AS
WITH rate AS NOT MATERIALIZED (
    SELECT
        quarter_id,
        government_id,
        figure_code,
        figure_name,
        scope_type,
        scope_id,
        scope_name,
        denominator,
        value_pct,
        shown,
        no_value_reason,
        reported_count + carried_forward_count AS report_count,
        is_small_denominator
    FROM mart.implementation_rate
    UNION ALL
    SELECT
        quarter_id,
        government_id,
        figure_code,
        figure_name,
        scope_type,
        scope_id,
        scope_name,
        denominator,
        value_pct,
        shown,
        no_value_reason,
        reported_count + carried_forward_count AS report_count,
        is_small_denominator
    FROM mart.budget_execution
),

frame AS NOT MATERIALIZED (
    SELECT
        computed.quarter_id,
        computed.government_id,
        computed.term_number,
        core.quarter_before(computed.quarter_id, 1) AS previous_quarter_id,
        core.quarter_before(computed.quarter_id, 4) AS year_ago_quarter_id,
        (
            SELECT MIN(earlier.quarter_id)
            FROM mart.computed_quarter AS earlier
            WHERE
                earlier.government_id = computed.government_id
                AND earlier.term_number = computed.term_number
        ) AS first_quarter_id
    FROM mart.computed_quarter AS computed
)

SELECT
    own.quarter_id,
    own.government_id,
    own.figure_code,
    own.figure_name,
    own.scope_type,
    own.scope_id,
    own.scope_name,
    own.denominator,
    own.value_pct,
    own.shown,
    own.is_small_denominator,
    frame.previous_quarter_id,
    previous.value_pct AS previous_value_pct,
    CASE
        WHEN reason.since_previous IS NULL
            THEN TRIM_SCALE(ROUND(own.value_pct - previous.value_pct, 20))
    END AS change_pp,
    reason.since_previous AS no_change_reason,
    frame.year_ago_quarter_id,
    year_ago.value_pct AS year_ago_value_pct,
    CASE
        WHEN reason.since_year_ago IS NULL
            THEN TRIM_SCALE(ROUND(own.value_pct - year_ago.value_pct, 20))
    END AS year_ago_change_pp,
    reason.since_year_ago AS year_ago_no_change_reason,
    frame.first_quarter_id,
    first.value_pct AS first_value_pct,
    CASE
        WHEN reason.since_first IS NULL
            THEN TRIM_SCALE(ROUND(own.value_pct - first.value_pct, 20))
    END AS term_change_pp,
    reason.since_first AS term_no_change_reason
FROM rate AS own
INNER JOIN frame
    ON own.quarter_id = frame.quarter_id AND own.government_id = frame.government_id
LEFT JOIN mart.computed_quarter AS previous_quarter
    ON
        frame.previous_quarter_id = previous_quarter.quarter_id
        AND frame.government_id = previous_quarter.government_id
LEFT JOIN mart.computed_quarter AS year_ago_quarter
    ON
        frame.year_ago_quarter_id = year_ago_quarter.quarter_id
        AND frame.government_id = year_ago_quarter.government_id
LEFT JOIN LATERAL (
    SELECT
        rate.value_pct,
        rate.no_value_reason,
        rate.report_count
    FROM rate
    WHERE
        rate.quarter_id = frame.previous_quarter_id
        AND rate.government_id = own.government_id
        AND rate.figure_code = own.figure_code
        AND rate.scope_type = own.scope_type
        AND rate.scope_id = own.scope_id
    ORDER BY rate.quarter_id
    LIMIT 1
) AS previous ON TRUE
LEFT JOIN LATERAL (
    SELECT
        rate.value_pct,
        rate.no_value_reason,
        rate.report_count
    FROM rate
    WHERE
        rate.quarter_id = frame.year_ago_quarter_id
        AND rate.government_id = own.government_id
        AND rate.figure_code = own.figure_code
        AND rate.scope_type = own.scope_type
        AND rate.scope_id = own.scope_id
    ORDER BY rate.quarter_id
    LIMIT 1
) AS year_ago ON TRUE
LEFT JOIN LATERAL (
    SELECT
        rate.value_pct,
        rate.no_value_reason,
        rate.report_count
    FROM rate
    WHERE
        rate.quarter_id = frame.first_quarter_id
        AND rate.government_id = own.government_id
        AND rate.figure_code = own.figure_code
        AND rate.scope_type = own.scope_type
        AND rate.scope_id = own.scope_id
    ORDER BY rate.quarter_id
    LIMIT 1
) AS first ON TRUE
CROSS JOIN
    LATERAL (
        VALUES
        (
            core.no_change_reason(
                own.value_pct, own.no_value_reason, own.report_count, frame.term_number,
                previous.value_pct, previous.no_value_reason, previous.report_count,
                previous_quarter.term_number
            ),
            core.no_change_reason(
                own.value_pct, own.no_value_reason, own.report_count, frame.term_number,
                year_ago.value_pct, year_ago.no_value_reason, year_ago.report_count,
                year_ago_quarter.term_number
            ),
            core.no_change_reason(
                own.value_pct, own.no_value_reason, own.report_count, frame.term_number,
                first.value_pct, first.no_value_reason, first.report_count, frame.term_number
            )
        )
    ) AS reason (since_previous, since_year_ago, since_first)
WHERE own.figure_code NOT IN ('PLAN', 'SECURED', 'EXECUTED');

-- LIMIT 1 looks an earlier row up by its key, whatever the planner thinks of whole quarters.
CREATE VIEW mart.figure_comparison AS
WITH rate AS NOT MATERIALIZED (
    SELECT
        *,
        reported_count + carried_forward_count AS report_count
    FROM mart.implementation_rate
    UNION ALL
    SELECT
        *,
        reported_count + carried_forward_count AS report_count
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
INNER JOIN core.measure AS measure ON own.figure_code = measure.figure_code
WHERE measure.factor IS NOT NULL;

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

-- Once a quarter, not once a figure: a function that asks the calendar is not worked out within.
frame AS MATERIALIZED (
    SELECT
        computed.quarter_id,
        computed.government_id,
        computed.term_number,
        core.period_before(computed.government_id, computed.quarter_id) AS previous_quarter_id,
        core.quarter_year_ago(computed.quarter_id) AS year_ago_quarter_id,
        (
            SELECT MIN(earlier.quarter_id)
            FROM mart.computed_quarter AS earlier
            WHERE
                earlier.government_id = computed.government_id
                AND earlier.term_number = computed.term_number
                AND core.quarter_months(earlier.quarter_id)
                = core.quarter_months(computed.quarter_id)
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
    base.previous_value_pct,
    base.change_pp,
    base.no_change_reason,
    frame.year_ago_quarter_id,
    base.year_ago_value_pct,
    base.year_ago_change_pp,
    base.year_ago_no_change_reason,
    frame.first_quarter_id,
    base.first_value_pct,
    base.term_change_pp,
    base.term_no_change_reason,
    own.government_name
FROM rate AS own
INNER JOIN frame
    ON own.quarter_id = frame.quarter_id AND own.government_id = frame.government_id
INNER JOIN core.measure AS measure ON own.figure_code = measure.figure_code
CROSS JOIN
    LATERAL (
        SELECT
            MIN(earlier.value_pct) FILTER (WHERE asked.base = 'previous') AS previous_value_pct,
            MIN(change.pp) FILTER (WHERE asked.base = 'previous') AS change_pp,
            MIN(reason.told) FILTER (WHERE asked.base = 'previous') AS no_change_reason,
            MIN(earlier.value_pct) FILTER (WHERE asked.base = 'year_ago') AS year_ago_value_pct,
            MIN(change.pp) FILTER (WHERE asked.base = 'year_ago') AS year_ago_change_pp,
            MIN(reason.told) FILTER (WHERE asked.base = 'year_ago') AS year_ago_no_change_reason,
            MIN(earlier.value_pct) FILTER (WHERE asked.base = 'first') AS first_value_pct,
            MIN(change.pp) FILTER (WHERE asked.base = 'first') AS term_change_pp,
            MIN(reason.told) FILTER (WHERE asked.base = 'first') AS term_no_change_reason
        FROM (
            VALUES
            ('previous', frame.previous_quarter_id),
            ('year_ago', frame.year_ago_quarter_id),
            ('first', frame.first_quarter_id)
        ) AS asked (base, quarter_id)
        LEFT JOIN mart.computed_quarter AS computed
            ON
                asked.quarter_id = computed.quarter_id
                AND own.government_id = computed.government_id
        LEFT JOIN LATERAL (
            SELECT
                rate.value_pct,
                rate.no_value_reason,
                rate.report_count
            FROM rate
            WHERE
                rate.quarter_id = asked.quarter_id
                AND rate.government_id = own.government_id
                AND rate.figure_code = own.figure_code
                AND rate.scope_type = own.scope_type
                AND rate.scope_id = own.scope_id
            ORDER BY rate.quarter_id
            LIMIT 1
        ) AS earlier ON TRUE
        CROSS JOIN
            LATERAL (
                VALUES
                (
                    core.no_change_reason(
                        own.value_pct, own.no_value_reason, own.report_count, frame.term_number,
                        earlier.value_pct, earlier.no_value_reason, earlier.report_count,
                        computed.term_number
                    )
                )
            ) AS reason (told)
        CROSS JOIN
            LATERAL (
                VALUES (core.change_pp(own.value_pct, earlier.value_pct, reason.told))
            ) AS change (pp)
    ) AS base
WHERE measure.factor IS NOT NULL;

-- Each row is: one figure for one scope, beside the same in two earlier quarters.
-- Reads: temp tables figure and figure_base, which holds figures of earlier quarters of the term.
-- Formula: core.change_pp; mart.figure_comparison says the same of the marts.
-- Basis: design §7, value_pct.
-- When blank or zero: where there is no change core.no_change_reason says why; won are told as they
--     are and not compared.
SELECT
    figure.quarter_id,
    figure.government_id,
    figure.figure_code,
    figure.figure_name,
    figure.scope_type,
    figure.scope_id,
    figure.scope_name,
    figure.numerator,
    figure.denominator,
    figure.value_pct,
    figure.shown,
    figure.no_value_reason,
    figure.denominator_rule,
    figure.pledge_count,
    figure.reported_count,
    figure.carried_forward_count,
    figure.with_amount_count,
    figure.owing_count,
    figure.coverage_pct,
    figure.waiver_count,
    figure.is_small_denominator,
    CAST(:previous_quarter_id AS text) AS previous_quarter_id,
    previous.value_pct AS previous_value_pct,
    previous.shown AS previous_shown,
    core.change_pp(figure.value_pct, previous.value_pct, reason.since_previous)
        AS change_pp,
    reason.since_previous AS no_change_reason,
    CAST(:year_ago_quarter_id AS text) AS year_ago_quarter_id,
    year_ago.value_pct AS year_ago_value_pct,
    year_ago.shown AS year_ago_shown,
    core.change_pp(figure.value_pct, year_ago.value_pct, reason.since_year_ago)
        AS year_ago_change_pp,
    reason.since_year_ago AS year_ago_no_change_reason
FROM figure
INNER JOIN core.measure AS measure ON figure.figure_code = measure.figure_code
CROSS JOIN
    LATERAL (
        VALUES
        (CASE WHEN measure.factor IS NULL THEN '금액은 %p로 견주지 않습니다' ELSE figure.no_value_reason END)
    ) AS amount (reason)
LEFT JOIN figure_base AS previous
    ON
        previous.quarter_id = :previous_quarter_id
        AND figure.figure_code = previous.figure_code
        AND figure.scope_type = previous.scope_type
        AND figure.scope_id = previous.scope_id
LEFT JOIN figure_base AS year_ago
    ON
        year_ago.quarter_id = :year_ago_quarter_id
        AND figure.figure_code = year_ago.figure_code
        AND figure.scope_type = year_ago.scope_type
        AND figure.scope_id = year_ago.scope_id
CROSS JOIN
    LATERAL (
        VALUES
        (
            core.no_change_reason(
                figure.value_pct, amount.reason,
                figure.reported_count + figure.carried_forward_count,
                CAST(:term_number AS integer),
                previous.value_pct, previous.no_value_reason,
                previous.reported_count + previous.carried_forward_count,
                CAST(:previous_term_number AS integer)
            ),
            core.no_change_reason(
                figure.value_pct, amount.reason,
                figure.reported_count + figure.carried_forward_count,
                CAST(:term_number AS integer),
                year_ago.value_pct, year_ago.no_value_reason,
                year_ago.reported_count + year_ago.carried_forward_count,
                CAST(:year_ago_term_number AS integer)
            )
        )
    ) AS reason (since_previous, since_year_ago)
WHERE
    figure.figure_code = COALESCE(CAST(:code AS text), figure.figure_code)
    AND figure.scope_type = COALESCE(CAST(:scope_type AS text), figure.scope_type)
ORDER BY
    figure._figure_number ASC,
    figure.scope_type <> 'all' ASC,
    figure.scope_type ASC,
    figure.scope_id ASC

-- Each row is: one figure for one scope in an earlier quarter, or other period, of the same term,
--     the newest first.
-- Reads: mart.implementation_rate, mart.budget_execution, mart.computed_quarter.
-- Formula: none; only what has a denominator or needs none.
-- Basis: docs/figures.md, printed values.
-- When blank or zero: an earlier quarter that was never computed has no row.
SELECT
    earlier.quarter_id,
    earlier.figure_code,
    earlier.scope_type,
    earlier.scope_id,
    earlier.numerator,
    earlier.denominator,
    earlier.pledge_count
FROM (
    SELECT
        quarter_id,
        government_id,
        figure_code,
        scope_type,
        scope_id,
        numerator,
        denominator,
        pledge_count,
        no_value_reason
    FROM mart.implementation_rate
    UNION ALL
    SELECT
        quarter_id,
        government_id,
        figure_code,
        scope_type,
        scope_id,
        numerator,
        denominator,
        pledge_count,
        no_value_reason
    FROM mart.budget_execution
) AS earlier
INNER JOIN mart.computed_quarter AS computed
    ON
        earlier.quarter_id = computed.quarter_id
        AND earlier.government_id = computed.government_id
WHERE
    earlier.government_id = :government_id
    AND core.quarter_last_day(earlier.quarter_id) < core.quarter_last_day(:quarter_id)
    AND earlier.scope_type = ANY(CAST(:scope_types AS text[]))
    AND earlier.no_value_reason IS NULL
    AND computed.term_number = (SELECT term_number FROM computed_quarter)
ORDER BY core.quarter_last_day(earlier.quarter_id) DESC, earlier.quarter_id DESC

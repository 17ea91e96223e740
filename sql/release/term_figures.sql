-- Each row is: one published figure of an earlier quarter of a term, of the newest revision that
--     was published by a moment.
-- Reads: mart.released_figure, mart.released_pledge, audit.release.
-- Formula: none, as published.
-- Basis: only what was published may stand beside what is.
-- When blank or zero: no row for a quarter that was not published by then.
WITH newest AS (
    SELECT
        quarter_id,
        MAX(revision) AS revision
    FROM audit.release
    WHERE
        government_id = :government_id
        AND quarter_id < :quarter_id
        AND decision = 'approved'
        AND decided_at <= :decided_at
        AND EXISTS (
            SELECT 1
            FROM mart.released_pledge AS pledge
            WHERE
                pledge.government_id = release.government_id
                AND pledge.quarter_id = release.quarter_id
                AND pledge.revision = release.revision
                AND pledge.term_number = CAST(:term_number AS integer)
        )
    GROUP BY quarter_id
)

SELECT
    figure.quarter_id,
    figure.revision,
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
    figure.waiver_count
FROM newest
INNER JOIN mart.released_figure AS figure
    ON
        figure.government_id = :government_id
        AND newest.quarter_id = figure.quarter_id
        AND newest.revision = figure.revision

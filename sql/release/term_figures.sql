-- Each row is: one published figure of an earlier period of a term, of the
--     same kind, of the newest revision that
--     was published by a moment.
-- Reads: mart.released_figure, mart.released_pledge, audit.release, audit.retraction.
-- Formula: none, as published.
-- Basis: only what was published may stand beside what is.
-- When blank or zero: no row for a quarter that was not published by then, or whose newest
--     revision had been taken back.
WITH newest AS (
    SELECT
        quarter_id,
        MAX(revision) AS revision
    FROM audit.release
    WHERE
        government_id = :government_id
        AND core.quarter_kind(quarter_id) = core.quarter_kind(:quarter_id)
        AND core.quarter_last_day(quarter_id) < core.quarter_last_day(:quarter_id)
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
),

current_release AS (
    SELECT newest.*
    FROM newest
    WHERE NOT EXISTS (
        SELECT 1
        FROM audit.retraction
        WHERE
            retraction.government_id = :government_id
            AND retraction.quarter_id = newest.quarter_id
            AND retraction.revision = newest.revision
            AND retraction.retracted_at <= :decided_at
    )
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
FROM current_release
INNER JOIN mart.released_figure AS figure
    ON
        figure.government_id = :government_id
        AND current_release.quarter_id = figure.quarter_id
        AND current_release.revision = figure.revision

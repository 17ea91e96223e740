CREATE VIEW mart.release_change AS
WITH behind AS (
    SELECT
        government_id,
        quarter_id,
        revision,
        (COUNT(*) FILTER (WHERE cause = 'report'))::integer AS report_change_count,
        (COUNT(*) FILTER (WHERE cause = 'register'))::integer AS register_change_count
    FROM mart.release_pledge_change
    GROUP BY government_id, quarter_id, revision
),

step AS (
    SELECT
        step.government_id,
        step.quarter_id,
        step.revision,
        step.supersedes,
        COALESCE(behind.report_change_count, 0) AS report_change_count,
        COALESCE(behind.register_change_count, 0) AS register_change_count
    FROM audit.release AS step
    LEFT JOIN behind USING (government_id, quarter_id, revision)
    WHERE step.supersedes IS NOT NULL
),

side AS (
    SELECT
        step.*,
        figure.government_name,
        figure.figure_code,
        figure.figure_name,
        figure.scope_type,
        figure.scope_id,
        figure.scope_name,
        figure.numerator,
        figure.denominator,
        figure.value_pct,
        figure.shown,
        figure.pledge_count,
        figure.revision = step.revision AS is_after
    FROM step
    INNER JOIN mart.released_figure AS figure
        ON
            step.government_id = figure.government_id
            AND step.quarter_id = figure.quarter_id
            AND figure.revision IN (step.supersedes, step.revision)
),

pair AS (
    SELECT
        government_id,
        quarter_id,
        revision,
        figure_code,
        scope_type,
        scope_id,
        MAX(government_name) FILTER (WHERE is_after) AS name_after,
        MAX(government_name) AS name_before,
        MIN(figure_name) AS figure_name,
        MIN(scope_name) AS scope_name,
        MIN(report_change_count) AS report_change_count,
        MIN(register_change_count) AS register_change_count,
        MIN(shown) FILTER (WHERE NOT is_after) AS shown_before,
        MIN(shown) FILTER (WHERE is_after) AS shown_after,
        MIN(value_pct) FILTER (WHERE NOT is_after) AS value_before_pct,
        MIN(value_pct) FILTER (WHERE is_after) AS value_after_pct,
        MIN(numerator) FILTER (WHERE NOT is_after) AS numerator_before,
        MIN(numerator) FILTER (WHERE is_after) AS numerator_after,
        MIN(denominator) FILTER (WHERE NOT is_after) AS denominator_before,
        MIN(denominator) FILTER (WHERE is_after) AS denominator_after,
        MIN(pledge_count) FILTER (WHERE NOT is_after) AS pledge_count_before,
        MIN(pledge_count) FILTER (WHERE is_after) AS pledge_count_after
    FROM side
    GROUP BY government_id, quarter_id, revision, figure_code, scope_type, scope_id
)

SELECT
    government_id,
    quarter_id,
    revision,
    figure_code,
    figure_name,
    scope_type,
    scope_id,
    scope_name,
    shown_before,
    shown_after,
    value_after_pct - value_before_pct AS change_pp,
    numerator_before,
    numerator_after,
    denominator_before,
    denominator_after,
    pledge_count_before,
    pledge_count_after,
    report_change_count,
    register_change_count,
    COALESCE(name_after, name_before) AS government_name
FROM pair
WHERE
    (shown_before, numerator_before, denominator_before, pledge_count_before)
    IS DISTINCT FROM (shown_after, numerator_after, denominator_after, pledge_count_after);

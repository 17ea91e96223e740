-- Each row is one government and quarter that returns of the batch report on: its pledges as they
-- stand once the batch counts. It is told on the newest of those returns.
-- Reads checked__submission, __progress, __pledge, core.pledges_in_force, reports_until.
-- A pledge counts with its line in the batch, else with its report in force for the quarter or the
-- newest before it. Compared are pledges of the batch that were below 100 before, or had money.

WITH scope AS (
    SELECT DISTINCT ON (government_id, term_number, quarter_id) *
    FROM checked__submission
    WHERE form_code NOT IN ('register', 'attachment') AND government_class IS NOT NULL
    ORDER BY
        government_id ASC, term_number ASC, quarter_id ASC, received_at DESC, submission_id DESC
),

line AS MATERIALIZED (
    SELECT DISTINCT ON (scope.submission_id, progress.pledge_id)
        scope.submission_id AS scope_id,
        progress.pledge_id,
        progress.rate_pct,
        progress.previous_rate_pct,
        pledge.plan_krw,
        pledge.executed_krw,
        pledge.previous_plan_krw,
        pledge.previous_executed_krw
    FROM checked__progress AS progress
    INNER JOIN checked__submission AS file USING (submission_id)
    INNER JOIN scope
        ON
            file.government_id = scope.government_id
            AND file.term_number = scope.term_number
            AND file.quarter_id = scope.quarter_id
    LEFT JOIN checked__pledge AS pledge
        ON
            progress.submission_id = pledge.submission_id
            AND progress.pledge_id = pledge.pledge_id
    WHERE progress.is_owned AND progress.occurrence = 1
    ORDER BY scope.submission_id ASC, progress.pledge_id ASC, file.received_at DESC
),

pledge AS (
    SELECT
        scope.submission_id,
        (known.pledge).pledge_id,
        scope.quarter_id,
        COALESCE(line.rate_pct, report.declared_rate_pct) AS rate_pct,
        COALESCE(line.pledge_id IS NOT NULL OR report.is_of_day, FALSE)
            AS is_reported,
        known.is_closed,
        line.rate_pct AS line_rate_pct,
        line.previous_rate_pct,
        line.plan_krw,
        line.executed_krw,
        line.previous_plan_krw,
        line.previous_executed_krw
    FROM scope
    INNER JOIN LATERAL core.pledges_in_force(
        scope.government_id, scope.term_number, scope.reference_date
    ) AS known ON TRUE
    LEFT JOIN line
        ON scope.submission_id = line.scope_id AND line.pledge_id = (known.pledge).pledge_id
    LEFT JOIN LATERAL (
        SELECT
            accepted.is_of_day,
            progress.declared_rate_pct
        FROM
            core.reports_until(
                scope.government_id, scope.term_number, (known.pledge).pledge_id,
                scope.quarter_id, scope.reference_date, scope.known_until
            ) AS accepted
        INNER JOIN core.fct_quarterly_progress AS progress USING (report_id)
        ORDER BY accepted.place
        LIMIT 1
    ) AS report ON TRUE
)

SELECT
    pledge.submission_id,
    NULL::integer AS _table,
    NULL::integer AS _row,
    NULL::text AS pledge_id,
    NULL::text AS field,
    scope.quarter_id AS row_key,
    scope.quarter_id,
    scope.received_date,
    scope.last_grace_date AS grace_date,
    COUNT(*) FILTER (WHERE NOT pledge.is_closed) AS owed_count,
    COUNT(*) FILTER (WHERE NOT pledge.is_closed AND pledge.is_reported) AS reported_count,
    COUNT(pledge.rate_pct) AS rate_count,
    COUNT(*) FILTER (WHERE pledge.rate_pct = 100) AS hundred_count,
    COUNT(DISTINCT pledge.rate_pct) AS distinct_rate_count,
    MAX(pledge.rate_pct) AS highest_rate_pct,
    COUNT(*) FILTER (WHERE pledge.previous_rate_pct < 100) AS compared_rate_count,
    COUNT(*) FILTER (
        WHERE pledge.previous_rate_pct < 100 AND pledge.line_rate_pct = pledge.previous_rate_pct
    ) AS unchanged_rate_count,
    COUNT(*) FILTER (WHERE pledge.previous_plan_krw > 0) AS compared_money_count,
    COUNT(*) FILTER (
        WHERE pledge.previous_plan_krw > 0
        AND pledge.plan_krw = pledge.previous_plan_krw
        AND COALESCE(pledge.executed_krw, 0) = COALESCE(pledge.previous_executed_krw, 0)
    ) AS unchanged_money_count
FROM pledge
INNER JOIN scope USING (submission_id)
GROUP BY
    pledge.submission_id, scope.quarter_id, scope.received_date, scope.last_grace_date

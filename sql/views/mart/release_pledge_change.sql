-- A pledge that left or came in, or whose decided data differ, was moved by the register; any other
-- by a report.
CREATE VIEW mart.release_pledge_change AS
WITH side AS NOT MATERIALIZED (
    SELECT
        step.revision AS told_revision,
        step.revision = pledge.revision AS is_after,
        pledge.*
    FROM audit.release AS step
    INNER JOIN mart.released_pledge AS pledge
        ON
            step.government_id = pledge.government_id
            AND step.quarter_id = pledge.quarter_id
            AND pledge.revision IN (step.supersedes, step.revision)
    WHERE step.supersedes IS NOT NULL
),

earlier AS (
    SELECT * FROM side
    WHERE NOT is_after
),

later AS (
    SELECT * FROM side
    WHERE is_after
),

pair AS (
    SELECT
        government_id,
        quarter_id,
        told_revision AS revision,
        pledge_id,
        COALESCE(later.government_name, earlier.government_name) AS government_name,
        COALESCE(later.pledge_name, earlier.pledge_name) AS pledge_name,
        CASE
            WHEN later.pledge_id IS NULL THEN earlier.field_name ELSE later.field_name
        END AS field_name,
        CASE
            WHEN earlier.pledge_id IS NULL THEN 'added'
            WHEN later.pledge_id IS NULL THEN 'removed'
            ELSE 'changed'
        END AS difference_kind,
        CASE
            WHEN earlier.pledge_id IS NULL OR later.pledge_id IS NULL THEN 'register'
            WHEN
                COALESCE(earlier.submission_id, 0) = COALESCE(later.submission_id, 0)
                THEN 'register'
            ELSE 'report'
        END AS cause,
        earlier.status_name AS status_before,
        later.status_name AS status_after,
        earlier.declared_rate_pct AS declared_rate_before_pct,
        later.declared_rate_pct AS declared_rate_after_pct,
        earlier.pledge_plan_krw AS plan_before_krw,
        later.pledge_plan_krw AS plan_after_krw,
        earlier.pledge_secured_krw AS secured_before_krw,
        later.pledge_secured_krw AS secured_after_krw,
        earlier.pledge_executed_krw AS executed_before_krw,
        later.pledge_executed_krw AS executed_after_krw,
        later.submission_id,
        COALESCE(
            (TO_JSONB(earlier) - '{revision, is_after}'::text[])
            <> (TO_JSONB(later) - '{revision, is_after}'::text[]), TRUE
        ) AS is_moved
    FROM earlier
    FULL OUTER JOIN later
        USING (government_id, quarter_id, told_revision, term_number, pledge_id)
)

SELECT
    pair.government_id,
    pair.quarter_id,
    pair.revision,
    pair.pledge_id,
    pair.pledge_name,
    pair.difference_kind,
    pair.cause,
    pair.status_before,
    pair.status_after,
    pair.declared_rate_before_pct,
    pair.declared_rate_after_pct,
    pair.plan_before_krw,
    pair.plan_after_krw,
    pair.secured_before_krw,
    pair.secured_after_krw,
    pair.executed_before_krw,
    pair.executed_after_krw,
    CASE WHEN pair.cause = 'report' THEN (
        SELECT MAX(progress.correction_reason)
        FROM core.pledge_report AS report
        INNER JOIN core.fct_quarterly_progress AS progress ON report.report_id = progress.report_id
        WHERE
            report.submission_id = pair.submission_id
            AND report.pledge_id = pair.pledge_id
    ) END AS correction_reason,
    pair.government_name,
    pair.field_name
FROM pair
WHERE pair.is_moved;

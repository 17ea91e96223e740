-- Each row is: one pledge in force on 기준일 with the report in force for the quarter.
-- Reads: core.pledges_in_force, core.pledge_change, core.pledge_report and the facts of the
--     reports, all as known at as_of; temp table pledge_owner.
-- Formula: core.reports_until; report = the period's own, else another's of the same 기준일, else
--     the latest before it of the term, by 기준일.
-- Basis: design §7, pledge in force, owes a report, report in force.
-- When blank or zero: without a report the status is NOT_REPORTED and rate and money are null.
WITH pledge AS (
    SELECT
        (known.pledge).*,
        known.is_closed
    FROM core.pledges_in_force(
        :government_id, CAST(:term_number AS integer), CAST(:reference_date AS date), :as_of
    ) AS known
),

latest_decision AS (
    SELECT DISTINCT ON (pledge_id)
        pledge_id,
        change_code
    FROM core.pledge_change
    WHERE
        government_id = :government_id
        AND term_number = :term_number
        AND change_date <= :reference_date
        AND change_code <> 'CHANGED'
        AND recorded_at <= :as_of
        AND superseded_at > :as_of
    ORDER BY
        pledge_id ASC,
        change_date DESC,
        ARRAY_POSITION(ARRAY['COMPLETED', 'DROPPED', 'HELD', 'MERGED', 'SPLIT'], change_code) ASC
),

report AS (
    SELECT latest.*
    FROM pledge
    CROSS JOIN LATERAL (
        SELECT
            pledge.pledge_id,
            known.report_id,
            known.quarter_id,
            known.is_late,
            known.is_of_day
        FROM
            core.reports_until(
                :government_id, CAST(:term_number AS integer), pledge.pledge_id, :quarter_id,
                CAST(:reference_date AS date), CAST(:as_of AS timestamptz)
            ) AS known
        WHERE known.place = 1
    ) AS latest
),

money AS (
    SELECT
        budget.report_id,
        SUM(budget.plan_krw) AS plan_krw,
        SUM(budget.secured_krw) AS secured_krw,
        SUM(budget.executed_krw) AS executed_krw
    FROM report
    INNER JOIN core.fct_quarterly_budget AS budget ON report.report_id = budget.report_id
    GROUP BY budget.report_id
),

reported AS (
    SELECT
        report.pledge_id,
        report.report_id,
        report.quarter_id,
        report.is_late,
        report.is_of_day,
        progress.status_code,
        progress.declared_rate_pct,
        progress.is_target_met,
        progress.grade_code,
        money.plan_krw,
        money.secured_krw,
        money.executed_krw
    FROM report
    INNER JOIN core.fct_quarterly_progress AS progress ON report.report_id = progress.report_id
    LEFT JOIN money ON report.report_id = money.report_id
)

SELECT
    CAST(:quarter_id AS text) AS quarter_id,
    pledge.government_id,
    pledge.term_number,
    pledge.pledge_id,
    CAST(:reference_date AS date) AS as_of_date,
    pledge.pledge_name,
    pledge.field_name,
    owner.department_code,
    owner.department_name,
    owner.department_current_code,
    owner.department_current_name,
    pledge.due_code,
    pledge.due_year,
    pledge.novelty_code,
    pledge.actor_code,
    pledge.delivery_code,
    pledge.budget_class_code,
    pledge.declared_total_krw,
    COALESCE(reported.status_code, 'NOT_REPORTED') AS status_code,
    COALESCE(status.name, reported.status_code, 'NOT_REPORTED') AS status_name,
    reported.declared_rate_pct,
    reported.is_target_met,
    CASE
        WHEN reported.is_of_day THEN 'reported'
        WHEN reported.quarter_id IS NOT NULL THEN 'carried_forward'
        ELSE 'not_reported'
    END AS report_state,
    reported.quarter_id AS reported_quarter_id,
    reported.is_late,
    NOT pledge.is_closed AS owes_report,
    latest_decision.change_code AS decision_code,
    CAST(:held_and_dropped_count AS boolean) OR NOT (
        COALESCE(reported.status_code IN ('ON_HOLD', 'DROPPED'), FALSE)
        OR COALESCE(latest_decision.change_code IN ('HELD', 'DROPPED'), FALSE)
    ) AS is_counted,
    reported.plan_krw AS pledge_plan_krw,
    reported.secured_krw AS pledge_secured_krw,
    reported.executed_krw AS pledge_executed_krw,
    (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'due' AND known.code = pledge.due_code
    ) AS due_name,
    (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'novelty' AND known.code = pledge.novelty_code
    ) AS novelty_name,
    (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'actor' AND known.code = pledge.actor_code
    ) AS actor_name,
    (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'delivery' AND known.code = pledge.delivery_code
    ) AS delivery_name,
    (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'budget_class' AND known.code = pledge.budget_class_code
    ) AS budget_class_name,
    (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'change_kind' AND known.code = latest_decision.change_code
    ) AS decision_name,
    reported.grade_code,
    (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'grade' AND known.code = reported.grade_code
    ) AS grade_name,
    reported.report_id AS _report_id,
    pledge.confirmed_date AS _confirmed_date,
    pledge._submission_id AS _register_submission_id,
    pledge._row AS _register_row
FROM pledge
LEFT JOIN pledge_owner AS owner ON pledge.pledge_id = owner.pledge_id AND owner.owner_number = 1
LEFT JOIN latest_decision ON pledge.pledge_id = latest_decision.pledge_id
LEFT JOIN reported ON pledge.pledge_id = reported.pledge_id
LEFT JOIN core.code_value AS status
    ON
        status.list_code = 'status'
        AND COALESCE(reported.status_code, 'NOT_REPORTED') = status.code

-- Each row is: what one scope holds, for one population of its pledges.
-- Reads: temp tables scope_member, pledge_status, subproject_status, pledge_money,
--     waived_finding.
-- Formula: counts and sums over pledges, never over other aggregates. Populations: `in_force` all
--     (money), `counted` by the denominator rule (R1 to R4), `counted_in_term` of these 임기내.
-- Basis: domain §4; design §7, scopes.
-- When blank or zero: a sum over no pledge is null. A status or grade that no pledge has is a scope
--     too, of the population in_force, with has_pledge false.
WITH member AS (
    SELECT
        scope.scope_type,
        scope.scope_id,
        scope.scope_name,
        scope.pledge_id,
        scope._part_type,
        scope._part_id,
        population.population,
        status.declared_rate_pct,
        status.is_target_met,
        status.status_code,
        status.grade_code,
        status.status_code = 'COMPLETED' OR (
            status.status_code = 'COMPLETED_ONGOING' AND CAST(:completed_ongoing_counts AS boolean)
        ) AS is_completed,
        status.report_state,
        status.owes_report AND population.is_asked AS owes_report,
        population.is_asked AND (status.is_counted OR NOT population.is_rule_applied) AS is_in
    FROM scope_member AS scope
    INNER JOIN pledge_status AS status ON scope.pledge_id = status.pledge_id
    CROSS JOIN
        LATERAL (
            VALUES
            ('in_force', TRUE, FALSE),
            ('counted', TRUE, TRUE),
            ('counted_in_term', COALESCE(status.due_code = 'IN_TERM', FALSE), TRUE)
        ) AS population (population, is_asked, is_rule_applied)
    WHERE scope._part_type = 'whole' OR population.population = 'in_force'
    UNION ALL
    SELECT
        known.list_code AS scope_type,
        known.code AS scope_id,
        known.name AS scope_name,
        NULL AS pledge_id,
        'whole' AS _part_type,
        '' AS _part_id,
        'in_force' AS population,
        NULL AS declared_rate_pct,
        NULL AS is_target_met,
        NULL AS status_code,
        NULL AS grade_code,
        FALSE AS is_completed,
        NULL AS report_state,
        FALSE AS owes_report,
        FALSE AS is_in
    FROM core.code_value AS known
    WHERE known.list_code IN ('status', 'grade')
),

-- Counted under their pledge; no sub-task is a pledge.
subproject AS (
    SELECT
        pledge_id,
        COUNT(*) AS subproject_count,
        COUNT(*) FILTER (
            WHERE status_code = 'COMPLETED' OR (
                status_code = 'COMPLETED_ONGOING' AND CAST(:completed_ongoing_counts AS boolean)
            )
        ) AS completed_count
    FROM subproject_status
    GROUP BY pledge_id
),

waived AS (
    SELECT
        touched.pledge_id,
        COUNT(*) AS waiver_count
    FROM waived_finding AS finding
    CROSS JOIN LATERAL UNNEST(finding._pledge_ids) AS touched (pledge_id)
    GROUP BY touched.pledge_id
)

SELECT
    member.scope_type,
    member.scope_id,
    member.scope_name,
    member.population,
    COUNT(member.pledge_id) > 0 AS has_pledge,
    COUNT(*) FILTER (WHERE member.is_in) AS pledge_count,
    COUNT(*) FILTER (WHERE member.is_in AND member.report_state = 'reported') AS reported_count,
    COUNT(*) FILTER (
        WHERE member.is_in AND member.report_state = 'carried_forward'
    ) AS carried_forward_count,
    COUNT(*) FILTER (WHERE member.is_in AND money.has_amount) AS with_amount_count,
    COUNT(*) FILTER (WHERE member.owes_report) AS owing_count,
    COUNT(*) FILTER (
        WHERE member.owes_report AND member.report_state = 'reported'
    ) AS answered_count,
    SUM(member.declared_rate_pct) FILTER (WHERE member.is_in) AS rate_sum,
    COUNT(member.declared_rate_pct) FILTER (WHERE member.is_in) AS rate_count,
    COUNT(*) FILTER (WHERE member.is_in AND member.is_target_met) AS met_count,
    COUNT(*) FILTER (WHERE member.is_in AND member.is_completed) AS completed_count,
    COUNT(*) FILTER (
        WHERE member.is_in AND member.status_code = 'COMPLETED'
    ) AS only_completed_count,
    COUNT(*) FILTER (
        WHERE member.is_in AND (member.is_completed OR member.status_code = 'ON_TRACK')
    ) AS going_well_count,
    COUNT(member.grade_code) FILTER (WHERE member.is_in) AS graded_count,
    COALESCE(SUM(subproject.subproject_count) FILTER (WHERE member.is_in), 0) AS subproject_count,
    COALESCE(
        SUM(subproject.completed_count) FILTER (WHERE member.is_in), 0
    ) AS completed_subproject_count,
    SUM(money.plan_krw) AS plan_krw,
    SUM(money.secured_krw) AS secured_krw,
    SUM(money.executed_krw) AS executed_krw,
    SUM(money.term_plan_krw) AS term_plan_krw,
    SUM(money.term_secured_krw) AS term_secured_krw,
    SUM(money.term_executed_krw) AS term_executed_krw,
    SUM(money.past_secured_krw) AS past_secured_krw,
    SUM(money.past_executed_krw) AS past_executed_krw,
    SUM(money.year_secured_krw) AS year_secured_krw,
    SUM(money.year_executed_krw) AS year_executed_krw,
    COALESCE(BOOL_OR(money.is_year_joined), FALSE) AS is_year_joined,
    COALESCE(SUM(waived.waiver_count) FILTER (WHERE member.is_in), 0) AS waiver_count
FROM member
LEFT JOIN waived ON member.pledge_id = waived.pledge_id
LEFT JOIN subproject ON member.pledge_id = subproject.pledge_id
LEFT JOIN pledge_money AS money
    ON
        member.pledge_id = money.pledge_id
        AND member._part_type = money.part_type
        AND member._part_id = money.part_id
GROUP BY member.scope_type, member.scope_id, member.scope_name, member.population

-- Sets aside the findings of :waivable rules that a waiver covers on the day the file came: same
-- government and rule, its department (or all), its pledge (or all), and a quarter within its span.
-- A finding that a reason settled needs none. Of several waivers the one that lasts longest counts.

WITH covered AS (
    SELECT DISTINCT ON (finding.finding_id)
        finding.finding_id,
        waiver.waiver_id
    FROM audit.finding
    INNER JOIN checked__submission AS scope USING (submission_id)
    INNER JOIN audit.waiver
        ON scope.government_id = waiver.government_id AND finding.rule_id = waiver.rule_id
    WHERE
        finding.rule_id = ANY(:waivable)
        AND finding.acknowledged_reason IS NULL
        AND finding.superseded_at = 'infinity'
        AND waiver.superseded_at = 'infinity'
        AND scope.received_date <= waiver.expires_on
        AND core.quarter_last_day(scope.quarter_id)
        BETWEEN core.quarter_first_day(waiver.first_quarter_id)
        AND COALESCE(core.quarter_last_day(waiver.last_quarter_id), 'infinity')
        AND COALESCE(waiver.pledge_id = finding.pledge_id, waiver.pledge_id IS NULL)
        AND (
            waiver.department_code IS NULL
            OR core.department_on(
                scope.government_id, waiver.department_code, scope.reference_date
            ) = core.department_on(
                scope.government_id, scope.department_code, scope.reference_date
            )
        )
    ORDER BY finding.finding_id ASC, waiver.expires_on DESC, waiver.waiver_id ASC
)

UPDATE audit.finding
SET waiver_id = covered.waiver_id
FROM covered
WHERE finding.finding_id = covered.finding_id

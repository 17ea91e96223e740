-- Writes one waiver, unless the very same one is in force.
-- Returns its number and whether it is new.

WITH same AS (
    SELECT waiver_id
    FROM audit.waiver
    WHERE
        superseded_at = 'infinity'
        AND (
            government_id, rule_id, department_code, pledge_id, first_quarter_id, last_quarter_id,
            expires_on, approver, reason
        ) IS NOT DISTINCT FROM (
            :government_id, :rule_id, :department_code, :pledge_id, :first_quarter_id,
            :last_quarter_id, CAST(:expires_on AS date), :approver, :reason
        )
),

fresh AS (
    INSERT INTO audit.waiver (
        government_id, rule_id, department_code, pledge_id, first_quarter_id, last_quarter_id,
        expires_on, approver, reason, recorded_at
    )
    SELECT
        :government_id,
        :rule_id,
        :department_code,
        :pledge_id,
        :first_quarter_id,
        :last_quarter_id,
        :expires_on,
        :approver,
        :reason,
        :at
    WHERE NOT EXISTS (SELECT 1 FROM same)
    RETURNING waiver_id
)

SELECT
    waiver_id,
    TRUE AS is_new
FROM fresh
UNION ALL
SELECT
    waiver_id,
    FALSE AS is_new
FROM same

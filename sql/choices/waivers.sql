-- Each row is one waiver in force that was not written in a register, newest first.
-- Reads audit.waiver.

SELECT
    waiver_id AS value,
    FORMAT(
        '%s · %s %s %s · %s까지',
        waiver_id,
        rule_id,
        COALESCE(department_code, '모든 부서'),
        COALESCE(pledge_id, '모든 공약'),
        expires_on
    ) AS label
FROM audit.waiver
WHERE superseded_at = 'infinity' AND _submission_id IS NULL
ORDER BY waiver_id DESC

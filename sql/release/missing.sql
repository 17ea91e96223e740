-- Each row is one pledge without its report of the quarter, and the waiver of :rule_id that lets
-- the quarter be published without it.
-- Reads the temporary tables missing_report and pledge_status, core.waiver_covering.
-- Without one waiver_id is null.

SELECT
    missing.department_code,
    missing.department_name,
    missing.pledge_id,
    waiver.waiver_id,
    waiver.reason
FROM missing_report AS missing
INNER JOIN pledge_status AS status ON missing.pledge_id = status.pledge_id
LEFT JOIN LATERAL core.waiver_covering(
    missing.government_id, :rule_id, missing.quarter_id, missing.department_code,
    missing.pledge_id, status.as_of_date, :as_of
) AS waiver ON TRUE
ORDER BY missing.department_code, missing.pledge_id

-- Each row is one pledge without its report of the quarter, and the waiver of :rule_id that lets
-- the quarter be published without it.
-- Reads the temporary tables missing_report and pledge_status, audit.waiver.
-- Of several waivers the one that lasts longest counts; without one waiver_id is null.

SELECT
    missing.department_code,
    missing.department_name,
    missing.pledge_id,
    waiver.waiver_id,
    waiver.reason
FROM missing_report AS missing
INNER JOIN pledge_status AS status ON missing.pledge_id = status.pledge_id
LEFT JOIN LATERAL (
    SELECT known.*
    FROM audit.waiver AS known
    WHERE
        known.government_id = missing.government_id
        AND known.rule_id = :rule_id
        AND known.recorded_at <= :as_of
        AND known.superseded_at > :as_of
        AND known.expires_on >= CAST(CAST(:as_of AS timestamptz) AT TIME ZONE 'Asia/Seoul' AS date)
        AND core.quarter_last_day(missing.quarter_id)
        BETWEEN core.quarter_first_day(known.first_quarter_id)
        AND COALESCE(core.quarter_last_day(known.last_quarter_id), 'infinity')
        AND COALESCE(known.pledge_id = missing.pledge_id, known.pledge_id IS NULL)
        AND (
            known.department_code IS NULL
            OR missing.department_code
            = core.department_on(known.government_id, known.department_code, status.as_of_date)
        )
    ORDER BY known.expires_on DESC, known.waiver_id ASC
    LIMIT 1
) AS waiver ON TRUE
ORDER BY missing.department_code, missing.pledge_id

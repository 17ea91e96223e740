-- Each row is one pledge without its report of the quarter, which is called :this, that a waiver of
-- :rule_id let a release pass without, told as a finding that a waiver set aside is
-- (figures/waived_finding.sql).
-- Reads the pledges that are given, core.waiver_covering.

SELECT
    waiver.waiver_id,
    waiver.rule_id,
    missing.department_code,
    missing.pledge_id,
    CAST(:this AS text) || '의 보고 없이 발표함' AS message,
    waiver.reason,
    waiver.expires_on,
    FALSE AS is_expired
FROM
    UNNEST(CAST(:department_codes AS text[]), CAST(:pledge_ids AS text[]))
        AS missing (department_code, pledge_id)
CROSS JOIN LATERAL core.waiver_covering(
    :government_id, :rule_id, :quarter_id, missing.department_code, missing.pledge_id,
    CAST(:day AS date), :as_of
) AS waiver

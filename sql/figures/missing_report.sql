-- Each row is: one pledge that owes a report for the quarter and has none of that quarter.
-- Reads: temp table pledge_status, audit.submission, audit.pledge_verdict, audit.batch.
-- Formula: the verdict of the newest submission that named the pledge, as judged and not withdrawn
--     by as_of.
-- Basis: design §7, owes a report; §5, levels.
-- When blank or zero: no row where everything is reported; without a verdict it is missing.
WITH verdict AS (
    SELECT DISTINCT ON (verdict.pledge_id)
        verdict.pledge_id,
        verdict.verdict
    FROM audit.submission AS submission
    INNER JOIN audit.batch AS batch ON submission.batch_id = batch.batch_id
    INNER JOIN audit.pledge_verdict AS verdict
        ON submission.submission_id = verdict.submission_id
    WHERE
        submission.government_id = :government_id
        AND submission.quarter_id = :quarter_id
        AND COALESCE(submission.term_number, :term_number) = :term_number
        AND batch.started_at <= :as_of
        AND COALESCE(submission.withdrawn_at, 'infinity') > :as_of
        AND batch.purpose <> 'check'
        AND verdict.recorded_at <= :as_of
        AND verdict.superseded_at > :as_of
    ORDER BY verdict.pledge_id ASC, submission.received_at DESC, submission.sha256 DESC
)

SELECT
    status.quarter_id,
    status.government_id,
    COALESCE(status.department_code, '') AS department_code,
    COALESCE(status.department_name, '부서 미상') AS department_name,
    status.pledge_id,
    status.pledge_name,
    CASE
        WHEN verdict.verdict IN ('blocked', 'needs_reason') THEN verdict.verdict
        ELSE 'missing'
    END AS state,
    status.field_name
FROM pledge_status AS status
LEFT JOIN verdict ON status.pledge_id = verdict.pledge_id
WHERE status.owes_report AND status.report_state <> 'reported'

-- Each row is: one finding that a waiver set aside in a report in force for the quarter, carried
--     forward or not.
-- Reads: temp table pledge_status; core.pledge_report, core.dim_department, audit.finding,
--     audit.waiver, audit.submission.
-- Formula: of the file a report came from, the findings of its pledge and those of the whole file,
--     as judged by as_of; expired from the day after expires_on, or once ended, by as_of in Seoul.
-- Basis: design §3, audit.waiver; a waiver stands beside the figures it touches.
-- When blank or zero: without a pledge the finding is about the whole file.
-- _pledge_ids: the pledges whose figures it touches.
SELECT
    status.quarter_id,
    status.government_id,
    finding.waiver_id,
    finding.finding_id,
    finding.rule_id,
    submission.department_code,
    finding.pledge_id,
    finding.message,
    waiver.reason,
    waiver.expires_on,
    waiver.superseded_at <= :as_of
    OR waiver.expires_on < CAST(CAST(:as_of AS timestamptz) AT TIME ZONE 'Asia/Seoul' AS date)
        AS is_expired,
    (
        SELECT known.department_name
        FROM core.dim_department AS known
        WHERE
            known.government_id = :government_id
            AND known.department_code = submission.department_code
            AND known.recorded_at <= :as_of
            AND known.superseded_at > :as_of
        ORDER BY known.valid_from DESC
        LIMIT 1
    ) AS department_name,
    CASE WHEN finding.pledge_id IS NOT NULL THEN MIN(status.pledge_name) END AS pledge_name,
    CASE WHEN finding.pledge_id IS NOT NULL THEN MIN(status.field_name) END AS field_name,
    ARRAY_AGG(status.pledge_id) AS _pledge_ids
FROM audit.finding
INNER JOIN audit.waiver ON finding.waiver_id = waiver.waiver_id
INNER JOIN audit.submission ON finding.submission_id = submission.submission_id
INNER JOIN core.pledge_report AS report ON finding.submission_id = report.submission_id
INNER JOIN pledge_status AS status
    ON
        report.report_id = status._report_id
        AND COALESCE(finding.pledge_id, status.pledge_id) = status.pledge_id
WHERE
    waiver.government_id = :government_id
    AND NOT finding.is_shadow
    AND finding.recorded_at <= :as_of
    AND finding.superseded_at > :as_of
GROUP BY
    status.quarter_id,
    status.government_id,
    finding.finding_id,
    submission.submission_id,
    waiver.waiver_id

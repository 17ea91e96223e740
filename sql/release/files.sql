-- Each row is one file that counted for a quarter at :as_of: a report of it was in force, or
-- nothing newer had come in its place. Withdrawn and repeated files do not count.
-- Reads core.submission_counting, core.pledge_report, audit.submission, audit.former_judgement,
-- audit.batch, audit.finding, audit.erasure. is_stale: it was judged by other versions than these
-- then; a file that was erased cannot be judged again, and its judgement stays good.
-- open_count counts its findings that wait for a reason, but not those of a pledge that a later
-- file has settled since.

SELECT
    submission.submission_id,
    submission.file_name,
    COALESCE(
        core.department_name(submission.government_id, submission.department_code),
        submission.department_code, ''
    ) AS department_name,
    submission.is_late,
    erasure.submission_id IS NULL AND COALESCE(
        COALESCE(former.rule_version, submission.rule_version) <> :rule_version
        OR COALESCE(former.form_version, submission.form_version) <> :form_version
        OR COALESCE(former.code_version, submission.code_version) <> :code_version,
        TRUE
    ) AS is_stale,
    erasure.submission_id IS NOT NULL AS is_erased,
    (
        SELECT COUNT(*)
        FROM audit.finding
        WHERE
            finding.submission_id = submission.submission_id
            AND finding.level = 'acknowledge'
            AND finding.acknowledged_reason IS NULL
            AND finding.waiver_id IS NULL
            AND NOT finding.is_shadow
            AND finding.recorded_at <= :as_of
            AND finding.superseded_at > :as_of
            AND NOT EXISTS (
                SELECT 1
                FROM core.pledge_report AS report
                WHERE
                    report.government_id = submission.government_id
                    AND report.quarter_id = submission.quarter_id
                    AND report.pledge_id = finding.pledge_id
                    AND report.received_at > submission.received_at
                    AND report.accepted_at <= :as_of
                    AND report.superseded_at > :as_of
            )
    ) AS open_count
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
LEFT JOIN audit.erasure USING (submission_id)
LEFT JOIN audit.former_judgement AS former
    ON
        submission.submission_id = former.submission_id
        AND former.recorded_at <= :as_of
        AND former.superseded_at > :as_of
WHERE
    batch.purpose = 'collect'
    AND submission.government_id = :government_id
    AND submission.quarter_id = :quarter_id
    AND submission.received_at <= :as_of
    AND submission.state IN ('loaded', 'rejected', 'withdrawn')
    AND COALESCE(submission.withdrawn_at, 'infinity') > :as_of
    AND (
        EXISTS (
            SELECT 1
            FROM core.submission_counting(:as_of) AS present
            WHERE present.submission_id = submission.submission_id
        )
        OR EXISTS (
            SELECT 1
            FROM core.pledge_report AS report
            WHERE
                report.submission_id = submission.submission_id
                AND report.accepted_at <= :as_of
                AND report.superseded_at > :as_of
        )
    )
ORDER BY submission.received_at, submission.submission_id

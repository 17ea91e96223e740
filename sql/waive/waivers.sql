-- Each row is one waiver of a government, newest first, with how it stands at :at and how many
-- findings of received files it set aside then.
-- Reads audit.waiver, audit.finding, audit.submission, audit.batch.

SELECT
    waiver.waiver_id,
    waiver.government_id,
    waiver.rule_id,
    waiver.department_code,
    waiver.pledge_id,
    waiver.first_quarter_id,
    waiver.last_quarter_id,
    waiver.expires_on,
    waiver.approver,
    waiver.reason,
    waiver.recorded_at,
    waiver._submission_id IS NOT NULL AS is_from_register,
    CASE
        WHEN waiver.superseded_at <= :at THEN 'ended'
        WHEN waiver.expires_on < CAST(CAST(:at AS timestamptz) AT TIME ZONE 'Asia/Seoul' AS date)
            THEN 'expired'
        ELSE 'in_force'
    END AS state,
    (
        SELECT COUNT(*)
        FROM audit.finding
        INNER JOIN audit.submission USING (submission_id)
        INNER JOIN audit.batch USING (batch_id)
        WHERE
            finding.waiver_id = waiver.waiver_id
            AND batch.purpose = 'collect'
            AND finding.recorded_at <= :at
            AND finding.superseded_at > :at
    ) AS finding_count
FROM audit.waiver
WHERE waiver.government_id = :government_id AND waiver.recorded_at <= :at
ORDER BY waiver.waiver_id DESC

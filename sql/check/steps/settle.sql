-- Marks each file of the batch as checked or rejected, late or in time, counts its pledges, and
-- notes when and with which versions it was judged.

WITH verdict AS (
    SELECT
        scope.submission_id,
        COUNT(*) FILTER (WHERE pledge_verdict.verdict = 'accepted') AS accepted_count,
        COUNT(*) FILTER (WHERE pledge_verdict.verdict <> 'accepted') AS blocked_count
    FROM checked__submission AS scope
    LEFT JOIN audit.pledge_verdict
        ON
            scope.submission_id = pledge_verdict.submission_id
            AND pledge_verdict.superseded_at = 'infinity'
    GROUP BY scope.submission_id
),

register_fault AS (
    SELECT
        finding.submission_id,
        COUNT(*) AS row_count
    FROM audit.finding
    INNER JOIN checked__submission AS scope USING (submission_id)
    WHERE
        scope.form_code IN ('register', 'published')
        AND finding.level = 'block_pledge'
        AND NOT finding.is_shadow
        AND finding.superseded_at = 'infinity'
    GROUP BY finding.submission_id
)

UPDATE audit.submission
SET
    state = CASE
        WHEN EXISTS (
            SELECT 1
            FROM audit.finding
            WHERE
                finding.submission_id = submission.submission_id
                AND finding.level = 'reject_file'
                AND NOT finding.is_shadow
                AND finding.superseded_at = 'infinity'
        ) THEN 'rejected'
        ELSE 'checked'
    END,
    checked_at = :checked_at,
    rule_version = :rule_version,
    form_version = :form_version,
    code_version = :code_version,
    is_late = COALESCE(scope.received_date > scope.grace_date, FALSE),
    accepted_count = verdict.accepted_count,
    blocked_count = verdict.blocked_count + COALESCE(register_fault.row_count, 0)
FROM checked__submission AS scope
INNER JOIN verdict USING (submission_id)
LEFT JOIN register_fault USING (submission_id)
WHERE submission.submission_id = scope.submission_id

-- Each row is one file of the inbox (address and stamp) that needs no new look.
-- Reads audit.submission, audit.batch, audit.finding, audit.waiver, audit.recognised_file.
-- A receipt with something blocked is open again once a newer register of its government (of any
-- where it is nobody's) was loaded or a waiver of one of its rules was recorded, unless the same
-- department sent something newer for that quarter.

WITH latest_receipt AS (
    SELECT DISTINCT ON (submission.source_uri, submission.source_stamp)
        submission.submission_id,
        submission.source_uri,
        submission.source_stamp,
        submission.received_at,
        submission.government_id,
        submission.quarter_id,
        submission.department_code,
        submission.state,
        submission.blocked_count,
        submission.card_pledge_ids
    FROM audit.submission
    INNER JOIN audit.batch USING (batch_id)
    WHERE batch.purpose = 'collect' AND submission.source_stamp IS NOT NULL
    ORDER BY submission.source_uri ASC, submission.source_stamp ASC, submission.received_at DESC
),

register_load AS (
    SELECT
        submission.government_id,
        MAX(submission.loaded_at) AS loaded_at
    FROM audit.submission
    WHERE submission.form_code = 'register' AND submission.state = 'loaded'
    GROUP BY submission.government_id
),

reopened AS (
    SELECT latest_receipt.submission_id
    FROM latest_receipt
    WHERE
        (latest_receipt.state = 'rejected' OR latest_receipt.blocked_count > 0)
        AND (
            EXISTS (
                SELECT 1
                FROM register_load
                WHERE
                    register_load.government_id
                    = COALESCE(latest_receipt.government_id, register_load.government_id)
                    AND register_load.loaded_at > latest_receipt.received_at
            )
            OR EXISTS (
                SELECT 1
                FROM audit.finding
                INNER JOIN audit.waiver USING (rule_id)
                WHERE
                    finding.submission_id = latest_receipt.submission_id
                    AND finding.superseded_at = 'infinity'
                    AND waiver.government_id = latest_receipt.government_id
                    AND waiver.recorded_at > latest_receipt.received_at
                    AND waiver.superseded_at = 'infinity'
            )
        )
        AND NOT EXISTS (
            SELECT 1
            FROM audit.submission AS newer
            WHERE
                newer.government_id IS NOT DISTINCT FROM latest_receipt.government_id
                AND newer.quarter_id IS NOT DISTINCT FROM latest_receipt.quarter_id
                AND newer.department_code IS NOT DISTINCT FROM latest_receipt.department_code
                AND newer.received_at > latest_receipt.received_at
                AND (
                    newer.form_code = 'quarterly_return'
                    OR latest_receipt.card_pledge_ids <@ newer.card_pledge_ids
                )
        )
)

SELECT
    latest_receipt.source_uri,
    latest_receipt.source_stamp
FROM latest_receipt
LEFT JOIN reopened USING (submission_id)
WHERE reopened.submission_id IS NULL

UNION ALL

SELECT
    recognised_file.source_uri,
    recognised_file.source_stamp
FROM audit.recognised_file
LEFT JOIN latest_receipt USING (source_uri, source_stamp)
WHERE latest_receipt.submission_id IS NULL

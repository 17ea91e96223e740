-- Each row is one finding of the replayed files, as in force (before), as found now, or both.
-- Reads audit.submission, audit.finding, audit.pledge_verdict.
-- The same finding: same file, rule, place and value. would_stop: a finding of now that stops a
-- pledge which was accepted; for a rule on trial, that would stop it once switched on.

WITH pair AS (
    SELECT
        submission_id AS replay_id,
        replays_submission_id AS original_id,
        file_name
    FROM audit.submission
    WHERE batch_id = :batch_id
),

told AS (
    SELECT
        pair.original_id,
        pair.file_name,
        finding.submission_id = pair.replay_id AS is_now,
        finding.finding_id,
        finding.rule_id,
        finding.level,
        finding.is_shadow,
        finding.sheet_name,
        finding.cell,
        finding.pledge_id,
        finding.message,
        finding.acknowledged_reason IS NULL AND finding.waiver_id IS NULL AS is_open,
        CONCAT_WS('|', finding.rule_id, finding.sheet_name, finding.cell, finding.fingerprint)
            AS place
    FROM pair
    INNER JOIN audit.finding
        ON
            finding.submission_id IN (pair.replay_id, pair.original_id)
            AND finding.superseded_at = 'infinity'
),

numbered AS (
    SELECT
        told.*,
        ROW_NUMBER() OVER (
            PARTITION BY told.original_id, told.is_now, told.place ORDER BY told.finding_id
        ) AS place_number
    FROM told
),

recorded AS (
    SELECT * FROM numbered
    WHERE NOT is_now
),

present AS (
    SELECT * FROM numbered
    WHERE is_now
)

SELECT
    COALESCE(present.rule_id, recorded.rule_id) AS rule_id,
    COALESCE(present.level, recorded.level) AS level,
    COALESCE(present.is_shadow, recorded.is_shadow) AS is_shadow,
    COALESCE(present.file_name, recorded.file_name) AS file_name,
    COALESCE(present.original_id, recorded.original_id) AS submission_id,
    COALESCE(present.sheet_name, recorded.sheet_name) AS sheet_name,
    COALESCE(present.cell, recorded.cell) AS cell,
    COALESCE(present.pledge_id, recorded.pledge_id) AS pledge_id,
    COALESCE(present.message, recorded.message) AS message,
    recorded.finding_id IS NOT NULL AS is_recorded,
    present.finding_id IS NOT NULL AS is_found_now,
    COALESCE(
        present.is_open
        AND present.level IN ('reject_file', 'block_pledge', 'acknowledge')
        AND (present.level = 'reject_file' OR verdict.verdict = 'accepted'),
        FALSE
    ) AS would_stop
FROM recorded
FULL OUTER JOIN present USING (original_id, place, place_number)
LEFT JOIN audit.pledge_verdict AS verdict
    ON
        COALESCE(present.original_id, recorded.original_id) = verdict.submission_id
        AND COALESCE(present.pledge_id, recorded.pledge_id) = verdict.pledge_id
        AND verdict.superseded_at = 'infinity'
ORDER BY
    COALESCE(present.rule_id, recorded.rule_id),
    COALESCE(present.original_id, recorded.original_id),
    COALESCE(present.finding_id, recorded.finding_id)

-- Replaces the judgement of replayed files by that of their replays, with its versions. Reports
-- that are in force stay so; what now stops one is an open finding.

WITH pair AS (
    SELECT
        submission_id AS replay_id,
        replays_submission_id AS original_id
    FROM audit.submission
    WHERE batch_id = :batch_id
),

dropped_finding AS (
    DELETE FROM audit.finding
    USING pair
    WHERE finding.submission_id = pair.original_id
),

dropped_verdict AS (
    DELETE FROM audit.pledge_verdict
    USING pair
    WHERE pledge_verdict.submission_id = pair.original_id
),

kept_finding AS (
    UPDATE audit.finding
    SET submission_id = pair.original_id
    FROM pair
    WHERE finding.submission_id = pair.replay_id
)

UPDATE audit.submission
SET
    checked_at = replay.checked_at,
    rule_version = replay.rule_version,
    form_version = replay.form_version,
    code_version = replay.code_version
FROM pair
INNER JOIN audit.submission AS replay ON pair.replay_id = replay.submission_id
WHERE submission.submission_id = pair.original_id

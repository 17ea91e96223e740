-- Ends the judgement of replayed files at :at, with the versions it was made with, and gives them
-- the findings and versions of their replays from then on. Reports that are in force stay so; what
-- now stops one is an open finding.

WITH pair AS (
    SELECT
        submission_id AS replay_id,
        replays_submission_id AS original_id
    FROM audit.submission
    WHERE batch_id = :batch_id
),

former AS (
    INSERT INTO audit.former_judgement (
        submission_id, rule_version, form_version, code_version, recorded_at, superseded_at
    )
    SELECT
        original.submission_id,
        original.rule_version,
        original.form_version,
        original.code_version,
        original.checked_at,
        CAST(:at AS timestamptz)
    FROM pair
    INNER JOIN audit.submission AS original ON pair.original_id = original.submission_id
    WHERE original.checked_at IS NOT NULL
),

ended_finding AS (
    UPDATE audit.finding
    SET superseded_at = :at
    FROM pair
    WHERE finding.submission_id = pair.original_id AND finding.superseded_at = 'infinity'
),

ended_verdict AS (
    UPDATE audit.pledge_verdict
    SET superseded_at = :at
    FROM pair
    WHERE
        pledge_verdict.submission_id = pair.original_id
        AND pledge_verdict.superseded_at = 'infinity'
),

new_finding AS (
    UPDATE audit.finding
    SET
        submission_id = pair.original_id,
        recorded_at = :at
    FROM pair
    WHERE finding.submission_id = pair.replay_id
)

UPDATE audit.submission
SET
    checked_at = :at,
    rule_version = replay.rule_version,
    form_version = replay.form_version,
    code_version = replay.code_version
FROM pair
INNER JOIN audit.submission AS replay ON pair.replay_id = replay.submission_id
WHERE submission.submission_id = pair.original_id

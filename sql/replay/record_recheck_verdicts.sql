-- Gives replayed files the verdicts of their replays from :at on (after the old ones were ended).

UPDATE audit.pledge_verdict
SET
    submission_id = replay.replays_submission_id,
    recorded_at = :at
FROM audit.submission AS replay
WHERE replay.batch_id = :batch_id AND pledge_verdict.submission_id = replay.submission_id

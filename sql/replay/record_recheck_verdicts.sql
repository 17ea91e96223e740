-- Gives replayed files the verdicts of their replays (after the old ones were dropped).

UPDATE audit.pledge_verdict
SET submission_id = replay.replays_submission_id
FROM audit.submission AS replay
WHERE replay.batch_id = :batch_id AND pledge_verdict.submission_id = replay.submission_id

-- What was found and judged holds from recorded_at until superseded_at. A judgement of before holds
-- from when its file was checked last: the ones that a recorded recheck replaced are gone.
ALTER TABLE audit.finding ADD COLUMN recorded_at timestamptz;
UPDATE audit.finding
SET recorded_at = COALESCE(submission.checked_at, submission.received_at)
FROM audit.submission
WHERE finding.submission_id = submission.submission_id;
ALTER TABLE audit.finding
ALTER COLUMN recorded_at SET NOT NULL,
ADD COLUMN superseded_at timestamptz NOT NULL DEFAULT 'infinity',
ADD CONSTRAINT finding_validity CHECK (recorded_at < superseded_at);

ALTER TABLE audit.pledge_verdict ADD COLUMN recorded_at timestamptz;
UPDATE audit.pledge_verdict
SET recorded_at = COALESCE(submission.checked_at, submission.received_at)
FROM audit.submission
WHERE pledge_verdict.submission_id = submission.submission_id;
ALTER TABLE audit.pledge_verdict
ALTER COLUMN recorded_at SET NOT NULL,
ADD COLUMN superseded_at timestamptz NOT NULL DEFAULT 'infinity',
ADD CONSTRAINT pledge_verdict_validity CHECK (recorded_at < superseded_at),
DROP CONSTRAINT pledge_verdict_pkey,
ADD PRIMARY KEY (submission_id, pledge_id, recorded_at);
CREATE UNIQUE INDEX pledge_verdict_in_force ON audit.pledge_verdict (submission_id, pledge_id)
WHERE superseded_at = 'infinity';

-- What a file was judged with before a recheck; what it is judged with now stands on its receipt.
CREATE TABLE audit.former_judgement (
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    rule_version text NOT NULL,
    form_version text NOT NULL,
    code_version text NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL,
    PRIMARY KEY (submission_id, recorded_at),
    CHECK (recorded_at < superseded_at)
);

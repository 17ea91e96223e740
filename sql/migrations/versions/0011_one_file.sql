-- A fault of ours on one file: what happened, and the state of a file that was set aside for it.

ALTER TABLE audit.submission
DROP CONSTRAINT submission_state_check,
ADD CONSTRAINT submission_state_check CHECK (
    state IN (
        'received', 'read', 'checked', 'loaded', 'rejected', 'withdrawn', 'repeated', 'set_aside'
    )
);

CREATE TABLE audit.fault (
    fault_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    batch_id bigint NOT NULL REFERENCES audit.batch,
    stage text NOT NULL CHECK (stage IN ('read', 'stage', 'check', 'answer')),
    happened_at timestamptz NOT NULL,
    code_version text NOT NULL,
    error_type text NOT NULL,
    place text NOT NULL,
    trace text NOT NULL
);
CREATE INDEX fault_submission ON audit.fault (submission_id);
CREATE INDEX fault_batch ON audit.fault (batch_id);

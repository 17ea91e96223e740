-- A release that was taken back; what was published stays as it was.
CREATE TABLE audit.retraction (
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    revision integer NOT NULL,
    retracted_at timestamptz NOT NULL,
    retracted_by text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (government_id, quarter_id, revision),
    FOREIGN KEY (government_id, quarter_id, revision)
    REFERENCES audit.release (government_id, quarter_id, revision)
);

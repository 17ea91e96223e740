-- A received file whose personal data were erased: what is left of the file. Its bytes are removed
-- from the archive after the commit, as often as it takes.
CREATE TABLE audit.erasure (
    submission_id bigint PRIMARY KEY REFERENCES audit.submission,
    sha256 text NOT NULL,
    byte_count bigint NOT NULL,
    erased_at timestamptz NOT NULL,
    personal_data_days integer NOT NULL
);
CREATE INDEX erasure_sha256 ON audit.erasure (sha256);

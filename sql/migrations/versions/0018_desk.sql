-- The page 제출 현황: which departments a user of the web pages answers for, where the register's
-- mail does not say it, and who sent which file. User names may be people's: both are restricted.
CREATE TABLE restricted.department_officer (
    user_name text NOT NULL,
    government_id text NOT NULL,
    department_code text NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (user_name, government_id, department_code, recorded_at)
);

CREATE TABLE restricted.upload (
    upload_token text PRIMARY KEY,
    user_name text NOT NULL,
    government_id text NOT NULL,
    department_code text NOT NULL,
    quarter_id text NOT NULL,
    file_name text NOT NULL,
    sha256 text NOT NULL,
    source_uri text NOT NULL,
    sent_at timestamptz NOT NULL
);

CREATE INDEX submission_source_uri ON audit.submission (source_uri);

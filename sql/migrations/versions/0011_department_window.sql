-- A line of 제출일정 with a 부서코드 holds for that department alone.
ALTER TABLE staging.register__window ADD COLUMN department_code text;

CREATE TABLE core.department_window (
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    department_code text NOT NULL,
    due_date date NOT NULL,
    grace_date date NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, quarter_id, department_code, recorded_at)
);

-- A panel's grade of a pledge, beside its status.
ALTER TABLE staging.quarterly_return__progress
ADD COLUMN grade text,
ADD COLUMN grade_raw text,
ADD COLUMN grade_kind text NOT NULL DEFAULT 'blank';
ALTER TABLE core.fct_quarterly_progress ADD COLUMN grade_code text;
ALTER TABLE mart.pledge_status ADD COLUMN grade_code text, ADD COLUMN grade_name text;
ALTER TABLE mart.released_pledge ADD COLUMN grade_code text, ADD COLUMN grade_name text;

-- The sheet 세부사업현황: what its sub-tasks say under a pledge.
CREATE TABLE staging.quarterly_return__subproject (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    pledge_name text,
    subproject_name text,
    status text, status_raw text, status_kind text NOT NULL,
    rate numeric, rate_raw text, rate_kind text NOT NULL,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE core.fct_quarterly_subproject (
    report_id bigint NOT NULL REFERENCES core.pledge_report NOT ENFORCED,
    subproject_name text NOT NULL,
    status_code text NOT NULL,
    declared_rate_pct numeric,
    _table integer NOT NULL,
    _row integer NOT NULL,
    PRIMARY KEY (report_id, subproject_name)
);

CREATE TABLE mart.subproject_status (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    government_name text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    pledge_name text NOT NULL,
    field_name text,
    department_code text,
    department_name text,
    subproject_number integer NOT NULL,
    subproject_name text NOT NULL,
    status_code text NOT NULL,
    status_name text NOT NULL,
    subproject_rate_pct numeric,
    report_state text NOT NULL,
    reported_quarter_id text NOT NULL,
    PRIMARY KEY (government_id, quarter_id, pledge_id, subproject_name)
);

-- A figure of what only some offices report has no row where nobody did.
ALTER TABLE core.measure ADD COLUMN is_silent_when_empty boolean NOT NULL DEFAULT FALSE;

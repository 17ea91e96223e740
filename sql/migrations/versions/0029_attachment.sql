-- Pictures that a return names on its sheet 첨부, and which file each of them is.
CREATE TABLE staging.quarterly_return__attachment (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    file_name text,
    description text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.attachment__picture (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    byte_count bigint NOT NULL,
    sha256 text NOT NULL,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE core.attachment (
    report_id bigint NOT NULL REFERENCES core.pledge_report,
    entry_number integer NOT NULL,
    file_name text NOT NULL,
    description text NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    PRIMARY KEY (report_id, entry_number)
);

-- Of a return and not of its reports: what is reinstated has the pictures that it had.
CREATE TABLE core.attachment_file (
    return_submission_id bigint NOT NULL REFERENCES audit.submission,
    attachment_key text NOT NULL,
    submission_id bigint NOT NULL REFERENCES audit.submission,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (return_submission_id, attachment_key)
);
CREATE INDEX attachment_file_submission ON core.attachment_file (submission_id);

CREATE TABLE mart.pledge_attachment (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    government_name text NOT NULL,
    pledge_id text NOT NULL,
    pledge_name text NOT NULL,
    field_name text,
    entry_number integer NOT NULL,
    description text NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    byte_count bigint NOT NULL,
    sha256 text NOT NULL,
    submission_id bigint NOT NULL,
    PRIMARY KEY (quarter_id, government_id, pledge_id, entry_number)
);

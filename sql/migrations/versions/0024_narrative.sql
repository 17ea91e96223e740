-- What the reports in force say in words, as it is published.
CREATE TABLE mart.pledge_narrative (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    government_name text NOT NULL,
    pledge_id text NOT NULL,
    pledge_name text NOT NULL,
    field_name text,
    kind_code text NOT NULL,
    kind_name text NOT NULL,
    entry_number integer NOT NULL,
    subproject_name text,
    label text,
    content text NOT NULL,
    reported_quarter_id text NOT NULL,
    PRIMARY KEY (quarter_id, government_id, pledge_id, kind_code, entry_number)
);

-- Words go out once somebody has looked for people in them: earlier releases said none.
ALTER TABLE audit.release ADD COLUMN says_words boolean NOT NULL DEFAULT FALSE;

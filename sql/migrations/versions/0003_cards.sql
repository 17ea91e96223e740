-- Cards (공약관리카드): documents that say what a return says of one pledge, and more.

-- ---------------------------------------------------------------------------------------------
-- audit: a card does not name its quarter and department; who decided them is noted.

ALTER TABLE audit.submission
ADD COLUMN document_format text,
ADD COLUMN asked_government_id text,
ADD COLUMN asked_quarter_id text,
ADD COLUMN quarter_basis text CHECK (
    quarter_basis IN ('option', 'folder', 'window', 'content')
),
ADD COLUMN card_pledge_ids text[];

-- ---------------------------------------------------------------------------------------------
-- staging and restricted

CREATE TABLE staging.pledge_card__header (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    pledge_name text,
    department_name text,
    declared_total numeric(18, 0), declared_total_raw text, declared_total_kind text NOT NULL,
    project_type text,
    newest_quarter_id text,
    goal text,
    overview text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.pledge_card__achievement_quarter (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    quarter_id text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.pledge_card__yearly_plan (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    subproject_name text,
    first_year integer,
    last_year integer,
    is_pre_term boolean NOT NULL,
    is_post_term boolean NOT NULL,
    content text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE restricted.pledge_card__annex (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    entry_number integer NOT NULL,
    content text,
    PRIMARY KEY (submission_id, _table, _row)
);

-- ---------------------------------------------------------------------------------------------
-- core

CREATE TABLE core.pledge_card (
    report_id bigint PRIMARY KEY REFERENCES core.pledge_report,
    department_name text,
    declared_total_krw numeric(18, 0),
    project_type text,
    newest_quarter_id text,
    goal text,
    overview text,
    _table integer NOT NULL,
    _row integer NOT NULL
);

CREATE TABLE core.yearly_plan (
    report_id bigint NOT NULL REFERENCES core.pledge_report,
    entry_number integer NOT NULL,
    subproject_name text,
    first_year integer,
    last_year integer,
    is_pre_term boolean NOT NULL,
    is_post_term boolean NOT NULL,
    content text,
    _table integer NOT NULL,
    _row integer NOT NULL,
    PRIMARY KEY (report_id, entry_number)
);

CREATE TABLE restricted.annex (
    report_id bigint NOT NULL REFERENCES core.pledge_report,
    entry_number integer NOT NULL,
    content text,
    _table integer NOT NULL,
    _row integer NOT NULL,
    PRIMARY KEY (report_id, entry_number)
);

ALTER TABLE core.achievement ADD COLUMN quarter_id text;

-- Where a value stands. A sheet's place is a column letter; a document's is a whole locator, or one
-- with a {row} to fill in. A line that does not follow its field's place has one of its own.
CREATE OR REPLACE FUNCTION core.cell_locator(
    columns jsonb, letter text, field text, row_number integer
)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
WITH known AS (
    SELECT COALESCE(letter, columns ->> (field || '@' || row_number), columns ->> field) AS place
)

SELECT CASE
    WHEN known.place ~ '^[A-Z]+$' THEN known.place || row_number
    ELSE replace(known.place, '{row}', row_number::text)
END
FROM known
$$;

-- The department of a name, as written, on a day; blanks do not count.
CREATE FUNCTION core.department_named(
    asked_government text, asked_name text, asked_day date
)
RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT known.department_code
FROM core.dim_department AS known
WHERE known.government_id = asked_government
    AND known.superseded_at = 'infinity'
    AND regexp_replace(known.department_name, '\s', '', 'g')
    = regexp_replace(asked_name, '\s', '', 'g')
ORDER BY asked_day >= known.valid_from AND asked_day < known.valid_to DESC, known.valid_from DESC
LIMIT 1
$$;

-- The files that count for a quarter, accepted or not: a department's newest return and what came
-- after it, and of several cards of one pledge the newest.
CREATE VIEW core.current_submission AS
SELECT
    submission.submission_id,
    submission.file_name,
    submission.received_at,
    submission.government_id,
    submission.quarter_id,
    submission.department_code,
    submission.form_code,
    submission.state,
    submission.is_late,
    submission.answer_path
FROM audit.submission
INNER JOIN audit.batch ON submission.batch_id = batch.batch_id
WHERE
    batch.purpose = 'collect'
    AND submission.form_code <> 'register'
    AND submission.state <> 'repeated'
    AND NOT EXISTS (
        SELECT 1
        FROM audit.submission AS newer
        INNER JOIN audit.batch AS newer_batch ON newer.batch_id = newer_batch.batch_id
        WHERE
            newer_batch.purpose = 'collect'
            AND newer.state <> 'repeated'
            AND newer.government_id = submission.government_id
            AND newer.quarter_id = submission.quarter_id
            AND newer.department_code = submission.department_code
            AND (newer.received_at, newer.submission_id)
            > (submission.received_at, submission.submission_id)
            AND (
                newer.form_code = 'quarterly_return'
                OR submission.card_pledge_ids <@ newer.card_pledge_ids
            )
    );

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

-- ---------------------------------------------------------------------------------------------
-- What resubmissions change

-- Each row is one value that a report says, with its place. Money of 0 is no value: a blank and a 0
-- say the same. Entries are named by their number.
CREATE VIEW core.report_value AS
SELECT
    progress.report_id,
    item.sort_number,
    item.item_name,
    '' AS subproject_name,
    '' AS funding_source_label,
    '' AS fiscal_year,
    item.kind,
    item.value,
    progress._table,
    progress._row,
    item.field,
    NULL AS _column
FROM core.fct_quarterly_progress AS progress
LEFT JOIN core.code_value AS status
    ON status.list_code = 'status' AND progress.status_code = status.code
LEFT JOIN core.code_value AS due
    ON due.list_code = 'due' AND progress.due_code = due.code
CROSS JOIN
    LATERAL (
        VALUES
        (1, '추진상황', 'code', status.name, 'status'),
        (2, '이행률', 'rate', TRIM_SCALE(progress.declared_rate_pct)::text, 'rate'),
        (
            3, '목표달성', 'code',
            CASE progress.is_target_met WHEN TRUE THEN '달성' WHEN FALSE THEN '미달성' END, 'target'
        ),
        (4, '완료시기', 'code', due.name, 'due'),
        (5, '완료연도', 'code', progress.due_year::text, 'due_year'),
        (20, '추진내용', 'text', progress.content, 'content'),
        (21, '문제점', 'text', progress.problem, 'problem'),
        (22, '향후계획', 'text', progress.plan, 'plan')
    ) AS item (sort_number, item_name, kind, value, field)
UNION ALL
SELECT
    budget.report_id,
    item.sort_number,
    item.item_name,
    budget.subproject_name,
    budget.funding_source_label,
    budget.fiscal_year,
    'money',
    item.amount::text,
    budget._table,
    budget._row,
    NULL,
    item._column
FROM core.fct_quarterly_budget AS budget
CROSS JOIN
    LATERAL (
        VALUES
        (
            10, CASE WHEN budget.is_secured_label THEN '확보액' ELSE '투자수요' END,
            budget.plan_krw, budget._plan_column
        ),
        (11, '집행액', budget.executed_krw, budget._executed_column)
    ) AS item (sort_number, item_name, amount, _column)
WHERE item.amount <> 0
UNION ALL
SELECT
    entry.report_id,
    30,
    '추진실적 ' || entry.entry_number,
    '',
    '',
    '',
    'text',
    CONCAT_WS(' ', entry.achieved_on, entry.content),
    entry._table,
    entry._row,
    'content',
    NULL
FROM core.achievement AS entry
UNION ALL
SELECT
    entry.report_id,
    31,
    '협업 ' || entry.entry_number,
    '',
    '',
    '',
    'text',
    CONCAT_WS(' ', entry.role_name, entry.body_name, entry.content),
    entry._table,
    entry._row,
    'body_name',
    NULL
FROM core.cooperation AS entry
UNION ALL
SELECT
    card.report_id,
    item.sort_number,
    item.item_name,
    '',
    '',
    '',
    'text',
    item.value,
    card._table,
    card._row,
    item.field,
    NULL
FROM core.pledge_card AS card
CROSS JOIN
    LATERAL (
        VALUES (40, '정책목표', card.goal, 'goal'), (41, '사업개요', card.overview, 'overview')
    ) AS item (sort_number, item_name, value, field)
UNION ALL
SELECT
    entry.report_id,
    42,
    '연차별 추진계획 ' || entry.entry_number,
    '',
    '',
    '',
    'text',
    CONCAT_WS(' ', entry.subproject_name, entry.first_year, entry.last_year, entry.content),
    entry._table,
    entry._row,
    'content',
    NULL
FROM core.yearly_plan AS entry;

-- Each row is one value that differs between a version of a report and the version before it.
-- Worked out per report, so that asking for one costs that one, however many there are.
CREATE VIEW core.report_difference AS
SELECT
    report.government_id,
    report.term_number,
    report.quarter_id,
    report.pledge_id,
    report.version,
    report.submission_id,
    report.accepted_at,
    pair.sort_number,
    pair.item_name,
    pair.subproject_name,
    pair.funding_source_label,
    pair.fiscal_year,
    pair.kind,
    CASE
        WHEN pair.before_value IS NULL THEN 'added'
        WHEN pair.after_value IS NULL THEN 'removed'
        ELSE 'changed'
    END AS difference_kind,
    pair.before_value,
    pair.after_value,
    progress.correction_reason,
    pair._table,
    pair._row,
    pair.field,
    pair._column
FROM core.pledge_report AS report
INNER JOIN core.pledge_report AS earlier
    ON
        report.government_id = earlier.government_id
        AND report.term_number = earlier.term_number
        AND report.pledge_id = earlier.pledge_id
        AND report.quarter_id = earlier.quarter_id
        AND report.version - 1 = earlier.version
INNER JOIN core.fct_quarterly_progress AS progress ON report.report_id = progress.report_id
CROSS JOIN
    LATERAL (
        SELECT
            told.item_name,
            told.subproject_name,
            told.funding_source_label,
            told.fiscal_year,
            MIN(told.sort_number) AS sort_number,
            MIN(told.kind) AS kind,
            MIN(told.value) FILTER (WHERE NOT side.is_after) AS before_value,
            MIN(told.value) FILTER (WHERE side.is_after) AS after_value,
            MIN(told._table) FILTER (WHERE side.is_after) AS _table,
            MIN(told._row) FILTER (WHERE side.is_after) AS _row,
            MIN(told.field) FILTER (WHERE side.is_after) AS field,
            MIN(told._column) FILTER (WHERE side.is_after) AS _column
        FROM (
            VALUES (earlier.report_id, FALSE), (report.report_id, TRUE)
        ) AS side (report_id, is_after)
        INNER JOIN core.report_value AS told ON side.report_id = told.report_id
        GROUP BY
            told.item_name, told.subproject_name, told.funding_source_label, told.fiscal_year
    ) AS pair
WHERE pair.before_value IS DISTINCT FROM pair.after_value;

-- What a text said stays out of the marts; that it changed does not.
CREATE VIEW mart.report_change AS
SELECT
    quarter_id,
    government_id,
    term_number,
    pledge_id,
    version,
    item_name,
    subproject_name,
    funding_source_label,
    fiscal_year,
    difference_kind,
    CASE WHEN kind <> 'text' THEN before_value END AS before_value,
    CASE WHEN kind <> 'text' THEN after_value END AS after_value,
    correction_reason,
    accepted_at
FROM core.report_difference;

-- Waivers, resubmissions and what checking leaves behind: which rules set what aside, what a newer
-- file changed, with which rules a file was judged, and what each rule found and cost.

-- ---------------------------------------------------------------------------------------------
-- audit

CREATE TABLE audit.waiver (
    waiver_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    government_id text NOT NULL,
    rule_id text NOT NULL,
    department_code text,
    pledge_id text,
    first_quarter_id text NOT NULL,
    last_quarter_id text,
    expires_on date NOT NULL,
    approver text NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint REFERENCES audit.submission,
    _row integer,
    CHECK (last_quarter_id IS NULL OR last_quarter_id >= first_quarter_id)
);
CREATE INDEX waiver_rule ON audit.waiver (government_id, rule_id);

ALTER TABLE audit.finding
ADD COLUMN waiver_id bigint REFERENCES audit.waiver;
CREATE INDEX finding_waiver ON audit.finding (waiver_id) WHERE waiver_id IS NOT NULL;

ALTER TABLE audit.submission
ADD COLUMN content_key text,
ADD COLUMN repeats_submission_id bigint REFERENCES audit.submission,
ADD COLUMN replays_submission_id bigint REFERENCES audit.submission,
ADD COLUMN checked_at timestamptz,
ADD COLUMN rule_version text,
ADD COLUMN code_version text,
ADD COLUMN form_version text,
DROP CONSTRAINT submission_state_check,
ADD CONSTRAINT submission_state_check CHECK (
    state IN ('received', 'read', 'checked', 'loaded', 'rejected', 'withdrawn', 'repeated')
);
CREATE INDEX submission_content ON audit.submission (content_key);

CREATE TABLE audit.rule_run (
    batch_id bigint NOT NULL REFERENCES audit.batch ON DELETE CASCADE,
    rule_id text NOT NULL,
    finding_count integer NOT NULL,
    seconds numeric NOT NULL,
    PRIMARY KEY (batch_id, rule_id)
);

-- ---------------------------------------------------------------------------------------------
-- staging

CREATE TABLE staging.register__waiver (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    rule_id text,
    department_code text,
    pledge_id text,
    first_quarter_id text,
    last_quarter_id text,
    expires_on date, expires_on_raw text, expires_on_kind text NOT NULL,
    approver text,
    reason text,
    PRIMARY KEY (submission_id, _table, _row)
);

-- ---------------------------------------------------------------------------------------------
-- core

-- Whether everything a file says counts as it stands, so that the same again is no news: nothing in
-- it was blocked and each pledge it reports still counts from it; a register is the last loaded.
CREATE FUNCTION core.is_wholly_in_force(asked_submission bigint) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT
    submission.state = 'loaded'
    AND submission.blocked_count = 0
    AND CASE submission.form_code
        WHEN 'register' THEN NOT EXISTS (
            SELECT 1
            FROM audit.submission AS newer
            WHERE newer.form_code = 'register'
                AND newer.state = 'loaded'
                AND newer.government_id = submission.government_id
                AND newer.received_at > submission.received_at
        )
        ELSE submission.accepted_count > 0 AND submission.accepted_count = (
            SELECT count(*)
            FROM core.pledge_report
            WHERE pledge_report.submission_id = submission.submission_id
                AND pledge_report.superseded_at = 'infinity'
        )
    END
FROM audit.submission
WHERE submission.submission_id = asked_submission
$$;

-- A stored value as people read it, by its kind: money is won, a rate is percent.
CREATE FUNCTION core.shown_value(kind text, stored text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE kind
    WHEN 'money' THEN core.shown_million(stored::numeric) || '백만원'
    WHEN 'rate' THEN stored || '%'
    ELSE stored
END
$$;

-- Each row is one value that differs between a version of a report and the version before it.
-- Money of 0 is no value: a blank and a 0 say the same. Entries compare by their number.
CREATE VIEW core.report_difference AS
WITH step AS (
    SELECT
        report.*,
        LAG(report.report_id) OVER (
            PARTITION BY
                report.government_id, report.term_number, report.quarter_id,
                report.pledge_id
            ORDER BY report.version
        ) AS earlier_report_id
    FROM core.pledge_report AS report
),

side AS (
    SELECT
        step.report_id,
        step.report_id AS told_report_id,
        TRUE AS is_after
    FROM step
    WHERE step.earlier_report_id IS NOT NULL
    UNION ALL
    SELECT
        step.report_id,
        step.earlier_report_id,
        FALSE
    FROM step
    WHERE step.earlier_report_id IS NOT NULL
),

told AS (
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
),

pair AS (
    SELECT
        side.report_id,
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
    FROM side
    INNER JOIN told ON side.told_report_id = told.report_id
    GROUP BY
        side.report_id, told.item_name, told.subproject_name, told.funding_source_label,
        told.fiscal_year
)

SELECT
    step.government_id,
    step.term_number,
    step.quarter_id,
    step.pledge_id,
    step.version,
    step.submission_id,
    step.accepted_at,
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
FROM step
INNER JOIN pair ON step.report_id = pair.report_id
INNER JOIN core.fct_quarterly_progress AS progress ON step.report_id = progress.report_id
WHERE pair.before_value IS DISTINCT FROM pair.after_value;

-- ---------------------------------------------------------------------------------------------
-- mart

ALTER TABLE mart.implementation_rate ADD COLUMN waiver_count integer NOT NULL DEFAULT 0;
ALTER TABLE mart.budget_execution ADD COLUMN waiver_count integer NOT NULL DEFAULT 0;

CREATE TABLE mart.waived_finding (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    waiver_id bigint NOT NULL,
    finding_id bigint NOT NULL,
    rule_id text NOT NULL,
    department_code text,
    pledge_id text,
    message text NOT NULL,
    reason text NOT NULL,
    expires_on date NOT NULL,
    is_expired boolean NOT NULL,
    PRIMARY KEY (quarter_id, government_id, finding_id)
);

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

-- A view: it is right after every file, refused ones too, without anyone refreshing it.
CREATE VIEW mart.finding_trend AS
SELECT
    submission.quarter_id,
    submission.government_id,
    COALESCE(submission.department_code, '') AS department_code,
    COALESCE(department.department_name, '') AS department_name,
    finding.rule_id,
    finding.level,
    COUNT(*)::integer AS finding_count,
    COUNT(*) FILTER (WHERE finding.acknowledged_reason IS NOT NULL)::integer
        AS acknowledged_count,
    COUNT(*) FILTER (WHERE finding.waiver_id IS NOT NULL)::integer AS waived_count,
    COUNT(*) FILTER (
        WHERE finding.level <> 'inform'
        AND finding.acknowledged_reason IS NULL
        AND finding.waiver_id IS NULL
    )::integer AS open_count,
    COUNT(DISTINCT finding.submission_id)::integer AS file_count
FROM audit.finding
INNER JOIN audit.submission ON finding.submission_id = submission.submission_id
INNER JOIN audit.batch ON submission.batch_id = batch.batch_id
LEFT JOIN LATERAL (
    -- Not core.department_name: a function in a view would ask for the reader's own rights.
    SELECT known.department_name
    FROM core.dim_department AS known
    WHERE
        known.government_id = submission.government_id
        AND known.department_code = submission.department_code
        AND known.superseded_at = 'infinity'
    ORDER BY known.valid_from DESC
    LIMIT 1
) AS department ON TRUE
WHERE
    batch.purpose = 'collect'
    AND submission.quarter_id IS NOT NULL
    AND submission.government_id IS NOT NULL
    AND NOT finding.is_shadow
GROUP BY
    submission.quarter_id, submission.government_id, submission.department_code,
    department.department_name, finding.rule_id, finding.level;

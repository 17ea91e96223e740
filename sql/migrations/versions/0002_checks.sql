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

-- Releases: who decided to publish a quarter or to send it back, and what was published.

-- ---------------------------------------------------------------------------------------------
-- audit: settings that change figures are columns, so that a release can be derived again.

CREATE TABLE audit.release (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    revision integer,
    decision text NOT NULL CHECK (decision IN ('approved', 'returned')),
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    reason text,
    as_of timestamptz NOT NULL,
    rule_version text NOT NULL,
    form_version text NOT NULL,
    code_version text NOT NULL,
    completed_ongoing_counts boolean NOT NULL,
    held_and_dropped_count boolean NOT NULL,
    manifesto_decimals integer NOT NULL,
    other_decimals integer NOT NULL,
    is_demo boolean NOT NULL,
    supersedes integer,
    UNIQUE (government_id, quarter_id, revision),
    CHECK ((decision = 'approved') = (revision IS NOT NULL)),
    CHECK (decision = 'approved' OR reason IS NOT NULL)
);

-- ---------------------------------------------------------------------------------------------
-- core

-- The files that counted for a quarter at a moment, accepted or not: a department's newest return
-- and what came after it, and of several cards of one pledge the newest.
CREATE FUNCTION core.submission_counting(asked_at timestamptz)
RETURNS TABLE (
    submission_id bigint,
    file_name text,
    received_at timestamptz,
    government_id text,
    quarter_id text,
    department_code text,
    form_code text,
    state text,
    is_late boolean,
    answer_path text
)
LANGUAGE sql STABLE
AS $$
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
    AND submission.received_at <= asked_at
    AND NOT EXISTS (
        SELECT 1
        FROM audit.submission AS newer
        INNER JOIN audit.batch AS newer_batch ON newer.batch_id = newer_batch.batch_id
        WHERE
            newer_batch.purpose = 'collect'
            AND newer.state <> 'repeated'
            AND newer.received_at <= asked_at
            AND newer.government_id = submission.government_id
            AND newer.quarter_id = submission.quarter_id
            AND newer.department_code = submission.department_code
            AND (newer.received_at, newer.submission_id)
            > (submission.received_at, submission.submission_id)
            AND (
                newer.form_code = 'quarterly_return'
                OR submission.card_pledge_ids <@ newer.card_pledge_ids
            )
    )
$$;

CREATE OR REPLACE VIEW core.current_submission AS
SELECT
    submission_id,
    file_name,
    received_at,
    government_id,
    quarter_id,
    department_code,
    form_code,
    state,
    is_late,
    answer_path
FROM core.submission_counting('infinity');

-- ---------------------------------------------------------------------------------------------
-- mart: what was published. Nothing here is ever changed.

CREATE TABLE mart.released_figure (
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    revision integer NOT NULL,
    figure_code text NOT NULL,
    figure_name text NOT NULL,
    scope_type text NOT NULL,
    scope_id text NOT NULL,
    scope_name text NOT NULL,
    numerator numeric NOT NULL,
    denominator numeric,
    value_pct numeric,
    shown text NOT NULL,
    no_value_reason text,
    denominator_rule text NOT NULL,
    pledge_count integer NOT NULL,
    reported_count integer NOT NULL,
    carried_forward_count integer NOT NULL,
    with_amount_count integer NOT NULL,
    owing_count integer NOT NULL,
    coverage_pct numeric,
    waiver_count integer NOT NULL,
    PRIMARY KEY (government_id, quarter_id, revision, figure_code, scope_type, scope_id),
    FOREIGN KEY (government_id, quarter_id, revision)
    REFERENCES audit.release (government_id, quarter_id, revision)
);

CREATE TABLE mart.released_pledge (
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    revision integer NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    pledge_name text NOT NULL,
    field_name text,
    department_code text,
    department_name text,
    due_code text,
    status_code text NOT NULL,
    status_name text NOT NULL,
    declared_rate_pct numeric,
    is_target_met boolean,
    report_state text NOT NULL,
    reported_quarter_id text,
    plan_krw numeric(18, 0),
    secured_krw numeric(18, 0),
    executed_krw numeric(18, 0),
    submission_id bigint,
    PRIMARY KEY (government_id, quarter_id, revision, term_number, pledge_id),
    FOREIGN KEY (government_id, quarter_id, revision)
    REFERENCES audit.release (government_id, quarter_id, revision)
);

-- Who decided, and why in their words, stays in audit.
CREATE VIEW mart.release AS
SELECT
    government_id,
    quarter_id,
    revision,
    decided_at,
    as_of,
    is_demo,
    supersedes
FROM audit.release
WHERE decision = 'approved';

-- A pledge that left or came in, or whose decided data differ, was moved by the register; any other
-- by a report.
CREATE VIEW mart.release_pledge_change AS
WITH step AS (
    SELECT
        government_id,
        quarter_id,
        revision,
        supersedes
    FROM audit.release
    WHERE supersedes IS NOT NULL
),

earlier AS (
    SELECT
        step.revision AS told_revision,
        pledge.*
    FROM step
    INNER JOIN mart.released_pledge AS pledge
        ON
            step.government_id = pledge.government_id
            AND step.quarter_id = pledge.quarter_id
            AND step.supersedes = pledge.revision
),

later AS (
    SELECT
        step.revision AS told_revision,
        pledge.*
    FROM step
    INNER JOIN mart.released_pledge AS pledge
        ON
            step.government_id = pledge.government_id
            AND step.quarter_id = pledge.quarter_id
            AND step.revision = pledge.revision
),

pair AS (
    SELECT
        COALESCE(later.government_id, earlier.government_id) AS government_id,
        COALESCE(later.quarter_id, earlier.quarter_id) AS quarter_id,
        COALESCE(later.told_revision, earlier.told_revision) AS revision,
        COALESCE(later.pledge_id, earlier.pledge_id) AS pledge_id,
        COALESCE(later.pledge_name, earlier.pledge_name) AS pledge_name,
        CASE
            WHEN earlier.pledge_id IS NULL THEN 'added'
            WHEN later.pledge_id IS NULL THEN 'removed'
            ELSE 'changed'
        END AS difference_kind,
        CASE
            WHEN earlier.pledge_id IS NULL OR later.pledge_id IS NULL THEN 'register'
            WHEN
                COALESCE(earlier.submission_id, 0) = COALESCE(later.submission_id, 0)
                THEN 'register'
            ELSE 'report'
        END AS cause,
        earlier.status_name AS status_before,
        later.status_name AS status_after,
        earlier.declared_rate_pct AS declared_rate_before_pct,
        later.declared_rate_pct AS declared_rate_after_pct,
        earlier.plan_krw AS plan_before_krw,
        later.plan_krw AS plan_after_krw,
        earlier.secured_krw AS secured_before_krw,
        later.secured_krw AS secured_after_krw,
        earlier.executed_krw AS executed_before_krw,
        later.executed_krw AS executed_after_krw,
        later.submission_id,
        COALESCE(
            (TO_JSONB(earlier) - 'revision') <> (TO_JSONB(later) - 'revision'), TRUE
        ) AS is_moved
    FROM earlier
    FULL OUTER JOIN later
        ON
            earlier.government_id = later.government_id
            AND earlier.quarter_id = later.quarter_id
            AND earlier.told_revision = later.told_revision
            AND earlier.term_number = later.term_number
            AND earlier.pledge_id = later.pledge_id
)

SELECT
    pair.government_id,
    pair.quarter_id,
    pair.revision,
    pair.pledge_id,
    pair.pledge_name,
    pair.difference_kind,
    pair.cause,
    pair.status_before,
    pair.status_after,
    pair.declared_rate_before_pct,
    pair.declared_rate_after_pct,
    pair.plan_before_krw,
    pair.plan_after_krw,
    pair.secured_before_krw,
    pair.secured_after_krw,
    pair.executed_before_krw,
    pair.executed_after_krw,
    CASE WHEN pair.cause = 'report' THEN (
        SELECT MAX(progress.correction_reason)
        FROM core.pledge_report AS report
        INNER JOIN core.fct_quarterly_progress AS progress ON report.report_id = progress.report_id
        WHERE
            report.submission_id = pair.submission_id
            AND report.pledge_id = pair.pledge_id
    ) END AS correction_reason
FROM pair
WHERE pair.is_moved;

CREATE VIEW mart.release_change AS
WITH behind AS (
    SELECT
        government_id,
        quarter_id,
        revision,
        (COUNT(*) FILTER (WHERE cause = 'report'))::integer AS report_change_count,
        (COUNT(*) FILTER (WHERE cause = 'register'))::integer AS register_change_count
    FROM mart.release_pledge_change
    GROUP BY government_id, quarter_id, revision
),

step AS (
    SELECT
        step.government_id,
        step.quarter_id,
        step.revision,
        step.supersedes,
        COALESCE(behind.report_change_count, 0) AS report_change_count,
        COALESCE(behind.register_change_count, 0) AS register_change_count
    FROM audit.release AS step
    LEFT JOIN behind
        ON
            step.government_id = behind.government_id
            AND step.quarter_id = behind.quarter_id
            AND step.revision = behind.revision
    WHERE step.supersedes IS NOT NULL
),

side AS (
    SELECT
        step.*,
        figure.figure_code,
        figure.figure_name,
        figure.scope_type,
        figure.scope_id,
        figure.scope_name,
        figure.numerator,
        figure.denominator,
        figure.value_pct,
        figure.shown,
        figure.pledge_count,
        figure.revision = step.revision AS is_after
    FROM step
    INNER JOIN mart.released_figure AS figure
        ON
            step.government_id = figure.government_id
            AND step.quarter_id = figure.quarter_id
            AND figure.revision IN (step.supersedes, step.revision)
),

pair AS (
    SELECT
        government_id,
        quarter_id,
        revision,
        figure_code,
        scope_type,
        scope_id,
        MIN(figure_name) AS figure_name,
        MIN(scope_name) AS scope_name,
        MIN(report_change_count) AS report_change_count,
        MIN(register_change_count) AS register_change_count,
        MIN(shown) FILTER (WHERE NOT is_after) AS shown_before,
        MIN(shown) FILTER (WHERE is_after) AS shown_after,
        MIN(value_pct) FILTER (WHERE NOT is_after) AS value_before_pct,
        MIN(value_pct) FILTER (WHERE is_after) AS value_after_pct,
        MIN(numerator) FILTER (WHERE NOT is_after) AS numerator_before,
        MIN(numerator) FILTER (WHERE is_after) AS numerator_after,
        MIN(denominator) FILTER (WHERE NOT is_after) AS denominator_before,
        MIN(denominator) FILTER (WHERE is_after) AS denominator_after,
        MIN(pledge_count) FILTER (WHERE NOT is_after) AS pledge_count_before,
        MIN(pledge_count) FILTER (WHERE is_after) AS pledge_count_after
    FROM side
    GROUP BY government_id, quarter_id, revision, figure_code, scope_type, scope_id
)

SELECT
    government_id,
    quarter_id,
    revision,
    figure_code,
    figure_name,
    scope_type,
    scope_id,
    scope_name,
    shown_before,
    shown_after,
    value_after_pct - value_before_pct AS change_pp,
    numerator_before,
    numerator_after,
    denominator_before,
    denominator_after,
    pledge_count_before,
    pledge_count_after,
    report_change_count,
    register_change_count
FROM pair
WHERE
    (shown_before, numerator_before, denominator_before, pledge_count_before)
    IS DISTINCT FROM (shown_after, numerator_after, denominator_after, pledge_count_after);

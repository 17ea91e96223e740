-- The foundation: what happened (audit), what was written (staging), what was accepted (core),
-- what analysts read (mart) and what only the general office may see (restricted).

CREATE SCHEMA audit;
CREATE SCHEMA staging;
CREATE SCHEMA core;
CREATE SCHEMA mart;
CREATE SCHEMA restricted;

-- ---------------------------------------------------------------------------------------------
-- audit

CREATE TABLE audit.batch (
    batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('collect', 'register', 'check')),
    started_at timestamptz NOT NULL,
    code_version text NOT NULL,
    rule_version text NOT NULL,
    form_version text NOT NULL
);

CREATE TABLE audit.submission (
    submission_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL REFERENCES audit.batch,
    file_name text NOT NULL,
    source_uri text NOT NULL,
    source_stamp text,
    sha256 text NOT NULL,
    byte_count bigint NOT NULL,
    sender text,
    received_at timestamptz NOT NULL,
    form_code text,
    form_edition text,
    government_id text,
    term_number integer,
    quarter_id text,
    department_code text,
    register_version text,
    state text NOT NULL CHECK (
        state IN ('received', 'read', 'checked', 'loaded', 'rejected', 'withdrawn')
    ),
    is_late boolean NOT NULL DEFAULT FALSE,
    accepted_count integer NOT NULL DEFAULT 0,
    blocked_count integer NOT NULL DEFAULT 0,
    answer_path text,
    loaded_at timestamptz,
    withdrawn_at timestamptz,
    withdrawn_by text,
    withdrawn_reason text
);
CREATE INDEX submission_sha256 ON audit.submission (sha256);
CREATE INDEX submission_batch ON audit.submission (batch_id);
CREATE INDEX submission_scope ON audit.submission (government_id, quarter_id, department_code);

CREATE TABLE audit.submission_table (
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    table_no integer NOT NULL,
    table_code text NOT NULL,
    sheet_name text NOT NULL,
    header_row integer NOT NULL,
    columns jsonb NOT NULL,
    money_unit text,
    row_count integer NOT NULL,
    PRIMARY KEY (submission_id, table_no)
);

CREATE TABLE audit.finding (
    finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    rule_id text NOT NULL,
    level text NOT NULL CHECK (
        level IN ('reject_file', 'block_pledge', 'acknowledge', 'inform')
    ),
    is_shadow boolean NOT NULL DEFAULT FALSE,
    pledge_id text,
    table_code text,
    sheet_name text,
    cell text,
    related_cells text[] NOT NULL DEFAULT '{}',
    _table integer,
    _row integer,
    seen text,
    expected text,
    message text NOT NULL,
    fingerprint text NOT NULL,
    acknowledged_reason text
);
CREATE INDEX finding_submission ON audit.finding (submission_id);
CREATE INDEX finding_acknowledged ON audit.finding (fingerprint)
WHERE acknowledged_reason IS NOT NULL;

CREATE TABLE audit.pledge_verdict (
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    pledge_id text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('accepted', 'blocked', 'needs_reason')),
    PRIMARY KEY (submission_id, pledge_id)
);

-- ---------------------------------------------------------------------------------------------
-- staging: as written. A field that is typed has three columns: value, text, kind
-- (value | blank | not_applicable | unreadable). A coded field's value is its label, normalised.
-- No foreign keys: they would triple the cost of COPY, and only one place writes here.

CREATE TABLE staging.problem (
    submission_id bigint NOT NULL,
    code text NOT NULL,
    sheet_name text,
    _table integer,
    _row integer,
    _column text,
    field text,
    pledge_id text,
    seen text NOT NULL,
    expected text NOT NULL
);
CREATE INDEX problem_submission ON staging.problem (submission_id);

CREATE TABLE staging.quarterly_return__progress (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    pledge_name text,
    status text, status_raw text, status_kind text NOT NULL,
    rate numeric, rate_raw text, rate_kind text NOT NULL,
    target text, target_raw text, target_kind text NOT NULL,
    due text, due_raw text, due_kind text NOT NULL,
    due_year integer, due_year_raw text, due_year_kind text NOT NULL,
    content text,
    problem text,
    plan text,
    correction_reason text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.quarterly_return__budget (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    _column text NOT NULL,
    field text NOT NULL,
    pledge_id text,
    subproject_name text,
    source text,
    source_raw text,
    is_total boolean NOT NULL,
    fiscal_year text NOT NULL,
    measure text NOT NULL CHECK (measure IN ('secured', 'demand', 'executed', 'plan')),
    amount numeric(18, 0),
    amount_raw text NOT NULL,
    amount_kind text NOT NULL,
    PRIMARY KEY (submission_id, _table, _row, _column)
);

CREATE TABLE staging.quarterly_return__achievement (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    achieved_on date, achieved_on_raw text, achieved_on_kind text NOT NULL,
    content text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.quarterly_return__cooperation (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    role_name text,
    body_name text,
    content text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.quarterly_return__reason (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    fingerprint text,
    reason text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE restricted.quarterly_return__contact (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    pledge_id text,
    position_name text,
    person_name text,
    phone text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.register__institution (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    government_id text,
    government_name text,
    government_kind text, government_kind_raw text, government_kind_kind text NOT NULL,
    upper_government_id text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.register__term (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    government_id text,
    term_number integer, term_number_raw text, term_number_kind text NOT NULL,
    start_date date, start_date_raw text, start_date_kind text NOT NULL,
    end_date date, end_date_raw text, end_date_kind text NOT NULL,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE restricted.register__term_head (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    term_number integer, term_number_raw text, term_number_kind text NOT NULL,
    head_name text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.register__department (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    department_code text,
    department_name text,
    start_date date, start_date_raw text, start_date_kind text NOT NULL,
    end_date date, end_date_raw text, end_date_kind text NOT NULL,
    successor_code text,
    mail text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.register__pledge (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    term_number integer, term_number_raw text, term_number_kind text NOT NULL,
    pledge_id text,
    pledge_name text,
    field_name text,
    department_codes text,
    cooperating text,
    due text, due_raw text, due_kind text NOT NULL,
    due_year integer, due_year_raw text, due_year_kind text NOT NULL,
    project_type text,
    budget_class text, budget_class_raw text, budget_class_kind text NOT NULL,
    declared_total numeric(18, 0), declared_total_raw text, declared_total_kind text NOT NULL,
    confirmed_date date, confirmed_date_raw text, confirmed_date_kind text NOT NULL,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.register__subproject (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    term_number integer, term_number_raw text, term_number_kind text NOT NULL,
    pledge_id text,
    subproject_name text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.register__change (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    term_number integer, term_number_raw text, term_number_kind text NOT NULL,
    pledge_id text,
    change_date date, change_date_raw text, change_date_kind text NOT NULL,
    change_kind text, change_kind_raw text, change_kind_kind text NOT NULL,
    item text, item_raw text, item_kind text NOT NULL,
    before_text text,
    after_text text,
    reason text,
    approver text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE staging.register__window (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    quarter_id text,
    start_date date, start_date_raw text, start_date_kind text NOT NULL,
    due_date date, due_date_raw text, due_date_kind text NOT NULL,
    grace_date date, grace_date_raw text, grace_date_kind text NOT NULL,
    reference_date date, reference_date_raw text, reference_date_kind text NOT NULL,
    voted_year integer, voted_year_raw text, voted_year_kind text NOT NULL,
    PRIMARY KEY (submission_id, _table, _row)
);

-- ---------------------------------------------------------------------------------------------
-- core: code lists (filled from etl/forms/codes.csv at every migration)

CREATE TABLE core.code_value (
    list_code text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    sort_number integer NOT NULL,
    PRIMARY KEY (list_code, code)
);

CREATE TABLE core.code_label (
    list_code text NOT NULL,
    label_key text NOT NULL,
    government_class text NOT NULL DEFAULT '*',
    code text NOT NULL,
    PRIMARY KEY (list_code, label_key, government_class),
    FOREIGN KEY (list_code, code) REFERENCES core.code_value
);

-- core: the register. recorded_at / superseded_at say when a row was what we knew.

CREATE TABLE core.dim_government (
    government_id text NOT NULL,
    government_name text NOT NULL,
    government_kind text NOT NULL,
    government_class text NOT NULL,
    upper_government_id text,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, recorded_at)
);

CREATE TABLE core.dim_term (
    government_id text NOT NULL,
    term_number integer NOT NULL,
    start_date date NOT NULL,
    end_date date NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, term_number, recorded_at)
);

CREATE TABLE restricted.term_head (
    government_id text NOT NULL,
    term_number integer NOT NULL,
    head_name text NOT NULL,
    PRIMARY KEY (government_id, term_number)
);

CREATE TABLE core.dim_department (
    government_id text NOT NULL,
    department_code text NOT NULL,
    department_name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL DEFAULT '9999-12-31',
    successor_code text,
    mail text,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, department_code, valid_from, recorded_at)
);

CREATE TABLE core.dim_pledge (
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL DEFAULT '9999-12-31',
    pledge_name text NOT NULL,
    field_name text,
    department_codes text[] NOT NULL,
    cooperating text,
    due_code text,
    due_year integer,
    project_type text,
    novelty_code text,
    actor_code text,
    delivery_code text,
    budget_class_code text,
    declared_total_krw numeric(18, 0),
    confirmed_date date NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, term_number, pledge_id, valid_from, recorded_at)
);

CREATE TABLE core.dim_subproject (
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    subproject_name text NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, term_number, pledge_id, subproject_name, recorded_at)
);

CREATE TABLE core.pledge_change (
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    change_date date NOT NULL,
    change_code text NOT NULL,
    item_code text NOT NULL DEFAULT '',
    before_text text,
    after_text text,
    reason text,
    approver text,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (
        government_id, term_number, pledge_id, change_date, change_code, item_code, recorded_at
    )
);

CREATE TABLE core.submission_window (
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    start_date date NOT NULL,
    due_date date NOT NULL,
    grace_date date NOT NULL,
    reference_date date NOT NULL,
    voted_year integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, quarter_id, recorded_at)
);

-- core: accepted reports. A report that comes back into force after a withdrawal is a new version.

CREATE TABLE core.pledge_report (
    report_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    quarter_id text NOT NULL,
    version integer NOT NULL,
    submission_id bigint NOT NULL REFERENCES audit.submission,
    received_at timestamptz NOT NULL,
    accepted_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    is_late boolean NOT NULL,
    reinstates_report_id bigint REFERENCES core.pledge_report,
    UNIQUE (government_id, term_number, pledge_id, quarter_id, version)
);
CREATE UNIQUE INDEX pledge_report_in_force
ON core.pledge_report (government_id, term_number, pledge_id, quarter_id)
WHERE superseded_at = 'infinity';
CREATE INDEX pledge_report_submission ON core.pledge_report (submission_id);

CREATE TABLE core.fct_quarterly_progress (
    report_id bigint PRIMARY KEY REFERENCES core.pledge_report,
    status_code text NOT NULL,
    declared_rate_pct numeric,
    is_target_met boolean,
    due_code text,
    due_year integer,
    content text,
    problem text,
    plan text,
    correction_reason text,
    _table integer NOT NULL,
    _row integer NOT NULL
);

CREATE TABLE core.fct_quarterly_budget (
    report_id bigint NOT NULL REFERENCES core.pledge_report,
    subproject_name text NOT NULL,
    funding_source_label text NOT NULL,
    funding_source_code text NOT NULL,
    fiscal_year text NOT NULL,
    first_year integer,
    last_year integer,
    plan_krw numeric(18, 0) NOT NULL,
    secured_krw numeric(18, 0) NOT NULL,
    executed_krw numeric(18, 0) NOT NULL,
    is_secured_label boolean NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    _plan_column text,
    _executed_column text,
    PRIMARY KEY (report_id, subproject_name, funding_source_label, fiscal_year)
);

CREATE TABLE core.achievement (
    report_id bigint NOT NULL REFERENCES core.pledge_report,
    entry_number integer NOT NULL,
    achieved_on date,
    content text,
    _table integer NOT NULL,
    _row integer NOT NULL,
    PRIMARY KEY (report_id, entry_number)
);

CREATE TABLE core.cooperation (
    report_id bigint NOT NULL REFERENCES core.pledge_report,
    entry_number integer NOT NULL,
    role_name text,
    body_name text,
    content text,
    _table integer NOT NULL,
    _row integer NOT NULL,
    PRIMARY KEY (report_id, entry_number)
);

CREATE TABLE restricted.contact (
    report_id bigint NOT NULL REFERENCES core.pledge_report,
    entry_number integer NOT NULL,
    position_name text,
    person_name text,
    phone text,
    _table integer NOT NULL,
    _row integer NOT NULL,
    PRIMARY KEY (report_id, entry_number)
);

-- ---------------------------------------------------------------------------------------------
-- mart: refreshed for one government and quarter at a time

CREATE TABLE mart.pledge_status (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    as_of_date date NOT NULL,
    pledge_name text NOT NULL,
    field_name text,
    department_code text,
    department_name text,
    department_current_code text,
    department_current_name text,
    due_code text,
    due_year integer,
    novelty_code text,
    actor_code text,
    delivery_code text,
    budget_class_code text,
    declared_total_krw numeric(18, 0),
    status_code text NOT NULL,
    status_name text NOT NULL,
    declared_rate_pct numeric,
    is_target_met boolean,
    report_state text NOT NULL CHECK (
        report_state IN ('reported', 'carried_forward', 'not_reported')
    ),
    reported_quarter_id text,
    is_late boolean,
    owes_report boolean NOT NULL,
    decision_code text,
    is_counted boolean NOT NULL,
    plan_krw numeric(18, 0),
    secured_krw numeric(18, 0),
    executed_krw numeric(18, 0),
    PRIMARY KEY (quarter_id, government_id, term_number, pledge_id)
);

CREATE TABLE mart.pledge_budget (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    subproject_name text NOT NULL,
    funding_source_code text NOT NULL,
    fiscal_year text NOT NULL,
    plan_krw numeric(18, 0) NOT NULL,
    secured_krw numeric(18, 0) NOT NULL,
    executed_krw numeric(18, 0) NOT NULL,
    PRIMARY KEY (
        quarter_id, government_id, term_number, pledge_id,
        subproject_name, funding_source_code, fiscal_year
    )
);

CREATE TABLE mart.status_count (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    scope_type text NOT NULL,
    scope_id text NOT NULL,
    scope_name text NOT NULL,
    status_code text NOT NULL,
    status_name text NOT NULL,
    pledge_count integer NOT NULL,
    PRIMARY KEY (quarter_id, government_id, scope_type, scope_id, status_code)
);

CREATE TABLE mart.implementation_rate (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
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
    PRIMARY KEY (quarter_id, government_id, figure_code, scope_type, scope_id)
);

CREATE TABLE mart.budget_execution (
    LIKE mart.implementation_rate INCLUDING ALL
);

CREATE TABLE mart.missing_report (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    department_code text NOT NULL,
    department_name text NOT NULL,
    pledge_id text NOT NULL,
    pledge_name text NOT NULL,
    state text NOT NULL CHECK (state IN ('missing', 'blocked', 'needs_reason')),
    PRIMARY KEY (quarter_id, government_id, pledge_id)
);

-- The department that answers for another one's duties on a day: successors followed to that day.
CREATE FUNCTION core.department_on(asked_government text, asked_code text, asked_day date)
RETURNS text
LANGUAGE sql STABLE
AS $$
WITH RECURSIVE chain AS (
    SELECT asked_code AS department_code, 0 AS step
    UNION ALL
    SELECT department.successor_code, chain.step + 1
    FROM chain
    INNER JOIN LATERAL (
        SELECT known.successor_code, known.valid_to
        FROM core.dim_department AS known
        WHERE known.government_id = asked_government
            AND known.department_code = chain.department_code
            AND known.superseded_at = 'infinity'
        ORDER BY known.valid_from DESC
        LIMIT 1
    ) AS department ON department.valid_to <= asked_day
    WHERE department.successor_code IS NOT NULL AND chain.step < 20
)
SELECT chain.department_code FROM chain ORDER BY chain.step DESC LIMIT 1
$$;

-- The name a department has, or last had, in the register as it is known now.
CREATE FUNCTION core.department_name(asked_government text, asked_code text) RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT known.department_name
FROM core.dim_department AS known
WHERE known.government_id = asked_government
    AND known.department_code = asked_code
    AND known.superseded_at = 'infinity'
ORDER BY known.valid_from DESC
LIMIT 1
$$;

-- What the decisions known at a moment mean for a pledge on a day: whether it has left the pledges
-- in force (통합, unless it is the one that remains; 분리, unless it is among its own parts), and
-- whether it is closed (완료확정, 폐기): in force, but nobody owes a report on it.
CREATE FUNCTION core.pledge_standing(
    asked_government text, asked_term integer, asked_day date, asked_at timestamptz
)
RETURNS TABLE (pledge_id text, has_left boolean, is_closed boolean)
LANGUAGE sql STABLE
AS $$
WITH decision AS (
    SELECT
        change.pledge_id,
        change.change_code,
        regexp_split_to_array(
            btrim(COALESCE(change.after_text, ''), E' \t\r\n'), '\s*[,;、\r\n]\s*'
        ) AS named_ids
    FROM core.pledge_change AS change
    WHERE change.government_id = asked_government
        AND change.term_number = asked_term
        AND change.change_date <= asked_day
        AND change.recorded_at <= asked_at
        AND change.superseded_at > asked_at
)

SELECT
    decision.pledge_id,
    bool_or(
        (decision.change_code = 'SPLIT' AND decision.pledge_id <> ALL(decision.named_ids))
        OR (decision.change_code = 'MERGED' AND decision.named_ids <> ARRAY[decision.pledge_id])
    ) AS has_left,
    bool_or(decision.change_code IN ('COMPLETED', 'DROPPED')) AS is_closed
FROM decision
GROUP BY decision.pledge_id
$$;

CREATE FUNCTION core.quarter_last_day(quarter_id text) RETURNS date
LANGUAGE sql IMMUTABLE
AS $$
SELECT (
    make_date(substr(quarter_id, 1, 4)::integer, 3 * substr(quarter_id, 6, 1)::integer, 1)
    + INTERVAL '1 month - 1 day'
)::date
$$;

-- Won as 백만원 the way people write it: thousands separated, no idle zeros.
CREATE FUNCTION core.shown_million(amount_krw numeric) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT rtrim(to_char(amount_krw / 1000000, 'FM999,999,999,999,990.999999'), '.')
$$;

-- What one printed unit is worth in won.
CREATE FUNCTION core.unit_krw(unit_name text) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE unit_name
    WHEN '억원' THEN 100000000
    WHEN '백만원' THEN 1000000
    WHEN '천원' THEN 1000
    ELSE 1
END::numeric
$$;

-- Where a value stands: sheet letters for workbooks; a document's field is its own locator.
CREATE FUNCTION core.cell_locator(columns jsonb, letter text, field text, row_number integer)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT COALESCE(letter, columns ->> field) || row_number
$$;

CREATE TABLE audit.schema_content (
    content_hash text NOT NULL
);

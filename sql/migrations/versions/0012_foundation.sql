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
        state IN (
            'received', 'read', 'checked', 'loaded', 'rejected', 'withdrawn', 'repeated',
            'set_aside'
        )
    ),
    is_late boolean NOT NULL DEFAULT FALSE,
    accepted_count integer NOT NULL DEFAULT 0,
    blocked_count integer NOT NULL DEFAULT 0,
    answer_path text,
    loaded_at timestamptz,
    withdrawn_at timestamptz,
    withdrawn_by text,
    withdrawn_reason text,
    content_key text,
    repeats_submission_id bigint REFERENCES audit.submission,
    replays_submission_id bigint REFERENCES audit.submission,
    checked_at timestamptz,
    rule_version text,
    code_version text,
    form_version text,
    document_format text,
    asked_government_id text,
    asked_quarter_id text,
    -- A card does not name its quarter: what decided it is noted.
    quarter_basis text CHECK (
        quarter_basis IN ('option', 'folder', 'window', 'content')
    ),
    card_pledge_ids text[]
);
CREATE INDEX submission_sha256 ON audit.submission (sha256);
CREATE INDEX submission_batch ON audit.submission (batch_id);
CREATE INDEX submission_scope ON audit.submission (government_id, quarter_id, department_code);
CREATE INDEX submission_content ON audit.submission (content_key);
-- A new receipt asks for those of its own moment, however many there are of others.
CREATE INDEX submission_received ON audit.submission (received_at);

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
    acknowledged_reason text,
    waiver_id bigint REFERENCES audit.waiver
);
CREATE INDEX finding_submission ON audit.finding (submission_id);
CREATE INDEX finding_acknowledged ON audit.finding (fingerprint)
WHERE acknowledged_reason IS NOT NULL;
CREATE INDEX finding_waiver ON audit.finding (waiver_id) WHERE waiver_id IS NOT NULL;

CREATE TABLE audit.pledge_verdict (
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    pledge_id text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('accepted', 'blocked', 'needs_reason')),
    PRIMARY KEY (submission_id, pledge_id)
);

CREATE TABLE audit.rule_run (
    batch_id bigint NOT NULL REFERENCES audit.batch ON DELETE CASCADE,
    rule_id text NOT NULL,
    finding_count integer NOT NULL,
    seconds numeric NOT NULL,
    PRIMARY KEY (batch_id, rule_id)
);

-- Who decided to publish a quarter or to send it back. Settings that change figures are columns, so
-- that a release can be derived again.
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

-- A fault of ours on one file: what happened.
CREATE TABLE audit.fault (
    fault_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES audit.submission ON DELETE CASCADE,
    batch_id bigint NOT NULL REFERENCES audit.batch,
    stage text NOT NULL CHECK (stage IN ('read', 'stage', 'check', 'answer')),
    happened_at timestamptz NOT NULL,
    code_version text NOT NULL,
    error_type text NOT NULL,
    place text NOT NULL,
    trace text NOT NULL
);
CREATE INDEX fault_submission ON audit.fault (submission_id);
CREATE INDEX fault_batch ON audit.fault (batch_id);

-- What is written anew when it changes: code lists, comments, roles, functions and views.
CREATE TABLE audit.schema_content (
    content_hash text NOT NULL
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
    -- A line with a department holds for that department alone.
    department_code text,
    PRIMARY KEY (submission_id, _table, _row)
);

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
    quarter_id text,
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
    waiver_count integer NOT NULL DEFAULT 0,
    is_small_denominator boolean NOT NULL DEFAULT FALSE,
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

CREATE TABLE mart.denominator_history (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    term_number integer NOT NULL,
    pledge_id text NOT NULL,
    pledge_name text NOT NULL,
    previous_quarter_id text NOT NULL,
    change_kind text NOT NULL CHECK (
        change_kind IN ('entered', 'left', 'held', 'closed', 'kept')
    ),
    reason_code text NOT NULL,
    reason_name text NOT NULL,
    decided_on date,
    related_pledge_ids text,
    reason text,
    approver text,
    count_before integer NOT NULL,
    count_after integer NOT NULL,
    PRIMARY KEY (quarter_id, government_id, term_number, pledge_id)
);

CREATE TABLE mart.computed_quarter (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    term_number integer NOT NULL,
    as_of_date date NOT NULL,
    PRIMARY KEY (quarter_id, government_id)
);
CREATE INDEX computed_quarter_term
ON mart.computed_quarter (government_id, term_number, quarter_id);

-- The cells behind every computed figure, once each, and the scopes that count them.
CREATE TABLE mart.evidence_cell (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    pledge_id text NOT NULL,
    entry_number integer NOT NULL,
    submission_id bigint NOT NULL,
    version integer,
    reported_quarter_id text,
    sheet_name text,
    cell text NOT NULL,
    as_written text,
    value numeric NOT NULL,
    funding_source_code text,
    fiscal_year text,
    numerator_of text[] NOT NULL,
    denominator_of text[] NOT NULL,
    PRIMARY KEY (quarter_id, government_id, pledge_id, entry_number)
);

CREATE TABLE mart.scope_member (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    scope_type text NOT NULL,
    scope_id text NOT NULL,
    scope_name text NOT NULL,
    pledge_id text NOT NULL,
    PRIMARY KEY (quarter_id, government_id, scope_type, scope_id, pledge_id)
);

-- What was published. Nothing here is ever changed.
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

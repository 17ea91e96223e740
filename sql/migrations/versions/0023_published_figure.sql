-- What was printed of a figure, where, and with how many decimals: a sheet of the register, or
-- that sheet as a file of its own.
ALTER TABLE audit.batch DROP CONSTRAINT batch_purpose_check;
ALTER TABLE audit.batch ADD CONSTRAINT batch_purpose_check
CHECK (purpose IN ('collect', 'register', 'check', 'published'));

CREATE TABLE staging.register__published (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    quarter_id text,
    figure_code text,
    scope_type text, scope_type_raw text, scope_type_kind text NOT NULL,
    scope_label text,
    published_value numeric, published_value_raw text, published_value_kind text NOT NULL,
    decimal_places integer, decimal_places_raw text, decimal_places_kind text NOT NULL,
    printed_in text,
    reason text,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE core.published_figure (
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    figure_code text NOT NULL,
    scope_type text NOT NULL,
    scope_label text NOT NULL,
    printed_in text NOT NULL,
    published_value numeric NOT NULL,
    decimal_places integer NOT NULL,
    reason text,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (
        government_id, quarter_id, figure_code, scope_type, scope_label, printed_in, recorded_at
    )
);

CREATE TABLE mart.published_figure (
    quarter_id text NOT NULL,
    government_id text NOT NULL,
    figure_code text NOT NULL,
    figure_name text NOT NULL,
    scope_type text NOT NULL,
    scope_label text NOT NULL,
    printed_in text NOT NULL,
    published_value numeric NOT NULL,
    decimal_places integer NOT NULL,
    numerator numeric,
    denominator numeric,
    recomputed_value numeric,
    verdict_code text NOT NULL,
    verdict_name text NOT NULL,
    proof_numerator numeric,
    proof_denominator numeric,
    proof_of text,
    proof text NOT NULL,
    reason text,
    PRIMARY KEY (
        quarter_id, government_id, figure_code, scope_type, scope_label, printed_in
    )
);

-- What an office calls a status in words of its own: the sheet 상태어 of its register.
CREATE TABLE staging.register__status_word (
    submission_id bigint NOT NULL,
    _table integer NOT NULL,
    _row integer NOT NULL,
    word text,
    status text, status_raw text, status_kind text NOT NULL,
    PRIMARY KEY (submission_id, _table, _row)
);

CREATE TABLE core.status_word (
    government_id text NOT NULL,
    word_key text NOT NULL,
    word text NOT NULL,
    status_code text NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    _submission_id bigint NOT NULL REFERENCES audit.submission,
    _row integer NOT NULL,
    PRIMARY KEY (government_id, word_key, recorded_at)
);

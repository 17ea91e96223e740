-- Mail to departments: due from the transaction that it tells of, sent at most once. What is
-- 'sending' and belongs to nobody any more was killed: whether it has gone is not known.
CREATE TABLE audit.mail (
    mail_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail_kind text NOT NULL CHECK (mail_kind IN ('answer', 'reminder')),
    government_id text NOT NULL,
    quarter_id text NOT NULL,
    department_code text NOT NULL,
    occasion text NOT NULL,
    state text NOT NULL DEFAULT 'due'
    CHECK (state IN ('due', 'sending', 'sent', 'written', 'failed', 'unknown')),
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    tried_at timestamptz,
    problem text,
    UNIQUE (mail_kind, government_id, quarter_id, department_code, occasion)
);
CREATE INDEX mail_open ON audit.mail (mail_id) WHERE state NOT IN ('sent', 'written');

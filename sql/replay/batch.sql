-- Opens a batch under the number that it has in the journal, unless it is open.

INSERT INTO audit.batch (
    batch_id, purpose, started_at, code_version, rule_version, form_version
)
OVERRIDING SYSTEM VALUE
VALUES (:batch_id, :purpose, :at, :code_version, :rule_version, :form_version)
ON CONFLICT (batch_id) DO NOTHING

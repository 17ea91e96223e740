-- Writes one decision on a quarter: approved with its revision, or sent back without one.
-- Returns the whole row.

INSERT INTO audit.release (
    government_id, quarter_id, revision, decision, decided_by, decided_at, reason, as_of,
    rule_version, form_version, code_version, completed_ongoing_counts, held_and_dropped_count,
    manifesto_decimals, other_decimals, is_demo, supersedes, says_words
)
VALUES (
    :government_id, :quarter_id, :revision, :decision, :decided_by, :decided_at, :reason, :as_of,
    :rule_version, :form_version, :code_version, :completed_ongoing_counts,
    :held_and_dropped_count, :manifesto_decimals, :other_decimals, :is_demo, :supersedes, TRUE
)
RETURNING *

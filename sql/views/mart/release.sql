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

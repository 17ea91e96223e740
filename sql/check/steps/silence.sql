-- Takes back what follows from a refused file: where the form itself is wrong, only the findings
-- of :form_rules (what the reader noted, and whose file it is) say anything.

DELETE FROM audit.finding
USING checked__submission AS scope
WHERE
    finding.submission_id = scope.submission_id
    AND finding.superseded_at = 'infinity'
    AND NOT finding.rule_id = ANY(:form_rules)
    AND EXISTS (
        SELECT 1
        FROM audit.finding AS refusal
        WHERE
            refusal.submission_id = scope.submission_id
            AND refusal.level = 'reject_file'
            AND refusal.superseded_at = 'infinity'
            AND NOT refusal.is_shadow
            AND refusal.rule_id = ANY(:form_rules)
    )

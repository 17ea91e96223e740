-- Ends one waiver from now on; one that stands in a register is ended there.

UPDATE audit.waiver
SET superseded_at = GREATEST(CAST(:at AS timestamptz), recorded_at)
WHERE
    waiver_id = :waiver_id
    AND superseded_at = 'infinity'
    AND _submission_id IS NULL
RETURNING government_id, rule_id, department_code, pledge_id

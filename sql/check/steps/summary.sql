-- Each row is one rule that found something in a batch: how often, in how many files, what of it is
-- settled by a reason or a waiver, and how long the rule took.
-- Reads audit.finding, audit.submission, audit.rule_run.

SELECT
    finding.rule_id,
    finding.level,
    finding.is_shadow,
    rule_run.seconds,
    COUNT(*) AS finding_count,
    COUNT(DISTINCT finding.submission_id) AS file_count,
    COUNT(finding.acknowledged_reason) AS acknowledged_count,
    COUNT(finding.waiver_id) AS waived_count
FROM audit.finding
INNER JOIN audit.submission USING (submission_id)
INNER JOIN audit.rule_run USING (batch_id, rule_id)
WHERE submission.batch_id = :batch_id AND finding.superseded_at = 'infinity'
GROUP BY finding.rule_id, finding.level, finding.is_shadow, rule_run.seconds
ORDER BY
    ARRAY_POSITION(
        ARRAY['reject_file', 'block_pledge', 'acknowledge', 'inform'], finding.level
    ),
    finding.rule_id

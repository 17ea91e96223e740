-- Each row is one finding of one file, in the order an officer reads them.
-- Reads audit.finding.

SELECT
    finding.rule_id,
    finding.level,
    finding.sheet_name,
    finding.cell,
    finding.related_cells,
    finding.pledge_id,
    finding.seen,
    finding.expected,
    finding.message,
    finding.fingerprint,
    finding.acknowledged_reason
FROM audit.finding
WHERE finding.submission_id = :submission_id AND NOT finding.is_shadow
ORDER BY
    ARRAY_POSITION(
        ARRAY['reject_file', 'block_pledge', 'acknowledge', 'inform'], finding.level
    ),
    finding._table,
    finding._row,
    finding.rule_id,
    finding.finding_id

-- Each row is one finding of one file, in the order an officer reads them.
-- Reads audit.finding, audit.submission, audit.waiver.

SELECT
    submission.file_name,
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
    finding.acknowledged_reason,
    waiver.reason AS waiver_reason,
    waiver.expires_on AS waiver_expires_on
FROM audit.finding
INNER JOIN audit.submission USING (submission_id)
LEFT JOIN audit.waiver USING (waiver_id)
WHERE
    finding.submission_id = :submission_id
    AND NOT finding.is_shadow
    AND finding.superseded_at = 'infinity'
ORDER BY
    ARRAY_POSITION(
        ARRAY['reject_file', 'block_pledge', 'acknowledge', 'inform'], finding.level
    ),
    finding._table,
    finding._row,
    finding.rule_id,
    finding.finding_id

-- Each row is one finding that a sender was asked to mend, of the files whose names begin with a
-- quarter, in the order in which they came.
-- Reads audit.finding, audit.submission; of one government, and of files of none.

SELECT
    submission.file_name,
    submission.answer_path,
    finding.rule_id,
    finding.sheet_name,
    finding.cell,
    finding.message
FROM audit.finding
INNER JOIN audit.submission USING (submission_id)
WHERE
    STARTS_WITH(submission.file_name, :quarter_id)
    AND finding.level <> 'inform'
    AND NOT finding.is_shadow
    AND finding.superseded_at = 'infinity'
    AND (submission.government_id = :government_id OR submission.government_id IS NULL)
ORDER BY
    submission.received_at, submission.submission_id, finding.sheet_name, finding.cell

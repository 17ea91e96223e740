-- Each row is one file that a fault of ours still keeps from its end, with its last fault and how
-- often it was tried. Reads audit.fault, audit.submission.

SELECT DISTINCT ON (fault.submission_id)
    fault.submission_id,
    submission.file_name,
    fault.stage,
    fault.error_type,
    fault.place,
    fault.trace,
    fault.happened_at,
    fault.batch_id,
    COUNT(*) OVER (PARTITION BY fault.submission_id) AS try_count
FROM audit.fault
INNER JOIN audit.submission USING (submission_id)
WHERE
    submission.state = 'set_aside'
    OR (fault.stage = 'answer' AND submission.answer_path IS NULL)
ORDER BY fault.submission_id ASC, fault.fault_id DESC

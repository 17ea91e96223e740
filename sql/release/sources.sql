-- Each row is one archived file that the computed figures rest on: a report's or the register's.
-- What was erased after its retention period is no loss.
-- Reads the temporary table pledge_status, core.pledge_report, audit.submission, audit.erasure.

SELECT DISTINCT submission.sha256
FROM pledge_status AS status
LEFT JOIN core.pledge_report AS report ON status._report_id = report.report_id
INNER JOIN audit.submission AS submission
    ON submission.submission_id IN (report.submission_id, status._register_submission_id)
LEFT JOIN audit.erasure AS erasure ON submission.submission_id = erasure.submission_id
WHERE erasure.submission_id IS NULL
ORDER BY submission.sha256

-- Each row is one department of a batch with its files; files of no known department come together.
-- Reads audit.submission, core.department_name.

SELECT
    COALESCE(
        core.department_name(submission.government_id, submission.department_code), '부서 미상'
    ) AS label,
    ARRAY_AGG(submission.submission_id ORDER BY submission.submission_id) AS submission_ids
FROM audit.submission
WHERE submission.batch_id = :batch_id
GROUP BY submission.government_id, submission.department_code
ORDER BY submission.government_id, submission.department_code

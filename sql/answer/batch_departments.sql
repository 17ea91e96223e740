-- Each row is one department with its files that a batch is to answer: its own but those set aside,
-- and :unanswered ones of earlier batches; files of no known department come together.
-- Reads audit.submission, core.department_name.

SELECT
    COALESCE(
        core.department_name(submission.government_id, submission.department_code), '부서 미상'
    ) AS label,
    ARRAY_AGG(submission.submission_id ORDER BY submission.submission_id) AS submission_ids
FROM audit.submission
WHERE
    (submission.batch_id = :batch_id AND submission.state <> 'set_aside')
    OR submission.submission_id = ANY(:unanswered)
GROUP BY submission.government_id, submission.department_code
ORDER BY submission.government_id, submission.department_code

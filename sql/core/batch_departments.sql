-- Each row is one department of a batch with its files; files of no known department come together.
-- Reads audit.submission, core.dim_department.

SELECT
    COALESCE(department.department_name, '부서 미상') AS label,
    ARRAY_AGG(submission.submission_id ORDER BY submission.submission_id) AS submission_ids
FROM audit.submission
LEFT JOIN LATERAL (
    SELECT known.department_name
    FROM core.dim_department AS known
    WHERE
        known.government_id = submission.government_id
        AND known.department_code = submission.department_code
        AND known.superseded_at = 'infinity'
    ORDER BY known.valid_from DESC
    LIMIT 1
) AS department ON TRUE
WHERE submission.batch_id = :batch_id
GROUP BY submission.government_id, submission.department_code, department.department_name
ORDER BY submission.government_id, submission.department_code

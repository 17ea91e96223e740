-- Each row is one of the 200 submissions loaded last that can be withdrawn, newest first.
-- Reads audit.submission, audit.batch, core.dim_department.

SELECT
    submission.submission_id AS value,
    CASE
        WHEN submission.form_code = 'published'
            THEN FORMAT('%s · 공표값 · %s', submission.submission_id, submission.file_name)
        ELSE FORMAT(
            '%s · %s %s · %s',
            submission.submission_id,
            submission.quarter_id,
            COALESCE(department.department_name, submission.department_code),
            submission.file_name
        )
    END AS label
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
LEFT JOIN core.dim_department AS department
    ON
        submission.government_id = department.government_id
        AND submission.department_code = department.department_code
        AND department.superseded_at = 'infinity'
        AND department.valid_to = '9999-12-31'
WHERE
    submission.state = 'loaded'
    AND (
        (batch.purpose = 'collect' AND submission.accepted_count > 0)
        OR submission.form_code = 'published'
    )
    AND submission.withdrawn_at IS NULL
ORDER BY submission.submission_id DESC
LIMIT 200

-- Owes the departments of answered files a mail each, once a file; what is of no
-- known quarter or department is nobody's.
-- Reads audit.submission.

INSERT INTO audit.mail (
    mail_kind, government_id, quarter_id, department_code, occasion, due_at
)
SELECT
    'answer',
    government_id,
    quarter_id,
    department_code,
    CAST(submission_id AS text),
    CLOCK_TIMESTAMP()
FROM audit.submission
WHERE
    submission_id = ANY(CAST(:submission_ids AS bigint[]))
    AND COALESCE(form_code, '') NOT IN ('register', 'attachment')
    AND government_id IS NOT NULL
    AND quarter_id IS NOT NULL
    AND department_code IS NOT NULL
ON CONFLICT DO NOTHING

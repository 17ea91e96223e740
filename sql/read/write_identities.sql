-- Writes on each receipt what its file says it is: form, government, term, quarter, department.

UPDATE audit.submission
SET
    form_code = told.form_code,
    form_edition = told.form_edition,
    government_id = told.government_id,
    term_number = told.term_number,
    quarter_id = told.quarter_id,
    department_code = told.department_code,
    register_version = told.register_version,
    content_key = told.content_key,
    document_format = told.document_format,
    state = 'read'
FROM
    UNNEST(
        CAST(:submission_id AS bigint[]), CAST(:form_code AS text[]),
        CAST(:form_edition AS text[]), CAST(:government_id AS text[]),
        CAST(:term_number AS integer[]), CAST(:quarter_id AS text[]),
        CAST(:department_code AS text[]), CAST(:register_version AS text[]),
        CAST(:content_key AS text[]), CAST(:document_format AS text[])
    )
        AS told (
            submission_id, form_code, form_edition, government_id, term_number, quarter_id,
            department_code, register_version, content_key,
            document_format
        )
WHERE submission.submission_id = told.submission_id

-- Sets files aside that a fault of ours hindered: until they are read again they are nobody's.

UPDATE audit.submission
SET
    state = 'set_aside',
    form_code = NULL,
    government_id = NULL,
    term_number = NULL,
    quarter_id = NULL,
    department_code = NULL,
    content_key = NULL
WHERE submission.submission_id = ANY(:submission_ids)

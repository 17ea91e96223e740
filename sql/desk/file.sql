-- Each row is one of the files asked for by number: what was sent, whose it is, and how it stands.
-- Reads audit.submission, core.department_name.

SELECT
    submission_id,
    file_name,
    form_code,
    government_id,
    quarter_id,
    department_code,
    core.department_name(government_id, department_code) AS department_name,
    received_at,
    state,
    is_late,
    accepted_count,
    blocked_count,
    answer_path,
    batch_id,
    source_uri
FROM audit.submission
WHERE submission_id = ANY(:submission_ids)
ORDER BY submission_id
